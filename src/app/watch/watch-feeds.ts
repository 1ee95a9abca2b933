/** Looks for what nobody reports: feeds that fell silent, and messages that wait too long. */
import type { Feed } from '../../core/feed.js';
import {
  ENOUGH_TO_MISS,
  isSilent,
  lastHour,
  sameTimeBefore,
  silenceSince,
  type Period,
} from '../../core/watch/silence.js';
import type { Clock } from '../../ports/clock.js';
import { waitsSince, type MessageStore } from '../../ports/message-store.js';

export interface WatchDependencies {
  readonly messages: MessageStore;
  readonly clock: Clock;
  readonly feeds: readonly WatchedFeed[];
  /** Age of the oldest waiting message from which it is an alert, in seconds. */
  readonly backlogAlertSeconds: number;
}

/** A configured feed. */
type WatchedFeed = Pick<Feed, 'id' | 'timeZone'>;

export interface FeedAlerts {
  /** Ids of feeds that sent less in the last full hour, or nothing for longer, than they would by their habit. */
  readonly silent: readonly string[];
  /** Seconds since the message that waits the longest was accepted; undefined when none waits too long. */
  readonly backlogSeconds?: number;
  /** Why something could not be looked at; absent when all was. */
  readonly failures?: readonly unknown[];
}

export async function watchFeeds(deps: WatchDependencies): Promise<FeedAlerts> {
  const now = deps.clock.now();
  const silent: string[] = [];
  const failures: unknown[] = [];
  let waits = 0;
  // What cannot be looked at hides nothing else: when the store is busy, an alert is needed most.
  const look = (work: () => Promise<void>): Promise<void> =>
    work().catch((error: unknown) => {
      failures.push(error);
    });
  await look(async () => {
    waits = await backlogAge(deps);
  });
  for (const feed of deps.feeds)
    await look(async () => {
      if (await fellSilent(deps.messages, feed, now)) silent.push(feed.id);
    });
  return {
    silent,
    ...(waits > deps.backlogAlertSeconds ? { backlogSeconds: Math.round(waits) } : {}),
    ...(failures.length === 0 ? {} : { failures }),
  };
}

/** As many waiting messages as are looked at: where more wait, those that were queued last are not older than these. */
const mostLookedAt = 500;

/** Seconds since the message that waits the longest was accepted, or taken up again; 0 where none waits. */
export async function backlogAge({
  messages,
  clock,
}: Pick<WatchDependencies, 'messages' | 'clock'>): Promise<number> {
  const now = clock.now();
  const waiting = await messages.listUnfinished(now.toISOString(), mostLookedAt);
  return waiting.reduce(
    (most, each) => Math.max(most, (now.getTime() - Date.parse(waitsSince(each))) / 1000),
    0,
  );
}

/**
 * Judges the last full hour; where nothing came in it, all hours since the last message together: a feed of a few
 * messages an hour says nothing by one that is empty, and more by each that follows.
 */
async function fellSilent(messages: MessageStore, feed: WatchedFeed, now: Date): Promise<boolean> {
  const hour = lastHour(now);
  const received = await messages.countReceived(feed.id, hour.from, hour.to);
  const earliest = await receivedAt(messages, feed, hour, 'oldest');
  if (earliest === undefined) return false;
  if (received > 0) {
    const count = (period: Period) => messages.countReceived(feed.id, period.from, period.to);
    return await isUnusual({ feed, period: hour, received, earliest, before: hour.from, count });
  }
  const lastHeard = (await receivedAt(messages, feed, hour, 'newest')) ?? earliest;
  // Some are as good as many here; counting a whole week of a busy feed would be dear.
  const count = async ({ from, to }: Period) => {
    const page = { limit: ENOUGH_TO_MISS, order: 'oldest' } as const;
    return (await messages.search({ feeds: [feed.id], from, to }, page)).receipts.length;
  };
  const period = silenceSince(lastHeard, hour);
  return await isUnusual({ feed, period, received, earliest, before: lastHeard, count });
}

/** When a feed's first or last message before the end of the hour was received. */
async function receivedAt(
  messages: MessageStore,
  { id }: WatchedFeed,
  { to }: Period,
  order: 'oldest' | 'newest',
): Promise<string | undefined> {
  const { receipts } = await messages.search({ feeds: [id], to }, { limit: 1, order });
  return receipts[0]?.receivedAt;
}

interface Judged {
  readonly feed: WatchedFeed;
  readonly period: Period;
  readonly received: number;
  /** When the feed's first message was received. */
  readonly earliest: string;
  /** What is usual is learnt from weeks before this. */
  readonly before: string;
  readonly count: (period: Period) => Promise<number>;
}

/** Whether so little came against the same days of the week and, of bank holidays, against Sundays too. */
async function isUnusual({ feed, period, received, earliest, before, count }: Judged): Promise<boolean> {
  for (const holidays of ['as-they-are', 'as-sundays'] as const) {
    const counts: number[] = [];
    for (const pieces of sameTimeBefore(period, feed.timeZone, before, holidays)) {
      if (pieces.some(({ from }) => from < earliest)) continue;
      let sum = 0;
      for (const piece of pieces) sum += await count(piece);
      counts.push(sum);
    }
    if (!isSilent(received, counts)) return false;
  }
  return true;
}
