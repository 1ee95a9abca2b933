import {
  ServiceBusClient,
  ServiceBusError,
  type ServiceBusMessage,
  type ServiceBusSender,
} from '@azure/service-bus';
import { ExchangeError } from '../../core/errors.js';
import type { EventDocument } from '../../core/records/types.js';
import type { EventPublisher } from '../../ports/event-publisher.js';
import type { MessageEnvelope, MessageQueue } from '../../ports/message-queue.js';

/** Where the namespace is: a connection string locally, a managed identity in Azure. */
export type ServiceBusConnection =
  | { readonly kind: 'connection-string'; readonly connectionString: string }
  | { readonly kind: 'identity'; readonly fullyQualifiedNamespace: string; readonly clientId?: string };

export const entities = { inbound: 'inbound', events: 'events' } as const;

/** Opens a client. The SDK's default delay between retries is 30 seconds: far too long for a sender who waits. */
export async function openServiceBus(connection: ServiceBusConnection): Promise<ServiceBusClient> {
  const options = {
    retryOptions: { maxRetries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2000, timeoutInMs: 15_000 },
  };
  if (connection.kind === 'connection-string')
    return new ServiceBusClient(connection.connectionString, options);
  const { ManagedIdentityCredential } = await import('@azure/identity');
  const credential =
    connection.clientId === undefined
      ? new ManagedIdentityCredential()
      : new ManagedIdentityCredential({ clientId: connection.clientId });
  return new ServiceBusClient(connection.fullyQualifiedNamespace, credential, options);
}

/** The inbound queue: one session per source patient keeps their messages in order. */
export function createServiceBusMessageQueue(sender: ServiceBusSender): MessageQueue {
  return {
    async send(envelope) {
      await callServiceBus(() => sender.sendMessages(toInboundMessage(envelope)));
    },
  };
}

function toInboundMessage(envelope: MessageEnvelope): ServiceBusMessage {
  return {
    messageId: envelope.messageId,
    sessionId: envelope.sessionKey,
    contentType: 'application/json',
    // Lower-case keys: the Functions host changes the first letter of others.
    applicationProperties: {
      feed: envelope.feed,
      ...(envelope.traceparent === undefined ? {} : { traceparent: envelope.traceparent }),
    },
    // A Buffer travels as an AMQP data section, the only body the Functions trigger accepts.
    body: Buffer.from(JSON.stringify(envelope)),
  };
}

/** The events topic. The event's id is the message id, so that duplicate detection drops what is sent again soon. */
export function createServiceBusEventPublisher(sender: ServiceBusSender): EventPublisher {
  return {
    async publish(events) {
      let pending = events.map(toEventMessage);
      while (pending.length > 0) pending = await callServiceBus(() => sendOneBatch(sender, pending));
    },
  };
}

/** Sends as many as fit into one batch; answers the rest. */
async function sendOneBatch(
  sender: ServiceBusSender,
  messages: ServiceBusMessage[],
): Promise<ServiceBusMessage[]> {
  const batch = await sender.createMessageBatch();
  const overflow = messages.findIndex((message) => !batch.tryAddMessage(message));
  if (overflow === 0)
    throw new ExchangeError('HDE_INTERNAL', { detail: 'an event exceeds the message size limit' });
  await sender.sendMessages(batch);
  return overflow === -1 ? [] : messages.slice(overflow);
}

function toEventMessage(event: EventDocument): ServiceBusMessage {
  return {
    messageId: `${event.messageId}.${event.partition}`,
    subject: 'records-changed',
    contentType: 'application/json',
    applicationProperties: {
      feed: event.feed,
      messagetype: event.messageType,
      ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
    },
    body: Buffer.from(JSON.stringify(event)),
  };
}

async function callServiceBus<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    // After its own retries the SDK may wrap the attempts in an AggregateError.
    const cause: unknown = error instanceof AggregateError ? error.errors.at(-1) : error;
    if (cause instanceof ServiceBusError) {
      const code =
        cause.code === 'ServiceBusy' || cause.code === 'QuotaExceeded'
          ? 'HDE_THROTTLED'
          : 'HDE_DEPENDENCY_UNAVAILABLE';
      throw new ExchangeError(code, { cause, detail: 'Service Bus', retryAfterSeconds: 5 });
    }
    throw error;
  }
}
