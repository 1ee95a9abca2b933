/** Codes that R4 requires, asked of everything that a client writes. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { OperationOutcome } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { errors, type ExchangeError } from '../../../src/core/errors.js';
import { operationOutcome } from '../../../src/core/fhir/operation-outcome.js';
import { type Api, aPatient, aResource, asCurrent, send, store } from './arrange.js';
import { entry, sendBundle, statusesOf } from './transaction/bundles.js';

let api: Api;

beforeEach(async () => {
  api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
  await send(api, { method: 'PUT', target: 'Patient/p', body: aPatient('p') });
});

const observation = (fields: object = {}) =>
  aResource('Observation/o', {
    ...{ status: 'final', code: { text: 'weight' }, subject: { reference: 'Patient/p' } },
    ...fields,
  });
const wrong = observation({ status: 'done' });
const statusPatch = [{ op: 'replace', path: '/status', value: 'done' }];
const jsonPatch = { 'content-type': 'application/json-patch+json' };
const { http, fhir } = errors.HDE_CODE_INVALID;

const versions = async () => {
  const { resource } = await send(api, { target: 'Observation?patient=p' });
  return (resource as { entry?: { resource: { meta: { versionId: string } } }[] }).entry?.map(
    (each) => each.resource.meta.versionId,
  );
};

test('a code that R4 does not allow is an error of 422 with the code of FHIR for it', () => {
  expect([http, fhir]).toEqual([422, 'code-invalid']);
});

describe('a code that R4 does not allow', () => {
  test.each([
    ['a create', { method: 'POST', target: 'Observation', body: wrong }],
    ['an update that creates', { method: 'PUT', target: 'Observation/o', body: wrong }],
    ['a conditional update', { method: 'PUT', target: 'Observation?identifier=urn:x|1', body: wrong }],
    [
      'a conditional create',
      {
        ...{ method: 'POST', target: 'Observation', body: wrong },
        headers: { 'if-none-exist': 'identifier=urn:x|1' },
      },
    ],
  ])('refuses %s, and says where it stands', async (_, asked) => {
    const refused = await send(api, asked).catch((error: unknown) => error as ExchangeError);
    expect(refused).toMatchObject({ code: 'HDE_CODE_INVALID', location: 'Observation.status' });
    const { issue }: OperationOutcome = operationOutcome([(refused as ExchangeError).toIssue()]);
    expect(issue).toMatchObject([
      { severity: 'error', code: 'code-invalid', expression: ['Observation.status'] },
    ]);
    expect(await versions()).toBeUndefined();
  });

  test('refuses updates and both kinds of patches of what stands, which stays as it is', async () => {
    await send(api, { method: 'PUT', target: 'Observation/o', body: observation() });
    const fhirPath = {
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'operation',
          part: [
            { name: 'type', valueCode: 'replace' },
            { name: 'path', valueString: 'Observation.status' },
            { name: 'value', valueCode: 'done' },
          ],
        },
      ],
    };
    for (const asked of [
      { method: 'PUT', target: 'Observation/o', body: wrong },
      { method: 'PATCH', target: 'Observation/o', body: statusPatch, headers: jsonPatch },
      { method: 'PATCH', target: 'Observation/o', body: fhirPath },
    ])
      await expect(send(api, asked)).rejects.toMatchObject({
        ...{ code: 'HDE_CODE_INVALID', location: 'Observation.status' },
      });
    expect(await versions()).toEqual(['1']);
  });

  test('refuses a transaction as a whole, and one entry of a batch', async () => {
    const entries = [
      entry('POST', 'Observation', { resource: observation() }),
      entry('POST', 'Observation', { resource: wrong }),
    ];
    await expect(sendBundle(api, 'transaction', entries)).rejects.toMatchObject({
      ...{ code: 'HDE_CODE_INVALID', location: 'Bundle.entry[1].resource.status' },
    });
    expect(await versions()).toBeUndefined();
    expect(statusesOf(await sendBundle(api, 'batch', entries))).toEqual(['201', '422 HDE_CODE_INVALID']);
  });

  test('refuses nothing that is about a record which stands with one already: labels can be added', async () => {
    await store(api.records, asCurrent({ ...wrong, id: 'p.o' }));
    const label = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'N' };
    const body = {
      resourceType: 'Parameters',
      parameter: [{ name: 'meta', valueMeta: { security: [label] } }],
    };
    const target = 'Observation/p.o/$meta-add';
    expect(await send(api, { method: 'POST', target, body })).toMatchObject({ status: 200 });
  });
});
