/** Resources of another server in transactions, over stores in memory. */
import { beforeEach, expect, test } from '@jest/globals';
import type { Observation } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../../src/adapters/memory/record-store.js';
import { type Api, aPatient, baseUrl, send } from '../arrange.js';
import { aMinimal } from '../minimal.js';
import { addressOf, entry, sendBundle } from './bundles.js';

let api: Api;
const elsewhere = 'https://other.example/fhir';
const observation = aMinimal('Observation/5', {
  ...{ subject: { reference: 'Patient/1' }, performer: [{ reference: 'Practitioner/7' }] },
});
const transact = (...entries: Parameters<typeof sendBundle>[2]) => sendBundle(api, 'transaction', entries);

beforeEach(async () => {
  api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
  await send(api, { method: 'PUT', target: 'Patient/1', body: aPatient('1') });
});

test('a record is not filed under who has here the id that its patient has on another server', async () => {
  const fullUrl = `${elsewhere}/Observation/5`;
  await expect(
    transact(entry('POST', 'Observation', { fullUrl, resource: observation })),
  ).rejects.toMatchObject({
    code: 'HDE_PATIENT_UNKNOWN',
    location: 'Bundle.entry[0].resource.subject',
  });
});

test('a record is filed under its patient of the same Bundle, and refers to its server for the rest', async () => {
  const answer = await transact(
    entry('POST', 'Observation', { fullUrl: `${elsewhere}/Observation/5`, resource: observation }),
    entry('POST', 'Patient', { fullUrl: `${elsewhere}/Patient/1`, resource: aPatient('1', { value: '9' }) }),
  );
  const { subject, performer } = answer.entry?.[0]?.resource as Observation;
  expect(subject).toEqual({ reference: addressOf(answer, 1) });
  expect(addressOf(answer, 1)).not.toBe('Patient/1');
  expect(performer).toEqual([{ reference: `${elsewhere}/Practitioner/7` }]);
});

test.each([
  ['created with a fullUrl of this server', 'POST', 'Observation', `${baseUrl}/Observation/5`],
  ['put under the id that it has there', 'PUT', 'Observation/5', `${elsewhere}/Observation/5`],
] as const)('a record %s is filed under the patient with that id here', async (_, method, url, fullUrl) => {
  const answer = await transact(entry(method, url, { fullUrl, resource: observation }));
  expect((answer.entry?.[0]?.resource as Observation).subject).toEqual({ reference: 'Patient/1' });
});
