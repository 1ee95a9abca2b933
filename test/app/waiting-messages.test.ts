/** How long a message waits is told from when it was accepted, however often the reconciler looks after it. */
import { expect, test } from '@jest/globals';
import { balanceReceipts } from '../../src/app/ledger/balance-feed.js';
import { reconcileMessages } from '../../src/app/reconcile-messages.js';
import { backlogAge, watchFeeds } from '../../src/app/watch/watch-feeds.js';
import { acceptBytes, createMemoryExchange } from '../support/exchange.js';
import { sampleFeed } from '../support/feeds.js';
import { aMessage } from '../support/messages.js';

const minute = 60_000;
const accepted = Date.parse('2026-03-30T12:00:00.000Z');
const always = { feed: sampleFeed.id, from: '2000-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' };

/** An exchange in which one message is never finished; the reconciler runs every five minutes, as in production. */
async function stuck() {
  let now = accepted;
  const exchange = { ...createMemoryExchange(), clock: { now: () => new Date(now) } };
  const { messageId } = await acceptBytes(exchange, aMessage());
  const at = async (minutes: number, reconcileAfterSeconds = 600): Promise<void> => {
    for (; now < accepted + minutes * minute; now += 5 * minute)
      await reconcileMessages({ ...exchange, reconcileAfterSeconds });
  };
  return { exchange, messageId, at };
}

test.each([75, 135, 200, 320])('one that waits for %i minutes is an alert', async (minutes) => {
  const { exchange, at } = await stuck();
  await at(minutes);
  expect(await backlogAge(exchange)).toBe(minutes * 60);
  const watch = { ...exchange, feeds: [], backlogAlertSeconds: 900 };
  expect(await watchFeeds(watch)).toEqual({ silent: [], backlogSeconds: minutes * 60 });
});

test.each([75, 135, 160, 320, 640])('one that waits for %i minutes is overdue', async (minutes) => {
  const { exchange, messageId, at } = await stuck();
  await at(minutes);
  const { differences } = await balanceReceipts(exchange, always, { limit: 10 });
  expect(differences).toEqual([{ messageId, problem: 'overdue' }]);
});

test('one that was taken up again after it had been forgotten for long is looked after as soon as any other', async () => {
  const { exchange, messageId, at } = await stuck();
  await at(600);
  expect((await exchange.messages.get(messageId))?.requeued).toBeGreaterThan(4);
  const { messages, queue, clock } = exchange;
  const queuedAt = () => clock.now().toISOString();
  await messages.update(messageId, { status: 'failed' });
  // The process ends before it is on the queue.
  await messages.transition(messageId, ['failed'], { status: 'accepted', queuedAt: queuedAt() });
  expect(await backlogAge(exchange)).toBe(0);
  const before = queue.sent.length;
  await at(620);
  expect(queue.sent).toHaveLength(before + 1);
});
