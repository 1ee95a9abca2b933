import type { DemoClock } from '../../../local/demo/patience.js';

/** A clock that begins with 2026-03-29 and moves only when somebody sleeps. */
export function createFakeClock(): DemoClock & { readonly sleeps: number[] } {
  let now = 0;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => now,
    instant: () => new Date(Date.UTC(2026, 2, 29) + now).toISOString(),
    sleep: (milliseconds, signal) => {
      signal?.throwIfAborted();
      sleeps.push(milliseconds);
      now += milliseconds;
      return Promise.resolve();
    },
  };
}
