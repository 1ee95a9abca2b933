/** Consents as clients record them, and what counts from the next request on. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, Resource } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { mostGoverning } from '../../../src/app/access/patient-facts.js';
import type { Asker } from '../../../src/app/access/request-access.js';
import type { AccessPolicy } from '../../../src/core/governance/access-policy.js';
import { parseScopes } from '../../../src/core/governance/smart-scopes.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { anAccess, aSystem, onlyOwn, thePatient } from '../../support/access.js';
import { aConsent } from '../../support/consents.js';
import { type Api, aPatient, aResource, asCurrent, send, store, type Asked } from '../fhir/arrange.js';
import { aMinimal } from '../fhir/minimal.js';

const now = Date.UTC(2026, 10, 26, 9);
const policy: AccessPolicy = {
  ...onlyOwn,
  agreements: [
    {
      ...{ id: 'care', from: 'RZZ', with: ['RYY'], types: ['*'], purposes: ['direct-care'] },
      ...{ actions: ['r', 's'], start: now - 1000, end: now + 1000 },
    },
  ],
};
const other = { principal: { ...aSystem, organisation: 'RYY' } };
const patient = {
  principal: { ...thePatient, scopes: parseScopes('patient/*.rs patient/Consent.cud') },
  purpose: 'patient-access',
} as const;

let api: Api;

const ask = (asked: Asked, asker: Partial<Asker> = {}) => {
  const access = (found: RecordStore) => anAccess(found, { now, ...asker }, { policy });
  return send(api, { ...asked, access });
};
const post = (body: Resource, asker?: Partial<Asker>) =>
  ask({ method: 'POST', target: body.resourceType, body }, asker);
const put = (body: Resource & { id: string }, asker?: Partial<Asker>) =>
  ask({ method: 'PUT', target: `${body.resourceType}/${body.id}`, body }, asker);

/** How many observations an organisation finds, and whether it is told of more. */
async function found(asker?: Partial<Asker>): Promise<[number, boolean]> {
  const { resource } = await ask({ target: 'Observation?patient=a' }, asker);
  const { total = 0, entry = [] } = resource as Bundle;
  return [total, entry.some(({ search }) => search?.mode === 'outcome')];
}

/** A refusal to show results to RYY. */
const refusal = aConsent({
  ...{ type: 'deny', actor: [{ role: { text: 'asks' }, reference: { identifier: { value: 'RYY' } } }] },
  class: [{ code: 'Observation' }],
});

beforeEach(async () => {
  api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
  await put(aPatient('a', { value: '1' }));
  await put(aMinimal('Observation/a.o', { subject: { reference: 'Patient/a' } }));
});

describe('a refusal', () => {
  test('holds from the next request on, for whom it names, until it is withdrawn', async () => {
    expect(await found(other)).toEqual([1, false]);
    const { resource } = await post(refusal);
    expect(await found(other)).toEqual([0, true]);
    expect(await found()).toEqual([1, false]);
    await put({ ...refusal, id: resource?.id ?? '', status: 'inactive' } as Resource & { id: string });
    expect(await found(other)).toEqual([1, false]);
  });

  test('holds no more when it is deleted, and stays in its history', async () => {
    const { resource } = await post(refusal);
    await ask({ method: 'DELETE', target: `Consent/${resource?.id ?? ''}` });
    expect(await found(other)).toEqual([1, false]);
    const history = await ask({ target: `Consent/${resource?.id ?? ''}/_history` });
    expect((history.resource as Bundle).entry).toHaveLength(2);
  });

  test('is recorded by the patient, belongs to no organisation, and is withdrawn by them', async () => {
    const { resource } = await post(refusal, patient);
    const address = `Consent/${resource?.id ?? ''}`;
    expect(await found(other)).toEqual([0, true]);
    await expect(ask({ target: address })).rejects.toMatchObject({ code: 'HDE_RESOURCE_NOT_FOUND' });
    expect((await ask({ method: 'DELETE', target: address })).status).toBe(204);
    expect(await found(other)).toEqual([0, true]);
    expect((await ask({ target: address }, patient)).status).toBe(200);
    await ask({ method: 'DELETE', target: address }, patient);
    expect(await found(other)).toEqual([1, false]);
  });

  test('is recorded by nobody for another patient, nor without the scope', async () => {
    const forbidden = { code: 'HDE_FORBIDDEN' };
    const stranger = { ...patient, principal: { ...patient.principal, ownRecord: 'b' } };
    await expect(post(refusal, stranger)).rejects.toMatchObject({ code: 'HDE_PATIENT_UNKNOWN' });
    await expect(post(refusal, { ...patient, principal: thePatient })).rejects.toMatchObject(forbidden);
    await expect(post(refusal, other)).rejects.toMatchObject(forbidden);
    expect(await found(other)).toEqual([1, false]);
  });
});

test('what nobody could tell of a refusal is said when it is written', async () => {
  const unclear = aConsent({ type: 'deny', code: [{ text: 'x' }] });
  const expected = { code: 'HDE_CONSENT_UNCLEAR', location: 'Consent.provision.code[0]' };
  await expect(post(unclear)).rejects.toMatchObject(expected);
  await expect(put({ ...unclear, id: 'a.c' })).rejects.toMatchObject(expected);
});

test('more consents than are looked at withhold everything from everybody but the patient', async () => {
  const fields = { status: 'inactive', patient: { reference: 'Patient/a' } };
  const consents = Array.from({ length: mostGoverning }, (_, at) =>
    asCurrent(aResource(`Consent/a.c${at}`, fields)),
  );
  await store(api.records, ...consents.slice(1));
  expect(await found(other)).toEqual([1, false]);
  await store(api.records, ...consents.slice(0, 1));
  expect(await found(other)).toEqual([0, true]);
  expect(await found()).toEqual([0, true]);
  expect(await found(patient)).toEqual([1, false]);
});
