import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ChangeFeedIteratorOptions, ChangeFeedPullModelIterator, Container } from '@azure/cosmos';
import { ChangeFeedMode, ChangeFeedStartFrom } from '@azure/cosmos';
import type { TestAccount } from './test-account.js';
import { openTestAccount } from './test-account.js';

interface Change {
  readonly id: string;
  readonly tenant: string;
  readonly v?: number;
  readonly _lsn: number;
}

let account: TestAccount;
let container: Container;
beforeAll(async () => {
  account = await openTestAccount();
});
beforeEach(async () => {
  container = await account.createContainer({});
  for (let index = 0; index < 10; index++) {
    await container.items.create({ id: `i${index}`, tenant: `t${index % 3}`, v: 1 });
  }
});
afterAll(() => account.close());

/** Reads until nothing is new; the pages, and where to go on. */
async function drain<T>(iterator: ChangeFeedPullModelIterator<T>) {
  const pages: T[][] = [];
  for (let page = 0; page < 50; page++) {
    const { statusCode, result, continuationToken } = await iterator.readNext();
    if (statusCode === 304) return { pages, changes: pages.flat(), continuation: continuationToken };
    pages.push(result);
  }
  throw new Error('The change feed never came to an end.');
}

const read = (options: ChangeFeedIteratorOptions) =>
  drain(container.items.getChangeFeedIterator<Change>(options));
/** The client's factories return classes that do not extend the type of the option. */
const at = (start: unknown) => ({ changeFeedStartFrom: start as ChangeFeedStartFrom });
const readFrom = (start: unknown) => read(at(start));
const ids = (changes: readonly Change[]): string[] => changes.map(({ id }) => id).sort();

describe('latest versions', () => {
  test('begin with every item, each with its log sequence number', async () => {
    const { changes } = await readFrom(ChangeFeedStartFrom.Beginning());
    expect(changes).toHaveLength(10);
    expect(changes.every(({ _lsn }) => _lsn > 0)).toBe(true);
  });

  test('come in pages, in order of writing within a partition', async () => {
    const { pages, changes } = await read({
      ...at(ChangeFeedStartFrom.Beginning()),
      maxItemCount: 2,
    });
    expect(Math.max(...pages.map((page) => page.length))).toBe(2);
    const inTenant = changes.filter(({ tenant }) => tenant === 't0').map(({ id }) => id);
    expect(inTenant).toEqual(['i0', 'i3', 'i6', 'i9']);
  });

  test('show an updated item once, at the end', async () => {
    await container.items.upsert({ id: 'i0', tenant: 't0', v: 2 });
    const { changes } = await readFrom(ChangeFeedStartFrom.Beginning());
    const inTenant = changes.filter(({ tenant }) => tenant === 't0');
    expect(inTenant.map(({ id }) => id)).toEqual(['i3', 'i6', 'i9', 'i0']);
    expect(inTenant.at(-1)?.v).toBe(2);
  });

  test('do not show deleted items', async () => {
    await container.item('i5', 't2').delete();
    const { changes } = await readFrom(ChangeFeedStartFrom.Beginning());
    expect(ids(changes)).not.toContain('i5');
  });

  test('go on from now', async () => {
    const start = await readFrom(ChangeFeedStartFrom.Now());
    expect(start.changes).toEqual([]);
    await container.items.create({ id: 'n1', tenant: 't1' });
    await container.items.create({ id: 'n2', tenant: 't2' });
    const { changes } = await readFrom(ChangeFeedStartFrom.Continuation(start.continuation));
    expect(ids(changes)).toEqual(['n1', 'n2']);
  });

  test('go on from where a reader stopped, when nothing is new', async () => {
    const first = await readFrom(ChangeFeedStartFrom.Beginning());
    const second = await readFrom(ChangeFeedStartFrom.Continuation(first.continuation));
    expect(second.changes).toEqual([]);
    await container.items.create({ id: 'late', tenant: 't1' });
    const third = await readFrom(ChangeFeedStartFrom.Continuation(second.continuation));
    expect(ids(third.changes)).toEqual(['late']);
  });

  test('can be read for one partition key', async () => {
    const { changes } = await readFrom(ChangeFeedStartFrom.Beginning('t1'));
    expect(ids(changes)).toEqual(['i1', 'i4', 'i7']);
  });

  test('can be divided by feed ranges without loss or overlap', async () => {
    const all: Change[] = [];
    for (const range of await container.getFeedRanges()) {
      all.push(...(await readFrom(ChangeFeedStartFrom.Beginning(range))).changes);
    }
    expect(ids(all)).toEqual(Array.from({ length: 10 }, (_, index) => `i${index}`));
  });

  test('go on from a time', async () => {
    const old = await container.item('i0', 't0').read<{ id: string; _ts: number }>();
    // The service keeps whole seconds: the next write must fall into a later one than the start.
    const start = new Date((Number(old.resource?._ts) + 1) * 1000);
    await untilAfter(start.getTime() + 1000);
    await container.items.create({ id: 'later', tenant: 't1' });
    const { changes } = await readFrom(ChangeFeedStartFrom.Time(start));
    expect(ids(changes)).toEqual(['later']);
  });

  test('never end a page inside a batch', async () => {
    const { continuation } = await readFrom(ChangeFeedStartFrom.Now());
    const batch = Array.from({ length: 7 }, (_, index) => ({
      operationType: 'Create' as const,
      resourceBody: { id: `b${index}`, tenant: 't1' },
    }));
    await container.items.batch(batch, 't1');
    await container.items.create({ id: 'after', tenant: 't1' });
    const { pages } = await read({
      ...at(ChangeFeedStartFrom.Continuation(continuation)),
      maxItemCount: 3,
    });
    const [first, ...rest] = pages.filter((page) => page.length > 0);
    expect(first?.map(({ id }) => id)).toEqual(['b0', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6']);
    expect(new Set(first?.map(({ _lsn }) => _lsn)).size).toBe(1);
    expect(rest.flat().map(({ id }) => id)).toEqual(['after']);
  });
});

/* eslint-disable @typescript-eslint/no-deprecated -- the older call is still on the wire */
describe('the older change feed call', () => {
  test('reads one partition from the beginning and resumes by entity tag', async () => {
    const iterator = container.items.changeFeed<Change>('t1', { startFromBeginning: true });
    const found: Change[] = [];
    let etag = '';
    for (let page = 0; page < 20 && iterator.hasMoreResults; page++) {
      const response = await iterator.fetchNext();
      found.push(...response.result);
      etag = response.etag;
    }
    expect(ids(found)).toEqual(['i1', 'i4', 'i7']);
    await container.items.create({ id: 'late', tenant: 't1' });
    const resumed = await container.items.changeFeed<Change>('t1', { continuation: etag }).fetchNext();
    expect(ids(resumed.result)).toEqual(['late']);
  });
});

/* eslint-enable @typescript-eslint/no-deprecated */

describe('all versions and deletes', () => {
  test('tell of creates, updates and deletes since a continuation', async () => {
    const mode = { changeFeedMode: ChangeFeedMode.AllVersionsAndDeletes };
    const start = await read({ ...mode, ...at(ChangeFeedStartFrom.Now()) });
    await container.items.create({ id: 'av', tenant: 't1', v: 1 });
    await container.items.upsert({ id: 'av', tenant: 't1', v: 2 });
    await container.item('av', 't1').delete();
    const iterator = container.items.getChangeFeedIterator<{
      current: { v?: number };
      previous?: { id: string };
      metadata: { operationType: string };
    }>({ ...mode, ...at(ChangeFeedStartFrom.Continuation(start.continuation)) });
    const { changes } = await drain(iterator);
    expect(changes.map(({ metadata }) => metadata.operationType)).toEqual(['create', 'replace', 'delete']);
    expect(changes.map(({ current }) => current.v)).toEqual([1, 2, undefined]);
    expect(changes.at(-1)?.previous?.id).toBe('av');
  });
});

async function untilAfter(time: number): Promise<void> {
  while (Date.now() <= time) await new Promise((resolve) => setTimeout(resolve, 50));
}
