import { beforeEach, describe, expect, test } from '@jest/globals';
import { createMemoryMessageStore } from '../../../src/adapters/memory/message-store.js';
import { watchFeeds } from '../../../src/app/watch/watch-feeds.js';
import type { MessageStore } from '../../../src/ports/message-store.js';
import { aReceipt } from '../../support/receipts.js';

const now = new Date('2026-03-30T12:05:00.000Z');
const HOUR = 3_600_000;
const WEEK = 168 * HOUR;

let messages: MessageStore;
let count: number;

beforeEach(() => {
  messages = createMemoryMessageStore();
  count = 0;
});

/** Messages of the hour before the last full one, so many weeks ago. */
async function receive(feed: string, weeksAgo: number, messagesInHour: number): Promise<void> {
  for (let index = 0; index < messagesInHour; index++) {
    const at = Date.parse('2026-03-30T11:00:00.000Z') - weeksAgo * WEEK + index * 1000;
    count += 1;
    await messages.create(
      aReceipt({
        id: `m${count}`,
        feed,
        status: 'normalised',
        receivedAt: new Date(at).toISOString(),
      }),
    );
  }
}

const watch = () =>
  watchFeeds({ messages, clock: { now: () => now }, feeds: ['pas', 'lab', 'new'], backlogAlertSeconds: 900 });

describe('the watch', () => {
  test('names the feed that is silent in an hour in which it never was', async () => {
    for (const week of [1, 2, 3, 4]) {
      await receive('pas', week, 30);
      await receive('lab', week, 30);
    }
    // The feed began before the weeks that are compared.
    await receive('pas', 5, 1);
    await receive('lab', 5, 1);
    await receive('lab', 0, 28);
    expect(await watch()).toEqual({ silent: ['pas'] });
  });

  test('does not judge a feed by the time before its first message', async () => {
    await receive('pas', 1, 30);
    expect(await watch()).toEqual({ silent: [] });
  });

  test('tells of one thing where another cannot be looked at', async () => {
    await messages.create(aReceipt({ id: 'old', queuedAt: '2026-03-30T10:00:00.000Z' }));
    for (const week of [1, 2, 3, 4]) await receive('lab', week, 30);
    await receive('lab', 5, 1);
    const busy = new Error('busy');
    const failing: MessageStore = {
      ...messages,
      countReceived: (feed, ...period) =>
        feed === 'pas' ? Promise.reject(busy) : messages.countReceived(feed, ...period),
    };
    const watch = {
      messages: failing,
      clock: { now: () => now },
      feeds: ['pas', 'lab'],
      backlogAlertSeconds: 900,
    };
    expect(await watchFeeds(watch)).toEqual({ silent: ['lab'], backlogSeconds: 7500, failures: [busy] });
  });

  test('reports how long the oldest message waits, beyond the limit', async () => {
    const queuedAt = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString();
    await messages.create(aReceipt({ id: 'a', queuedAt: queuedAt(900) }));
    expect(await watch()).toEqual({ silent: [] });
    await messages.create(aReceipt({ id: 'b', queuedAt: queuedAt(901) }));
    expect(await watch()).toEqual({ silent: [], backlogSeconds: 901 });
  });
});
