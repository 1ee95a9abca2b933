import { BrokerError } from '../errors.js';
import type { BrokerMessage } from '../message/broker-message.js';
import { sizeOf } from '../message/broker-message.js';
import { encodeForStorage } from '../message/encode.js';
import { parseMessage } from '../message/parse.js';
import type { Operation, PutOperation, Recorder, UpdateOperation } from '../storage/operations.js';
import type { Arrival, MessageStatus, StoredMessage } from './stored-message.js';
import { putOperation, storedFromArrival, storedFromPut } from './stored-message.js';

/** Bytes that a stored message costs besides its content. */
const OVERHEAD = 300;

type RestorableOperation = PutOperation | UpdateOperation | Extract<Operation, { kind: 'remove' }>;

/** The messages of one entity, in order of sequence number, each change recorded. */
export class MessageStore {
  private readonly messages = new Map<number, StoredMessage>();
  private readonly counts: Record<MessageStatus, number> = {
    active: 0,
    locked: 0,
    deferred: 0,
    scheduled: 0,
    gone: 0,
  };
  private lastSequence = 0;
  private bytesHeld = 0;
  /** No message expires, or is due, before these times; they spare the search. */
  private earliestExpiry = Infinity;
  private earliestDue = Infinity;

  /**
   * @param entity the entity's path in lower case
   * @param maxBytes content beyond which arrivals are refused
   */
  constructor(
    readonly entity: string,
    private readonly recorder: Recorder,
    private readonly maxBytes: number,
  ) {}

  get size(): number {
    return this.messages.size;
  }

  /** Bytes held, about. */
  get bytes(): number {
    return this.bytesHeld;
  }

  /** How many messages have a status. */
  count(status: MessageStatus): number {
    return this.counts[status];
  }

  get(sequenceNumber: number): StoredMessage | undefined {
    return this.messages.get(sequenceNumber);
  }

  /** All messages, lowest sequence number first. */
  values(): Iterable<StoredMessage> {
    return this.messages.values();
  }

  /** Takes the next sequence number. */
  nextSequence(): number {
    return ++this.lastSequence;
  }

  /**
   * Refuses when the entity is full.
   *
   * @throws BrokerError `amqp:resource-limit-exceeded`
   */
  checkRoom(): void {
    if (this.bytesHeld < this.maxBytes) return;
    throw new BrokerError(
      'amqp:resource-limit-exceeded',
      `The maximum entity size has been reached or exceeded for '${this.entity}'. Size of entity in bytes: ${this.bytesHeld}.`,
    );
  }

  /** Stores an arriving message as active or scheduled. */
  add(arrival: Arrival, sequenceNumber = this.nextSequence()): StoredMessage {
    const stored = storedFromArrival(arrival, sequenceNumber);
    this.keep(stored);
    this.recorder.append(putOperation(this.entity, stored));
    return stored;
  }

  remove(stored: StoredMessage): void {
    this.forget(stored);
    this.recorder.append({ kind: 'remove', entity: this.entity, sequence: stored.sequenceNumber });
  }

  /** Moves a message to another status; only what `record` writes survives the process. */
  setStatus(stored: StoredMessage, status: MessageStatus): void {
    this.counts[stored.status]--;
    this.counts[status]++;
    stored.status = status;
    // While it was locked it was passed over by `takeExpired`.
    if (status === 'active') this.earliestExpiry = Math.min(this.earliestExpiry, stored.expiresAt);
  }

  /** Records the delivery count and whether the message is deferred, and its content if that changed. */
  record(stored: StoredMessage, changed?: BrokerMessage): void {
    if (changed !== undefined) this.replace(stored, changed);
    this.recorder.append({
      kind: 'update',
      entity: this.entity,
      sequence: stored.sequenceNumber,
      count: stored.deliveryCount,
      deferred: stored.status === 'deferred',
      ...(changed === undefined ? {} : { message: encodeForStorage(changed) }),
    });
  }

  /** The active messages whose time to live is over. */
  expired(now: number): StoredMessage[] {
    if (now < this.earliestExpiry) return [];
    const active = [...this.messages.values()].filter((stored) => stored.status === 'active');
    this.earliestExpiry = earliest(active, now, (stored) => stored.expiresAt);
    return active.filter((stored) => stored.expiresAt <= now);
  }

  /** The scheduled messages whose time has come, in order of that time. */
  due(now: number): StoredMessage[] {
    if (now < this.earliestDue) return [];
    const dueTime = (stored: StoredMessage): number => stored.scheduledFor ?? Infinity;
    const scheduled = [...this.messages.values()].filter((stored) => stored.status === 'scheduled');
    this.earliestDue = earliest(scheduled, now, dueTime);
    return scheduled
      .filter((stored) => dueTime(stored) <= now)
      .sort((a, b) => dueTime(a) - dueTime(b) || a.sequenceNumber - b.sequenceNumber);
  }

  /** Makes sure that sequence numbers up to `sequence` are not given out again. */
  reserve(sequence: number): void {
    this.lastSequence = Math.max(this.lastSequence, sequence);
  }

  /** Takes back a line of the journal. */
  restore(operation: RestorableOperation): void {
    this.reserve(operation.sequence);
    if (operation.kind === 'put') {
      this.keep(storedFromPut(operation));
      return;
    }
    const stored = this.messages.get(operation.sequence);
    if (stored === undefined) return;
    if (operation.kind === 'remove') {
      this.forget(stored);
      return;
    }
    stored.deliveryCount = operation.count;
    this.setStatus(stored, operation.deferred ? 'deferred' : 'active');
    if (operation.message !== undefined) this.replace(stored, parseMessage(operation.message));
  }

  /** The store as operations. */
  *snapshot(): Iterable<Operation> {
    if (this.lastSequence > 0) yield { kind: 'sequence', entity: this.entity, last: this.lastSequence };
    for (const stored of this.messages.values()) yield putOperation(this.entity, stored);
  }

  private keep(stored: StoredMessage): void {
    this.messages.set(stored.sequenceNumber, stored);
    this.counts[stored.status]++;
    this.bytesHeld += sizeOf(stored.message) + OVERHEAD;
    this.earliestExpiry = Math.min(this.earliestExpiry, stored.expiresAt);
    this.earliestDue = Math.min(this.earliestDue, stored.scheduledFor ?? Infinity);
  }

  private replace(stored: StoredMessage, message: BrokerMessage): void {
    this.bytesHeld += sizeOf(message) - sizeOf(stored.message);
    stored.message = message;
  }

  private forget(stored: StoredMessage): void {
    this.messages.delete(stored.sequenceNumber);
    this.bytesHeld -= sizeOf(stored.message) + OVERHEAD;
    this.setStatus(stored, 'gone');
    stored.lock = undefined;
  }
}

/** The earliest time after `now`; what is due by `now` is about to be dealt with. */
function earliest(
  messages: readonly StoredMessage[],
  now: number,
  timeOf: (stored: StoredMessage) => number,
): number {
  let first = Infinity;
  for (const stored of messages) {
    const time = timeOf(stored);
    if (time > now && time < first) first = time;
  }
  return first;
}
