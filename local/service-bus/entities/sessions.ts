import type { Clock } from '../clock.js';
import { BrokerError, sessionLockLost } from '../errors.js';
import type { Operation, Recorder } from '../storage/operations.js';
import type { Pumpable } from '../storage/turn.js';
import type { Consumer } from './consumer.js';
import { Heap } from './heap.js';
import type { StoredMessage } from './stored-message.js';

/** What the session table needs of its queue. */
export interface SessionHost {
  readonly lockDuration: number;
  readonly path: string;
  /** Removes dead messages from the front and returns the first that can be handed out. */
  firstLive(available: Heap<StoredMessage>): StoredMessage | undefined;
  /** Hands a message to a receiver. */
  hand(stored: StoredMessage, consumer: Consumer): void;
  /** Ends a message's lock; `counted` raises its delivery count. */
  unlock(stored: StoredMessage, counted: boolean): void;
  /** Lets the target hand out messages at the end of the turn. */
  schedule(target: Pumpable): void;
}

/** A receiver that waits for any session to have messages. */
export interface SessionWaiter {
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  grant(session: Session): void;
  timeOut(): void;
}

/** One session: its messages in order, its state, and who holds it. */
export class Session implements Pumpable {
  readonly available = new Heap<StoredMessage>((a, b) => a.sequenceNumber < b.sequenceNumber);
  readonly locked = new Set<StoredMessage>();
  owner: Consumer | undefined;
  /** The lock of the session and of every message handed out in it; milliseconds since the epoch. */
  lockedUntil = 0;
  state: Buffer | undefined;

  constructor(
    readonly id: string,
    private readonly host: SessionHost,
  ) {}

  pump(): void {
    while (this.owner?.canTake() === true) {
      const stored = this.host.firstLive(this.available);
      if (stored === undefined) return;
      this.available.pop();
      this.host.hand(stored, this.owner);
    }
  }
}

/** The sessions of one queue or subscription. */
export class SessionTable {
  private readonly sessions = new Map<string, Session>();
  /** Free sessions with messages; the one that has waited longest first. */
  private readonly ready = new Set<Session>();
  /** Held sessions; the one whose lock ends soonest first. */
  private readonly held = new Set<Session>();
  private readonly waiters = new Set<SessionWaiter>();

  constructor(
    private readonly host: SessionHost,
    private readonly clock: Clock,
    private readonly recorder: Recorder,
  ) {}

  /** How many sessions are known; those with nothing to remember are forgotten. */
  get size(): number {
    return this.sessions.size;
  }

  /** Makes a message available in its session. */
  offer(stored: StoredMessage, sessionId: string): void {
    const session = this.session(sessionId);
    session.available.push(stored);
    if (session.owner !== undefined) {
      this.host.schedule(session);
      return;
    }
    this.ready.add(session);
    this.serveWaiters();
  }

  /**
   * Gives a session to a receiver.
   *
   * @throws BrokerError `com.microsoft:session-cannot-be-locked` when another has it
   */
  accept(id: string, consumer: Consumer): Session {
    const session = this.session(id);
    if (session.owner !== undefined) {
      throw new BrokerError(
        'com.microsoft:session-cannot-be-locked',
        `The requested session '${id}' cannot be accepted. It may be locked by another receiver.`,
      );
    }
    session.owner = consumer;
    this.ready.delete(session);
    this.prolong(session);
    return session;
  }

  /** The free session with messages that has waited longest. */
  next(): Session | undefined {
    for (const session of this.ready) {
      if (this.host.firstLive(session.available) !== undefined) return session;
      this.ready.delete(session);
      this.prune(session);
    }
    return undefined;
  }

  wait(waiter: SessionWaiter): void {
    this.waiters.add(waiter);
  }

  stopWaiting(waiter: SessionWaiter): void {
    this.waiters.delete(waiter);
  }

  /** Takes a session from its holder; `counted` when its lock ran out. */
  release(session: Session, counted: boolean): void {
    this.held.delete(session);
    // The owner stays until all messages are back, so that no waiter is given a session that lacks some.
    for (const stored of session.locked) this.host.unlock(stored, counted);
    session.owner = undefined;
    if (session.available.size > 0) this.ready.add(session);
    else this.prune(session);
    this.serveWaiters();
  }

  /** Prolongs the lock and returns until when. */
  renew(id: string, holder?: string): number {
    return this.prolong(this.requireHeld(id, holder));
  }

  state(id: string, holder?: string): Buffer | undefined {
    return this.requireHeld(id, holder).state;
  }

  setState(id: string, state: Buffer | undefined, holder?: string): void {
    this.requireHeld(id, holder).state = state;
    this.recorder.append({
      kind: 'session',
      entity: this.host.path.toLowerCase(),
      session: id,
      ...(state === undefined ? {} : { state }),
    });
  }

  /**
   * The session, if it is held.
   *
   * @param holder name of the receiver that must hold it; any when absent
   * @throws BrokerError `com.microsoft:session-lock-lost`
   */
  requireHeld(id: string, holder?: string): Session {
    const session = this.sessions.get(id);
    const isHeld = session?.owner !== undefined && session.lockedUntil > this.clock.now();
    if (!isHeld || (holder !== undefined && session.owner?.name !== holder)) throw sessionLockLost(id);
    return session;
  }

  get(id: string): Session | undefined {
    return this.sessions.get(id);
  }

  /** Ends the locks and the waits whose time is over. */
  sweep(now: number): void {
    for (const session of this.held) {
      if (session.lockedUntil > now) break;
      const { owner } = session;
      this.release(session, true);
      owner?.close(sessionLockLost(session.id));
    }
    for (const waiter of this.waiters) {
      if (waiter.deadline > now) continue;
      this.waiters.delete(waiter);
      waiter.timeOut();
    }
  }

  /** Drops messages that are gone from the sessions' queues. */
  compact(): void {
    for (const session of this.sessions.values()) {
      session.available.retain((stored) => stored.status === 'active');
      if (session.available.size > 0) continue;
      this.ready.delete(session);
      this.prune(session);
    }
  }

  /** Takes back a session's state. */
  restoreState(id: string, state: Buffer | undefined): void {
    const session = this.session(id);
    session.state = state;
    this.prune(session);
  }

  /** The states as operations. */
  *snapshot(): Iterable<Operation> {
    const entity = this.host.path.toLowerCase();
    for (const { id, state } of this.sessions.values()) {
      if (state !== undefined) yield { kind: 'session', entity, session: id, state };
    }
  }

  private session(id: string): Session {
    const known = this.sessions.get(id);
    if (known !== undefined) return known;
    const session = new Session(id, this.host);
    this.sessions.set(id, session);
    return session;
  }

  private prolong(session: Session): number {
    session.lockedUntil = this.clock.now() + this.host.lockDuration;
    this.held.delete(session);
    this.held.add(session);
    return session.lockedUntil;
  }

  private serveWaiters(): void {
    for (const waiter of this.waiters) {
      const session = this.next();
      if (session === undefined) return;
      this.waiters.delete(waiter);
      waiter.grant(session);
    }
  }

  private prune(session: Session): void {
    const isIdle = session.owner === undefined && session.state === undefined;
    if (isIdle && session.available.size === 0 && session.locked.size === 0) this.sessions.delete(session.id);
  }
}
