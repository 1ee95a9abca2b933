import type { Operation, Recorder } from '../storage/operations.js';

/** Remembers message ids for a window of time; the first message of an id counts, later ones are duplicates. */
export class DuplicateHistory {
  /** Insertion order is time order, so the oldest stand first. */
  private readonly seen = new Map<string, number>();

  /**
   * @param window milliseconds
   * @param entity path of the queue or topic, for the journal
   */
  constructor(
    private readonly window: number,
    private readonly entity: string,
    private readonly recorder: Recorder,
  ) {}

  /** Whether the id was seen in the window before `now`; if not, it is from now on. */
  isDuplicate(key: string, now: number): boolean {
    this.forget(now);
    if (this.seen.has(key)) return true;
    this.seen.set(key, now);
    this.recorder.append({ kind: 'seen', entity: this.entity, key, time: now });
    return false;
  }

  /** Takes back a line of the journal. */
  restore(key: string, time: number): void {
    this.seen.set(key, time);
  }

  /** Drops ids whose window is over. */
  forget(now: number): void {
    for (const [key, time] of this.seen) {
      if (now - time < this.window) return;
      this.seen.delete(key);
    }
  }

  /** The history as operations. */
  *snapshot(): Iterable<Operation> {
    for (const [key, time] of this.seen) yield { kind: 'seen', entity: this.entity, key, time };
  }
}
