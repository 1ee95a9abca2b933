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

const feeds = (...ids: readonly string[]) => ids.map((id) => ({ id, timeZone: 'Europe/London' }));

/** Messages of the last full hour, so many weeks ago by the clock on the wall: it went forward the day before. */
async function receive(feed: string, weeksAgo: number, messagesInHour: number): Promise<void> {
  for (let index = 0; index < messagesInHour; index++) {
    const at =
      Date.parse('2026-03-30T11:00:00.000Z') + (weeksAgo === 0 ? 0 : HOUR) - weeksAgo * WEEK + index * 1000;
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
  watchFeeds({
    messages,
    clock: { now: () => now },
    feeds: feeds('pas', 'lab', 'new'),
    backlogAlertSeconds: 900,
  });

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
      feeds: feeds('pas', 'lab'),
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

/** Whether each hour is one in which messages come, by its day of the week (Sunday is 0) and the hour, both local. */
type Habit = (weekday: number, hour: number, day: string) => number;

const always: Habit = () => 10;
const clinics: Habit = (weekday, hour) => (weekday % 6 !== 0 && hour >= 9 && hour < 17 ? 20 : 0);

describe('a feed that was heard of for five weeks', () => {
  const local = new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Europe/London',
    dateStyle: 'short',
    timeStyle: 'short',
  });

  /** As a store that holds, evenly spread in each hour from the first instant to the last, what the habit says. */
  function storeOf(habit: Habit, first: string, last: string, asked: string[] = []): MessageStore {
    const received: { receivedAt: string }[] = [];
    for (let hour = Date.parse(first); hour < Date.parse(last); hour += HOUR) {
      const [day = '', time = ''] = local.format(hour).split(' ');
      const count = habit(new Date(day).getUTCDay(), Number(time.slice(0, 2)), day);
      for (let index = 0; index < count; index++)
        received.push({ receivedAt: new Date(hour + (index * HOUR) / count).toISOString() });
    }
    const within = (from = '', to = '9') =>
      received.filter(({ receivedAt }) => receivedAt >= from && receivedAt < to);
    return {
      ...messages,
      countReceived: (_feed, from, to) => {
        asked.push('count');
        return Promise.resolve(within(from, to).length);
      },
      search: ({ from, to }, { limit, order }) => {
        asked.push(`up to ${limit}`);
        const found = within(from, to);
        const ordered = order === 'newest' ? found.reverse() : found;
        return Promise.resolve({ receipts: ordered.slice(0, limit).map((change) => aReceipt(change)) });
      },
    };
  }

  const silentAt = async (store: MessageStore, at: string): Promise<boolean> => {
    const deps = { messages: store, clock: { now: () => new Date(at) }, feeds: feeds('pas') };
    const { silent, failures } = await watchFeeds({ ...deps, backlogAlertSeconds: 900 });
    expect(failures).toBeUndefined();
    return silent.length > 0;
  };

  /** Every hour, a few minutes past it, at which the watch tells of silence. */
  async function alarmsOf(store: MessageStore, from: string, to: string): Promise<string[]> {
    const alarms: string[] = [];
    for (let at = Date.parse(from) + 5 * 60_000; at < Date.parse(to); at += HOUR) {
      const now = new Date(at).toISOString();
      if (await silentAt(store, now)) alarms.push(now.slice(0, 16));
    }
    return alarms;
  }

  test.each([
    ['two empty hours of ten messages each', '2026-02-18T05:05:00.000Z', true],
    ['but not after one', '2026-02-18T04:05:00.000Z', false],
    ['a week', '2026-02-25T04:05:00.000Z', true],
    ['seven weeks', '2026-04-08T04:05:00.000Z', true],
  ])('is silent after %s', async (_how, now, expected) => {
    const store = storeOf(always, '2026-01-10T00:00:00.000Z', '2026-02-18T03:00:00.000Z');
    expect(await silentAt(store, now)).toBe(expected);
  });

  test('is silent when it does not begin on a Monday morning', async () => {
    const store = storeOf(clinics, '2026-01-10T00:00:00.000Z', '2026-02-20T18:00:00.000Z');
    expect(await alarmsOf(store, '2026-02-20T17:00:00.000Z', '2026-02-23T12:00:00.000Z')).toEqual([
      '2026-02-23T10:05',
      '2026-02-23T11:05',
    ]);
  });

  test.each([
    ['when the clock goes forward, and at Easter', '2026-02-14T00:00:00.000Z', '2026-04-12T00:00:00.000Z'],
    ['when it goes back', '2026-09-19T00:00:00.000Z', '2026-11-12T00:00:00.000Z'],
  ])('is never called silent at night, at weekends, on bank holidays, %s', async (_when, first, last) => {
    const closed = new Set(['2026-04-03', '2026-04-06']);
    const store = storeOf((...hour) => (closed.has(hour[2]) ? 0 : clinics(...hour)), first, last);
    expect(await alarmsOf(store, new Date(Date.parse(first) + 4 * WEEK).toISOString(), last)).toEqual([]);
  });

  test('is silent on a bank holiday when it is not on Sundays', async () => {
    const store = storeOf(always, '2026-02-20T00:00:00.000Z', '2026-04-06T00:00:00.000Z');
    expect(await silentAt(store, '2026-04-06T02:05:00.000Z')).toBe(true);
  });

  test('costs no request for longer spans while it sends, and never reads more than are enough', async () => {
    const asked: string[] = [];
    const store = storeOf(always, '2026-01-10T00:00:00.000Z', '2026-02-18T03:00:00.000Z', asked);
    await silentAt(store, '2026-02-18T03:05:00.000Z');
    expect(asked).toEqual(['count', 'up to 1', 'count', 'count', 'count', 'count']);
    asked.length = 0;
    await silentAt(store, '2026-02-18T04:05:00.000Z');
    expect(asked).toEqual(['count', 'up to 1', 'up to 1', ...Array<string>(4).fill('up to 14')]);
  });
});

test.each([
  ['two weeks', '2026-02-04T00:00:00.000Z', false],
  ['three weeks and a day', '2026-01-27T00:00:00.000Z', true],
])('a feed that is %s old', async (_age, first, expected) => {
  for (let at = Date.parse(first); at < Date.parse('2026-02-18T00:00:00.000Z'); at += HOUR / 20) {
    count += 1;
    await messages.create(
      aReceipt({
        id: `m${count}`,
        feed: 'new',
        receivedAt: new Date(at).toISOString(),
        status: 'normalised',
      }),
    );
  }
  const clock = { now: () => new Date('2026-02-18T03:05:00.000Z') };
  const { silent } = await watchFeeds({ messages, clock, feeds: feeds('new'), backlogAlertSeconds: 900 });
  expect(silent.length > 0).toBe(expected);
});
