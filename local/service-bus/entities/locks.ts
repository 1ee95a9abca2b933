import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.js';
import { sessionIdOf } from '../message/broker-message.js';
import type { Session, SessionTable } from './sessions.js';
import type { StoredMessage } from './stored-message.js';

/** Who may settle which message of a queue, and until when. In a session that is the session's own time. */
export class LockTable {
  /** By token; the lock that ends soonest first, as all last equally long. */
  private readonly locks = new Map<string, StoredMessage>();

  /** @param duration milliseconds */
  constructor(
    private readonly duration: number,
    private readonly clock: Clock,
    private readonly sessions: SessionTable | undefined,
  ) {}

  /** Locks a message and returns the token. */
  take(stored: StoredMessage): string {
    const token = randomUUID();
    const until = this.clock.now() + this.duration;
    stored.lock = { token, until, ofDeferred: stored.status === 'deferred' };
    this.locks.set(token, stored);
    this.sessionOf(stored)?.locked.add(stored);
    return token;
  }

  /** The message that a token locks or has locked until lately: see {@link until}. */
  find(token: string): StoredMessage | undefined {
    return this.locks.get(token);
  }

  /** When the message's lock ends; milliseconds since the epoch. */
  until(stored: StoredMessage): number {
    return this.sessionOf(stored)?.lockedUntil ?? stored.lock?.until ?? 0;
  }

  /** Prolongs a lock and returns until when. */
  renew(stored: StoredMessage): number {
    const { lock } = stored;
    if (lock === undefined) return 0;
    lock.until = this.clock.now() + this.duration;
    this.locks.delete(lock.token);
    this.locks.set(lock.token, stored);
    return lock.until;
  }

  /** Ends a lock. */
  drop(stored: StoredMessage): void {
    if (stored.lock === undefined) return;
    this.locks.delete(stored.lock.token);
    stored.lock = undefined;
    this.sessionOf(stored)?.locked.delete(stored);
  }

  /** The messages whose own lock has ended; those in sessions end with their session. */
  *ended(now: number): Iterable<StoredMessage> {
    if (this.sessions !== undefined) return;
    for (const stored of this.locks.values()) {
      if ((stored.lock?.until ?? 0) > now) return;
      yield stored;
    }
  }

  private sessionOf(stored: StoredMessage): Session | undefined {
    return this.sessions?.get(sessionIdOf(stored.message) ?? '');
  }
}
