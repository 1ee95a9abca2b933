/** Searches find what a look at every resource finds. `HDE_SEARCH_CASES=10000` asks for more of them. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { compareSearches } from '../../support/compare-searches.js';
import { searchCase } from '../../support/search-cases.js';
import { aStoreWith } from './arrange.js';

/** Searches of the same records. */
const searches = 20;
const cases = Number(process.env['HDE_SEARCH_CASES'] ?? 600);

test(`${cases} searches of random records find what the naive search finds`, async () => {
  let found = 0;
  await fc.assert(
    fc.asyncProperty(searchCase(searches), async (each) => {
      found += await compareSearches(await aStoreWith(...each.resources), each);
    }),
    { numRuns: Math.ceil(cases / searches) },
  );
  // Searches that find nothing prove little.
  expect(found).toBeGreaterThan(cases / 5);
}, 3_600_000);
