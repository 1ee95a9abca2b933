/** When a worker asks again whether its message may still take effect. */
import { expect, test } from '@jest/globals';
import { Overtaken, whileAccepted } from '../../src/app/while-accepted.js';
import type { CommitOperation } from '../../src/core/records/types.js';
import { createMemoryRecordStore } from '../../src/adapters/memory/record-store.js';
import { aReceipt } from '../support/receipts.js';

const effectOf = (messageId: string, partition: string): CommitOperation[] => [
  {
    kind: 'create',
    document: {
      id: `receipt:${messageId}`,
      kind: 'receipt',
      partition,
      source: { messageId, feed: 'rzz-tie', pack: { name: 'p', version: '1.0.0' } },
      eventTime: '2026-03-29T10:00:00.000Z',
      lastUpdated: '2026-03-29T10:00:00.000Z',
      changes: [],
    },
  },
];

/** A worker whose message was dismissed right after it began, with a clock to be moved. */
function arrange() {
  let now = Date.UTC(2026, 2, 29, 10);
  let asked = 0;
  const records = createMemoryRecordStore();
  const messages = {
    get: () => {
      asked += 1;
      return Promise.resolve(aReceipt({ id: 'm1', status: 'dismissed' }));
    },
  };
  const clock = { now: () => new Date(now) };
  const store = whileAccepted({ records, messages, clock }, 'm1');
  return {
    store,
    records,
    asked: () => asked,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test('a worker that has just asked does not ask again', async () => {
  const { store, asked, pass } = arrange();
  pass(499);
  expect(await store.commit('p1', effectOf('m1', 'p1'))).toBe('committed');
  expect(asked()).toBe(0);
});

test.each([500, 60_000, -500])(
  'a worker whose answer is %d ms old asks again, and leaves alone what was decided about',
  async (ms) => {
    const { store, records, asked, pass } = arrange();
    pass(ms);
    await expect(store.commit('p1', effectOf('m1', 'p1'))).rejects.toThrow(Overtaken);
    expect(asked()).toBe(1);
    expect((await records.findEffects(['m1'])).size).toBe(0);
  },
);

test('a message that took effect in one partition does so in all', async () => {
  const { store, asked, pass } = arrange();
  expect(await store.commit('p1', effectOf('m1', 'p1'))).toBe('committed');
  pass(60_000);
  expect(await store.commit('p2', effectOf('m1', 'p2'))).toBe('committed');
  expect(asked()).toBe(0);
});
