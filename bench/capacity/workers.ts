/** A number of workers that take the next message when they are free: a heap of the times at which they are. */
export class Workers {
  private readonly free: number[];

  constructor(count: number) {
    this.free = new Array<number>(count).fill(0);
  }

  /** Starts work that may begin at `from` and takes `seconds`, with whoever is free first; returns when it ends. */
  run(from: number, seconds: number): number {
    const end = Math.max(from, this.free[0] ?? 0) + seconds;
    this.free[0] = end;
    this.sink();
    return end;
  }

  private sink(): void {
    const { free } = this;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const right = left + 1;
      let least = at;
      if ((free[left] ?? Infinity) < (free[least] ?? Infinity)) least = left;
      if ((free[right] ?? Infinity) < (free[least] ?? Infinity)) least = right;
      if (least === at) return;
      [free[at], free[least]] = [free[least] ?? 0, free[at] ?? 0];
      at = least;
    }
  }
}
