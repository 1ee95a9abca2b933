/** Bundles that are not what R4 says they are, over stores in memory. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, Patient, Resource } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../../src/adapters/memory/record-store.js';
import { type Api, aPatient, send } from '../arrange.js';
import { entry, sendBundle, statusesOf } from './bundles.js';

let api: Api;

beforeEach(async () => {
  api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
  await send(api, { method: 'PUT', target: 'Patient/p', body: aPatient('p') });
});

const versionOf = async (id: string) =>
  ((await send(api, { target: `Patient/${id}` })).resource as Patient).meta?.versionId;
const change = (request: object) =>
  entry('PUT', 'Patient/p', { resource: aPatient('p', { value: '9' }), request });
const post = (bundle: object) => send(api, { method: 'POST', target: '', body: bundle as Resource });
const at = (location: string) => expect.objectContaining({ code: 'HDE_BUNDLE_INVALID', location });

describe('what R4 does not define in a Bundle', () => {
  test.each([
    ['a number as ifMatch', { ifMatch: 7 }, 'ifMatch'],
    ['a list as ifMatch', { ifMatch: ['W/"9"'] }, 'ifMatch'],
    ['an empty ifMatch', { ifMatch: '' }, 'ifMatch'],
    ['an object as ifNoneMatch', { ifNoneMatch: {} }, 'ifNoneMatch'],
    ['an empty ifNoneExist', { ifNoneExist: '' }, 'ifNoneExist'],
    ['a precondition under another name', { ifmatch: 'W/"9"' }, ''],
  ])('refuses a transaction with %s, since it would be passed over', async (_, request, name) => {
    const place = `Bundle.entry[1].request${name === '' ? '' : `.${name}`}`;
    await expect(
      sendBundle(api, 'transaction', [entry('GET', 'Patient/p'), change(request)]),
    ).rejects.toEqual(at(place));
    expect(await versionOf('p')).toBe('1');
  });

  test('fails its entry of a batch, and no other one', async () => {
    const answer = await sendBundle(api, 'batch', [
      change({ ifMatch: 7 }),
      entry('GET', 'Patient/p'),
      entry('GET', 'Patient/p', { fullUrl: 5 as unknown as string }),
    ]);
    expect(statusesOf(answer)).toEqual(['400 HDE_BUNDLE_INVALID', '200', '400 HDE_BUNDLE_INVALID']);
    expect(answer.entry?.[0]?.response?.outcome).toMatchObject({
      issue: [{ expression: ['Bundle.entry[0].request.ifMatch'] }],
    });
    expect(await versionOf('p')).toBe('1');
  });

  test.each([
    ['entries under another name', { entries: [change({})] }, 'Bundle'],
    ['one entry that is no list', { entry: change({}) }, 'Bundle.entry'],
    ['a total that is none', { entry: [change({})], total: 'x' }, 'Bundle.total'],
  ])('refuses %s', async (_, fields, place) => {
    await expect(post({ resourceType: 'Bundle', type: 'transaction', ...fields })).rejects.toEqual(at(place));
    expect(await versionOf('p')).toBe('1');
  });
});

test('a Bundle without entries is answered by one without entries', async () => {
  for (const entries of [undefined, []]) {
    const { resource } = await post({ resourceType: 'Bundle', type: 'transaction', entry: entries });
    expect(resource as Bundle).toEqual({ resourceType: 'Bundle', type: 'transaction-response' });
  }
});

test.each([{ data: 5 }, { contentType: 5 }, { data: ['W10='] }, {}])(
  'a patch in a Binary that holds none (%j) is refused, and no fault of ours',
  async (fields) => {
    const binary = { resourceType: 'Binary', contentType: 'application/json-patch+json', ...fields };
    await expect(
      sendBundle(api, 'transaction', [
        entry('PATCH', 'Patient/p', { resource: binary as unknown as Resource }),
      ]),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/^HDE_(REQUEST_INVALID|CONTENT_TYPE)$/) as unknown,
    });
  },
);

test('an element that a resource does not have is told of the resource', async () => {
  const resource = { ...aPatient('p'), nonsense: 1 } as unknown as Resource;
  await expect(
    sendBundle(api, 'transaction', [entry('PUT', 'Patient/p', { resource })]),
  ).rejects.toMatchObject({ code: 'HDE_RESOURCE_INVALID', location: 'Bundle.entry[0].resource' });
});
