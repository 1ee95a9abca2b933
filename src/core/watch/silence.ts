/** Whether a feed is quieter than its own habit: what senders stop sending nobody misses until it is needed. */

/** Weeks whose same hour tells what is usual. */
const WEEKS_OF_HABIT = 4;

/** So rare a gap is no chance: about once in a million hours. */
const CHANCE = 1e-6;

/**
 * Judges an hour by the same hour of earlier weeks. Arrivals are taken for a Poisson process whose rate is the lower of
 * the two middle weeks, so that neither one busy nor one silent week (a migration, a public holiday) sets it.
 *
 * @param received messages of the hour that has just passed
 * @param before messages of the same hour in earlier weeks, those before the feed's first message left out
 * @returns whether so few messages are no chance; never with less than two weeks to judge by
 */
export function isSilent(received: number, before: readonly number[]): boolean {
  if (before.length < 2) return false;
  const sorted = [...before].sort((a, b) => a - b);
  const usual = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return chanceOfAtMost(received, usual) < CHANCE;
}

/** The probability that a Poisson process of a rate yields at most so many arrivals. */
export function chanceOfAtMost(arrivals: number, rate: number): number {
  if (rate === 0) return 1;
  if (arrivals >= rate) return 1;
  // In logarithms, because e^-rate is 0 for the rates of a busy feed.
  let logTerm = -rate;
  let sum = Math.exp(logTerm);
  for (let count = 1; count <= arrivals; count++) {
    logTerm += Math.log(rate / count);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}

const HOUR = 3_600_000;
const WEEK = 168 * HOUR;

export interface Period {
  /** ISO instants in UTC with milliseconds; the end is not part of it. */
  readonly from: string;
  readonly to: string;
}

/** The last full hour before an instant, and the same hour of the weeks before it, the latest first. */
export function hoursToCompare(now: Date): { readonly last: Period; readonly before: readonly Period[] } {
  const end = Math.floor(now.getTime() / HOUR) * HOUR;
  const period = (weeksAgo: number): Period => ({
    from: new Date(end - HOUR - weeksAgo * WEEK).toISOString(),
    to: new Date(end - weeksAgo * WEEK).toISOString(),
  });
  return { last: period(0), before: Array.from({ length: WEEKS_OF_HABIT }, (_, index) => period(index + 1)) };
}
