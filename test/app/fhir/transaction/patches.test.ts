/** Patches in transactions that refer to other entries, over stores in memory. */
import { Buffer } from 'node:buffer';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Binary, Observation, Parameters, Resource } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../../src/adapters/memory/record-store.js';
import { type Api, aPatient, send } from '../arrange.js';
import { aMinimal } from '../minimal.js';
import { addressOf, entry, sendBundle } from './bundles.js';

let api: Api;
const subject = { reference: 'Patient/p' };
const stored = 'urn:uuid:00000000-0000-0000-0000-00000000000a';

beforeEach(async () => {
  api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
  await send(api, { method: 'PUT', target: 'Patient/p', body: aPatient('p') });
  const body = aMinimal('Observation/o', { subject, hasMember: [{ reference: stored }] });
  await send(api, { method: 'PUT', target: 'Observation/o', body });
});

const jsonPatch = (reference: string): Binary => ({
  ...{ resourceType: 'Binary', contentType: 'application/json-patch+json' },
  data: Buffer.from(JSON.stringify([{ op: 'add', path: '/derivedFrom', value: [{ reference }] }])).toString(
    'base64',
  ),
});
const fhirPathPatch = (reference: string): Parameters => ({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'add' },
        { name: 'path', valueString: 'Observation' },
        { name: 'name', valueString: 'derivedFrom' },
        { name: 'value', valueReference: { reference } },
      ],
    },
  ],
});
const fullUrl = 'urn:uuid:1';
const create = entry('POST', 'Observation', {
  ...{ fullUrl, resource: aMinimal('Observation/x', { subject }) },
});
const patching = (resource: Resource) => entry('PATCH', 'Observation/o', { resource });
const read = async () => (await send(api, { target: 'Observation/o' })).resource as Observation;

describe.each([
  ['a JSON Patch', jsonPatch],
  ['a FHIRPath Patch', fhirPathPatch],
])('%s', (_, patchTo) => {
  test('refers to another entry by its fullUrl, and leaves what stood before', async () => {
    const answer = await sendBundle(api, 'transaction', [patching(patchTo(fullUrl)), create]);
    const { derivedFrom, hasMember, subject: about } = await read();
    expect(derivedFrom).toEqual([{ reference: addressOf(answer, 1) }]);
    expect([hasMember, about]).toEqual([[{ reference: stored }], subject]);
  });

  test.each(['urn:uuid:2', 'Patient?identifier=a|1'])(
    'is refused with %s, which means nothing',
    async (to) => {
      await expect(sendBundle(api, 'transaction', [patching(patchTo(to)), create])).rejects.toMatchObject({
        ...{ code: 'HDE_BUNDLE_INVALID', location: 'Bundle.entry[0].resource' },
      });
      expect((await read()).meta?.versionId).toBe('1');
    },
  );
});
