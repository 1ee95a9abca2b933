import type { Clock } from '../ports/clock.js';
import type { MessageEnvelope } from '../ports/message-queue.js';
import type { MessageStore } from '../ports/message-store.js';

export interface DeadLetterDependencies {
  readonly messages: MessageStore;
  readonly clock: Clock;
}

/**
 * Records a message whose deliveries are exhausted as failed, so that an operator finds it with all other failures.
 *
 * @param deliveries how often it was delivered in vain; at least 1
 */
export async function recordDeadLetter(
  { messages, clock }: DeadLetterDependencies,
  envelope: MessageEnvelope,
  deliveries = 1,
): Promise<void> {
  await messages.update(
    envelope.messageId,
    {
      status: 'failed',
      stage: 'deliver',
      finishedAt: clock.now().toISOString(),
      errorCode: 'HDE_DELIVERY_EXHAUSTED',
      issues: [{ code: 'HDE_DELIVERY_EXHAUSTED', severity: 'error' }],
    },
    { unlessFinished: true, attempts: deliveries },
  );
}
