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

/** As many as one run looks at: the next run takes the rest. */
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
  const before = new Date(now.getTime() - deps.reconcileAfterSeconds * 1000).toISOString();
  const unfinished = await deps.messages.listUnfinished(before, batchSize);
  const due = unfinished.filter(({ queuedAt = '', requeued }) => {
    const waitSeconds = deps.reconcileAfterSeconds * 2 ** Math.min(requeued, maxDoublings);
    return now.getTime() - Date.parse(queuedAt) >= waitSeconds * 1000;
  });
  for (const receipt of due) {
    await deps.queue.send(toEnvelope(receipt));
    const update = { queuedAt: now.toISOString(), requeued: receipt.requeued + 1 };
    await deps.messages.update(receipt.id, update, { unlessFinished: true });
  }
  return due.length;
}
