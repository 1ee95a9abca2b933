import type { ServiceBusClient, ServiceBusReceiver } from '@azure/service-bus';
import type { QueueView } from '../../ports/message-queue.js';
import type { Guard } from '../throttling/guard.js';
import { entities, messageOfDelivery } from './messaging.js';
import { judgeServiceBus } from './throttling.js';

/** So many a request; the service answers with fewer where they are large. */
const peekedAtOnce = 250;

/**
 * Looks at the inbound queue and its dead letters by peeking, which locks nothing and takes no session.
 *
 * @param connect opens a connection, which is closed after each look
 */
export function createServiceBusQueueView(connect: () => Promise<ServiceBusClient>, guard: Guard): QueueView {
  return {
    async *waiting() {
      const client = await connect();
      try {
        // What is given up on meanwhile is met among the dead letters.
        yield* idsOf(client.createReceiver(entities.inbound), guard);
        yield* idsOf(client.createReceiver(entities.inbound, { subQueueType: 'deadLetter' }), guard);
      } finally {
        await client.close();
      }
    },
  };
}

/** A receiver goes on from what it has peeked last. */
async function* idsOf(receiver: ServiceBusReceiver, guard: Guard): AsyncGenerator<readonly string[]> {
  for (;;) {
    const messages = await guard.run(() => receiver.peekMessages(peekedAtOnce), judgeServiceBus);
    if (messages.length === 0) return;
    yield messages.map(({ messageId }) => messageOfDelivery(String(messageId)));
  }
}
