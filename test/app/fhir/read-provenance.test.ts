/** How many versions a Provenance search tells of; test/platform/record-views.test.ts says what, and to whom. */
import { beforeEach, expect, test } from '@jest/globals';
import type { Bundle } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { type Api, linkOf, send } from './arrange.js';
import { aMinimal } from './minimal.js';

let api: Api;

beforeEach(async () => {
  api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
  for (const language of ['en', 'cy', 'fr'])
    await send(api, { method: 'PUT', target: 'Patient/p', body: aMinimal('Patient/p', { language }) });
});

async function told(query: string) {
  const { resource } = await send(api, { target: `Provenance?target=Patient/p${query}` });
  const { total, entry = [] } = resource as Bundle;
  const modes = entry.map(({ search }) => search?.mode);
  return { total, modes, self: linkOf(resource as Bundle, 'self') };
}

test.each([
  ['', ['match', 'match', 'match']],
  ['&_count=3', ['match', 'match', 'match']],
  ['&_count=2', ['match', 'match', 'outcome']],
  ['&_count=0', []],
  ['&_summary=count', []],
])('no more than are wanted%s, and how many there are', async (query, modes) => {
  expect(await told(query)).toMatchObject({ total: 3, modes });
});

test('the link to itself asks for as many', async () => {
  expect((await told('&_count=2')).self).toBe('Provenance?target=Patient%2Fp&_count=2');
});

test.each([
  ['_count', '&_count=x'],
  ['_count', '&_count=1&_count=2'],
  ['agent', '&agent=Practitioner/a'],
  ['parameters', '&9990000018=1'],
])('%s of %s is refused with its name', async (location, query) => {
  await expect(told(query)).rejects.toMatchObject({ code: 'HDE_SEARCH_PARAMETER', location });
});

test('is searched for by POST as by GET', async () => {
  const { resource } = await send(api, {
    ...{ method: 'POST', target: 'Provenance/_search', form: 'target=Patient/p&_count=2' },
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  expect(resource).toEqual((await send(api, { target: 'Provenance?target=Patient/p&_count=2' })).resource);
  expect(resource).toMatchObject({ total: 3 });
});
