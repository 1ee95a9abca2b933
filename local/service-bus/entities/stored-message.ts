import type { BrokerMessage } from '../message/broker-message.js';
import { encodeForDelivery, encodeForStorage, MESSAGE_STATE } from '../message/encode.js';
import { parseMessage } from '../message/parse.js';
import type { PutOperation } from '../storage/operations.js';

/** Where a message stands. A removed one is `gone`, wherever it may still be referred to. */
export type MessageStatus = 'active' | 'locked' | 'deferred' | 'scheduled' | 'gone';

/** A message in an entity. Times are milliseconds since the epoch. */
export interface StoredMessage {
  /** Replaced when a settlement changes application properties. */
  message: BrokerMessage;
  readonly sequenceNumber: number;
  readonly enqueuedSequenceNumber: number | undefined;
  readonly enqueuedTime: number;
  /** Infinity when it does not expire. */
  readonly expiresAt: number;
  readonly scheduledFor: number | undefined;
  readonly deadLetterSource: string | undefined;
  deliveryCount: number;
  status: MessageStatus;
  lock: MessageLock | undefined;
}

/** The right of one receiver to settle a message. */
export interface MessageLock {
  readonly token: string;
  /** In a session the session's own time counts instead. */
  until: number;
  /** Taken on a deferred message, which is deferred again when the lock ends. */
  readonly ofDeferred: boolean;
}

/** How a message enters an entity. */
export interface Arrival {
  readonly message: BrokerMessage;
  readonly enqueuedTime: number;
  readonly expiresAt: number;
  readonly scheduledFor?: number | undefined;
  readonly enqueuedSequenceNumber?: number | undefined;
  readonly deadLetterSource?: string | undefined;
  readonly deliveryCount?: number | undefined;
}

/** The message that an arrival becomes. */
export function storedFromArrival(arrival: Arrival, sequenceNumber: number): StoredMessage {
  return {
    message: arrival.message,
    sequenceNumber,
    enqueuedSequenceNumber: arrival.enqueuedSequenceNumber,
    enqueuedTime: arrival.enqueuedTime,
    expiresAt: arrival.expiresAt,
    scheduledFor: arrival.scheduledFor,
    deadLetterSource: arrival.deadLetterSource,
    deliveryCount: arrival.deliveryCount ?? 0,
    status: arrival.scheduledFor === undefined ? 'active' : 'scheduled',
    lock: undefined,
  };
}

/** The message that a line of the journal stands for. */
export function storedFromPut(operation: PutOperation): StoredMessage {
  const stored = storedFromArrival(
    {
      message: parseMessage(operation.message),
      enqueuedTime: operation.enqueued,
      expiresAt: operation.expires ?? Infinity,
      scheduledFor: operation.scheduled,
      enqueuedSequenceNumber: operation.enqueuedSequence,
      deadLetterSource: operation.source,
      deliveryCount: operation.count,
    },
    operation.sequence,
  );
  if (operation.deferred) stored.status = 'deferred';
  return stored;
}

/** The line of the journal that stands for the message; its lock is left out. */
export function putOperation(entity: string, stored: StoredMessage): PutOperation {
  return {
    kind: 'put',
    entity,
    sequence: stored.sequenceNumber,
    enqueued: stored.enqueuedTime,
    count: stored.deliveryCount,
    deferred: stored.status === 'deferred' || stored.lock?.ofDeferred === true,
    message: encodeForStorage(stored.message),
    ...(stored.enqueuedSequenceNumber === undefined
      ? {}
      : { enqueuedSequence: stored.enqueuedSequenceNumber }),
    ...(stored.expiresAt === Infinity ? {} : { expires: stored.expiresAt }),
    ...(stored.scheduledFor === undefined ? {} : { scheduled: stored.scheduledFor }),
    ...(stored.deadLetterSource === undefined ? {} : { source: stored.deadLetterSource }),
  };
}

/**
 * The message as a receiver gets it.
 *
 * @param lockedUntil absent for peeked messages and in receive-and-delete mode
 */
export function bytesOf(stored: StoredMessage, lockedUntil?: number): Buffer {
  const { status, lock, enqueuedSequenceNumber, deadLetterSource } = stored;
  return encodeForDelivery(stored.message, {
    sequenceNumber: stored.sequenceNumber,
    enqueuedTime: stored.enqueuedTime,
    expiresAt: stored.expiresAt,
    deliveryCount: stored.deliveryCount,
    state:
      status === 'scheduled'
        ? MESSAGE_STATE.scheduled
        : status === 'deferred' || lock?.ofDeferred === true
          ? MESSAGE_STATE.deferred
          : MESSAGE_STATE.active,
    ...(lockedUntil === undefined ? {} : { lockedUntil }),
    ...(enqueuedSequenceNumber === undefined ? {} : { enqueuedSequenceNumber }),
    ...(deadLetterSource === undefined ? {} : { deadLetterSource }),
  });
}
