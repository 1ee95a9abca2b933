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
      style: { format: 'json', pretty: false },
    });
  });

  test('is one point read', async () => {
    const { records, calls } = observe(await aStoreWith(aPatient('p'), aResource('Observation/p.o')));
    await ask(records, 'Observation/p.o');
    expect(calls).toEqual(['readLatest Observation p.o']);
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

  test.each(['Wed, 25 Nov 2026 09:00:03 GMT', '2026-11-25T09:00:03.500Z'])(
    'answers 304 to If-Modified-Since: %s',
    async (ifModifiedSince) => {
      const records = await aStoreWithVersions();
      for (const target of ['Patient/p', 'Patient/p/_history/3']) {
        const { status, headers } = await ask(records, target, { 'if-modified-since': ifModifiedSince });
        expect([status, headers['etag']]).toEqual([304, 'W/"3"']);
      }
    },
  );

  test.each(['Wed, 25 Nov 2026 09:00:02 GMT', 'Wed, 25 Nov 2026 09:00:04 GMT', 'yesterday', ''])(
    'answers 200 to If-Modified-Since: %s',
    async (ifModifiedSince) => {
      const answer = await ask(await aStoreWithVersions(), 'Patient/p', {
        'if-modified-since': ifModifiedSince,
      });
      expect(answer.status).toBe(200);
    },
  );

  test('answers in full where the date of the client may be that of an earlier version', async () => {
    const records = createMemoryRecordStore();
    const [first, second] = [1, 2].map((versionId) => aPatient('p', { value: `v${versionId}` }));
    const at = '2026-11-25T09:00:02.100Z';
    await store(records, { ...asVersion(first!, 1), lastUpdated: at }, asCurrent(second!, 2));
    const since = { 'if-modified-since': 'Wed, 25 Nov 2026 09:00:02 GMT' };
    expect((await ask(records, 'Patient/p', since)).status).toBe(200);
    expect((await ask(records, 'Patient/p/_history/1', since)).status).toBe(304);
  });

  test('heeds the tag before the time', async () => {
    const headers = { 'if-none-match': 'W/"2"', 'if-modified-since': 'Wed, 25 Nov 2026 09:00:09 GMT' };
    expect((await ask(await aStoreWithVersions(), 'Patient/p', headers)).status).toBe(200);
  });

  test('gives numbers as they were written', async () => {
    const records = createMemoryRecordStore();
    const decimals = { '/valueQuantity/value': '1.50' };
    const observation = aResource('Observation/p.o', { valueQuantity: { value: 1.5 } });
    await store(records, { ...asCurrent(observation), decimals });
    expect((await ask(records, 'Observation/p.o')).decimals).toEqual(decimals);
    expect((await ask(records, 'Observation?_id=p.o')).decimals).toEqual({
      '/entry/0/resource/valueQuantity/value': '1.50',
    });
    await store(
      records,
      asCurrent(aResource('DiagnosticReport/p.r', { result: [{ reference: 'Observation/p.o' }] })),
    );
    expect(
      (await ask(records, 'DiagnosticReport?_id=p.r&_include=DiagnosticReport:result')).decimals,
    ).toEqual({
      '/entry/1/resource/valueQuantity/value': '1.50',
    });
  });

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
