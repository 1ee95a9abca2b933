/** Times of events: ascending within a lane, and no two of a person at the same second. */
import type { Random } from '../random.js';

export interface Timeline {
  /** The next event, minutes to hours after the last one. */
  advance(): number;
  /** A time that a wrong clock gives to the event that came last: hours off, but after `notBefore`. */
  skew(notBefore: number): number;
}

const beginning = Date.parse('2026-01-05T00:00:00Z');
const second = 1000;
const hour = 3600 * second;

/**
 * @param taken times of the person that are in use, shared by all lanes about them
 */
export function createTimeline(taken: Set<number>, random: Random): Timeline {
  let last = beginning + random.between(0, 48 * 3600) * second;
  const take = (time: number): number => {
    let free = time;
    while (taken.has(free)) free += second;
    taken.add(free);
    return free;
  };
  return {
    advance() {
      last = take(last + random.between(60, 36_000) * second);
      return last;
    },
    skew(notBefore) {
      const wrong = last + random.between(-12 * 3600, 12 * 3600) * second;
      const earliest = Math.max(wrong, notBefore + second);
      return take(earliest + (earliest % second === 0 ? 0 : second - (earliest % second)));
    },
  };
}

export { hour };
