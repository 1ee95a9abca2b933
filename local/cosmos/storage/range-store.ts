import type { Value } from '../json.js';
import type { Ordering } from '../sql/ordering.js';
import type { Partition } from './container.js';
import { LookUps } from './look-ups.js';
import type { OrderedIndex } from './ordered-index.js';
import { OrderedIndexes } from './ordered-index.js';
import type { StoredItem } from './stored-item.js';

/** A change as the all-versions-and-deletes feed tells it. */
export interface Version {
  readonly lsn: number;
  readonly ts: number;
  readonly operation: 'create' | 'replace' | 'delete';
  readonly current: StoredItem | undefined;
  readonly previous: StoredItem | undefined;
  readonly partition: Pick<Partition, 'text' | 'epk'>;
  readonly expired: boolean;
}

/** How many versions a range remembers for the all-versions-and-deletes feed. */
const rememberedVersions = 5_000;

/** The items of one partition key range in both orders that matter: creation (queries) and last write (feed). */
export class RangeStore {
  /** The log sequence number of the last commit. */
  lsn = 0;
  readonly #lookUps = new LookUps();
  readonly #ordered = new OrderedIndexes();
  #byCreation = new Map<number, StoredItem>();
  /** Those that say themselves when they expire. */
  readonly #mortal = new Set<StoredItem>();
  /** Ordered by LSN; versions that were replaced stay until they outnumber the current ones. */
  #byWrite: StoredItem[] = [];
  #replaced = 0;
  #versions: Version[] = [];
  /** Versions up to this LSN are no longer (completely) remembered. */
  #forgottenLsn = 0;

  get size(): number {
    return this.#byCreation.size;
  }

  /** Items in order of creation, expired ones included. */
  items(): Iterable<StoredItem> {
    return this.#byCreation.values();
  }

  /** The items that say themselves when they expire: few, where all others stay. */
  mortals(): Iterable<StoredItem> {
    return this.#mortal;
  }

  /**
   * The items, expired ones included, that hold one of the values at a path (property names as JSON, at last `[]` for the
   * elements of an array), a set for each value; undefined when such values are not looked up.
   */
  holding(path: string, values: readonly Value[]): readonly ReadonlySet<StoredItem>[] | undefined {
    return this.#lookUps.find(path, values, () => this.#byCreation.values());
  }

  /** The items, expired ones included, in an order. */
  orderedBy(ordering: Ordering): OrderedIndex {
    return this.#ordered.find(ordering, () => this.#byCreation.values());
  }

  /** Current versions written after the LSN, in order of writing. */
  *writtenAfter(lsn: number): Generator<StoredItem> {
    // The array may be compacted while a reader waits, hence the snapshot.
    const entries = this.#byWrite;
    for (let at = firstAfter(entries, lsn); at < entries.length; at++) {
      const item = entries[at];
      if (item !== undefined && !item.replaced) yield item;
    }
  }

  /** Remembered versions after the LSN, or `undefined` when older ones than that were forgotten. */
  versionsAfter(lsn: number): readonly Version[] | undefined {
    return lsn < this.#forgottenLsn ? undefined : this.#versions.slice(firstAfter(this.#versions, lsn));
  }

  put(item: StoredItem, previous: StoredItem | undefined, ts: number): void {
    if (previous !== undefined) {
      this.#retire(previous);
      this.#lookUps.remove(previous);
      this.#ordered.remove(previous);
      this.#mortal.delete(previous);
      // A new version keeps its item's place in the order of creation.
      if (previous.sequence !== item.sequence) this.#byCreation.delete(previous.sequence);
    }
    this.#byCreation.set(item.sequence, item);
    this.#lookUps.add(item);
    this.#ordered.add(item);
    if (typeof item.ttl === 'number') this.#mortal.add(item);
    this.#byWrite.push(item);
    this.#remember({
      lsn: item.lsn,
      ts,
      operation: previous === undefined ? 'create' : 'replace',
      current: item,
      previous,
      partition: item.partition,
      expired: false,
    });
  }

  delete(item: StoredItem, lsn: number, ts: number, expired: boolean): void {
    this.#retire(item);
    this.#byCreation.delete(item.sequence);
    this.#lookUps.remove(item);
    this.#ordered.remove(item);
    this.#mortal.delete(item);
    this.#remember({
      lsn,
      ts,
      operation: 'delete',
      current: undefined,
      previous: item,
      partition: item.partition,
      expired,
    });
  }

  /** Forgets all versions: what a compacted log replays is not what happened. */
  forgetVersions(): void {
    this.#versions = [];
    this.#forgottenLsn = this.lsn;
  }

  sortByCreation(): void {
    this.#byCreation = new Map([...this.#byCreation].sort(([left], [right]) => left - right));
  }

  #retire(item: StoredItem): void {
    item.replaced = true;
    this.#replaced += 1;
    if (this.#replaced > 1_000 && this.#replaced * 2 > this.#byWrite.length) {
      this.#byWrite = this.#byWrite.filter((entry) => !entry.replaced);
      this.#replaced = 0;
    }
  }

  #remember(version: Version): void {
    this.#versions.push(version);
    if (this.#versions.length < rememberedVersions * 2) return;
    const dropped = this.#versions[rememberedVersions - 1];
    this.#forgottenLsn = dropped?.lsn ?? this.#forgottenLsn;
    this.#versions = this.#versions.slice(rememberedVersions);
  }
}

/** The index of the first entry with a greater LSN (binary search). */
function firstAfter(entries: readonly { readonly lsn: number }[], lsn: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.lsn ?? 0) <= lsn) low = middle + 1;
    else high = middle;
  }
  return low;
}
