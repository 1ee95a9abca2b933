import { parseTimeSpan } from './time-span.js';

/** Gives the first occurrence strictly after a moment. All times are UTC. */
export type Schedule = { next(after: Date): Date };

type Field = {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly names?: readonly string[];
};

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const fields: readonly Field[] = [
  { name: 'second', low: 0, high: 59 },
  { name: 'minute', low: 0, high: 59 },
  { name: 'hour', low: 0, high: 23 },
  { name: 'day', low: 1, high: 31 },
  { name: 'month', low: 1, high: 12, names: months },
  { name: 'day of week', low: 0, high: 6, names: weekdays },
];

/** Leap days on a given weekday are at most 40 years apart (around 2100); nothing rarer can be written. */
const horizonYears = 41;

/**
 * Reads a timer schedule: NCRONTAB with six fields (second minute hour day month day-of-week), five fields (no second), or a
 * TimeSpan `hh:mm:ss` for a fixed interval. Fields take `*`, numbers, names, `a-b`, lists and steps. Day and day-of-week must
 * both match.
 *
 * @throws Error that says which field is wrong, or that the schedule never occurs
 */
export function parseSchedule(text: string): Schedule {
  const interval = parseTimeSpan(text);
  if (interval !== undefined) {
    if (interval === 0) throw new Error(`Schedule '${text}': the interval must be longer than zero`);
    return { next: (after) => new Date(after.getTime() + interval) };
  }
  const parts = text.trim().split(/\s+/);
  const six = parts.length === 5 ? ['0', ...parts] : parts;
  if (six.length !== fields.length) {
    throw new Error(`Schedule '${text}' must be an NCRONTAB expression of six (or five) fields, or hh:mm:ss`);
  }
  const sets = fields.map((field, index) => parseField(six[index] ?? '', field, text));
  const schedule = { next: (after: Date) => nextOccurrence(sets, after, text) };
  schedule.next(new Date(0)); // a schedule that never occurs (30 February) is told at load
  return schedule;
}

function parseField(text: string, field: Field, schedule: string): ReadonlySet<number> {
  const fail = (): never => {
    throw new Error(`Schedule '${schedule}': '${text}' is no valid ${field.name}`);
  };
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(\*|[\da-z]+(?:-[\da-z]+)?)(?:\/(\d+))?$/i.exec(part);
    if (!match) return fail();
    const [, range = '', stepText] = match;
    const step = Number(stepText ?? 1);
    const [low, high] = toRange(range, field, stepText !== undefined);
    if (!(step > 0) || !(low >= field.low && high <= field.high && low <= high)) return fail();
    for (let value = low; value <= high; value += step) values.add(value);
  }
  return values;
}

/** Bounds of `*`, `5`, `5/10` (from 5 on) or `5-9`; NaN when a name or number is unknown. */
function toRange(text: string, field: Field, hasStep: boolean): readonly [number, number] {
  if (text === '*') return [field.low, field.high];
  const [from = '', to] = text.split('-');
  const low = toNumber(from, field);
  if (to !== undefined) return [low, toNumber(to, field)];
  return [low, hasStep ? field.high : low];
}

function toNumber(text: string, field: Field): number {
  if (/^\d+$/.test(text)) return Number(text);
  const index = text.length < 3 ? -1 : (field.names ?? []).findIndex((name) => isNameOf(text, name));
  return index < 0 ? NaN : index + field.low;
}

const fullNames = [
  ...['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october'],
  ...['november', 'december', 'sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'],
];

function isNameOf(text: string, short: string): boolean {
  const name = text.toLowerCase();
  return name === short || fullNames.some((full) => full === name && full.startsWith(short));
}

function nextOccurrence(sets: readonly ReadonlySet<number>[], after: Date, text: string): Date {
  const [seconds, minutes, hours, days, monthSet, weekdaySet] = sets;
  const has = (set: ReadonlySet<number> | undefined, value: number): boolean => set?.has(value) ?? false;
  const at = new Date(Math.floor(after.getTime() / 1000) * 1000 + 1000);
  const lastYear = at.getUTCFullYear() + horizonYears;
  while (at.getUTCFullYear() <= lastYear) {
    if (!has(monthSet, at.getUTCMonth() + 1)) {
      at.setUTCMonth(at.getUTCMonth() + 1, 1);
      at.setUTCHours(0, 0, 0);
    } else if (!has(days, at.getUTCDate()) || !has(weekdaySet, at.getUTCDay())) {
      at.setUTCDate(at.getUTCDate() + 1);
      at.setUTCHours(0, 0, 0);
    } else if (!has(hours, at.getUTCHours())) {
      at.setUTCHours(at.getUTCHours() + 1, 0, 0);
    } else if (!has(minutes, at.getUTCMinutes())) {
      at.setUTCMinutes(at.getUTCMinutes() + 1, 0);
    } else if (!has(seconds, at.getUTCSeconds())) {
      at.setUTCSeconds(at.getUTCSeconds() + 1);
    } else {
      return at;
    }
  }
  throw new Error(`Schedule '${text}' never occurs`);
}
