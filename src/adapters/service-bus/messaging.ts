import { ServiceBusClient, ServiceBusError, type ServiceBusMessage } from '@azure/service-bus';
import { ExchangeError } from '../../core/errors.js';
import type { EventDocument } from '../../core/records/types.js';
import type { EventPublisher } from '../../ports/event-publisher.js';
import type { MessageEnvelope, MessageQueue } from '../../ports/message-queue.js';
import type { ReopeningSender } from './reopening-sender.js';

/** Where the namespace is: a connection string locally, a managed identity in Azure. */
export type ServiceBusConnection =
  | { readonly kind: 'connection-string'; readonly connectionString: string }
  | { readonly kind: 'identity'; readonly fullyQualifiedNamespace: string; readonly clientId?: string };

export const entities = { inbound: 'inbound', events: 'events' } as const;

/** Opens a client. The SDK's default delay between retries is 30 seconds: far too long for a sender who waits. */
export async function openServiceBus(connection: ServiceBusConnection): Promise<ServiceBusClient> {
  const options = {
    retryOptions: { maxRetries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 2000, timeoutInMs: 5000 },
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
export function createServiceBusMessageQueue(sender: ReopeningSender): MessageQueue {
  return {
    async send(envelope) {
      await callServiceBus(() => sender.send([toInboundMessage(envelope)]));
    },
  };
}

function toInboundMessage(envelope: MessageEnvelope): ServiceBusMessage {
  return {
    messageId: deliveryIdOf(envelope),
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

/** What duplicate detection goes by: a message that is taken up again must not pass for a repetition of itself. */
const deliveryIdOf = ({ messageId, resubmitted }: MessageEnvelope): string =>
  resubmitted === undefined ? messageId : `${messageId}.${resubmitted}`;

/** The events topic. The event's id is the message id, so that duplicate detection drops what is sent again soon. */
export function createServiceBusEventPublisher(sender: ReopeningSender): EventPublisher {
  return {
    async publish(events) {
      await callServiceBus(() => sender.send(events.map(toEventMessage)));
    },
  };
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

/** Whatever a send fails with, it may be repeated: the message id makes a second copy harmless. */
async function callServiceBus<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    // Faults of ours that a repetition would only hide.
    if (error instanceof RangeError || error instanceof TypeError) throw error;
    throw new ExchangeError(isBusy(error) ? 'HDE_THROTTLED' : 'HDE_DEPENDENCY_UNAVAILABLE', {
      cause: error,
      detail: 'Service Bus',
      retryAfterSeconds: 5,
    });
  }
}

function isBusy(error: unknown): boolean {
  // After its own retries the SDK may wrap the attempts in an AggregateError.
  const cause: unknown = error instanceof AggregateError ? error.errors.at(-1) : error;
  return cause instanceof ServiceBusError && (cause.code === 'ServiceBusy' || cause.code === 'QuotaExceeded');
}
