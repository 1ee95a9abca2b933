import type { Value } from '../json.js';
import { valueAt } from '../json.js';
import type { Bounds, Ordering } from '../sql/ordering.js';
import { compareValues } from '../sql/values.js';
import { SortedLeaves } from './sorted-leaves.js';
import type { StoredItem } from './stored-item.js';

/** The sort keys of an item and, where they are equal, its place in the order of creation. */
export interface OrderedPlace {
  readonly keys: readonly Value[];
  readonly sequence: number;
}

interface Entry extends OrderedPlace {
  readonly item: StoredItem;
}

/**
 * The items of a range in the orders that queries ask for, as the composite indexes of Azure keep them: a page costs
 * what it holds, not what is stored. An order is made when a query first asks for it, and kept up to date from then on.
 */
export class OrderedIndexes {
  readonly #byPaths = new Map<string, OrderedIndex>();

  /** @param items where to begin, for an order that nobody asked for yet */
  find({ paths }: Ordering, items: () => Iterable<StoredItem>): OrderedIndex {
    const name = JSON.stringify(paths);
    const known = this.#byPaths.get(name);
    if (known !== undefined) return known;
    const made = new OrderedIndex(paths, items());
    this.#byPaths.set(name, made);
    return made;
  }

  add(item: StoredItem): void {
    for (const index of this.#byPaths.values()) index.add(item);
  }

  remove(item: StoredItem): void {
    for (const index of this.#byPaths.values()) index.remove(item);
  }
}

/** Items by their values at some paths, then by creation. */
export class OrderedIndex {
  readonly #paths: Ordering['paths'];
  readonly #entries: SortedLeaves<Entry>;

  constructor(paths: Ordering['paths'], items: Iterable<StoredItem>) {
    this.#paths = paths;
    this.#entries = new SortedLeaves(Array.from(items, (item) => this.#entryOf(item)).sort(comparePlaces));
  }

  add(item: StoredItem): void {
    const entry = this.#entryOf(item);
    this.#entries.insert(
      this.#entries.first((other) => comparePlaces(other, entry) >= 0),
      entry,
    );
  }

  remove(item: StoredItem): void {
    const entry = this.#entryOf(item);
    const place = this.#entries.first((other) => comparePlaces(other, entry) >= 0);
    if (this.#entries.at(place)?.item === item) this.#entries.remove(place);
  }

  /** The items within the bounds in ascending order, those after a place only. Nothing may be written meanwhile. */
  *ascending({ from, to }: Bounds, after?: OrderedPlace): Generator<StoredItem> {
    const begin = this.#entries.first(
      (entry) =>
        compareKeys(entry.keys, from) >= 0 && (after === undefined || comparePlaces(entry, after) > 0),
    );
    for (const { keys, item } of this.#entries.from(begin)) {
      if (compareKeys(keys, to) > 0) return;
      yield item;
    }
  }

  /** The same in descending order: after a place are the items before it. */
  *descending({ from, to }: Bounds, after?: OrderedPlace): Generator<StoredItem> {
    const end = this.#entries.first(
      (entry) => compareKeys(entry.keys, to) > 0 || (after !== undefined && comparePlaces(entry, after) >= 0),
    );
    for (const { keys, item } of this.#entries.before(end)) {
      if (compareKeys(keys, from) < 0) return;
      yield item;
    }
  }

  #entryOf(item: StoredItem): Entry {
    const { document } = item;
    return { keys: this.#paths.map((path) => valueAt(document, path)), sequence: item.sequence, item };
  }
}

/** Compares the leading keys, as many as are wanted. */
function compareKeys(keys: readonly Value[], wanted: readonly Value[]): number {
  for (const [at, value] of wanted.entries()) {
    const order = compareValues(keys[at], value);
    if (order !== 0) return order;
  }
  return 0;
}

const comparePlaces = (left: OrderedPlace, right: OrderedPlace): number =>
  compareKeys(left.keys, right.keys) || left.sequence - right.sequence;
