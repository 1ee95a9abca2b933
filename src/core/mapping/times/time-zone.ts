/**
 * Offsets of wall-clock times. British and European summer time follow one rule since 1996 and are computed; other
 * zones and earlier years are looked up in the time zone data of the platform, which takes a hundred times longer.
 */

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Zones that change on the last Sundays of March and October at 01:00 UTC, by their winter offset in minutes. */
const EUROPEAN_ZONES: ReadonlyMap<string, number> = new Map([
  ['Europe/London', 0],
  ['Europe/Belfast', 0],
  ['Europe/Guernsey', 0],
  ['Europe/Jersey', 0],
  ['Europe/Isle_of_Man', 0],
  ['Europe/Dublin', 0],
  ['Europe/Gibraltar', 60],
]);
const FIRST_YEAR_OF_THE_RULE = 1996;

/** Which of the two meanings of a reading in the hour that is repeated in autumn. */
export type Pass = 'first' | 'second';

/**
 * Minutes east of Greenwich at a wall-clock reading.
 *
 * The hour that is repeated in autumn is taken as its first pass (summer time) unless the second is asked for, and the
 * hour that is skipped in spring as if the clock had not yet been put forward: both give the same answer everywhere.
 *
 * @param local the reading as milliseconds since 1970, as if it were UTC
 */
export function offsetMinutes(local: number, timeZone: string, pass: Pass = 'first'): number {
  if (timeZone === 'UTC') return 0;
  const winter = EUROPEAN_ZONES.get(timeZone);
  if (local < lastYear.from || local >= lastYear.to) lastYear = yearOf(local);
  if (winter === undefined || lastYear.year < FIRST_YEAR_OF_THE_RULE)
    return lookUpOffset(local, timeZone, pass);
  const start = lastYear.march + winter * MINUTE;
  const end = lastYear.october + winter * MINUTE;
  // In spring the clock jumps from `start` to an hour later; in autumn it passes the hour before `end` + 1 h twice.
  const isSummer = local >= start + 60 * MINUTE && local < (pass === 'first' ? end + 60 * MINUTE : end);
  return isSummer ? winter + 60 : winter;
}

/** A year and its two changeovers. */
interface Year {
  readonly year: number;
  readonly from: number;
  readonly to: number;
  readonly march: number;
  readonly october: number;
}

function yearOf(local: number): Year {
  const year = new Date(local).getUTCFullYear();
  return {
    year,
    from: Date.UTC(year, 0),
    to: Date.UTC(year + 1, 0),
    march: changeover(year, 2),
    october: changeover(year, 9),
  };
}

/** Nearly all times of a message fall into one year. */
let lastYear: Year = yearOf(0);

/** 01:00 UTC on the last Sunday of a month of 31 days. */
function changeover(year: number, month: number): number {
  const last = Date.UTC(year, month, 31, 1);
  return last - new Date(last).getUTCDay() * DAY;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function lookUpOffset(local: number, timeZone: string, pass: Pass): number {
  // The zone's offset at the reading taken as UTC is right except near a change; of the two candidates around it the
  // larger one that reproduces the reading is the first pass, the smaller one the second.
  const candidates = [offsetAt(local - DAY, timeZone), offsetAt(local + DAY, timeZone)];
  const fitting = candidates.filter((offset) => offsetAt(local - offset * MINUTE, timeZone) === offset);
  if (fitting.length === 0) return candidates[0] ?? 0;
  return pass === 'first' ? Math.max(...fitting) : Math.min(...fitting);
}

/** The zone's offset at an instant, in minutes. */
export function offsetAt(instant: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'longOffset' });
    formats.set(timeZone, format);
  }
  const name = format.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours = '0', minutes = '0', seconds = '0'] =
    /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(name) ?? [];
  const size = Number(hours) * 60 + Number(minutes) + Math.round(Number(seconds) / 60);
  return sign === '-' ? -size : size;
}
