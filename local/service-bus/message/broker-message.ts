import type { Typed } from '../amqp/codec.js';

/** The fields of the AMQP properties section in wire order (AMQP 1.0 part 3, section 3.2.4). */
export const PROPERTY_FIELDS = [
  'messageId',
  'userId',
  'to',
  'subject',
  'replyTo',
  'correlationId',
  'contentType',
  'contentEncoding',
  'absoluteExpiryTime',
  'creationTime',
  'groupId',
  'groupSequence',
  'replyToGroupId',
] as const;

/** A field of the properties section. Service Bus calls `groupId` the session id and `subject` the label. */
export type PropertyField = (typeof PROPERTY_FIELDS)[number];

/** The sender's part of the header section. */
export interface MessageHeader {
  readonly durable?: boolean;
  readonly priority?: number;
  /** Time to live in milliseconds. */
  readonly ttl?: number;
}

/** What the broker keeps of the sender's message annotations. */
export interface MessageAnnotations {
  readonly partitionKey?: string;
  /** Milliseconds since the epoch. */
  readonly scheduledEnqueueTime?: number;
  /** Keys and values in turn of annotations that are not the broker's business. */
  readonly foreign: readonly Typed[];
}

/**
 * A message as its sender made it. Properties, application properties and body are kept as the bytes that
 * came, so that a receiver gets exactly the AMQP types that the sender used; the decoded views serve filters,
 * sessions and duplicate detection.
 */
export interface BrokerMessage {
  readonly header: MessageHeader;
  readonly annotations: MessageAnnotations;
  readonly properties: Readonly<Partial<Record<PropertyField, unknown>>>;
  readonly applicationProperties: ReadonlyMap<string, unknown>;
  readonly sections: {
    readonly properties: Buffer;
    readonly applicationProperties: Buffer;
    /** Body and footer. */
    readonly body: Buffer;
  };
}

/** The session that the message belongs to, if any. */
export function sessionIdOf(message: BrokerMessage): string | undefined {
  const id = message.properties.groupId;
  return typeof id === 'string' ? id : undefined;
}

/** A key that is equal for equal message ids of whatever AMQP type. */
export function messageIdKey(message: BrokerMessage): string {
  const id = message.properties.messageId;
  return Buffer.isBuffer(id) ? `binary:${id.toString('hex')}` : `${typeof id}:${String(id)}`;
}

/** Bytes that the message takes in memory and in the log, about. */
export function sizeOf(message: BrokerMessage): number {
  const { properties, applicationProperties, body } = message.sections;
  return properties.length + applicationProperties.length + body.length;
}
