/** Time that passes only while somebody sleeps, so that no test has to. */
import type { Timing } from '../../src/adapters/throttling/repetition.js';

export interface FakeTiming extends Timing {
  /** How long each sleep was, in milliseconds. */
  readonly slept: number[];
  onSleep: (ms: number) => unknown;
}

/** @param random what chance gives every time */
export function createFakeTiming(random = 0.5): FakeTiming {
  let now = 0;
  const timing: FakeTiming = {
    slept: [],
    onSleep: () => undefined,
    now: () => now,
    random: () => random,
    async sleep(ms) {
      now += ms;
      timing.slept.push(ms);
      await timing.onSleep(ms);
    },
  };
  return timing;
}
