/** The audit trail as requests write it: nothing is answered before its entry is stored. */
import { ExchangeError } from '../../core/errors.js';
import {
  appendEntries,
  openChain,
  sealChain,
  type Block,
  type Chain,
} from '../../core/governance/audit/chain.js';
import type { AuditEntry } from '../../core/governance/audit/entry.js';
import type { AuditStore, StoredChain } from '../../ports/audit-store.js';
import type { Clock } from '../../ports/clock.js';
import { pauseBefore } from '../pause.js';

/** What the trail needs. */
export interface AuditTrailDependencies {
  readonly audit: AuditStore;
  readonly clock: Clock;
  /** The shard that this process writes to; others may write to it at the same time. */
  readonly shard: string;
}

/** Where accesses and changes are recorded. */
export interface AuditTrail {
  /**
   * Records an entry: it is stored once the promise is fulfilled.
   *
   * @throws ExchangeError HDE_THROTTLED or HDE_DEPENDENCY_UNAVAILABLE when it could not be stored, or too many wait: the
   * request must not be answered as if it had been done
   */
  record(entry: AuditEntry): Promise<void>;
}

/** About as many bytes as may wait for the store in one process. */
const mostWaiting = 16 * 1024 * 1024;
/** About as many bytes as one block may have; a document of Cosmos DB has 2 MB. */
const mostInBlock = 512 * 1024;
/** As many entries as one block may have. */
const mostEntries = 1000;
/** Whoever loses to other processes this often meets a fault, not a race. */
const maxAttempts = 30;

/** Entries that will be stored together, and what their requests wait for. */
interface Group {
  readonly entries: AuditEntry[];
  readonly isStored: PromiseWithResolvers<void>;
  size: number;
}

/**
 * Opens the trail. Requests that meet share one block: those that one turn of the event loop brings, and while one is being
 * stored all others for the next, so that a busy process makes no more requests to the store than a quiet one.
 */
export function auditTrail(deps: AuditTrailDependencies): AuditTrail {
  const writer = new ChainWriter(deps);
  const waiting: Group[] = [];
  let [size, isWriting] = [0, false];
  const writeAll = async (): Promise<void> => {
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
      await writer.append(group.entries).then(group.isStored.resolve, group.isStored.reject);
      size -= group.size;
    }
    isWriting = false;
  };
  return {
    record(entry) {
      const own = sizeOf(entry);
      if (size + own > mostWaiting) return Promise.reject(unavailable('too many accesses wait'));
      const group = groupFor(waiting, own);
      group.entries.push(entry);
      group.size += own;
      size += own;
      // Requests that the same turn of the event loop brings come one after the other, and each goes as far as this at once.
      if (!isWriting) setImmediate(() => void writeAll());
      isWriting = true;
      return group.isStored.promise;
    },
  };
}

/** The last group that waits, if it has room; else a new one. */
function groupFor(waiting: Group[], size: number): Group {
  const last = waiting.at(-1);
  if (last !== undefined && last.size + size <= mostInBlock && last.entries.length < mostEntries) return last;
  const group: Group = { entries: [], isStored: withResolvers(), size: 0 };
  // Each who waits for it is told; a group whose requests are gone must not end the process.
  group.isStored.promise.catch(ignore);
  waiting.push(group);
  return group;
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers(): PromiseWithResolvers<void> {
  let settle: Omit<PromiseWithResolvers<void>, 'promise'> = { resolve: ignore, reject: ignore };
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}

/** About how many bytes an entry has when it is stored: what varies is whom, and how many records and patients, it names. */
const sizeOf = ({ subject, records, patients }: AuditEntry): number =>
  1024 + 3 * subject.length + 110 * records.length + 2 * 70 * patients.length;

/** Adds blocks to the chain of a shard, opening a new one each day. */
class ChainWriter {
  readonly #deps: AuditTrailDependencies;
  /** The chain as this process knows it; undefined when it must be looked up. */
  #stored: StoredChain | undefined;

  constructor(deps: AuditTrailDependencies) {
    this.#deps = deps;
  }

  /** @throws ExchangeError HDE_DEPENDENCY_UNAVAILABLE, or HDE_THROTTLED with what the store says about coming again */
  async append(entries: readonly AuditEntry[]): Promise<void> {
    try {
      for (let attempt = 1; attempt <= maxAttempts; attempt++) {
        const stored = await this.#current();
        if (stored !== undefined) {
          const { chain, block } = appendEntries(stored.chain, entries);
          const extended = await this.#deps.audit.extend(chain, stored.etag, block);
          this.#stored = extended ?? (await this.#deps.audit.read(chain));
          if (extended !== undefined || (await this.#holds(chain, block))) return;
        }
        await pauseBefore(attempt);
      }
    } catch (error) {
      // Whether it was stored is unknown: the chain is looked up before anything else is added.
      this.#stored = undefined;
      const isThrottled = error instanceof ExchangeError && error.code === 'HDE_THROTTLED';
      throw isThrottled ? error : unavailable('audit store', error);
    }
    throw unavailable('audit store');
  }

  /**
   * Whether a block of which the store says that it lost is in the chain: one that is repeated on its way loses to itself.
   * A hash is that of one entry in one place.
   */
  async #holds({ shard, day, count, hash }: Chain, { entries }: Block): Promise<boolean> {
    const head = this.#stored?.chain;
    if (head === undefined || head.count < count) return false;
    if (head.count === count) return head.hash === hash;
    const [found] = await this.#deps.audit.listBlocks({ shard, day }, entries[0]?.sequence ?? 0, 1);
    return found?.entries.at(-1)?.hash === hash;
  }

  /** The chain of today, or of a later day that a process with another clock has begun; undefined: try again. */
  async #current(): Promise<StoredChain | undefined> {
    const { audit, clock, shard } = this.#deps;
    const today = clock.now().toISOString().slice(0, 10);
    this.#stored ??= (await audit.findLatest(shard)) ?? (await audit.open(openChain(shard, today)));
    if (this.#stored === undefined) return undefined;
    const { chain, etag } = this.#stored;
    if (chain.next !== undefined) {
      const { next } = sealChain(chain, chain.next);
      this.#stored = (await audit.open(next)) ?? (await audit.read(next));
      return undefined;
    }
    if (chain.day >= today) return this.#stored;
    const { sealed } = sealChain(chain, today);
    this.#stored = await audit.extend(sealed, etag);
    return undefined;
  }
}

const unavailable = (detail: string, cause?: unknown): ExchangeError =>
  new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE', { detail, cause, retryAfterSeconds: 5 });

const ignore = (): void => undefined;
