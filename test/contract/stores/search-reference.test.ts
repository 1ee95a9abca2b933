/** Searches over Cosmos DB, through the real SDK, find what a look at every resource finds. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { containerOf, openCosmos } from '../../../src/adapters/cosmos/connect.js';
import { provisionCosmos } from '../../../src/adapters/cosmos/provision.js';
import { createCosmosRecordStore } from '../../../src/adapters/cosmos/record-store.js';
import { startCosmosEndpoint } from '../../../local/cosmos/server.js';
import { asCurrent, store } from '../../app/fhir/arrange.js';
import { compareSearches } from '../../support/compare-searches.js';
import { searchCase } from '../../support/search-cases.js';

/** Searches of the same records. */
const searches = 20;
const cases = Number(process.env['HDE_SEARCH_CASES'] ?? 1000) / 10;

test('searches of random records find what the naive search finds', async () => {
  let found = 0;
  await fc.assert(
    fc.asyncProperty(searchCase(searches), async (each) => {
      const endpoint = await startCosmosEndpoint({ port: 0, ranges: 3 });
      const { connectionString } = endpoint;
      const client = await openCosmos({ kind: 'connection-string', connectionString });
      try {
        await provisionCosmos(client);
        const records = createCosmosRecordStore(containerOf(client, 'records'));
        await store(records, ...each.resources.map((resource) => asCurrent(resource)));
        found += await compareSearches(records, each);
      } finally {
        client.dispose();
        await endpoint.close();
      }
    }),
    { numRuns: Math.ceil(cases / searches), endOnFailure: true },
  );
  expect(found).toBeGreaterThan(cases / 5);
}, 3_600_000);
