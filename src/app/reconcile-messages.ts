import type { Clock } from '../ports/clock.js';
import type { MessageQueue } from '../ports/message-queue.js';
import type { MessageStore } from '../ports/message-store.js';
import { toEnvelope } from './accept-message.js';

export interface ReconcileDependencies {
  readonly messages: MessageStore;
  readonly queue: MessageQueue;
  readonly clock: Clock;
  /** Age from which an unfinished message counts as forgotten, in seconds; doubled with each try. */
  readonly reconcileAfterSeconds: number;
}

/** As many as one run puts there: the next run takes the rest. */
const batchSize = 500;
const maxDoublings = 6;

/**
 * Puts messages on the queue again that were archived and never finished, oldest first, so that the order within a
 * patient's session holds. A message that is merely slow is not harmed: its receipt makes a second delivery change
 * nothing.
 *
 * @returns how many messages were put on the queue
 */
export async function reconcileMessages(deps: ReconcileDependencies): Promise<number> {
  const now = deps.clock.now();
  const before = (requeued: number) =>
    new Date(now.getTime() - deps.reconcileAfterSeconds * 1000 * 2 ** requeued).toISOString();
  const requeuedBefore = Array.from({ length: maxDoublings }, (_, index) => before(index + 1));
  // Those that wait longer are left out by the store: so many of them would hide what is due behind them.
  const due = await deps.messages.listUnfinished(before(0), batchSize, requeuedBefore);
  for (const receipt of due) {
    await deps.queue.send(toEnvelope(receipt));
    const update = { queuedAt: now.toISOString(), requeued: receipt.requeued + 1 };
    await deps.messages.update(receipt.id, update, { unlessFinished: true });
  }
  return due.length;
}
