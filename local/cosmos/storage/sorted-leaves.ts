/** As many elements as a leaf may have: one that gets more is halved. */
const mostInLeaf = 512;

/** Where an element is, or would be: behind all of them is a place too. */
export interface Place {
  readonly leaf: number;
  readonly at: number;
}

/**
 * A sorted list in leaves: to add or remove moves a few hundred elements however many there are, where one array would
 * move half of all. Nothing may be added or removed while it is being walked.
 */
export class SortedLeaves<T> {
  /** None is empty, but the only one. */
  readonly #leaves: T[][] = [];

  /** @param sorted elements in their order */
  constructor(sorted: readonly T[]) {
    for (let at = 0; at < sorted.length; at += mostInLeaf / 2) {
      this.#leaves.push(sorted.slice(at, at + mostInLeaf / 2));
    }
    if (this.#leaves.length === 0) this.#leaves.push([]);
  }

  /** The place of the first element of which something is true, as it is of all after it (binary search). */
  first(isTrue: (element: T) => boolean): Place {
    const isTrueInside = (elements: readonly T[]) => elements.length > 0 && isTrue(elements.at(-1) as T);
    // Behind all others is the end of the last leaf, which takes what is added there.
    const leaf = Math.min(firstOf(this.#leaves, isTrueInside), this.#leaves.length - 1);
    return { leaf, at: firstOf(this.#leaves[leaf] ?? [], isTrue) };
  }

  at({ leaf, at }: Place): T | undefined {
    return this.#leaves[leaf]?.[at];
  }

  insert({ leaf, at }: Place, element: T): void {
    const elements = this.#leaves[leaf];
    if (elements === undefined) return;
    elements.splice(at, 0, element);
    if (elements.length > mostInLeaf) this.#leaves.splice(leaf + 1, 0, elements.splice(mostInLeaf / 2));
  }

  remove({ leaf, at }: Place): void {
    const elements = this.#leaves[leaf];
    elements?.splice(at, 1);
    if (elements?.length === 0 && this.#leaves.length > 1) this.#leaves.splice(leaf, 1);
  }

  /** The elements from a place on. */
  *from(place: Place): Generator<T> {
    for (let leaf = place.leaf; leaf < this.#leaves.length; leaf++) {
      const elements = this.#leaves[leaf] ?? [];
      for (let at = leaf === place.leaf ? place.at : 0; at < elements.length; at++) yield elements[at] as T;
    }
  }

  /** The elements before a place, the last of them first. */
  *before(place: Place): Generator<T> {
    for (let { leaf } = place; leaf >= 0; leaf--) {
      const elements = this.#leaves[leaf] ?? [];
      for (let at = (leaf === place.leaf ? place.at : elements.length) - 1; at >= 0; at--)
        yield elements[at] as T;
    }
  }
}

function firstOf<T>(elements: readonly T[], isTrue: (element: T) => boolean): number {
  let low = 0;
  let high = elements.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (!isTrue(elements[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low;
}
