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
