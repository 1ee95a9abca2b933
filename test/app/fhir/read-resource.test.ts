import { describe, expect, test } from '@jest/globals';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { aPatient, aResource, asCurrent, ask, asVersion, aStoreWith, observe, store } from './arrange.js';

async function aStoreWithVersions() {
  const records = createMemoryRecordStore();
  await store(
    records,
    asVersion(aPatient('p', { value: 'old' }), 1),
    asVersion(aPatient('p', { value: 'older' }), 2),
    asCurrent(aPatient('p', { value: 'new' }), 3),
  );
  return records;
}

describe('read', () => {
  test('answers the current version with its tag and time', async () => {
    const answer = await ask(await aStoreWithVersions(), 'Patient/p');
    expect(answer).toEqual({
      status: 200,
      headers: {
        'content-type': 'application/fhir+json; charset=utf-8',
        etag: 'W/"3"',
        'last-modified': 'Wed, 25 Nov 2026 09:00:03 GMT',
      },
      resource: asCurrent(aPatient('p', { value: 'new' }), 3).resource,
    });
  });

  test('is one point read', async () => {
    const { records, calls } = observe(await aStoreWith(aResource('Observation/p.o')));
    await ask(records, 'Observation/p.o');
    expect(calls).toEqual(['readCurrent Observation p.o']);
  });

  test.each(['W/"3"', '"3"', 'W/"1", W/"3"', '*'])(
    'answers 304 to If-None-Match: %s',
    async (ifNoneMatch) => {
      const answer = await ask(await aStoreWithVersions(), 'Patient/p', { 'if-none-match': ifNoneMatch });
      expect(answer).toEqual({
        status: 304,
        headers: { etag: 'W/"3"', 'last-modified': 'Wed, 25 Nov 2026 09:00:03 GMT' },
      });
    },
  );

  test.each(['W/"2"', '3', '"W/3"', ''])('answers 200 to If-None-Match: %s', async (ifNoneMatch) => {
    const answer = await ask(await aStoreWithVersions(), 'Patient/p', { 'if-none-match': ifNoneMatch });
    expect(answer.status).toBe(200);
  });

  test.each(['Patient/q', 'Encounter/p', 'Patient/p_q', 'Patient/p%2Fq', `Patient/${'p'.repeat(65)}`])(
    'finds nothing at %s',
    async (path) => {
      await expect(ask(await aStoreWithVersions(), path)).rejects.toMatchObject({
        code: 'HDE_RESOURCE_NOT_FOUND',
      });
    },
  );

  test('asks the store for nothing when an id is malformed', async () => {
    const { records, calls } = observe(await aStoreWithVersions());
    await expect(ask(records, 'Patient/p_q')).rejects.toThrow();
    await expect(ask(records, 'Patient/p_q/_history/1')).rejects.toThrow();
    await expect(ask(records, 'Patient/p_q/$everything')).rejects.toThrow();
    expect(calls).toEqual([]);
  });
});

describe('vread', () => {
  test.each([
    [1, 'old'],
    [2, 'older'],
    [3, 'new'],
  ])('answers version %d', async (version, value) => {
    const answer = await ask(await aStoreWithVersions(), `Patient/p/_history/${version}`);
    expect(answer.headers['etag']).toBe(`W/"${version}"`);
    expect(answer.resource).toMatchObject({
      id: 'p',
      identifier: [{ value }],
      meta: { versionId: String(version) },
    });
  });

  test.each(['0', '4', '01', '-1', '1.0', 'x', '9'.repeat(30)])('finds no version %s', async (version) => {
    await expect(ask(await aStoreWithVersions(), `Patient/p/_history/${version}`)).rejects.toMatchObject({
      code: 'HDE_RESOURCE_NOT_FOUND',
    });
  });
});
