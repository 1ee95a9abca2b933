/** A worker may hold a message for longer than the queue waits for it: what was decided meanwhile comes first. */
import { receiptId } from '../core/records/ids.js';
import type { Clock } from '../ports/clock.js';
import type { MessageReceipt, MessageStore } from '../ports/message-store.js';
import type { RecordStore } from '../ports/record-store.js';

/** Thrown when a message was finished, dismissed or corrected while a worker was about to commit it. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';

  /** @param receipt what became of the message */
  constructor(readonly receipt: MessageReceipt) {
    super('the message is no longer accepted');
  }
}

/**
 * For how long an answer holds, in milliseconds. A decision of the same moment comes before or after the batch by chance
 * anyway; a worker that was held up, or lost its message to another one, was so for longer.
 */
const answerHoldsMs = 500;

interface WhileAcceptedDependencies {
  readonly records: RecordStore;
  readonly messages: Pick<MessageStore, 'get'>;
  readonly clock: Clock;
}

/**
 * The record store for one delivery of a message that has just been found accepted: asks for its status again before each
 * batch that would make it take effect, until one did. From then on all of it does, so that no message ends half done for
 * a decision.
 *
 * Receipt and records have no transaction in common. A decision between the question and the batch comes too late; the
 * ledger names such a message (`took-effect`).
 *
 * @returns a store whose `commit` rejects with `Overtaken` once the message is not accepted any more
 */
export function whileAccepted(
  { records, messages, clock }: WhileAcceptedDependencies,
  messageId: string,
): RecordStore {
  let tookEffect = false;
  let askedAt = clock.now().getTime();
  const holds = () => Math.abs(clock.now().getTime() - askedAt) < answerHoldsMs;
  return {
    ...records,
    async commit(partition, operations) {
      const takesEffect = operations.some(({ document }) => document.id === receiptId(messageId));
      if (!takesEffect || tookEffect) return records.commit(partition, operations);
      if (!holds()) {
        const receipt = await messages.get(messageId);
        askedAt = clock.now().getTime();
        if (receipt !== undefined && receipt.status !== 'accepted') throw new Overtaken(receipt);
      }
      const outcome = await records.commit(partition, operations);
      tookEffect = outcome === 'committed';
      return outcome;
    },
  };
}
