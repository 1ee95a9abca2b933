import type { Value } from '../json.js';
import type { KeyPart } from '../murmur.js';
import type { Narrowing } from '../sql/narrowing.js';
import type { Ordering } from '../sql/ordering.js';
import type { Container, Partition } from '../storage/container.js';
import type { StoredItem } from '../storage/stored-item.js';
import type { PartitionKey } from '../storage/partition-key.js';
import { isIndexed } from '../storage/indexing-policy.js';
import { elementsOf } from '../storage/look-ups.js';
import type { OrderedPlace } from '../storage/ordered-index.js';
import { partitionKeyOf } from '../storage/partition-key.js';

/** The part of a container that a request is about. */
export interface Scope {
  /** A full key, or the leading parts of a hierarchical one. */
  readonly key?: PartitionKey | undefined;
  readonly range?: number | undefined;
  /** Bounds of the effective partition key: from inclusive, to exclusive. */
  readonly epk?: { readonly from: string; readonly to: string } | undefined;
}

/** A place in the stable order of a container: by range, then by creation. */
export interface Position {
  readonly range: number;
  readonly sequence: number;
}

/** Whether a partition lies within the scope. */
export function isInScope(
  container: Container,
  scope: Scope,
  partition: Pick<Partition, 'text' | 'epk'>,
): boolean {
  const { key, epk } = scope;
  if (key !== undefined) {
    const isFull = container.keyReader.isFull(key);
    const within = isFull
      ? partition.text === key.text
      : partition.text.startsWith(`${key.text.slice(0, -1)}${key.parts.length === 0 ? '' : ','}`);
    if (!within) return false;
  }
  return epk === undefined || (partition.epk >= epk.from && partition.epk < epk.to);
}

/** Undefined does not equal anything in a filter, so it names no partition. */
const isKeyPart = (value: Value): value is KeyPart =>
  value === null || (typeof value !== 'object' && value !== undefined);

/** The partitions that the query itself names by equality on every level of the key, which is indexed like any property. */
function namedPartitions(container: Container, narrowing: Narrowing): readonly PartitionKey[] | undefined {
  const { indexingPolicy } = container.record.definition;
  let keys: KeyPart[][] = [[]];
  for (const path of container.keyReader.pathTexts) {
    if (!isIndexed(indexingPolicy, JSON.parse(path) as string[])) return undefined;
    const values = narrowing.get(path)?.filter(isKeyPart);
    if (values === undefined || keys.length * values.length > 1_000) return undefined;
    keys = keys.flatMap((parts) => [...new Set(values)].map((value) => [...parts, value]));
  }
  return keys.map(partitionKeyOf);
}

function itemsOf(partition: Partition, narrowing: Narrowing): Iterable<StoredItem> {
  const ids = narrowing.get('["id"]');
  if (ids === undefined) return partition.items.values();
  const items = [...new Set(ids)].map((id) => (typeof id === 'string' ? partition.items.get(id) : undefined));
  return items.filter((item) => item !== undefined);
}

const byPosition = (left: StoredItem, right: StoredItem): number =>
  left.partition.range - right.partition.range || left.sequence - right.sequence;

/** The partitions that the request or the query names, or `undefined` when all must be looked at. */
function knownPartitions(
  container: Container,
  { key }: Scope,
  narrowing: Narrowing,
): readonly PartitionKey[] | undefined {
  return key !== undefined && container.keyReader.isFull(key) ? [key] : namedPartitions(container, narrowing);
}

/** The items of few partitions, or all of them range by range. */
function candidates(container: Container, scope: Scope, narrowing: Narrowing): Iterable<StoredItem> {
  const keys = knownPartitions(container, scope, narrowing);
  if (keys === undefined) return lookedUp(container, scope, narrowing) ?? scanned(container, scope);
  return keys
    .map((key) => container.partition(key.text))
    .filter((partition) => partition !== undefined && isInScope(container, scope, partition))
    .flatMap((partition) => (partition === undefined ? [] : [...itemsOf(partition, narrowing)]))
    .sort(byPosition);
}

/** The items that an indexed equality names, by the one that names the fewest; undefined when there is none. */
function lookedUp(
  container: Container,
  scope: Scope,
  narrowing: Narrowing,
): readonly StoredItem[] | undefined {
  const fewest = fewestHeld(container, scope, narrowing);
  if (fewest === undefined) return undefined;
  // An array may hold several of the values.
  const items = [...new Set(fewest.sets.flatMap((set) => [...set]))];
  return items.filter((item) => isInScope(container, scope, item.partition)).sort(byPosition);
}

/** What the indexed equality that names the fewest items names. */
function fewestHeld(container: Container, scope: Scope, narrowing: Narrowing): Holding | undefined {
  const { indexingPolicy } = container.record.definition;
  let fewest: Holding | undefined;
  for (const [path, values] of narrowing) {
    const names = JSON.parse(path) as string[];
    if (names.slice(0, -1).includes(elementsOf) || !isIndexed(indexingPolicy, names)) continue;
    const found = itemsHolding(container, scope, path, values);
    if (found !== undefined && found.size < (fewest?.size ?? Infinity)) fewest = found;
  }
  return fewest;
}

/** Items by the values that they hold, and how many there are at most: put together only where they are the fewest. */
interface Holding {
  readonly sets: readonly ReadonlySet<StoredItem>[];
  readonly size: number;
}

/** The items that hold one of the values. */
function itemsHolding(
  container: Container,
  scope: Scope,
  path: string,
  values: readonly Value[],
): Holding | undefined {
  const sets: ReadonlySet<StoredItem>[] = [];
  for (const [index, range] of container.ranges.entries()) {
    if (scope.range !== undefined && scope.range !== index) continue;
    const items = range.holding(path, values);
    if (items === undefined) return undefined;
    sets.push(...items);
  }
  return { sets, size: sets.reduce((sum, { size }) => sum + size, 0) };
}

function* scanned(container: Container, scope: Scope): Generator<StoredItem> {
  const isNarrow = scope.key !== undefined || scope.epk !== undefined;
  for (const [index, range] of container.ranges.entries()) {
    if (scope.range !== undefined && scope.range !== index) continue;
    for (const item of range.items()) {
      if (!isNarrow || isInScope(container, scope, item.partition)) yield item;
    }
  }
}

/**
 * The live items of the scope in their stable order, beginning with the position itself, if given. Point look-ups
 * touch only the partitions and ids that the query names.
 */
export function* itemsInScope(
  container: Container,
  scope: Scope,
  narrowing: Narrowing,
  nowSeconds: number,
  from?: Position,
): Generator<StoredItem> {
  for (const item of candidates(container, scope, narrowing)) {
    const { range } = item.partition;
    if (scope.range !== undefined && range !== scope.range) continue;
    if (
      from !== undefined &&
      (range < from.range || (range === from.range && item.sequence < from.sequence))
    ) {
      continue;
    }
    if (!container.isExpired(item, nowSeconds)) yield item;
  }
}

/**
 * The live items of a range in the order of the query, one at a time, as an index serves them; undefined where the items
 * must be sorted: they are few, or the request is about a partition or several ranges.
 */
export function itemsInOrder(
  container: Container,
  scope: Scope & { readonly nowSeconds: number },
  ordering: Ordering & {
    readonly parameters: ReadonlyMap<string, Value>;
    readonly after: OrderedPlace | undefined;
    /** Items of a page. */
    readonly wanted: number;
  },
  narrowing: Narrowing,
): Iterable<StoredItem> | undefined {
  const range = scope.range === undefined ? undefined : container.ranges[scope.range];
  if (range === undefined || knownPartitions(container, scope, narrowing) !== undefined) return undefined;
  // The index has the properties that it orders by already.
  const sorted = new Set(ordering.paths.map((path) => JSON.stringify(path)));
  const others = new Map([...narrowing].filter(([path]) => !sorted.has(path)));
  const held = fewestHeld(container, scope, others)?.size;
  // Of what is spread evenly a page is walked to over wanted * size / held items: as many are sooner sorted.
  if (held !== undefined && held * held <= ordering.wanted * range.size) return undefined;
  const index = range.orderedBy(ordering);
  const bounds = ordering.bounds(ordering.parameters);
  const items = ordering.isDescending
    ? index.descending(bounds, ordering.after)
    : index.ascending(bounds, ordering.after);
  return live(container, scope, items);
}

function* live(
  container: Container,
  scope: Scope & { readonly nowSeconds: number },
  items: Iterable<StoredItem>,
): Generator<StoredItem> {
  for (const item of items) {
    if (isInScope(container, scope, item.partition) && !container.isExpired(item, scope.nowSeconds))
      yield item;
  }
}
