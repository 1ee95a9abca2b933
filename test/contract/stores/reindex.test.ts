/** Re-indexing over the Cosmos DB endpoint with the real SDK, by processes that come and go. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type CosmosEndpoint, startCosmosEndpoint } from '../../../local/cosmos/server.js';
import { containerOf, openCosmos } from '../../../src/adapters/cosmos/connect.js';
import { provisionCosmos } from '../../../src/adapters/cosmos/provision.js';
import { createCosmosRecordStore } from '../../../src/adapters/cosmos/record-store.js';
import { type ReindexPage, reindexPage, type ReindexPlace } from '../../../src/app/reindex/reindex-page.js';
import type { CurrentDocument } from '../../../src/core/records/types.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { aPatient, aResource, asCurrent, entriesOf, search, store } from '../../app/fhir/arrange.js';

let endpoint: CosmosEndpoint;

/** A store of a process of its own. */
async function open(): Promise<{ records: RecordStore; close: () => void }> {
  const { connectionString } = endpoint;
  const client = await openCosmos({ kind: 'connection-string', connectionString });
  await provisionCosmos(client);
  return {
    records: createCosmosRecordStore(containerOf(client, 'records')),
    close: () => {
      client.dispose();
    },
  };
}

beforeAll(async () => {
  endpoint = await startCosmosEndpoint({ port: 0, ranges: 3 });
}, 60_000);

afterAll(() => endpoint.close(), 60_000);

/** As if it had been stored when only identifiers were indexed. */
const asBefore = (document: CurrentDocument): CurrentDocument => ({
  ...document,
  index: { identifier: document.index.identifier },
});

const people = Array.from({ length: 4 }, (_, index) => `p${index}`);
const rates = people.flatMap((patient) =>
  Array.from({ length: 6 }, (_, index) =>
    asCurrent(
      aResource(`Observation/${patient}.${index}`, {
        status: 'final',
        code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
        subject: { reference: `Patient/${patient}` },
      }),
    ),
  ),
);
const patients = people.map((id) => asCurrent(aPatient(id, { value: id })));

/** Runs pages from a place on until one breaks off; what was done, and where to go on. */
async function run(
  records: RecordStore,
  from?: ReindexPlace,
): Promise<{ pages: ReindexPage[]; next: ReindexPlace | undefined; isCut: boolean }> {
  const pages: ReindexPage[] = [];
  let next = from;
  try {
    do {
      const page = await reindexPage(records, {
        limit: 5,
        ...(next === undefined ? {} : { continuation: next }),
      });
      pages.push(page);
      next = page.continuation;
    } while (next !== undefined);
    return { pages, next, isCut: false };
  } catch {
    return { pages, next, isCut: true };
  }
}

test('a run over stale records that is cut again and again is finished by who goes on', async () => {
  const first = await open();
  await store(first.records, ...[...patients, ...rates].map(asBefore));
  const found = async (records: RecordStore) => {
    const bundles = people.map((id) => search(records, `Observation?patient=${id}&code=8867-4`));
    return (await Promise.all(bundles)).flatMap((bundle) => entriesOf(bundle));
  };
  expect(await found(first.records)).toEqual([]);
  first.close();

  let [place, runs, rewritten, isCut]: [ReindexPlace | undefined, number, number, boolean] = [
    undefined,
    0,
    0,
    true,
  ];
  for (; isCut && runs < 20; runs += 1) {
    const { records, close } = await open();
    let commits = 0;
    // Each process ends at its third write of something, before or after that took effect.
    const cut: RecordStore = {
      ...records,
      commit: async (partition, operations) => {
        if (operations.length > 0) commits += 1;
        if (commits === 3 && runs % 2 === 0) throw new Error('cut before');
        const outcome = await records.commit(partition, operations);
        if (commits === 3) throw new Error('cut after');
        return outcome;
      },
    };
    const done = await run(cut, place);
    rewritten += done.pages.reduce((sum, page) => sum + page.rewritten, 0);
    [place, isCut] = [done.next ?? place, done.isCut];
    close();
  }
  expect(runs).toBeGreaterThan(2);
  // What took effect in a page that was cut is not counted, and not written again.
  expect(rewritten).toBeLessThanOrEqual(patients.length + rates.length);

  const last = await open();
  expect(await found(last.records)).toEqual(rates.map(({ fhirId }) => `Observation/${fhirId}`));
  const again = await run(last.records);
  expect(again.pages.map((page) => page.rewritten).filter((count) => count > 0)).toEqual([]);
  const stored = await last.records.load(
    'p0',
    rates.filter(({ partition }) => partition === 'p0').map(({ id }) => id),
  );
  expect([...stored.values()].map(({ document }) => document)).toEqual(
    rates.filter(({ partition }) => partition === 'p0'),
  );
  last.close();
}, 120_000);
