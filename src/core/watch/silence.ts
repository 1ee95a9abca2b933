/** Whether a feed is quieter than its own habit: what senders stop sending nobody misses until it is needed. */
import { offsetAt, offsetMinutes } from '../mapping/times/time-zone.js';
import { isBankHoliday } from './bank-holidays.js';

/** Weeks that tell what is usual at a time of the week. */
const WEEKS_OF_HABIT = 4;

/** With fewer weeks to judge by, a feed has no habit yet. */
const FEWEST_WEEKS = 3;

/** So rare a gap is no chance: about once in a million hours. */
const CHANCE = 1e-6;

/** As many messages as must be usual for their complete absence to be no chance. */
export const ENOUGH_TO_MISS = Math.ceil(-Math.log(CHANCE));

/**
 * Judges a time by the same time of earlier weeks. Arrivals are taken for a Poisson process whose rate is the lower of
 * the middle weeks, so that neither one busy nor one silent week (a migration, a public holiday) sets it.
 *
 * @param received messages of the time that has just passed
 * @param before messages of the same time in earlier weeks, those before the feed's first message left out
 * @returns whether so few messages are no chance; never with less than three weeks to judge by
 */
export function isSilent(received: number, before: readonly number[]): boolean {
  if (before.length < FEWEST_WEEKS) return false;
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
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const MINUTE = 60_000;

export interface Period {
  /** ISO instants in UTC with milliseconds; the end is not part of it. */
  readonly from: string;
  readonly to: string;
}

/** The last full hour before an instant. */
export function lastHour(now: Date): Period {
  const to = Math.floor(now.getTime() / HOUR) * HOUR;
  return periodOf(to - HOUR, to);
}

/**
 * The full hours, up to a week of them, since a feed was last heard of. The hour of its last message is left out: that
 * somebody closes a little earlier than usual says nothing about the night behind it.
 *
 * @param lastHeard when its last message was received, an ISO instant before the hour
 * @param hour the last full hour, in which nothing came
 */
export function silenceSince(lastHeard: string, { to }: Period): Period {
  const end = Date.parse(to);
  const begin = Math.floor(Date.parse(lastHeard) / HOUR) * HOUR + HOUR;
  return periodOf(Math.max(begin, end - WEEK), end);
}

/**
 * The same time by the clock on the wall in four earlier weeks, the latest first: hospitals do not work by UTC.
 *
 * @param timeZone of the feed (IANA)
 * @param before ISO instant at or before the period; the earlier weeks lie before it
 * @param holidays `as-sundays` takes the Sundays of the earlier weeks for the period's bank holidays
 * @returns for each week the pieces of its time; one piece but for holidays
 */
export function sameTimeBefore(
  { from, to }: Period,
  timeZone: string,
  before: string,
  holidays: 'as-they-are' | 'as-sundays',
): readonly (readonly Period[])[] {
  const begin = onTheWall(Date.parse(from), timeZone);
  // Of the last moment, because the end itself may already be read from a clock that was just changed.
  const end = onTheWall(Date.parse(to) - 1, timeZone) + 1;
  const pieces = holidays === 'as-sundays' ? withSundays(begin, end) : [{ begin, end }];
  const first = Math.max(1, Math.ceil((Date.parse(to) - Date.parse(before)) / WEEK));
  return Array.from({ length: WEEKS_OF_HABIT }, (_, index) =>
    pieces.map((piece) => {
      const back = (first + index) * WEEK;
      return periodOf(offTheWall(piece.begin - back, timeZone), offTheWall(piece.end - back, timeZone));
    }),
  );
}

/** Readings of the clock on the wall, as milliseconds since 1970 as if they were UTC. */
interface WallPeriod {
  readonly begin: number;
  readonly end: number;
}

/** A time with its bank holidays moved to the Sunday before each. */
function withSundays(begin: number, end: number): readonly WallPeriod[] {
  const pieces: WallPeriod[] = [];
  let from = begin;
  for (let midnight = Math.floor(begin / DAY) * DAY; midnight < end; midnight += DAY) {
    if (!isBankHoliday(midnight)) continue;
    const [start, stop] = [Math.max(midnight, begin), Math.min(midnight + DAY, end)];
    if (from < start) pieces.push({ begin: from, end: start });
    const sinceSunday = new Date(midnight).getUTCDay() * DAY;
    pieces.push({ begin: start - sinceSunday, end: stop - sinceSunday });
    from = stop;
  }
  if (from < end) pieces.push({ begin: from, end });
  return pieces;
}

const onTheWall = (instant: number, timeZone: string): number =>
  instant + offsetAt(instant, timeZone) * MINUTE;

const offTheWall = (local: number, timeZone: string): number =>
  local - offsetMinutes(local, timeZone) * MINUTE;

const periodOf = (from: number, to: number): Period => ({
  from: new Date(from).toISOString(),
  to: new Date(to).toISOString(),
});
