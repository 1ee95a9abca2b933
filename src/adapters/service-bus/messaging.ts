import { hash } from 'node:crypto';
import { ServiceBusClient, type ServiceBusMessage } from '@azure/service-bus';
import type { ConsumerEvent, EventPublisher } from '../../ports/event-publisher.js';
import type { ExportQueue } from '../../ports/export-queue.js';
import type { MessageEnvelope, MessageQueue } from '../../ports/message-queue.js';
import { dependencyNames } from '../throttling/dependencies.js';
import { createGuard, type Guard } from '../throttling/guard.js';
import type { ReopeningSender } from './reopening-sender.js';
import { judgeServiceBus } from './throttling.js';

/** Where the namespace is: a connection string locally, a managed identity in Azure. */
export type ServiceBusConnection =
  | { readonly kind: 'connection-string'; readonly connectionString: string }
  | { readonly kind: 'identity'; readonly fullyQualifiedNamespace: string; readonly clientId?: string };

export const entities = { inbound: 'inbound', events: 'events', exports: 'exports' } as const;

/** Opens a client that repeats nothing by itself: the guard of its senders does. */
export async function openServiceBus(connection: ServiceBusConnection): Promise<ServiceBusClient> {
  const options = {
    retryOptions: { maxRetries: 0, retryDelayInMs: 200, maxRetryDelayInMs: 2000, timeoutInMs: 5000 },
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

/**
 * The inbound queue: one session per source patient keeps their messages in order.
 *
 * @param guard what all that is sent goes through
 */
export function createServiceBusMessageQueue(
  sender: ReopeningSender,
  guard: Guard = createGuard(dependencyNames.serviceBus),
): MessageQueue {
  return {
    async send(envelope) {
      await guard.run(() => sender.send([toInboundMessage(envelope)]), judgeServiceBus);
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

/** The message that a delivery is of. */
export const messageOfDelivery = (deliveryId: string): string => deliveryId.split('.')[0] ?? deliveryId;

/**
 * The events topic. Each subscription takes only the messages for its consumer (infra/topology/service-bus.json). The
 * message id stays the same, so that duplicate detection drops what is sent again soon.
 *
 * @param guard what all that is sent goes through
 */
export function createServiceBusEventPublisher(
  sender: ReopeningSender,
  guard: Guard = createGuard(dependencyNames.serviceBus),
): EventPublisher {
  return {
    async publish(events) {
      await guard.run(() => sender.send(events.map(toEventMessage)), judgeServiceBus);
    },
  };
}

function toEventMessage({ consumer, event }: ConsumerEvent): ServiceBusMessage {
  return {
    // Of all three together only a hash is sure to fit into 128 characters.
    messageId: hash('sha256', [event.id, event.partition, consumer].join('\n'), 'hex'),
    subject: 'records-changed',
    contentType: 'application/json',
    applicationProperties: {
      consumer,
      feed: event.feed,
      messagetype: event.messageType,
      ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
    },
    body: Buffer.from(JSON.stringify(event)),
  };
}

/**
 * The queue of bulk exports.
 *
 * @param guard what all that is sent goes through
 */
export function createServiceBusExportQueue(
  sender: ReopeningSender,
  guard: Guard = createGuard(dependencyNames.serviceBus),
): ExportQueue {
  return {
    async send({ client, id }, notBefore) {
      const message: ServiceBusMessage = {
        contentType: 'application/json',
        body: Buffer.from(JSON.stringify({ client, id })),
        ...(notBefore === undefined ? {} : { scheduledEnqueueTimeUtc: notBefore }),
      };
      await guard.run(() => sender.send([message]), judgeServiceBus);
    },
  };
}
