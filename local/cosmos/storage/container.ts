import type { Json } from '../json.js';
import { splitPath, valueAt } from '../json.js';
import type { KeyPart } from '../murmur.js';
import { effectivePartitionKey } from '../murmur.js';
import type { Commit, ContainerRecord, ItemDocument } from './entries.js';
import { PartitionKeyReader } from './partition-key.js';
import { RangeStore } from './range-store.js';
import type { HashRange } from './ranges.js';
import { divideHashSpace, rangeIndexOf } from './ranges.js';
import { itemSequence } from './resource-id.js';
import { StoredItem } from './stored-item.js';

/** All items of one partition key, by id, in order of creation. */
export interface Partition {
  readonly text: string;
  readonly epk: string;
  readonly range: number;
  readonly items: Map<string, StoredItem>;
}

/** Shared by all items of containers without unique keys: an array for each would be millions. */
const none: readonly string[] = [];

/** One container in memory. Its content changes only by `apply`, live and at replay alike. */
export class Container {
  #record: ContainerRecord;
  readonly keyReader: PartitionKeyReader;
  readonly hashRanges: readonly HashRange[];
  readonly ranges: readonly RangeStore[];
  readonly #partitions = new Map<string, Partition>();
  readonly #uniqueHolders = new Map<string, StoredItem>();
  readonly #uniquePaths: readonly (readonly (readonly string[])[])[];
  #items = 0;

  constructor(record: ContainerRecord) {
    this.#record = record;
    this.keyReader = new PartitionKeyReader(record.definition.partitionKey);
    this.hashRanges = divideHashSpace(record.ranges);
    this.ranges = this.hashRanges.map(() => new RangeStore());
    this.#uniquePaths = (record.definition.uniqueKeyPolicy?.uniqueKeys ?? []).map((key) =>
      key.paths.map(splitPath),
    );
  }

  get record(): ContainerRecord {
    return this.#record;
  }

  set record(record: ContainerRecord) {
    this.#record = record;
  }

  get partitions(): Iterable<Partition> {
    return this.#partitions.values();
  }

  /** How many items were ever created: the source of their resource ids. */
  get itemsCreated(): number {
    return this.#items;
  }

  /** Takes the next creation number. A number that a failed request took is not used again. */
  nextItemSequence(): number {
    this.#items += 1;
    return this.#items;
  }

  partition(text: string): Partition | undefined {
    return this.#partitions.get(text);
  }

  /** The item if it exists and has not expired. */
  find(partitionText: string, id: string, nowSeconds: number): StoredItem | undefined {
    const item = this.#partitions.get(partitionText)?.items.get(id);
    return item === undefined || this.isExpired(item, nowSeconds) ? undefined : item;
  }

  /** Who holds a unique key at present, expired or not. */
  uniqueHolder(uniqueKey: string): StoredItem | undefined {
    return this.#uniqueHolders.get(uniqueKey);
  }

  /** The unique keys that a document claims within its partition; missing properties count as null. */
  uniqueKeysOf(partitionText: string, document: Json): readonly string[] {
    if (this.#uniquePaths.length === 0) return none;
    return this.#uniquePaths.map((paths, index) => {
      const values = paths.map((path): Json => valueAt(document, path) ?? null);
      return JSON.stringify([index, partitionText, values]);
    });
  }

  /** Where a partition key lies: its range and its effective partition key. */
  locate(parts: readonly KeyPart[], text: string): { readonly range: number; readonly epk: string } {
    const known = this.#partitions.get(text);
    if (known !== undefined) return known;
    const epk = effectivePartitionKey(parts);
    return { range: rangeIndexOf(this.hashRanges, epk), epk };
  }

  /** Whether the item's time to live is over. */
  isExpired({ ts, ttl }: StoredItem, nowSeconds: number): boolean {
    const { defaultTtl } = this.#record.definition;
    if (defaultTtl === undefined) return false;
    const seconds = typeof ttl === 'number' ? ttl : defaultTtl;
    return seconds > 0 && nowSeconds >= ts + seconds;
  }

  /** Makes a logged commit visible. */
  apply(commit: Commit): void {
    const range = this.ranges[commit.range];
    if (range === undefined) throw new Error(`Container ${this.#record.id} has no range ${commit.range}.`);
    for (const change of commit.changes) {
      if ('put' in change) this.#put(range, commit, change.put);
      else this.#delete(range, commit, change);
    }
    range.lsn = commit.lsn;
  }

  /** Restores the counters that a compacted log recorded; which versions led there is no longer known. */
  restoreCounters(items: number, lsns: readonly number[]): void {
    this.#items = Math.max(this.#items, items);
    for (const [index, range] of this.ranges.entries()) {
      range.lsn = Math.max(range.lsn, lsns[index] ?? 0);
      range.forgetVersions();
    }
  }

  /** Puts every map back into order of creation after a replay that may have run in another order. */
  finishReplay(): void {
    for (const range of this.ranges) range.sortByCreation();
    for (const partition of this.#partitions.values()) {
      const sorted = [...partition.items].sort(([, left], [, right]) => left.sequence - right.sequence);
      partition.items.clear();
      for (const [id, item] of sorted) partition.items.set(id, item);
    }
  }

  #put(range: RangeStore, commit: Commit, document: ItemDocument): void {
    const key = this.keyReader.ofDocument(document);
    const partition = this.#partitionFor(key.parts, key.text, commit.range);
    const previous = partition.items.get(document.id);
    const item = new StoredItem(document, {
      partition,
      sequence: itemSequence(document._rid),
      lsn: commit.lsn,
      uniqueKeys: this.uniqueKeysOf(key.text, document),
    });
    this.#items = Math.max(this.#items, item.sequence);
    if (previous !== undefined) {
      this.#releaseUniqueKeys(previous);
      // An expired item that nobody swept yet makes way for a new one with a new resource id.
      if (previous.sequence !== item.sequence) partition.items.delete(document.id);
    }
    for (const uniqueKey of item.uniqueKeys) this.#uniqueHolders.set(uniqueKey, item);
    partition.items.set(document.id, item);
    range.put(item, previous, commit.ts);
  }

  #delete(
    range: RangeStore,
    commit: Commit,
    change: { readonly partition: string; readonly delete: string; readonly expired?: true },
  ): void {
    const partition = this.#partitions.get(change.partition);
    const item = partition?.items.get(change.delete);
    if (partition === undefined || item === undefined) return;
    this.#releaseUniqueKeys(item);
    partition.items.delete(change.delete);
    if (partition.items.size === 0) this.#partitions.delete(change.partition);
    range.delete(item, commit.lsn, commit.ts, change.expired === true);
  }

  #releaseUniqueKeys(item: StoredItem): void {
    for (const uniqueKey of item.uniqueKeys) {
      if (this.#uniqueHolders.get(uniqueKey) === item) this.#uniqueHolders.delete(uniqueKey);
    }
  }

  #partitionFor(parts: readonly KeyPart[], text: string, range: number): Partition {
    const known = this.#partitions.get(text);
    if (known !== undefined) return known;
    const partition: Partition = { text, epk: effectivePartitionKey(parts), range, items: new Map() };
    this.#partitions.set(text, partition);
    return partition;
  }
}
