/** Looks for what nobody reports: feeds that fell silent, and messages that wait too long. */
import { hoursToCompare, isSilent } from '../../core/watch/silence.js';
import type { Clock } from '../../ports/clock.js';
import { waitsSince, type MessageStore } from '../../ports/message-store.js';

export interface WatchDependencies {
  readonly messages: MessageStore;
  readonly clock: Clock;
  /** Ids of the configured feeds. */
  readonly feeds: readonly string[];
  /** Age of the oldest waiting message from which it is an alert, in seconds. */
  readonly backlogAlertSeconds: number;
}

export interface FeedAlerts {
  /** Feeds whose last full hour was silent against their habit. */
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
      if (await fellSilent(deps.messages, feed, now)) silent.push(feed);
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

async function fellSilent(messages: MessageStore, feed: string, now: Date): Promise<boolean> {
  const { last, before } = hoursToCompare(now);
  const received = await messages.countReceived(feed, last.from, last.to);
  const first = await messages.search({ feeds: [feed] }, { limit: 1, order: 'oldest' });
  const [earliest] = first.receipts;
  if (earliest === undefined) return false;
  const counts: number[] = [];
  for (const { from, to } of before) {
    if (from >= earliest.receivedAt) counts.push(await messages.countReceived(feed, from, to));
  }
  return isSilent(received, counts);
}
