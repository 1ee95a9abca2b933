import { describe, expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { rankOf, readBundle } from '../../../../src/core/fhir/transaction/read-bundle.js';
import { matchRoute } from '../../../../src/core/fhir/interactions.js';

const baseUrl = 'https://hde.example/fhir';
const patient = { resourceType: 'Patient' };

const bundleOf = (entry: unknown, type = 'transaction') =>
  readBundle(
    { resource: { resourceType: 'Bundle', type, entry } as unknown as Resource, decimals: {} },
    baseUrl,
  );

const entryOf = (row: unknown, type?: string) => {
  const bundle = bundleOf([row], type);
  if (!bundle.ok) throw new Error(bundle.error.location);
  return bundle.value.entries[0]!;
};

const asks = (method: string, url: string, more: object = {}) => ({ ...more, request: { method, url } });

describe('a Bundle', () => {
  test.each([
    [{ resourceType: 'Patient' }, 'Bundle.type'],
    [{ resourceType: 'Bundle' }, 'Bundle.type'],
    [{ resourceType: 'Bundle', type: 'collection' }, 'Bundle.type'],
    [
      { resourceType: 'Bundle', type: 'batch', entry: Array.from({ length: 501 }, () => null) },
      'Bundle.entry',
    ],
  ])('%j is refused', (resource, location) => {
    expect(readBundle({ resource: resource }, baseUrl)).toMatchObject({
      ok: false,
      error: { location },
    });
  });

  test.each<[string, unknown, string]>([
    ['null', null, 'request'],
    ['no request', { resource: patient }, 'request'],
    ['a method that is none', asks('get', 'Patient/p'), 'request.method'],
    ['no method', { request: { url: 'Patient/p' } }, 'request.method'],
    ['no address', { request: { method: 'GET' } }, 'request.url'],
    ['an address elsewhere', asks('GET', 'https://other.example/fhir/Patient/p'), 'request.url'],
    ['a script', asks('GET', 'javascript:alert(1)'), 'request.url'],
    ['an address without a route', asks('GET', 'Patient/p/none'), 'request.url'],
    ['a Bundle', asks('POST', '/', { resource: patient }), 'request.url'],
    ['an operation that writes', asks('POST', 'Patient/p/$meta-add', { resource: patient }), 'request.url'],
    ['no resource', asks('POST', 'Patient'), 'resource'],
    ['a resource of no type', asks('PUT', 'Patient/p', { resource: {} }), 'resource'],
  ])('with %s in an entry says where', (_, row, place) => {
    expect(entryOf(row)).toMatchObject({
      ok: false,
      error: { code: 'HDE_BUNDLE_INVALID', location: `Bundle.entry[0].${place}` },
    });
  });

  test('takes operations that write in a batch', () => {
    expect(entryOf(asks('POST', 'Patient/p/$meta-add', { resource: patient }), 'batch').ok).toBe(true);
  });

  test.each(['Patient/p?_summary=true', '/Patient/p?_summary=true', `${baseUrl}/Patient/p?_summary=true`])(
    'reads the address %s',
    (url) => {
      expect(entryOf(asks('GET', url))).toMatchObject({
        ok: true,
        value: { path: 'Patient/p', query: [['_summary', 'true']], route: { type: 'Patient', id: 'p' } },
      });
    },
  );

  test('reads what stands for headers, and numbers as they were written', () => {
    const request = {
      ...{ method: 'PUT', url: 'Observation/o', ifMatch: 'W/"1"', ifNoneMatch: '*' },
      ...{ ifNoneExist: 'identifier=a|1', ifModifiedSince: '2026-11-26T12:00:00Z' },
    };
    const resource = { resourceType: 'Observation' };
    const entry = [asks('GET', 'Patient/p'), { fullUrl: 'urn:uuid:1', resource, request }];
    const decimals = { '/entry/1/resource/valueQuantity/value': '1.50', '/entry/10/resource/x': '2.0' };
    const bundle = readBundle(
      { resource: { resourceType: 'Bundle', type: 'batch', entry } as unknown as Resource, decimals },
      baseUrl,
    );
    expect(bundle.ok && bundle.value.entries[1]).toMatchObject({
      ok: true,
      value: {
        fullUrl: 'urn:uuid:1',
        headers: {
          ...{ 'if-match': 'W/"1"', 'if-none-match': '*', 'if-none-exist': 'identifier=a|1' },
          'if-modified-since': '2026-11-26T12:00:00Z',
        },
        statement: { resource, decimals: { '/valueQuantity/value': '1.50' } },
      },
    });
  });
});

test('a transaction deletes, then creates, then updates, then reads', () => {
  const ranks = (
    [
      ['DELETE', 'Patient/p'],
      ['POST', 'Patient'],
      ['PUT', 'Patient/p'],
      ['PATCH', 'Patient?identifier=1'],
      ['GET', 'Patient/p'],
      ['HEAD', 'Patient/p'],
      ['POST', 'Patient/_search'],
    ] as const
  ).map(([method, url]) => rankOf(matchRoute(method, url.split('?')[0]!)!));
  expect(ranks).toEqual([0, 1, 2, 2, 3, 3, 3]);
});
