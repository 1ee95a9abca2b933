/** When messages were accepted, to tell how old the oldest is that waits. */
export interface Acceptances {
  /** Notes that a message was accepted at a moment, in milliseconds. */
  add(at: number): void;
  readonly count: number;
  /** Age in seconds of the oldest of `waiting` messages, if the first accepted is the first finished. */
  oldestSeconds(waiting: number, now: number): number;
}

export function createAcceptances(): Acceptances {
  const times: number[] = [];
  return {
    add(at) {
      times.push(at);
    },
    get count() {
      return times.length;
    },
    oldestSeconds(waiting, now) {
      const oldest = times[Math.max(0, times.length - waiting)];
      return waiting === 0 || oldest === undefined ? 0 : (now - oldest) / 1000;
    },
  };
}
