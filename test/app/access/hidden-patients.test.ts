/** What leads round the labels of patients and records: deletion, many links, and criteria of writes. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { createMemoryGovernanceStore } from '../../../src/adapters/memory/governance-store.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import type { Asker } from '../../../src/app/access/request-access.js';
import type { AccessPolicy } from '../../../src/core/governance/access-policy.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { aClearedSystem, aClinician, anAccess, onlyOwn } from '../../support/access.js';
import { type Api, aPatient, aResource, asCurrent, type Asked, mrn, send, store } from '../fhir/arrange.js';
import { aMinimal } from '../fhir/minimal.js';

const restricted = {
  meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] },
};
const cleared = { principal: aClearedSystem };
const notFound = { code: 'HDE_RESOURCE_NOT_FOUND' };

let api: Api;

const ask = (asked: Asked, asker: Partial<Asker> = {}) =>
  send(api, { ...asked, access: (found) => anAccess(found, asker) });
const get = (target: string, asker?: Partial<Asker>) => ask({ target }, asker);
const put = (body: Resource & { id: string }, asker?: Partial<Asker>) =>
  ask({ method: 'PUT', target: `${body.resourceType}/${body.id}`, body }, asker);

beforeEach(() => {
  api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
});

test('the history of a restricted patient stays hidden when all of it is deleted', async () => {
  const about = aMinimal('Observation/a.o', { subject: { reference: 'Patient/a' } });
  await put(aPatient('a', { value: '1' }));
  await put({ ...about, id: 'a.o' });
  await put({ ...aPatient('a', { value: '1' }), ...restricted }, cleared);
  for (const target of ['Observation/a.o', 'Patient/a']) await ask({ method: 'DELETE', target }, cleared);
  for (const target of ['Observation/a.o/_history', 'Observation/a.o/_history/1', 'Patient/a/_history'])
    await expect(get(target)).rejects.toMatchObject(notFound);
  await expect(get('Observation/a.o')).rejects.toMatchObject(notFound);
  expect((await get('Observation/_history')).resource).not.toHaveProperty('entry');
  expect((await get('Observation/a.o/_history', cleared)).resource).toMatchObject({ total: 2 });
  // Nor does a new Patient take the label away.
  await expect(put(aPatient('a', { value: '1' }))).rejects.toMatchObject(notFound);
  expect((await put(aPatient('a', { value: '1' }), cleared)).status).toBe(201);
});

test.each([
  ['the last of many', 30],
  ['one of too many', 201],
])('who is linked with somebody restricted is hidden: %s', async (_, count) => {
  const others = Array.from({ length: count }, (_, n) => `p${n}`);
  const link = others.map((id) => ({ type: 'seealso', other: { reference: `Patient/${id}` } }));
  const last = others.at(-1) ?? '';
  for (const id of others.slice(0, -1)) await store(api.records, asCurrent(aPatient(id)));
  await put({ ...aPatient(last, { value: 'last' }), ...restricted }, cleared);
  await put({ ...aPatient('a', { value: '1' }), link } as Resource & { id: string }, cleared);
  await expect(get('Patient/a')).rejects.toMatchObject(notFound);
  expect((await get('Patient/a', cleared)).status).toBe(200);
});

describe('a restricted record that was created by criteria', () => {
  const ifNoneExist = { 'if-none-exist': 'identifier=urn:lab|77' };
  const result = (patient: string) =>
    aMinimal('Observation/x', {
      subject: { reference: `Patient/${patient}` },
      identifier: [{ system: 'urn:lab', value: '77' }],
    });

  beforeEach(async () => {
    await put(aPatient('a', { value: '1' }));
    await put(aPatient('b', { value: '2' }));
    const body = { ...result('a'), ...restricted };
    await ask({ method: 'POST', target: 'Observation', body, headers: ifNoneExist }, cleared);
  });

  test.each<[string, string, Asked]>([
    ['a create', 'b', { method: 'POST', target: 'Observation', headers: ifNoneExist }],
    ['an update', 'b', { method: 'PUT', target: 'Observation?identifier=urn:lab|77' }],
    ['a create about the same patient', 'a', { method: 'POST', target: 'Observation', headers: ifNoneExist }],
    ['an update about the same patient', 'a', { method: 'PUT', target: 'Observation?identifier=urn:lab|77' }],
  ])('does not stand in the way of %s, nor is met by it', async (_, patient, asked) => {
    const body = result(patient);
    const made = await ask({ ...asked, body });
    expect(made.status).toBe(201);
    const again = await ask({ ...asked, body });
    expect([again.status, again.resource?.id]).toEqual([200, made.resource?.id]);
  });
});

test('a glass is open for the organisation for which it was broken alone', async () => {
  const governance = createMemoryGovernanceStore();
  const policy: AccessPolicy = {
    ...onlyOwn,
    agreements: [
      {
        ...{ id: 'care', from: 'RZZ', with: ['RYY'], types: ['*'], purposes: ['direct-care'] },
        ...{ actions: ['r', 's'], start: 0, end: Date.UTC(2027, 0) },
      },
    ],
  };
  const read = (organisation: string) => {
    const principal = { ...aClinician, organisation };
    const access = (found: RecordStore) => anAccess(found, { principal }, { governance, policy });
    return send(api, { target: 'Patient/a', access });
  };
  await put({ ...aPatient('a', { value: '1' }), ...restricted }, cleared);
  await governance.saveGlass({
    ...{ id: 'g', subject: aClinician.subject, organisation: 'RZZ', review: undefined },
    ...{ patient: 'a', reason: 'unconscious', openedAt: Date.UTC(2026, 10, 26, 9) },
  });
  expect((await read('RZZ')).status).toBe(200);
  await expect(read('RYY')).rejects.toMatchObject(notFound);
});

test('of a patient with more consents than are looked at everything is withheld', async () => {
  await put(aPatient('a', { value: '1' }));
  const lapsed = (n: number) => asCurrent(aResource(`Consent/a.c${n}`, { status: 'inactive' }));
  for (let n = 0; n < 190; n++) await store(api.records, lapsed(n));
  expect((await get('Patient/a')).status).toBe(200);
  for (let n = 190; n < 201; n++) await store(api.records, lapsed(n));
  await expect(get('Patient/a')).rejects.toMatchObject(notFound);
});

test('nothing is claimed for somebody hidden, of whoever has their other identifiers', async () => {
  const identified = (...values: string[]) => ({
    ...aPatient('x'),
    identifier: values.map((value) => ({ system: mrn, value })),
  });
  // All within a second: what is claimed lapses after ten.
  const now = () => new Date(Date.UTC(2026, 10, 26, 9));
  const create = (body: Resource) => ask({ method: 'POST', target: 'Patient', body, now });
  await put({ ...aPatient('a', { value: '1' }), ...restricted }, cleared);
  const other = await create(identified('2'));
  await expect(create(identified('1', '3'))).rejects.toMatchObject({ code: 'HDE_FORBIDDEN' });
  const third = (await create(identified('3'))).resource?.id;
  expect(third).not.toBe('a');
  expect(third).not.toBe(other.resource?.id);
});

test('a record of the same id as its patient is about them all the same', async () => {
  await put({ ...aPatient('a', { value: '1' }), ...restricted }, cleared);
  const body = { ...aMinimal('Observation/a', { subject: { reference: 'Patient/a' } }), id: 'a' };
  expect((await put(body, cleared)).status).toBe(201);
  expect((await get('Observation/a', cleared)).status).toBe(200);
  await expect(get('Observation/a')).rejects.toMatchObject(notFound);
  await expect(get('Observation/a', { principal: aClinician })).rejects.toMatchObject(notFound);
  const { subject: _subject, ...aboutNobody } = body as typeof body & { readonly subject?: object };
  await expect(put(aboutNobody, cleared)).rejects.toMatchObject({ code: 'HDE_PATIENT_CHANGED' });
});
