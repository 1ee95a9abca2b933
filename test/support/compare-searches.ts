/** One comparison of the FHIR API over a store with the naive search. */
import { expect } from '@jest/globals';
import type { RecordStore } from '../../src/ports/record-store.js';
import { entriesOf, pagesOf } from '../app/fhir/arrange.js';
import { NaiveSearch } from './naive-search.js';
import { base, type SearchCase } from './search-cases.js';

/**
 * Asks all searches of a case, page by page, and expects what the naive search finds: the matches, and what is included
 * with each page.
 *
 * @param records holds the resources of the case and nothing else
 * @returns how many searches found something
 */
export async function compareSearches(
  records: RecordStore,
  { resources, queries }: SearchCase,
): Promise<number> {
  const naive = new NaiveSearch(resources, base);
  let found = 0;
  for (const { type, parameters, includes, count } of queries) {
    const asked = [...parameters, ...includes].map(([name, value]): [string, string] => [name, value]);
    const pages = await pagesOf(records, `${type}?${new URLSearchParams(asked).toString()}&_count=${count}`);
    const matches = pages.flatMap((page) => entriesOf(page)).sort();
    const expected = naive.find(type, parameters).sort();
    expect({ parameters, matches }).toEqual({ parameters, matches: expected });
    for (const page of pages) {
      const own = entriesOf(page);
      const added = entriesOf(page, 'include').sort();
      expect({ own, includes, added }).toEqual({ own, includes, added: naive.include(own, includes).sort() });
    }
    if (expected.length > 0) found += 1;
  }
  return found;
}
