/** What becomes of ids that clients chose for records which were never written, over stores in memory. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { claimPlace, findingPlaces } from '../../../src/app/fhir/record-places.js';
import type { IdentityStore } from '../../../src/ports/identity-store.js';
import { type Api, aPatient, identitySecret, send } from './arrange.js';
import { aMinimal } from './minimal.js';
import { entry, sendBundle, statusesOf } from './transaction/bundles.js';

let api: Api;

beforeEach(async () => {
  api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
  for (const id of ['a', 'b'])
    await send(api, { method: 'PUT', target: `Patient/${id}`, body: aPatient(id) });
});

const about = (patient: string) => aMinimal('Observation/x', { subject: { reference: patient } });
const after = (seconds: number) => ({ now: () => new Date(Date.UTC(2026, 10, 26, 8, 0, seconds)) });
const put = (patient: string, seconds = 0) =>
  send(api, { method: 'PUT', target: 'Observation/x', body: about(patient), ...after(seconds) });
const puts = (patient: string) => entry('PUT', 'Observation/x', { resource: about(patient) });
/** What refuses a transaction after it has claimed its ids. */
const conflicting = entry('PUT', 'Patient/a', { resource: aPatient('a'), request: { ifMatch: 'W/"9"' } });

/** Claims the id as a write that then breaks off. */
const breakOff = (patient: string, seconds = 0, requestId = 'broken') =>
  claimPlace(
    { ...api, identitySecret, clock: after(seconds) },
    { type: 'Observation', id: 'x', partition: patient, requestId },
  );

describe('an id that a client chose', () => {
  test('is given back by a transaction that is refused, at once', async () => {
    await expect(
      sendBundle(api, 'transaction', [puts('Patient/a'), conflicting], after(0)),
    ).rejects.toMatchObject({ code: 'HDE_PRECONDITION_FAILED' });
    expect((await put('Patient/b', 1)).status).toBe(201);
  });

  test('is given back also where it stood in the body of a conditional update', async () => {
    const identifier = [{ system: 'urn:i', value: '1' }];
    const resource = { ...about('Patient/a'), identifier } as Resource;
    const conditional = entry('PUT', 'Observation?identifier=urn:i|1', { resource });
    await expect(sendBundle(api, 'transaction', [conditional, conflicting], after(0))).rejects.toMatchObject({
      code: 'HDE_PRECONDITION_FAILED',
    });
    expect((await put('Patient/b', 1)).status).toBe(201);
  });

  test('serves the same transaction at once, though its new patient has another key', async () => {
    const patient = entry('POST', 'Patient', { fullUrl: 'urn:uuid:1', resource: aPatient('x') });
    const entries = [patient, puts('urn:uuid:1')];
    await expect(sendBundle(api, 'transaction', [...entries, conflicting], after(0))).rejects.toMatchObject({
      code: 'HDE_PRECONDITION_FAILED',
    });
    expect(statusesOf(await sendBundle(api, 'transaction', entries, after(1)))).toEqual(['201', '201']);
  });

  test('of a write that broke off is kept as long as that might be under way, and then serves another patient', async () => {
    await breakOff('a');
    await expect(put('Patient/b', 10)).rejects.toMatchObject({
      ...{ code: 'HDE_CONCURRENT_UPDATE', retryAfterSeconds: 80 },
    });
    expect((await put('Patient/b', 91)).status).toBe(201);
    await expect(put('Patient/a', 200)).rejects.toMatchObject({ code: 'HDE_PATIENT_CHANGED' });
    expect((await send(api, { target: 'Observation/x' })).resource).toMatchObject({
      subject: { reference: 'Patient/b' },
    });
  });

  test('of a write that broke off serves the same patient at once', async () => {
    await breakOff('a');
    expect((await put('Patient/a', 1)).status).toBe(201);
  });

  test('belongs to its record for good, also when that was deleted', async () => {
    await put('Patient/a');
    await send(api, { method: 'DELETE', target: 'Observation/x' });
    await expect(breakOff('b', 9999)).rejects.toMatchObject({ code: 'HDE_ID_TAKEN' });
  });

  test('is not given back while another request relies on it', async () => {
    const records = findingPlaces(api.records, { ...api, identitySecret });
    const relying = {
      ...api.identities,
      // While the transaction is about to be refused, another request claims the id for the same patient.
      load: async (...tokens: Parameters<IdentityStore['load']>) => {
        await breakOff('a', 1, 'another');
        return api.identities.load(...tokens);
      },
    };
    await expect(
      sendBundle({ records, identities: relying }, 'transaction', [puts('Patient/a'), conflicting], after(0)),
    ).rejects.toMatchObject({ code: 'HDE_PRECONDITION_FAILED' });
    await expect(put('Patient/b', 2)).rejects.toMatchObject({ code: 'HDE_CONCURRENT_UPDATE' });
  });

  test('is found where it was claimed anew by who remembers the claim before', async () => {
    await breakOff('a');
    const [remembered] = [...(await remember())];
    await put('Patient/b', 91);
    const identities: IdentityStore = {
      ...api.identities,
      find: () => Promise.resolve(new Map(remembered === undefined ? [] : [remembered])),
    };
    expect((await send({ ...api, identities }, { target: 'Observation/x' })).status).toBe(200);
  });

  test('that many use at once for one patient makes one record', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => put('Patient/a')));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
  });
});

/** What a process that reads the id now remembers of its claim. */
async function remember(): ReturnType<IdentityStore['find']> {
  let found: Awaited<ReturnType<IdentityStore['find']>> = new Map();
  const identities: IdentityStore = {
    ...api.identities,
    find: async (tokens) => (found = await api.identities.find(tokens)),
  };
  await expect(send({ ...api, identities }, { target: 'Observation/x' })).rejects.toMatchObject({
    code: 'HDE_RESOURCE_NOT_FOUND',
  });
  return found;
}

describe('conditional creates of one resource in a transaction', () => {
  const identifier = [{ system: 'urn:lab', value: '1' }];
  const organization = aMinimal('Organization/o', { identifier, name: 'Laboratory' });
  const creates = (fullUrl: string) =>
    entry('POST', 'Organization', {
      ...{ fullUrl, resource: organization },
      request: { ifNoneExist: 'identifier=urn:lab|1' },
    });
  const observation = (performer: string) =>
    entry('POST', 'Observation', {
      resource: aMinimal('Observation/n', {
        ...{ subject: { reference: 'Patient/a' }, performer: [{ reference: performer }] },
      }),
    });

  test('find the one that is there, and references to each lead to it', async () => {
    await send(api, { method: 'PUT', target: 'Organization/o', body: organization });
    const answer = await sendBundle(api, 'transaction', [
      ...[creates('urn:uuid:1'), creates('urn:uuid:2')],
      ...[observation('urn:uuid:1'), observation('urn:uuid:2')],
    ]);
    expect(statusesOf(answer)).toEqual(['200', '200', '201', '201']);
    const performers = answer.entry?.slice(2).map(({ resource }) => resource);
    for (const each of performers ?? [])
      expect(each).toMatchObject({ performer: [{ reference: 'Organization/o' }] });
  });

  test('are refused when each would create it, since their order decided which does', async () => {
    await expect(
      sendBundle(api, 'transaction', [creates('urn:uuid:1'), creates('urn:uuid:2')]),
    ).rejects.toMatchObject({ code: 'HDE_BUNDLE_INVALID', location: 'Bundle.entry[1].request.url' });
  });

  test('are refused beside a write of what they find', async () => {
    await send(api, { method: 'PUT', target: 'Organization/o', body: organization });
    const changed = entry('PUT', 'Organization/o', { resource: { ...organization, name: 'Other' } as never });
    for (const entries of [
      [creates('urn:uuid:1'), changed],
      [creates('urn:uuid:1'), entry('DELETE', 'Organization/o')],
    ])
      await expect(sendBundle(api, 'transaction', entries)).rejects.toMatchObject({
        code: 'HDE_BUNDLE_INVALID',
      });
  });
});
