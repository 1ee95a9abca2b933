/** What becomes of criteria that were claimed for a record which was never written, over stores in memory. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { type Api, aPatient, send } from './arrange.js';
import { aMinimal } from './minimal.js';
import { entry, sendBundle, statusesOf } from './transaction/bundles.js';

let api: Api;

beforeEach(async () => {
  api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
  for (const id of ['a', 'b'])
    await send(api, { method: 'PUT', target: `Patient/${id}`, body: aPatient(id) });
});

const criteria = 'identifier=urn:lab|1';
const about = (patient: string) =>
  aMinimal('Observation/x', {
    subject: { reference: patient },
    identifier: [{ system: 'urn:lab', value: '1' }],
  });
const after = (seconds: number) => new Date(Date.UTC(2026, 10, 26, 8, 0, seconds));
const creates = (patient: string) =>
  entry('POST', 'Observation', { resource: about(patient), request: { ifNoneExist: criteria } });
/** What refuses a transaction after it has claimed its criteria. */
const conflicting = entry('PUT', 'Patient/a', { resource: aPatient('a'), request: { ifMatch: 'W/"9"' } });
const refused = (code: string, fields: object = {}) => expect.objectContaining({ code, ...fields });

async function refuse(...entries: Parameters<typeof sendBundle>[2]): Promise<void> {
  await expect(
    sendBundle(api, 'transaction', [...entries, conflicting], { now: () => after(0) }),
  ).rejects.toEqual(refused('HDE_PRECONDITION_FAILED'));
}

describe('criteria of a write that was refused', () => {
  test('keep others away as long as it might still be under way, and say how long', async () => {
    await refuse(creates('Patient/a'));
    await expect(
      sendBundle(api, 'transaction', [creates('Patient/b')], { now: () => after(10) }),
    ).rejects.toEqual(refused('HDE_CONCURRENT_UPDATE', { retryAfterSeconds: 80 }));
  });

  test('serve a record about another patient later', async () => {
    await refuse(creates('Patient/a'));
    const later = { now: () => after(91) };
    expect(statusesOf(await sendBundle(api, 'transaction', [creates('Patient/b')], later))).toEqual(['201']);
    expect(statusesOf(await sendBundle(api, 'transaction', [creates('Patient/b')], later))).toEqual(['200']);
  });

  test('serve the same transaction at once, though its new patient has another key', async () => {
    const patient = entry('POST', 'Patient', { fullUrl: 'urn:uuid:1', resource: aPatient('x') });
    await refuse(patient, creates('urn:uuid:1'));
    const soon = { now: () => after(1) };
    const answer = await sendBundle(api, 'transaction', [patient, creates('urn:uuid:1')], soon);
    expect(statusesOf(answer)).toEqual(['201', '201']);
    expect(statusesOf(await sendBundle(api, 'transaction', [patient, creates('urn:uuid:1')], soon))).toEqual([
      ...['201', '200'],
    ]);
  });

  test('serve the same transaction at once, whose new patient is known by an identifier', async () => {
    const resource = aPatient('x', { value: '7' });
    const entries = [entry('POST', 'Patient', { fullUrl: 'urn:uuid:1', resource }), creates('urn:uuid:1')];
    await refuse(...entries);
    // Another request may rely on the claim: it is the same patient's, and is kept.
    await expect(
      sendBundle(api, 'transaction', [creates('Patient/b')], { now: () => after(1) }),
    ).rejects.toEqual(refused('HDE_CONCURRENT_UPDATE'));
    const answer = await sendBundle(api, 'transaction', entries, { now: () => after(2) });
    expect(statusesOf(answer)).toEqual(['201', '201']);
  });

  test('serve a conditional update about another patient later', async () => {
    const update = entry('PUT', `Observation?${criteria}`, { resource: withoutId(about('Patient/a')) });
    await refuse(update);
    const answer = await send(api, {
      ...{ method: 'PUT', target: `Observation?${criteria}`, body: withoutId(about('Patient/b')) },
      now: () => after(91),
    });
    expect(answer.status).toBe(201);
  });
});

test('a write that comes to its commit long after it claimed its criteria claims them anew before', async () => {
  let seconds = 0;
  const claims: string[] = [];
  const identities = {
    ...api.identities,
    replace: (...[claim, etag]: Parameters<typeof api.identities.replace>) => {
      claims.push(claim.claimedAt ?? '');
      return api.identities.replace(claim, etag);
    },
  };
  const slow: RecordStore = {
    ...api.records,
    readLatest: async (...place) => {
      const found = await api.records.readLatest(...place);
      if (place[0] === 'Observation' && claims.length === 0) seconds = 61;
      return found;
    },
  };
  const headers = { 'if-none-exist': criteria };
  const asked = {
    method: 'POST',
    target: 'Observation',
    headers,
    body: about('Patient/a'),
    now: () => after(seconds),
  };
  expect((await send({ ...api, records: slow, identities }, asked)).status).toBe(201);
  expect(claims).toEqual([after(61).toISOString()]);
});

const withoutId = ({ id: _id, ...resource }: Resource & { id: string }): Resource => resource;
