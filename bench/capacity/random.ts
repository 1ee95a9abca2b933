/** Numbers by chance that are the same in every run. */

export type Random = () => number;

/** Mulberry32: small, fast, good enough for queues. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Time until the next of events that come independently, `rate` a second. */
export const untilNext = (random: Random, rate: number): number => -Math.log(1 - random()) / rate;

/** How many times in a row: 1 with the chance 1 - p, 2 with p(1 - p), and so on. */
export function inARow(random: Random, p: number): number {
  let count = 1;
  while (random() < p) count += 1;
  return count;
}
