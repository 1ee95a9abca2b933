import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CosmosError } from '../../../../local/cosmos/errors.js';
import { readChangeFeed } from '../../../../local/cosmos/items/change-feed.js';
import { runOperation } from '../../../../local/cosmos/items/operations.js';
import type { ItemOperation } from '../../../../local/cosmos/items/operations.js';
import type { Account } from '../../../../local/cosmos/storage/account.js';
import type { Container } from '../../../../local/cosmos/storage/container.js';
import { parseContainerDefinition } from '../../../../local/cosmos/storage/definition.js';
import { sweepExpired } from '../../../../local/cosmos/storage/expiry.js';
import { openAccount } from '../../../../local/cosmos/storage/open-account.js';
import { partitionKeyOf } from '../../../../local/cosmos/storage/partition-key.js';

let dataDir: string;
let now: number;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'account-'));
  now = 1_700_000_000_000;
});
afterEach(() => {
  rmSync(dataDir, { recursive: true });
});

const open = (options: { ranges?: number } = {}): Account =>
  openAccount({ dataDir, ranges: options.ranges ?? 3, clock: () => now });

function create(account: Account, definition: object = {}): Container {
  account.createDatabase('db');
  const body = { id: 'c', partitionKey: { paths: ['/p'] }, ...definition };
  return account.createContainer('db', parseContainerDefinition(body));
}

function run(account: Account, container: Container, partition: string, operation: ItemOperation): number {
  const transaction = account.begin(container, partitionKeyOf([partition]));
  try {
    const { status } = runOperation(transaction, operation);
    account.commit(container, transaction);
    return status;
  } catch (error) {
    if (error instanceof CosmosError) return error.status;
    throw error;
  }
}

/** All that a client can observe of a container's content. */
function observe(account: Account, container: Container) {
  const feeds = container.ranges.map((_, range) =>
    readChangeFeed(container, {
      scope: { range },
      full: false,
      ifNoneMatch: undefined,
      since: undefined,
      maxItems: 10_000,
      nowSeconds: account.nowSeconds,
    }),
  );
  const items = container.ranges.map((range) => Array.from(range.items(), ({ document }) => document));
  return { record: container.record, feeds, items, created: container.itemsCreated };
}

const operation = fc.record({
  partition: fc.constantFrom('a', 'b', 'c', 'd'),
  id: fc.constantFrom('1', '2', '3'),
  type: fc.constantFrom('Create' as const, 'Upsert' as const, 'Delete' as const, 'Replace' as const),
  u: fc.integer({ min: 0, max: 3 }),
});

describe('an account', () => {
  test('is the same after a replay of its log, whatever was done to it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
        rmSync(dataDir, { recursive: true, force: true });
        const account = open();
        const container = create(account, { uniqueKeyPolicy: { uniqueKeys: [{ paths: ['/u'] }] } });
        for (const { partition, id, type, u } of operations) {
          run(account, container, partition, { type, id, body: { id, p: partition, u } });
        }
        const before = observe(account, container);
        await account.close();
        const again = open({ ranges: 7 });
        expect(observe(again, again.container('db', 'c'))).toEqual({
          ...before,
          // Numbers that only refused requests took are used again.
          created: expect.any(Number),
        });
        await again.close();
      }),
      { numRuns: 60 },
    );
  });

  test('is the same after a compaction, and unique keys still hold', async () => {
    const account = open();
    const container = create(account, { uniqueKeyPolicy: { uniqueKeys: [{ paths: ['/u'] }] } });
    for (let n = 0; n < 2_500; n++) {
      const id = String(n % 50);
      run(account, container, `p${n % 7}`, {
        type: 'Upsert',
        body: { id, p: `p${n % 7}`, u: `${n % 7}-${id}`, n },
      });
    }
    const before = observe(account, container);
    await account.close();
    const compacted = open();
    expect(compacted.garbage.share).toBeGreaterThan(0.5);
    await compacted.close();
    const again = open();
    expect(again.garbage.share).toBe(0);
    const reopened = again.container('db', 'c');
    expect(observe(again, reopened)).toEqual(before);
    const taken = { type: 'Create' as const, body: { id: 'new', p: 'p0', u: '0-0' } };
    expect(run(again, reopened, 'p0', taken)).toBe(409);
    await again.close();
  });

  test('never uses a resource id twice, even after deletions and a compaction', async () => {
    const account = open();
    const container = create(account);
    for (let n = 0; n < 1_500; n++) {
      run(account, container, 'a', { type: 'Upsert', body: { id: '1', p: 'a', n } });
    }
    account.deleteContainer('db', 'c');
    const { rid } = container.record;
    await account.close();
    await open().close();
    const again = open();
    const definition = parseContainerDefinition({ id: 'c', partitionKey: { paths: ['/p'] } });
    expect(again.createContainer('db', definition).record.rid).not.toBe(rid);
    await again.close();
  });

  test('drops the containers of a deleted database, also at replay', async () => {
    const account = open();
    const container = create(account);
    run(account, container, 'a', { type: 'Create', body: { id: '1', p: 'a' } });
    account.deleteDatabase('db');
    await account.close();
    const again = open();
    expect([...again.databases.keys()]).toEqual([]);
    await again.close();
  });
});

describe('time to live', () => {
  test('hides items when it is over, frees their ids and keys, and deletes them in the background', async () => {
    const account = open();
    const container = create(account, {
      defaultTtl: 100,
      uniqueKeyPolicy: { uniqueKeys: [{ paths: ['/u'] }] },
    });
    const write = (id: string, more: object): number =>
      run(account, container, 'a', { type: 'Create', body: { id, p: 'a', ...more } });
    expect(write('default', { u: 1 })).toBe(201);
    expect(write('short', { u: 2, ttl: 10 })).toBe(201);
    expect(write('forever', { u: 3, ttl: -1 })).toBe(201);

    now += 10_000;
    expect(run(account, container, 'a', { type: 'Read', id: 'short' })).toBe(404);
    expect(run(account, container, 'a', { type: 'Read', id: 'default' })).toBe(200);
    expect(write('other', { u: 2 })).toBe(201);
    expect(write('short', { u: 4 })).toBe(201);

    now += 100_000;
    expect(sweepExpired(account)).toBe(3);
    expect(sweepExpired(account)).toBe(0);
    const left = (of: Container) =>
      of.ranges.flatMap((range) => Array.from(range.items(), (item) => item.document.id));
    expect(left(container)).toEqual(['forever']);
    await account.close();
    const again = open();
    expect(left(again.container('db', 'c'))).toEqual(['forever']);
    await again.close();
  });

  test('does nothing without a default, whatever the items say', async () => {
    const account = open();
    const container = create(account);
    run(account, container, 'a', { type: 'Create', body: { id: '1', p: 'a', ttl: 1 } });
    now += 1_000_000;
    expect(run(account, container, 'a', { type: 'Read', id: '1' })).toBe(200);
    await account.close();
  });
});

describe('the feed of all versions', () => {
  const read = (container: Container, ifNoneMatch: string) =>
    readChangeFeed(container, {
      scope: { key: partitionKeyOf(['a']) },
      full: true,
      ifNoneMatch,
      since: undefined,
      maxItems: 100,
      nowSeconds: 0,
    });

  test('refuses a position that it no longer remembers instead of leaving changes out', async () => {
    const account = open();
    const container = create(account);
    for (let n = 0; n < 10_001; n++) {
      run(account, container, 'a', { type: 'Upsert', body: { id: '1', p: 'a', n } });
    }
    expect(() => read(container, '"17"')).toThrow(/older than/);
    expect(read(container, '"9999"').entries).toHaveLength(2);
    await account.close();
  });
});
