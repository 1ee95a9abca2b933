/** Something that must not overtake others of its lane. */
export interface InLane {
  readonly lane: string;
}

/** Decides what may be sent next: the earliest item whose lane is idle. */
export interface LaneSchedule<T extends InLane> {
  /** Takes the next item, which occupies its lane until it is released; undefined when none may go now. */
  take(): T | undefined;
  /** Says that an item is done, so that the next one of its lane may go. */
  release(item: T): void;
}

/** Schedules items in their order, one at a time in each lane. */
export function createLaneSchedule<T extends InLane>(items: readonly T[]): LaneSchedule<T> {
  const waiting = [...items];
  const busy = new Set<string>();
  return {
    take: () => {
      const index = waiting.findIndex(({ lane }) => !busy.has(lane));
      if (index < 0) return undefined;
      const [item] = waiting.splice(index, 1);
      if (item !== undefined) busy.add(item.lane);
      return item;
    },
    release: ({ lane }) => {
      busy.delete(lane);
    },
  };
}

/**
 * Works through all items: one after the other within a lane, up to `concurrency` lanes at once. After a failure
 * nothing new begins; what is under way ends first, then the failure is thrown.
 */
export async function runLanes<T extends InLane>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const schedule = createLaneSchedule(items);
  const failures: unknown[] = [];
  const running = new Set<Promise<void>>();
  const begin = (item: T): void => {
    const run = work(item)
      .catch((failure: unknown) => {
        failures.push(failure);
      })
      .finally(() => {
        schedule.release(item);
        running.delete(run);
      });
    running.add(run);
  };
  for (;;) {
    while (running.size < concurrency && failures.length === 0) {
      const item = schedule.take();
      if (item === undefined) break;
      begin(item);
    }
    if (running.size === 0) break;
    await Promise.race(running);
  }
  if (failures.length > 0) throw failures[0];
}
