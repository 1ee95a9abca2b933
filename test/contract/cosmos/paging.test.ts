import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Container } from '@azure/cosmos';
import type { TestAccount } from './test-account.js';
import { openTestAccount, resumeAt, tokenOf } from './test-account.js';

interface Sample {
  readonly id: string;
  readonly tenant: string;
  readonly n: number;
  /** Null or missing at times: the client cannot merge such sorts, so only single partitions are sorted by it. */
  readonly o?: number | null;
  readonly m: number;
  readonly s: string;
}

/** Always the same documents: many ties, nulls, missing values, spread over partitions and ranges. */
const samples: readonly Sample[] = fc
  .sample(
    fc.record({
      tenant: fc.integer({ min: 0, max: 6 }).map((value) => `p${value}`),
      n: fc.integer({ min: 0, max: 5 }),
      o: fc.option(fc.integer({ min: 0, max: 5 })),
      m: fc.integer({ min: 0, max: 3 }),
      s: fc.constantFrom('s0', 's1', 's2'),
    }),
    { numRuns: 60, seed: 20261122 },
  )
  .map(({ o, ...rest }, index) => ({
    id: `i${index}`,
    ...rest,
    ...(index % 7 === 0 ? {} : { o }),
  }));

let account: TestAccount;
let container: Container;
beforeAll(async () => {
  account = await openTestAccount();
  container = await account.createContainer({
    indexingPolicy: {
      indexingMode: 'consistent',
      automatic: true,
      includedPaths: [{ path: '/*' }],
      excludedPaths: [],
      compositeIndexes: [
        [
          { path: '/n', order: 'ascending' },
          { path: '/m', order: 'ascending' },
        ],
      ],
    },
  });
  for (const sample of samples) await container.items.create(sample);
});
afterAll(() => account.close());

type Key = 'n' | 'o' | '-o' | '-n' | 'm' | '-m' | 's' | '-s';

/** The order of the service: missing, null, numbers, text. */
const rank = (value: unknown): number =>
  value === undefined ? 0 : value === null ? 1 : typeof value === 'number' ? 2 : 3;

function compare(left: Sample, right: Sample, keys: readonly Key[]): number {
  for (const key of keys) {
    const name = key.replace('-', '') as 'n' | 'o' | 'm' | 's';
    const a = left[name] ?? (left[name] === null ? null : undefined);
    const b = right[name] ?? (right[name] === null ? null : undefined);
    const order = rank(a) - rank(b) || (a === b ? 0 : (a ?? 0) < (b ?? 0) ? -1 : 1);
    if (order !== 0) return key.startsWith('-') ? -order : order;
  }
  return 0;
}

/** Reads page by page, each with a new iterator that only knows the token of the page before. */
async function readByTokens(sql: string, maxItemCount: number, partitionKey?: string): Promise<Sample[]> {
  const found: Sample[] = [];
  let token: string | undefined;
  for (let count = 0; count < 400; count++) {
    const iterator = container.items.query<Sample>(sql, {
      maxItemCount,
      ...(partitionKey === undefined ? { enableQueryControl: true } : { partitionKey }),
      ...resumeAt(token),
    });
    const page = await iterator.fetchNext();
    // The client's types promise resources, but a page without rows has none.
    found.push(...((page.resources as Sample[] | undefined) ?? []));
    token = iterator.hasMoreResults() ? tokenOf(page) : undefined;
    if (token === undefined) return found;
  }
  throw new Error('The query never came to an end.');
}

// Queries with two sort keys or OFFSET lose rows in the client itself when resumed across partitions, so these
// are resumed within a partition only.
const acrossPartitions: [string, Key[]][] = [
  ['SELECT * FROM c', []],
  ['SELECT * FROM c ORDER BY c.n', ['n']],
  ['SELECT * FROM c ORDER BY c.n DESC', ['-n']],
  ['SELECT * FROM c WHERE c.m > 0 ORDER BY c.s', ['s']],
  ['SELECT TOP 33 * FROM c ORDER BY c.m DESC', ['-m']],
];
const withinPartition: [string, Key[]][] = [
  ...acrossPartitions,
  ['SELECT * FROM c ORDER BY c.o', ['o']],
  ['SELECT * FROM c ORDER BY c.o DESC', ['-o']],
  ['SELECT * FROM c ORDER BY c.n, c.m', ['n', 'm']],
  ['SELECT * FROM c ORDER BY c.n DESC, c.m DESC', ['-n', '-m']],
  ['SELECT * FROM c ORDER BY c.s OFFSET 2 LIMIT 5', ['s']],
];

const idsOf = (list: readonly Sample[]): string[] => list.map(({ id }) => id);

function expectSorted(found: readonly Sample[], keys: readonly Key[]): void {
  for (const [at, sample] of found.slice(1).entries()) {
    expect(compare(found[at]!, sample, keys)).toBeLessThanOrEqual(0);
  }
}

describe.each([1, 3, 7, 50])('pages of %i', (size) => {
  test.each(acrossPartitions)('neither lose nor repeat a row of %p across partitions', async (sql, keys) => {
    const found = await readByTokens(sql, size);
    const { resources } = await container.items.query<Sample>(sql, { maxItemCount: 50 }).fetchAll();
    expect(new Set(idsOf(found)).size).toBe(found.length);
    expect(found).toHaveLength(resources.length);
    expectSorted(found, keys);
  });

  test.each(withinPartition)('neither lose nor repeat a row of %p within a partition', async (sql, keys) => {
    const found = await readByTokens(sql, size, 'p3');
    const { resources } = await container.items.query<Sample>(sql, { partitionKey: 'p3' }).fetchAll();
    expect(found).toEqual(resources);
    expectSorted(found, keys);
  });
});

describe('paging while others write', () => {
  test('returns every item that stays, once, whatever is changed, added or deleted between two pages', async () => {
    const busy = await account.createContainer({});
    for (let n = 0; n < 40; n++) await busy.items.create({ id: `i${n}`, tenant: 't', n });
    const found: string[] = [];
    let token: string | undefined;
    let page = 0;
    do {
      const options = { partitionKey: 't', maxItemCount: 7 };
      const response = await busy.items
        .query<{ id: string }>('SELECT c.id FROM c', {
          ...options,
          ...resumeAt(token),
        })
        .fetchNext();
      found.push(...idsOf(response.resources as Sample[]));
      token = tokenOf(response);
      await busy.items.upsert({ id: 'i3', tenant: 't', n: 100 + page });
      await busy.items.upsert({ id: `i${35 - page}`, tenant: 't', n: 200 });
      await busy.item(`i${10 + page}`, 't').delete();
      page += 1;
    } while (token !== undefined);
    const staying = Array.from({ length: 40 }, (_, n) => `i${n}`).filter((_, n) => n < 10 || n >= 10 + page);
    expect(found.filter((id) => staying.includes(id)).sort()).toEqual([...staying].sort());
  });
});
