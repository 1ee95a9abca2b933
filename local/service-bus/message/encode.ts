import type { Typed } from '../amqp/codec.js';
import { described, encode, types } from '../amqp/codec.js';
import type { BrokerMessage } from './broker-message.js';
import { SECTION } from './sections.js';

/** Values of `x-opt-message-state`. */
export const MESSAGE_STATE = { active: 0, deferred: 1, scheduled: 2 } as const;

/** What the broker adds to a message when it hands it out. */
export interface DeliveryFacts {
  readonly sequenceNumber: number;
  readonly enqueuedSequenceNumber?: number;
  /** Milliseconds since the epoch, like the other times here. */
  readonly enqueuedTime: number;
  readonly expiresAt: number;
  /** Absent for peeked messages and in receive-and-delete mode. */
  readonly lockedUntil?: number;
  readonly deliveryCount: number;
  readonly state: (typeof MESSAGE_STATE)[keyof typeof MESSAGE_STATE];
  readonly deadLetterSource?: string;
}

const MAX_UINT = 0xffffffff;
const DEFAULT_PRIORITY = 4;

/** The message as a receiver gets it: the broker's header and annotations, then the sender's bytes. */
export function encodeForDelivery(message: BrokerMessage, facts: DeliveryFacts): Buffer {
  const ttl = facts.expiresAt === Infinity ? undefined : facts.expiresAt - facts.enqueuedTime;
  const annotations: Typed[] = [];
  const annotate = (name: string, value: Typed): void => {
    annotations.push(types.wrap_symbol(name), value);
  };
  annotate('x-opt-enqueued-time', types.wrap_timestamp(facts.enqueuedTime));
  annotate('x-opt-sequence-number', types.wrap_long(facts.sequenceNumber));
  annotate('x-opt-message-state', types.wrap_int(facts.state));
  if (facts.enqueuedSequenceNumber !== undefined) {
    annotate('x-opt-enqueue-sequence-number', types.wrap_long(facts.enqueuedSequenceNumber));
  }
  if (facts.lockedUntil !== undefined)
    annotate('x-opt-locked-until', types.wrap_timestamp(facts.lockedUntil));
  if (facts.deadLetterSource !== undefined) {
    annotate('x-opt-deadletter-source', types.wrap_string(facts.deadLetterSource));
  }
  const header = encodeHeader(message, Math.min(ttl ?? Infinity, MAX_UINT), facts.deliveryCount);
  return concat(header, [...annotations, ...senderAnnotations(message)], message);
}

/** The message as the log keeps it; `parseMessage` reads it back. */
export function encodeForStorage(message: BrokerMessage): Buffer {
  const header = encodeHeader(message, message.header.ttl ?? Infinity, 0);
  return concat(header, senderAnnotations(message), message);
}

function encodeHeader(message: BrokerMessage, ttl: number, deliveryCount: number): Typed {
  const { durable = true, priority = DEFAULT_PRIORITY } = message.header;
  return described(
    SECTION.header,
    types.List32([
      types.wrap_boolean(durable),
      types.wrap_ubyte(priority),
      ttl === Infinity ? types.Null() : types.wrap_uint(ttl),
      types.wrap_boolean(false),
      types.wrap_uint(deliveryCount),
    ]),
  );
}

function senderAnnotations({ annotations }: BrokerMessage): Typed[] {
  const items: Typed[] = [];
  if (annotations.partitionKey !== undefined) {
    items.push(types.wrap_symbol('x-opt-partition-key'), types.wrap_string(annotations.partitionKey));
  }
  if (annotations.scheduledEnqueueTime !== undefined) {
    items.push(
      types.wrap_symbol('x-opt-scheduled-enqueue-time'),
      types.wrap_timestamp(annotations.scheduledEnqueueTime),
    );
  }
  return [...items, ...annotations.foreign];
}

function concat(header: Typed, annotations: readonly Typed[], { sections }: BrokerMessage): Buffer {
  const map = described(SECTION.messageAnnotations, types.Map32(annotations));
  return Buffer.concat([
    encode(header),
    encode(map),
    sections.properties,
    sections.applicationProperties,
    sections.body,
  ]);
}
