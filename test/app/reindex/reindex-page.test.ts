/** The search index of records that were stored under older definitions. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { type ReindexPage, reindexPage, type ReindexPlace } from '../../../src/app/reindex/reindex-page.js';
import { definitionsVersion } from '../../../src/core/fhir/search/definitions-version.js';
import type { CurrentDocument, StagedDocument } from '../../../src/core/records/types.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { aPatient, aResource, asCurrent, entriesOf, search, store } from '../fhir/arrange.js';

/** As if it had been stored when only identifiers were indexed. */
const asBefore = (document: CurrentDocument): CurrentDocument => ({
  ...document,
  index: { identifier: document.index.identifier },
});

const aHeartRate = (id: string) =>
  asCurrent(
    aResource(`Observation/p1.${id}`, {
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
      subject: { reference: 'Patient/p1' },
    }),
  );

const rates = ['a', 'b', 'c', 'd', 'e'].map(aHeartRate);
const patients = ['p1', 'p2', 'p3'].map((id) => asCurrent(aPatient(id, { value: id })));

let records: RecordStore;

beforeEach(async () => {
  records = createMemoryRecordStore();
  await store(records, ...[...patients, ...rates].map(asBefore));
});

/** Runs all pages from a place on, or as many as are asked for. */
async function run(on: RecordStore, from?: ReindexPlace, most = Infinity): Promise<ReindexPage[]> {
  const pages: ReindexPage[] = [];
  let continuation = from;
  do {
    const page = await reindexPage(on, { limit: 2, ...(continuation === undefined ? {} : { continuation }) });
    pages.push(page);
    continuation = page.continuation;
  } while (continuation !== undefined && pages.length < most);
  return pages;
}

const sum = (pages: readonly ReindexPage[], of: 'records' | 'rewritten' | 'waiting'): number =>
  pages.reduce((total, page) => total + page[of], 0);

const found = async () => entriesOf(await search(records, 'Observation?patient=p1&code=8867-4&_count=50'));
const stored = async () => [
  ...(
    await records.load(
      'p1',
      rates.map(({ id }) => id),
    )
  ).values(),
];

describe('a run', () => {
  test('makes records of older definitions be found, without a version or an event', async () => {
    expect(await found()).toEqual([]);
    const pages = await run(records);
    expect([sum(pages, 'records'), sum(pages, 'rewritten'), sum(pages, 'waiting')]).toEqual([8, 8, 0]);
    expect(await found()).toEqual(rates.map(({ fhirId }) => `Observation/${fhirId}`));
    expect((await stored()).map(({ document }) => document)).toEqual(rates);
    expect(await records.listVersions('Observation', 'p1.a', { limit: 10 })).toHaveLength(1);
  });

  test('that is done again writes nothing', async () => {
    await run(records);
    const before = await stored();
    expect(sum(await run(records), 'rewritten')).toBe(0);
    expect(await stored()).toEqual(before);
  });

  test('that was killed after any page goes on where it was', async () => {
    for (let pages = 1; pages < 8; pages++) {
      records = createMemoryRecordStore();
      await store(records, ...[...patients, ...rates].map(asBefore));
      const first = await run(records, undefined, pages);
      const rest = await run(records, first.at(-1)?.continuation);
      expect(sum(first, 'rewritten') + sum(rest, 'rewritten')).toBe(8);
      expect(await found()).toHaveLength(5);
    }
  });

  test('that was killed inside a page does that page again', async () => {
    let commits = 0;
    const dying: RecordStore = {
      ...records,
      commit: (partition, operations) =>
        ++commits > 2 ? Promise.reject(new Error('killed')) : records.commit(partition, operations),
    };
    await expect(run(dying)).rejects.toThrow('killed');
    await run(records);
    expect(await found()).toHaveLength(5);
  });

  test('that began under other definitions has to begin again', async () => {
    const place = { definitions: 'older', resourceType: 'Observation' };
    await expect(run(records, place)).rejects.toMatchObject({
      code: 'HDE_REQUEST_INVALID',
      location: 'continuation',
    });
  });
});

test('whoever changes a record meanwhile wins, and is indexed', async () => {
  const changed = {
    ...aHeartRate('a'),
    versionId: 2,
    resource: { ...aHeartRate('a').resource, language: 'cy' },
  };
  let isFirst = true;
  const busy: RecordStore = {
    ...records,
    commit: async (partition, operations) => {
      if (isFirst && partition === 'p1' && operations.some(({ document }) => document.id === changed.id)) {
        isFirst = false;
        const [held] = (await records.load('p1', [changed.id])).values();
        const replacement = { kind: 'replace' as const, document: changed, etag: held?.etag ?? '' };
        expect(await records.commit('p1', [replacement])).toBe('committed');
      }
      return records.commit(partition, operations);
    },
  };
  await run(busy);
  expect(isFirst).toBe(false);
  expect((await stored())[0]?.document).toEqual(changed);
  expect(await found()).toHaveLength(5);
});

test('records that a large message is changing are left to a later run', async () => {
  const current = asBefore(aHeartRate('a'));
  const { id, partition, resourceType, fhirId, lastUpdated, index } = current;
  const document: StagedDocument = {
    ...{ id, kind: 'staged', partition, resourceType, fhirId, lastUpdated, index, current },
    messageId: 'large',
    stage: 1,
  };
  const [held] = (await records.load('p1', [id])).values();
  await records.commit('p1', [{ kind: 'replace', document, etag: held?.etag ?? '' }]);
  const pages = await run(records);
  expect([sum(pages, 'waiting'), sum(pages, 'rewritten')]).toEqual([1, 7]);
});

test('the version of the definitions is one for all processes', () => {
  expect(definitionsVersion()).toMatch(/^[0-9a-f]{16}$/);
  expect(definitionsVersion()).toBe(definitionsVersion());
});
