/** Looks for what nobody reports: feeds that fell silent, and messages that wait too long. */
import { hoursToCompare, isSilent } from '../../core/watch/silence.js';
import type { Clock } from '../../ports/clock.js';
import type { MessageStore } from '../../ports/message-store.js';

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
  /** Seconds since the oldest waiting message was put on the queue; undefined when none waits too long. */
  readonly backlogSeconds?: number;
}

export async function watchFeeds(deps: WatchDependencies): Promise<FeedAlerts> {
  const now = deps.clock.now();
  const silent: string[] = [];
  for (const feed of deps.feeds) if (await fellSilent(deps.messages, feed, now)) silent.push(feed);
  const waits = await backlogAge(deps);
  return { silent, ...(waits > deps.backlogAlertSeconds ? { backlogSeconds: Math.round(waits) } : {}) };
}

/** Seconds since the oldest waiting message was put on the queue; 0 where none waits. */
export async function backlogAge({
  messages,
  clock,
}: Pick<WatchDependencies, 'messages' | 'clock'>): Promise<number> {
  const now = clock.now();
  const [oldest] = await messages.listUnfinished(now.toISOString(), 1);
  return oldest?.queuedAt === undefined ? 0 : (now.getTime() - Date.parse(oldest.queuedAt)) / 1000;
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
