/** A binary heap: the smallest item comes out first. */
export class Heap<Item> {
  private items: Item[] = [];

  /** @param before whether the first item is to come out before the second */
  constructor(private readonly before: (a: Item, b: Item) => boolean) {}

  get size(): number {
    return this.items.length;
  }

  peek(): Item | undefined {
    return this.items[0];
  }

  push(item: Item): void {
    this.items.push(item);
    this.rise(this.items.length - 1);
  }

  pop(): Item | undefined {
    const first = this.items[0];
    const last = this.items.pop();
    if (this.items.length > 0 && last !== undefined) {
      this.items[0] = last;
      this.sink(0);
    }
    return first;
  }

  /** Drops the items that do not pass. */
  retain(keep: (item: Item) => boolean): void {
    this.items = this.items.filter(keep);
    for (let index = (this.items.length >> 1) - 1; index >= 0; index--) this.sink(index);
  }

  private rise(index: number): void {
    for (let child = index; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!this.swapIfBefore(child, parent)) return;
      child = parent;
    }
  }

  private sink(index: number): void {
    for (let parent = index; ;) {
      const left = 2 * parent + 1;
      if (left >= this.items.length) return;
      const child = this.isBefore(left + 1, left) ? left + 1 : left;
      if (!this.swapIfBefore(child, parent)) return;
      parent = child;
    }
  }

  private isBefore(a: number, b: number): boolean {
    const first = this.items[a];
    const second = this.items[b];
    return first !== undefined && second !== undefined && this.before(first, second);
  }

  private swapIfBefore(child: number, parent: number): boolean {
    if (!this.isBefore(child, parent)) return false;
    const [lower, upper] = [this.items[child], this.items[parent]];
    if (lower !== undefined) this.items[parent] = lower;
    if (upper !== undefined) this.items[child] = upper;
    return true;
  }
}
