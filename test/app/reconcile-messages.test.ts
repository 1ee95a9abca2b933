import { expect, test } from '@jest/globals';
import { createMemoryMessageQueue } from '../../src/adapters/memory/message-queue.js';
import { createMemoryMessageStore } from '../../src/adapters/memory/message-store.js';
import { reconcileMessages } from '../../src/app/reconcile-messages.js';
import { aReceipt } from '../support/receipts.js';

function reconciler(now: string) {
  const messages = createMemoryMessageStore();
  const queue = createMemoryMessageQueue();
  let time = now;
  const run = () =>
    reconcileMessages({ messages, queue, clock: { now: () => new Date(time) }, reconcileAfterSeconds: 60 });
  return {
    messages,
    queue,
    run,
    setTime: (to: string) => {
      time = to;
    },
  };
}

test('a message that was archived and never finished goes on the queue again, the oldest first', async () => {
  const { messages, queue, run } = reconciler('2026-03-29T10:05:00.000Z');
  await messages.create(aReceipt({ id: 'second', queuedAt: '2026-03-29T10:01:00.000Z' }));
  await messages.create(aReceipt({ id: 'first', queuedAt: '2026-03-29T10:00:00.000Z' }));
  await messages.create(aReceipt({ id: 'recent', queuedAt: '2026-03-29T10:04:30.000Z' }));
  await messages.create(aReceipt({ id: 'done', status: 'normalised', queuedAt: '2026-03-29T10:00:00.000Z' }));
  expect(await run()).toBe(2);
  expect(queue.sent.map(({ messageId }) => messageId)).toEqual(['first', 'second']);
});

test('each further try waits twice as long, so that a backlog is not multiplied', async () => {
  const { messages, queue, run, setTime } = reconciler('2026-03-29T10:01:00.000Z');
  await messages.create(aReceipt({ id: 'slow', queuedAt: '2026-03-29T09:59:59.000Z' }));
  await run();
  setTime('2026-03-29T10:02:30.000Z');
  expect(await run()).toBe(0);
  setTime('2026-03-29T10:03:01.000Z');
  expect(await run()).toBe(1);
  expect(queue.sent).toHaveLength(2);
  expect(await messages.get('slow')).toMatchObject({ requeued: 2, queuedAt: '2026-03-29T10:03:01.000Z' });
});

test('as many as one run takes that are not due yet hide nothing that is due behind them', async () => {
  const { messages, queue, run } = reconciler('2026-03-29T10:05:00.000Z');
  for (let number = 0; number < 500; number++)
    await messages.create(
      aReceipt({ id: `slow-${number}`, queuedAt: '2026-03-29T10:03:30.000Z', requeued: 1 }),
    );
  await messages.create(aReceipt({ id: 'due', queuedAt: '2026-03-29T10:03:50.000Z' }));
  expect(await run()).toBe(1);
  expect(queue.sent.map(({ messageId }) => messageId)).toEqual(['due']);
});

test('from the seventh try on the wait is no longer doubled', async () => {
  const { messages, queue, run } = reconciler('2026-03-29T12:00:00.000Z');
  await messages.create(aReceipt({ id: 'waits', queuedAt: '2026-03-29T10:56:01.000Z', requeued: 6 }));
  await messages.create(aReceipt({ id: 'often', queuedAt: '2026-03-29T10:55:59.000Z', requeued: 9 }));
  await run();
  expect(queue.sent.map(({ messageId }) => messageId)).toEqual(['often']);
});
