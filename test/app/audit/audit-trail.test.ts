import { expect, test } from '@jest/globals';
import { auditTrail } from '../../../src/app/audit/audit-trail.js';
import { readTrail } from '../../../src/app/audit/read-trail.js';
import { ExchangeError } from '../../../src/core/errors.js';
import type { AuditEntry } from '../../../src/core/governance/audit/entry.js';
import type { AuditStore } from '../../../src/ports/audit-store.js';
import { access, newWorld, verifyAll, type World } from './trail-world.js';

const trailOf = (world: World, shard = '00', audit: AuditStore = world.audit) =>
  auditTrail({ audit, clock: world.clock, shard });
const blocksOf = async ({ audit }: World, shard = '00', day = '2026-11-26') =>
  audit.listBlocks({ shard, day }, 0, 1000);

test('entries of requests that meet are stored in one block, in the order in which they came', async () => {
  const world = newWorld();
  const trail = trailOf(world);
  const requests = Array.from({ length: 50 }, (_, n) => `r${n}`);
  await Promise.all(requests.map((request) => trail.record(access({ request }))));
  const blocks = await blocksOf(world);
  expect(blocks).toHaveLength(1);
  expect(blocks[0]?.entries.map(({ entry }) => entry.request)).toEqual(requests);
  expect(await verifyAll(world)).toMatchObject({ entries: 50, faultCount: 0 });
});

test('requests that one turn of the event loop brings share one block', async () => {
  const world = newWorld();
  const trail = trailOf(world);
  // As the server hands them on: each goes as far as it can before the next one comes.
  const recording: Promise<void>[] = [];
  for (let n = 0; n < 5; n++) {
    recording.push(trail.record(access({ request: `r${n}` })));
    for (let ticks = 0; ticks < 10; ticks++) await Promise.resolve();
  }
  await Promise.all(recording);
  expect((await blocksOf(world)).map(({ entries }) => entries.length)).toEqual([5]);
});

test('what comes while a block is being stored goes into the next one', async () => {
  const world = newWorld();
  let begin = (): void => undefined;
  const isStoring = new Promise<void>((resolve) => (begin = resolve));
  const extend: AuditStore['extend'] = (...block) => {
    begin();
    return world.audit.extend(...block);
  };
  const trail = trailOf(world, '00', { ...world.audit, extend });
  const first = trail.record(access({ request: 'first' }));
  await isStoring;
  const others = Array.from({ length: 20 }, (_, n) => trail.record(access({ request: `r${n}` })));
  await Promise.all([first, ...others]);
  expect((await blocksOf(world)).map(({ entries }) => entries.length)).toEqual([1, 20]);
});

test('nobody is told that an entry is stored before it is', async () => {
  const world = newWorld();
  let release = (): void => undefined;
  const stored = new Promise<void>((resolve) => (release = resolve));
  const slow: AuditStore = {
    ...world.audit,
    extend: async (...args) => {
      await stored;
      return world.audit.extend(...args);
    },
  };
  let isTold = false;
  const recording = trailOf(world, '00', slow)
    .record(access())
    .then(() => (isTold = true));
  await new Promise(setImmediate);
  expect(isTold).toBe(false);
  release();
  await recording;
  expect(await verifyAll(world)).toMatchObject({ entries: 1, faultCount: 0 });
});

test('when the store is away every request is told so, and the trail goes on when it is back', async () => {
  const world = newWorld();
  let isAway = true;
  const failing: AuditStore = {
    ...world.audit,
    extend: async (...args) => {
      const done = await world.audit.extend(...args);
      // It was stored, but nobody hears of it: the worst that can happen to a chain.
      if (isAway) throw new Error('socket hang up');
      return done;
    },
  };
  const trail = trailOf(world, '00', failing);
  const lost = await Promise.allSettled([trail.record(access()), trail.record(access())]);
  expect(lost.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(lost[0]).toMatchObject({ reason: { code: 'HDE_DEPENDENCY_UNAVAILABLE' } });
  isAway = false;
  await trail.record(access());
  expect(await verifyAll(world)).toMatchObject({ entries: 3, faultCount: 0 });
});

test('a store that is busy says when to come again', async () => {
  const world = newWorld();
  const busy = new ExchangeError('HDE_THROTTLED', { retryAfterSeconds: 7 });
  const trail = trailOf(world, '00', { ...world.audit, findLatest: () => Promise.reject(busy) });
  await expect(trail.record(access())).rejects.toBe(busy);
});

test('processes that write to one shard fork no chain, and lose no entry', async () => {
  const world = newWorld();
  const trails = Array.from({ length: 4 }, () => trailOf(world));
  const write = async (n: number) => {
    for (let turn = 0; turn < 5; turn++) await trails[n]!.record(access({ request: `${n}.${turn}` }));
  };
  await Promise.all(trails.map((_, n) => write(n)));
  expect(await verifyAll(world)).toMatchObject({ chains: 1, entries: 20, faultCount: 0 });
});

test.each([
  ['that is there', ['own']],
  ['that is there, with those of others behind it', ['own', 'other 1', 'other 2']],
  ['that came second', ['other 1', 'own']],
  ['that came third', ['other 1', 'other 2', 'own']],
])('a block %s is stored once, though the store says that it lost', async (_, order) => {
  const world = newWorld();
  let isLost = false;
  const extend: AuditStore['extend'] = async (...block) => {
    if (isLost) return world.audit.extend(...block);
    isLost = true;
    const other = trailOf(world);
    for (const request of order)
      await (request === 'own' ? world.audit.extend(...block) : other.record(access({ request })));
    return undefined;
  };
  await trailOf(world, '00', { ...world.audit, extend }).record(access({ request: 'own' }));
  const blocks = await blocksOf(world);
  expect(blocks.flatMap(({ entries }) => entries.map(({ entry }) => entry.request))).toEqual(order);
  expect(await verifyAll(world)).toMatchObject({ entries: order.length, faultCount: 0 });
});

test('a new day seals the chain of the day before and links to its end, also over a day without entries', async () => {
  const world = newWorld();
  const trail = trailOf(world);
  for (const day of ['2026-11-26', '2026-11-27', '2026-11-30']) {
    world.now = `${day}T00:00:01.000Z`;
    await trail.record(access());
    await trailOf(world).record(access());
  }
  expect(await verifyAll(world)).toMatchObject({ chains: 3, entries: 6, faultCount: 0 });
  expect(await verifyAll(world, { from: '2026-11-27', to: '2026-11-29' })).toMatchObject({
    chains: 1,
    faultCount: 0,
  });
});

test('a chain that was sealed by a process that ended then is gone on with', async () => {
  const world = newWorld();
  await trailOf(world).record(access());
  world.now = '2026-11-27T00:00:01.000Z';
  const ending: AuditStore = { ...world.audit, open: () => Promise.reject(new Error('ended')) };
  await expect(trailOf(world, '00', ending).record(access())).rejects.toThrow();
  world.now = '2026-11-28T00:00:01.000Z';
  await trailOf(world).record(access());
  expect(await verifyAll(world)).toMatchObject({ chains: 3, entries: 2, faultCount: 0 });
});

test('a process whose clock is behind adds to the chain of the later day', async () => {
  const world = newWorld();
  await trailOf(world).record(access());
  world.now = '2026-11-25T23:59:59.000Z';
  await trailOf(world).record(access());
  expect(await verifyAll(world, { to: '2026-11-26' })).toMatchObject({
    chains: 1,
    entries: 2,
    faultCount: 0,
  });
});

test('more than may wait is refused, and what waits is still stored', async () => {
  const world = newWorld();
  const trail = trailOf(world);
  const large = access({ records: Array.from({ length: 20_000 }, (_, n) => `Observation/p1.o${n}`) });
  const done = await Promise.allSettled(Array.from({ length: 20 }, () => trail.record(large)));
  const stored = done.filter(({ status }) => status === 'fulfilled').length;
  expect(stored).toBeGreaterThan(0);
  expect(stored).toBeLessThan(20);
  expect(done.at(-1)).toMatchObject({ reason: { code: 'HDE_DEPENDENCY_UNAVAILABLE', retryAfterSeconds: 5 } });
  await trail.record(access());
  expect(await verifyAll(world)).toMatchObject({ entries: stored + 1, faultCount: 0 });
});

test('a block that is found by something else than what it says is a fault', async () => {
  const world = newWorld();
  const entries: AuditEntry[] = [access(), access({ patients: ['p2'] })];
  await Promise.all(entries.map((entry) => trailOf(world).record(entry)));
  const hiding: AuditStore = {
    ...world.audit,
    listBlocks: async (...args) =>
      (await world.audit.listBlocks(...args)).map((block) => ({
        ...block,
        index: { ...block.index, patients: [] },
      })),
  };
  const { faults } = await verifyAll({ ...world, audit: hiding });
  expect(faults[0]).toMatchObject({ kind: 'changed', day: '2026-11-26', shard: '00', sequence: 0 });
});

test('a trail that is written while it is read is not taken for one that was edited', async () => {
  const world = newWorld();
  const trail = trailOf(world);
  for (let n = 0; n < 120; n++) await trail.record(access());
  const growing: AuditStore = {
    ...world.audit,
    listBlocks: async (...args) => {
      await trail.record(access());
      const blocks = await world.audit.listBlocks(...args);
      await trail.record(access());
      return blocks;
    },
  };
  expect(await verifyAll({ ...world, audit: growing })).toMatchObject({ faultCount: 0 });
  expect((await verifyAll(world)).entries).toBeGreaterThan(120);
  expect(await verifyAll(world)).toMatchObject({ faultCount: 0 });
});

test('a long trail is read page by page, and many short chains in one page', async () => {
  const world = newWorld();
  for (const shard of ['00', '01', '02']) await trailOf(world, shard).record(access());
  expect(await readTrail(world, {})).toMatchObject({ lines: { length: 10 } });
  const trail = trailOf(world);
  for (let n = 0; n < 5; n++) await Promise.all(Array.from({ length: 900 }, () => trail.record(access())));
  const first = await readTrail(world, {});
  expect(first.continuation).toBeDefined();
  expect(await verifyAll(world)).toMatchObject({ entries: 4503, faultCount: 0 });
  await expect(readTrail(world, {}, 'eA')).rejects.toMatchObject({ code: 'HDE_SEARCH_PARAMETER' });
});
