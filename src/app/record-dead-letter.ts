import type { Clock } from '../ports/clock.js';
import type { MessageEnvelope } from '../ports/message-queue.js';
import { placeOf, type MessageReceipt, type MessageStore } from '../ports/message-store.js';

export interface DeadLetterDependencies {
  readonly messages: Pick<MessageStore, 'get' | 'search' | 'update'>;
  readonly clock: Clock;
}

/**
 * What becomes of a message whose deliveries are used up; `done` where another delivery had come to an end, `unknown` where it
 * has no receipt and none can be made, for its feed is no longer configured or its bytes are gone.
 */
export type DeadLetterFate = 'failed' | 'waits' | 'done' | 'unknown';

/**
 * Records a message whose deliveries are exhausted as failed, so that an operator finds it with all other failures.
 *
 * Not while something that was accepted earlier about the same people is unfinished: it may have waited for that in vain,
 * as a merge does for a message that was accepted and, for a crash, never queued. Then it stays accepted, and the
 * reconciler queues both again, the earlier one first. What was accepted first waits for nobody, so this comes to an end.
 *
 * @param deliveries how often it was delivered in vain; at least 1
 */
export async function recordDeadLetter(
  { messages, clock }: DeadLetterDependencies,
  envelope: MessageEnvelope,
  deliveries = 1,
): Promise<DeadLetterFate> {
  const counted = { unlessFinished: true, attempts: deliveries };
  const receipt = await messages.get(envelope.messageId);
  // Nobody could ever note anything about it: it would come again at once, for ever.
  if (receipt === undefined) return 'unknown';
  if (receipt.status !== 'accepted') return 'done';
  if (await mayHaveWaited(messages, receipt)) {
    await messages.update(envelope.messageId, {}, counted);
    return 'waits';
  }
  await messages.update(
    envelope.messageId,
    {
      status: 'failed',
      stage: 'deliver',
      finishedAt: clock.now().toISOString(),
      errorCode: 'HDE_DELIVERY_EXHAUSTED',
      issues: [{ code: 'HDE_DELIVERY_EXHAUSTED', severity: 'error' }],
    },
    counted,
  );
  return 'failed';
}

/** Whether the first unfinished message about the same people is another one. */
async function mayHaveWaited(
  messages: Pick<MessageStore, 'search'>,
  receipt: MessageReceipt,
): Promise<boolean> {
  const { feed, subjects } = receipt;
  const { receipts } = await messages.search(
    { feeds: [feed], subjects, status: 'accepted' },
    { limit: 1, order: 'oldest' },
  );
  const [first] = receipts;
  return first !== undefined && placeOf(first) < placeOf(receipt);
}
