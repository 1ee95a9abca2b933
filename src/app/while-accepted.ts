/** A worker may hold a message for longer than the queue waits for it: what was decided meanwhile comes first. */
import { receiptId } from '../core/records/ids.js';
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
 * The record store for one delivery of a message: asks for its status before each batch that would make it take effect,
 * until one did. From then on all of it does, so that no message ends half done for a decision.
 *
 * Receipt and records have no transaction in common. A decision between the question and the batch comes too late; the
 * ledger names such a message (`took-effect`).
 *
 * @returns a store whose `commit` rejects with `Overtaken` once the message is not accepted any more
 */
export function whileAccepted(
  records: RecordStore,
  messages: Pick<MessageStore, 'get'>,
  messageId: string,
): RecordStore {
  let tookEffect = false;
  return {
    ...records,
    async commit(partition, operations) {
      const takesEffect = operations.some(({ document }) => document.id === receiptId(messageId));
      if (!takesEffect || tookEffect) return records.commit(partition, operations);
      const receipt = await messages.get(messageId);
      if (receipt !== undefined && receipt.status !== 'accepted') throw new Overtaken(receipt);
      const outcome = await records.commit(partition, operations);
      tookEffect = outcome === 'committed';
      return outcome;
    },
  };
}
