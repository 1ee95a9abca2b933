import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appendFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChangeFeedPullModelIterator, Container, CosmosClient } from '@azure/cosmos';
import { ChangeFeedStartFrom, PartitionKeyDefinitionVersion } from '@azure/cosmos';
import type { ChildEndpoint } from './child-endpoint.js';
import { prepareWorkspace } from './child-endpoint.js';
import { connect, isLocalEndpoint } from './test-account.js';

interface Item {
  readonly id: string;
  readonly tenant: string;
  readonly batch?: string;
  readonly _etag: string;
  readonly _ts: number;
  readonly _rid: string;
}

let workspace: Awaited<ReturnType<typeof prepareWorkspace>>;
beforeAll(async () => {
  workspace = await prepareWorkspace();
});
afterAll(() => workspace.remove());

const withClient = (child: ChildEndpoint): { client: CosmosClient; container: Container } => {
  const client = connect(child.connectionString);
  return { client, container: client.database('db').container('items') };
};

async function createItems(client: CosmosClient): Promise<void> {
  const { database } = await client.databases.createIfNotExists({ id: 'db' });
  await database.containers.createIfNotExists({
    id: 'items',
    partitionKey: { paths: ['/tenant'], version: PartitionKeyDefinitionVersion.V2 },
  });
}

/** Every change from the beginning or a continuation, and where to go on. */
async function readFeed(container: Container, continuation?: string) {
  const start: unknown =
    continuation === undefined
      ? ChangeFeedStartFrom.Beginning()
      : ChangeFeedStartFrom.Continuation(continuation);
  const iterator: ChangeFeedPullModelIterator<Item & { _lsn: number }> =
    container.items.getChangeFeedIterator({
      changeFeedStartFrom: start as ChangeFeedStartFrom,
    });
  const changes: (Item & { _lsn: number })[] = [];
  for (;;) {
    const { statusCode, result, continuationToken } = await iterator.readNext();
    if (statusCode === 304) return { changes, continuation: continuationToken };
    changes.push(...result);
  }
}

/** Writes single items and batches until the endpoint dies; what was acknowledged, by id. */
async function writeUntilDeath(container: Container, round: number, onAcknowledged: (count: number) => void) {
  const acknowledged = new Map<string, string>();
  const attempted = new Set<string>();
  const acknowledge = (id: string, etag: string | undefined): void => {
    acknowledged.set(id, etag ?? '');
    onAcknowledged(acknowledged.size);
  };
  const writer = async (number: number): Promise<void> => {
    for (let turn = 0; ; turn++) {
      const name = `r${round}-w${number}-${turn}`;
      const tenant = `t${turn % 5}`;
      if (turn % 2 === 0) {
        attempted.add(name);
        const { etag } = await container.items.create({ id: name, tenant, pad: 'x'.repeat(500) });
        acknowledge(name, etag);
        continue;
      }
      const ids = [0, 1, 2, 3].map((part) => `${name}-${part}`);
      for (const id of ids) attempted.add(id);
      const { result } = await container.items.batch(
        ids.map((id) => ({
          operationType: 'Create' as const,
          resourceBody: { id, tenant, batch: name, pad: 'x'.repeat(500) },
        })),
        tenant,
      );
      for (const [at, id] of ids.entries()) acknowledge(id, result?.[at]?.eTag);
    }
  };
  await Promise.allSettled(Array.from({ length: 8 }, (_, number) => writer(number)));
  return { acknowledged, attempted };
}

const whenLocal = isLocalEndpoint ? describe : describe.skip;

whenLocal('after kill -9 in the middle of writes', () => {
  test('nothing acknowledged is missing, nothing is half there, and the change feed goes on', async () => {
    const data = join(workspace.folder, 'killed');
    const kept = new Map<string, string>();
    let attempted = new Set<string>();
    let position: string | undefined;
    const seen = new Map<string, number>();
    for (let round = 0; round < 4; round++) {
      const child = await workspace.start(['--data', data]);
      const { client, container } = withClient(child);
      await createItems(client);
      let death: Promise<unknown> | undefined;
      const written = await writeUntilDeath(container, round, (count) => {
        if (count >= 60 + round * 25) death ??= child.end('SIGKILL');
      });
      await death;
      client.dispose();
      for (const [id, etag] of written.acknowledged) kept.set(id, etag);
      attempted = new Set([...attempted, ...written.attempted]);

      const again = await workspace.start(['--data', data]);
      const reader = withClient(again);
      const { resources } = await reader.container.items.readAll<Item>().fetchAll();
      const stored = new Map(resources.map((item) => [item.id, item._etag]));
      const lost = [...kept].filter(([id, etag]) => stored.get(id) !== etag);
      expect(lost).toEqual([]);
      expect([...stored.keys()].filter((id) => !attempted.has(id))).toEqual([]);
      const batches = new Map<string, number>();
      for (const { batch } of resources)
        if (batch !== undefined) batches.set(batch, (batches.get(batch) ?? 0) + 1);
      expect([...batches].filter(([, count]) => count !== 4)).toEqual([]);

      // A consumer that stopped in the last round finds exactly what came since.
      const { changes, continuation } = await readFeed(reader.container, position);
      for (const { id, _lsn } of changes) {
        expect(seen.has(id)).toBe(false);
        seen.set(id, _lsn);
      }
      expect([...seen.keys()].sort()).toEqual([...stored.keys()].sort());
      position = continuation;
      reader.client.dispose();
      await again.end('SIGKILL');
    }
    expect(kept.size).toBeGreaterThan(300);
  }, 120_000);
});

whenLocal('after a restart', () => {
  test('documents, tags, times, order of changes and continuations are the same', async () => {
    const data = join(workspace.folder, 'restarted');
    const first = await workspace.start(['--data', data]);
    const before = withClient(first);
    await createItems(before.client);
    for (let n = 0; n < 30; n++)
      await before.container.items.upsert({ id: `i${n % 11}`, tenant: `t${n % 3}`, n });
    await before.container.item('i1', 't1').delete();
    const container = (await before.container.read()).resource;
    const documents = (await before.container.items.readAll<Item>().fetchAll()).resources;
    const feed = await readFeed(before.container);
    before.client.dispose();
    expect(await first.end('SIGTERM')).toBe(0);

    const second = await workspace.start(['--data', data]);
    const after = withClient(second);
    expect((await after.container.read()).resource).toEqual(container);
    expect((await after.container.items.readAll<Item>().fetchAll()).resources).toEqual(documents);
    expect(await readFeed(after.container)).toEqual(feed);
    expect((await readFeed(after.container, feed.continuation)).changes).toEqual([]);
    await after.container.items.create({ id: 'new', tenant: 't2' });
    const { changes } = await readFeed(after.container, feed.continuation);
    expect(changes.map(({ id }) => id)).toEqual(['new']);
    after.client.dispose();
    await second.end('SIGTERM');
  }, 60_000);

  test('a torn last line is cut off, and a log damaged before its end is refused by name', async () => {
    const data = join(workspace.folder, 'torn');
    const log = join(data, 'commits.jsonl');
    const first = await workspace.start(['--data', data]);
    const before = withClient(first);
    await createItems(before.client);
    await before.container.items.create({ id: 'kept', tenant: 't' });
    before.client.dispose();
    await first.end('SIGKILL');
    const { size } = await stat(log);
    await appendFile(log, '{"op":"commit","container":"AAA');

    const second = await workspace.start(['--data', data]);
    expect((await stat(log)).size).toBe(size);
    const after = withClient(second);
    expect((await after.container.item('kept', 't').read()).statusCode).toBe(200);
    await after.container.items.create({ id: 'later', tenant: 't' });
    after.client.dispose();
    await second.end('SIGTERM');
    expect((await readFile(log, 'utf8')).endsWith('\n')).toBe(true);

    await appendFile(log, 'damage\n{"op":"format","version":1}\n');
    await expect(workspace.start(['--data', data])).rejects.toThrow(/damaged at line 6/);
  }, 60_000);

  test('a log of mostly garbage is compacted without changing what is there', async () => {
    const data = join(workspace.folder, 'compacted');
    const log = join(data, 'commits.jsonl');
    const first = await workspace.start(['--data', data]);
    const before = withClient(first);
    await createItems(before.client);
    for (let turn = 0; turn < 12; turn++) {
      const batch = Array.from({ length: 100 }, (_, n) => ({
        operationType: 'Upsert' as const,
        resourceBody: { id: `i${n}`, tenant: 't', turn },
      }));
      await before.container.items.batch(batch, 't');
    }
    await before.container.item('i99', 't').delete();
    const documents = (await before.container.items.readAll<Item>().fetchAll()).resources;
    const feed = await readFeed(before.container);
    before.client.dispose();
    await first.end('SIGTERM');
    const { size } = await stat(log);

    for (const [index, args] of [[], ['--fsync']].entries()) {
      const child = await workspace.start(['--data', data, ...args]);
      expect((await stat(log)).size).toBeLessThan(size / 5);
      const after = withClient(child);
      expect((await after.container.items.readAll<Item>().fetchAll()).resources).toEqual(documents);
      expect(await readFeed(after.container)).toEqual(feed);
      const created = await after.container.items.create<Item>({ id: 'x', tenant: 't' } as Item);
      expect(documents.map(({ _rid }) => _rid)).not.toContain(created.resource?._rid);
      const { changes } = await readFeed(after.container, feed.continuation);
      expect(changes.map(({ id, _lsn }) => [id, _lsn])).toEqual([['x', 14 + index * 2]]);
      await after.container.item('x', 't').delete();
      after.client.dispose();
      await child.end('SIGTERM');
      const position = await workspace.start(['--data', data]);
      const last = withClient(position);
      feed.continuation = (await readFeed(last.container)).continuation;
      last.client.dispose();
      await position.end('SIGTERM');
    }
  }, 60_000);
});

whenLocal('the command line', () => {
  test.each([[['--ranges', '99']], [['--port', 'x']], [['--unknown']]])('refuses %p', async (args) => {
    await expect(workspace.start(args)).rejects.toThrow(/ended with 2/);
  });
});
