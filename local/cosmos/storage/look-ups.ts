import type { Json, Value } from '../json.js';
import { isArray, valueAt } from '../json.js';
import type { StoredItem } from './stored-item.js';

/** Where a look-up finds the values of a document: at a path, or in the array there when its last name is `[]`. */
export const elementsOf = '[]';

/**
 * Which items hold a value at a path, as the index of Azure knows it: an equality on an indexed path costs what it
 * finds, not what is stored. The items of a path are gathered when a query first asks for it, and kept up to date from
 * then on.
 */
export class LookUps {
  readonly #byPath = new Map<string, PathLookUp>();

  /**
   * The items that hold one of the values at the path, a set for each value, in no order: they are as they are kept, since
   * to put them together costs as much as there are. Undefined when a value is one that is not looked up.
   *
   * @param path property names as JSON
   * @param items where to begin, for a path that nobody asked for yet
   */
  find(
    path: string,
    values: readonly Value[],
    items: () => Iterable<StoredItem>,
  ): readonly ReadonlySet<StoredItem>[] | undefined {
    const keys = [...new Set(values)];
    if (!keys.every(isScalar)) return undefined;
    let lookUp = this.#byPath.get(path);
    if (lookUp === undefined) {
      lookUp = new PathLookUp(JSON.parse(path) as string[]);
      for (const item of items()) lookUp.add(item);
      this.#byPath.set(path, lookUp);
    }
    return lookUp.find(keys);
  }

  add(item: StoredItem): void {
    for (const lookUp of this.#byPath.values()) lookUp.add(item);
  }

  remove(item: StoredItem): void {
    for (const lookUp of this.#byPath.values()) lookUp.remove(item);
  }
}

class PathLookUp {
  readonly #path: readonly string[];
  readonly #inArray: boolean;
  /** Most values stand in one item: a set for each would take more than all items. */
  readonly #byKey = new Map<Scalar, StoredItem | Set<StoredItem>>();

  constructor(path: readonly string[]) {
    this.#inArray = path.at(-1) === elementsOf;
    this.#path = this.#inArray ? path.slice(0, -1) : path;
  }

  find(keys: readonly Scalar[]): readonly ReadonlySet<StoredItem>[] {
    return keys.flatMap((key) => {
      const held = this.#byKey.get(key);
      return held === undefined ? [] : [held instanceof Set ? held : new Set([held])];
    });
  }

  add(item: StoredItem): void {
    for (const key of this.#keysOf(item)) {
      const held = this.#byKey.get(key);
      if (held instanceof Set) held.add(item);
      else if (held !== item) this.#byKey.set(key, held === undefined ? item : new Set([held, item]));
    }
  }

  remove(item: StoredItem): void {
    for (const key of this.#keysOf(item)) {
      const held = this.#byKey.get(key);
      if (held instanceof Set) held.delete(item);
      if (held === item || (held instanceof Set && held.size === 0)) this.#byKey.delete(key);
    }
  }

  #keysOf({ document }: StoredItem): readonly Scalar[] {
    const value = valueAt(document, this.#path);
    const values: readonly Value[] = this.#inArray ? (isArray(value) ? value : []) : [value];
    return values.filter(isScalar);
  }
}

/** What is looked up: objects, arrays and what is missing are not. Values of different types are different keys. */
type Scalar = Exclude<Json, object> | null;

const isScalar = (value: Value): value is Scalar =>
  value === null || (value !== undefined && typeof value !== 'object');
