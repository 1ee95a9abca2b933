import { randomUUID } from 'node:crypto';
import type { ReceivingConfig } from '../config/namespace-config.js';
import { messageLockLost, messageNotFound, notAllowed } from '../errors.js';
import type { BrokerMessage } from '../message/broker-message.js';
import { messageIdKey, sessionIdOf } from '../message/broker-message.js';
import { withApplicationProperties } from '../message/rewrite.js';
import type { Operation } from '../storage/operations.js';
import type { Pumpable } from '../storage/turn.js';
import type { Consumer, Settlement } from './consumer.js';
import { afterDeliveries, expired, withoutSession, type DeadLetterReason } from './dead-letter-reason.js';
import { DuplicateHistory } from './duplicates.js';
import type { EntityContext } from './entity-context.js';
import { Heap } from './heap.js';
import { LockTable } from './locks.js';
import { MessageStore } from './message-store.js';
import type { SessionHost } from './sessions.js';
import { SessionTable } from './sessions.js';
import type { StoredMessage } from './stored-message.js';
import { bytesOf } from './stored-message.js';

/** Settings of a queue, a subscription (no duplicate window) or a dead-letter queue. */
export interface QueueSettings extends ReceivingConfig {
  /** Zero when duplicates are not looked for. */
  readonly duplicateWindow: number;
  /** A dead-letter queue has none of its own. */
  readonly hasDeadLetters: boolean;
}

/** Where a message came from, when it was not sent to this queue. */
export interface Origin {
  readonly enqueuedSequenceNumber?: number;
  readonly deadLetterSource?: string;
  readonly deliveryCount?: number;
}

/** A queue, a subscription, or the dead-letter queue of either. */
export class MessageQueue implements Pumpable, SessionHost {
  readonly store: MessageStore;
  readonly deadLetters: MessageQueue | undefined;
  /** Present when the entity requires sessions. */
  readonly sessions: SessionTable | undefined;
  readonly lockDuration: number;
  private readonly duplicates: DuplicateHistory | undefined;
  private readonly available = new Heap<StoredMessage>((a, b) => a.sequenceNumber < b.sequenceNumber);
  private readonly locks: LockTable;
  private readonly consumers = new Set<Consumer>();

  /** @param path the entity's path as it is written in the configuration */
  constructor(
    readonly path: string,
    private readonly settings: QueueSettings,
    private readonly context: EntityContext,
  ) {
    const { turn, clock } = context;
    const entity = path.toLowerCase();
    this.lockDuration = settings.lockDuration;
    this.store = new MessageStore(entity, turn, context.maxEntityBytes);
    if (settings.duplicateWindow > 0) {
      this.duplicates = new DuplicateHistory(settings.duplicateWindow, entity, turn);
    }
    if (settings.requiresSession) this.sessions = new SessionTable(this, clock, turn);
    this.locks = new LockTable(settings.lockDuration, clock, this.sessions);
    if (settings.hasDeadLetters) this.deadLetters = this.createDeadLetters();
  }

  // Arrivals

  /**
   * Refuses a message that a sender may not put here.
   *
   * @throws BrokerError
   */
  check(message: BrokerMessage): void {
    this.store.checkRoom();
    if (this.sessions !== undefined && sessionIdOf(message) === undefined) {
      throw notAllowed(
        'The SessionId was not set on a message, and it cannot be sent to the entity. Entities that have session support enabled can only receive messages that have the SessionId set to a valid value.',
      );
    }
  }

  /**
   * Takes a checked message from a sender.
   *
   * @returns its sequence number; 0 for a duplicate and for a message that was forwarded
   */
  submit(message: BrokerMessage): number {
    const now = this.context.clock.now();
    if (this.duplicates?.isDuplicate(messageIdKey(message), now) === true) return 0;
    const due = message.annotations.scheduledEnqueueTime;
    if (due === undefined || due <= now) return this.arrive(message, {});
    const arrival = { message, enqueuedTime: now, expiresAt: Infinity, scheduledFor: due };
    return this.store.add(arrival).sequenceNumber;
  }

  /** Takes a message that comes from another entity, or whose scheduled time has come. */
  arrive(message: BrokerMessage, origin: Origin): number {
    if (this.settings.forwardTo !== undefined) {
      this.context.forward(this.settings.forwardTo, message);
      return 0;
    }
    const now = this.context.clock.now();
    const timeToLive = Math.min(message.header.ttl ?? Infinity, this.settings.timeToLive);
    const expiresAt = now + (timeToLive > 0 ? timeToLive : Infinity);
    const stored = this.store.add({ message, enqueuedTime: now, expiresAt, ...origin });
    if (this.sessions !== undefined && sessionIdOf(message) === undefined) {
      this.deadLetter(stored, withoutSession);
    } else this.makeAvailable(stored);
    return stored.sequenceNumber;
  }

  /**
   * Takes a scheduled message back.
   *
   * @throws BrokerError `com.microsoft:message-not-found`
   */
  cancelScheduled(sequenceNumber: number): void {
    const stored = this.store.get(sequenceNumber);
    if (stored?.status !== 'scheduled') throw messageNotFound(sequenceNumber);
    this.store.remove(stored);
  }

  // Receivers

  addConsumer(consumer: Consumer): void {
    this.consumers.add(consumer);
    this.schedule(this);
  }

  removeConsumer(consumer: Consumer): void {
    this.consumers.delete(consumer);
  }

  schedule(target: Pumpable): void {
    this.context.turn.pump(target);
  }

  /** Hands available messages to the receivers that ask for them, in turn. */
  pump(): void {
    for (;;) {
      const stored = this.firstLive(this.available);
      if (stored === undefined) return;
      const consumer = this.nextConsumer();
      if (consumer === undefined) return;
      this.available.pop();
      this.hand(stored, consumer);
    }
  }

  firstLive(available: Heap<StoredMessage>): StoredMessage | undefined {
    const now = this.context.clock.now();
    for (let stored = available.peek(); stored !== undefined; stored = available.peek()) {
      if (stored.status === 'active' && stored.expiresAt > now) return stored;
      available.pop();
      if (stored.status === 'active') this.expire(stored);
    }
    return undefined;
  }

  hand(stored: StoredMessage, consumer: Consumer): void {
    if (consumer.deletesOnReceipt) {
      const bytes = bytesOf(stored);
      this.store.remove(stored);
      consumer.take(randomUUID(), bytes);
      return;
    }
    const token = this.lock(stored);
    consumer.take(token, bytesOf(stored, this.locks.until(stored)));
  }

  /** Up to `count` messages from a sequence number on, in any status, and their bytes; nothing is locked. */
  peek(from: number, count: number, sessionId?: string): Buffer[] {
    const now = this.context.clock.now();
    const found: Buffer[] = [];
    let room = MAX_PEEK_BYTES;
    for (const stored of this.store.values()) {
      if (found.length >= count || room <= 0) break;
      if (stored.sequenceNumber < from || stored.expiresAt <= now) continue;
      if (sessionId !== undefined && sessionIdOf(stored.message) !== sessionId) continue;
      const bytes = bytesOf(stored);
      room -= bytes.length;
      found.push(bytes);
    }
    return found;
  }

  /**
   * Receives deferred messages by sequence number: all of them or none.
   *
   * @returns lock tokens and bytes
   * @throws BrokerError `com.microsoft:message-not-found`, or `session-lock-lost` when the session is not held
   */
  receiveDeferred(
    sequenceNumbers: readonly number[],
    deletesOnReceipt: boolean,
    sessionId?: string,
    holder?: string,
  ): { token: string; bytes: Buffer }[] {
    if (this.sessions !== undefined) this.sessions.requireHeld(sessionId ?? '', holder);
    const wanted = sequenceNumbers.map((sequenceNumber) => {
      const stored = this.store.get(sequenceNumber);
      const elsewhere =
        this.sessions !== undefined && stored !== undefined && sessionIdOf(stored.message) !== sessionId;
      if (stored?.status !== 'deferred' || elsewhere) throw messageNotFound(sequenceNumber);
      return stored;
    });
    return wanted.map((stored) => {
      if (deletesOnReceipt) {
        const bytes = bytesOf(stored);
        this.store.remove(stored);
        return { token: randomUUID(), bytes };
      }
      const token = this.lock(stored);
      return { token, bytes: bytesOf(stored, this.locks.until(stored)) };
    });
  }

  // Locks and settlement

  /**
   * Carries out a receiver's decision.
   *
   * @throws BrokerError `com.microsoft:message-lock-lost`
   */
  settle(token: string, settlement: Settlement): void {
    const stored = this.requireLock(token);
    if (settlement.kind === 'complete') {
      this.locks.drop(stored);
      this.store.remove(stored);
      return;
    }
    if (settlement.kind === 'dead-letter') {
      if (this.deadLetters === undefined) throw notAllowed('The message is in a dead-letter queue already.');
      this.locks.drop(stored);
      this.deadLetter(stored, settlement.properties);
      return;
    }
    const changed =
      settlement.properties.size > 0
        ? withApplicationProperties(stored.message, settlement.properties)
        : undefined;
    if (settlement.kind === 'abandon') {
      this.unlock(stored, true, changed);
      return;
    }
    this.locks.drop(stored);
    this.store.setStatus(stored, 'deferred');
    this.store.record(stored, changed);
  }

  /**
   * Prolongs a message lock.
   *
   * @returns until when, in milliseconds since the epoch
   * @throws BrokerError `com.microsoft:message-lock-lost`
   */
  renewLock(token: string): number {
    if (this.sessions !== undefined) {
      throw notAllowed('The lock of a message in a session is the lock of the session: renew that.');
    }
    return this.locks.renew(this.requireLock(token));
  }

  unlock(stored: StoredMessage, counted: boolean, changed?: BrokerMessage): void {
    const ofDeferred = stored.lock?.ofDeferred === true;
    this.locks.drop(stored);
    if (counted) stored.deliveryCount++;
    if (ofDeferred) this.store.setStatus(stored, 'deferred');
    const isPoison = stored.deliveryCount >= this.settings.maxDeliveryCount;
    if (counted && !ofDeferred && isPoison && this.deadLetters !== undefined) {
      this.deadLetter(stored, afterDeliveries(this.settings.maxDeliveryCount), changed);
      return;
    }
    if (counted) this.store.record(stored, changed);
    if (!ofDeferred) this.makeAvailable(stored);
  }

  // Time

  /** Does what is due: ends locks, enqueues scheduled messages, expires old ones. */
  sweep(now: number): void {
    for (const stored of this.locks.ended(now)) this.unlock(stored, true);
    this.sessions?.sweep(now);
    for (const stored of this.store.due(now)) {
      this.store.remove(stored);
      this.arrive(stored.message, { enqueuedSequenceNumber: stored.sequenceNumber });
    }
    const old = this.store.expired(now);
    for (const stored of old) this.expire(stored);
    if (old.length > 0) {
      this.available.retain((stored) => stored.status === 'active');
      this.sessions?.compact();
    }
    this.duplicates?.forget(now);
    this.deadLetters?.sweep(now);
  }

  // Durability

  /** Takes back a line of the journal that names this entity. */
  restore(operation: Operation): void {
    if (operation.kind === 'seen') this.duplicates?.restore(operation.key, operation.time);
    else if (operation.kind === 'session') this.sessions?.restoreState(operation.session, operation.state);
    else if (operation.kind === 'sequence') this.store.reserve(operation.last);
    else this.store.restore(operation);
  }

  /** Makes the restored messages available; called once, after the journal was replayed. */
  open(): void {
    for (const stored of this.store.values()) if (stored.status === 'active') this.makeAvailable(stored);
    this.deadLetters?.open();
  }

  /** The state as operations. */
  *snapshot(): Iterable<Operation> {
    yield* this.store.snapshot();
    if (this.duplicates !== undefined) yield* this.duplicates.snapshot();
    if (this.sessions !== undefined) yield* this.sessions.snapshot();
    if (this.deadLetters !== undefined) yield* this.deadLetters.snapshot();
  }

  private createDeadLetters(): MessageQueue {
    const settings: QueueSettings = {
      lockDuration: this.lockDuration,
      maxDeliveryCount: Infinity,
      timeToLive: Infinity,
      deadLetterOnExpiration: false,
      requiresSession: false,
      duplicateWindow: 0,
      hasDeadLetters: false,
    };
    return new MessageQueue(`${this.path}/$DeadLetterQueue`, settings, this.context);
  }

  /** A receiver that asks for a message; it goes to the end of the line, so that all share the work. */
  private nextConsumer(): Consumer | undefined {
    for (const consumer of this.consumers) {
      if (!consumer.canTake()) continue;
      this.consumers.delete(consumer);
      this.consumers.add(consumer);
      return consumer;
    }
    return undefined;
  }

  private makeAvailable(stored: StoredMessage): void {
    if (stored.status !== 'active') this.store.setStatus(stored, 'active');
    const sessionId = sessionIdOf(stored.message);
    if (this.sessions === undefined || sessionId === undefined) {
      this.available.push(stored);
      this.schedule(this);
    } else this.sessions.offer(stored, sessionId);
  }

  private lock(stored: StoredMessage): string {
    const token = this.locks.take(stored);
    this.store.setStatus(stored, 'locked');
    return token;
  }

  private requireLock(token: string): StoredMessage {
    const stored = this.locks.find(token);
    if (stored === undefined) throw messageLockLost();
    if (this.locks.until(stored) > this.context.clock.now()) return stored;
    // The sweep has not come by yet.
    this.unlock(stored, true);
    throw messageLockLost();
  }

  private expire(stored: StoredMessage): void {
    if (this.settings.deadLetterOnExpiration && this.deadLetters !== undefined) {
      this.deadLetter(stored, expired);
    } else this.store.remove(stored);
  }

  private deadLetter(stored: StoredMessage, properties: DeadLetterReason, content = stored.message): void {
    const { partitionKey, foreign } = content.annotations;
    const annotations = { foreign, ...(partitionKey === undefined ? {} : { partitionKey }) };
    const message = withApplicationProperties({ ...content, annotations }, properties);
    this.store.remove(stored);
    if (this.settings.forwardDeadLettersTo !== undefined) {
      this.context.forward(this.settings.forwardDeadLettersTo, message);
      return;
    }
    this.deadLetters?.arrive(message, {
      enqueuedSequenceNumber: stored.sequenceNumber,
      deadLetterSource: this.path,
      deliveryCount: stored.deliveryCount,
    });
  }
}

/** Answers to a peek hold about so many bytes at most; the SDK asks again from where they end. */
const MAX_PEEK_BYTES = 1 << 20;
