import type { Value } from '../../json.js';
import type { BuiltInTable } from './built-in.js';
import { define } from './built-in.js';

type DatePart = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond';

const spellings: Readonly<Record<DatePart, readonly string[]>> = {
  year: ['year', 'yyyy', 'yy'],
  month: ['month', 'mm', 'm'],
  day: ['day', 'dd', 'd'],
  hour: ['hour', 'hh'],
  minute: ['minute', 'mi', 'n'],
  second: ['second', 'ss', 's'],
  millisecond: ['millisecond', 'ms'],
};

const partsByName: ReadonlyMap<string, DatePart> = new Map(
  (Object.keys(spellings) as DatePart[]).flatMap((part) =>
    spellings[part].map((name) => [name, part] as const),
  ),
);

const milliseconds = {
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1_000,
  millisecond: 1,
} as const;

/** 100-nanosecond intervals between 0001-01-01 and 1970-01-01. */
const epochTicks = 621_355_968_000_000_000;

const partOf = (name: Value): DatePart | undefined =>
  typeof name === 'string' ? partsByName.get(name.toLowerCase()) : undefined;

const dateOf = (text: Value): Date | undefined => {
  const date = typeof text === 'string' ? new Date(text) : undefined;
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
};

/** ISO 8601 with seven digits of a second, as the service writes it. */
function toText(time: number): Value {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().replace(/(\.\d{3})Z/, '$10000Z');
}

function add(name: Value, count: Value, text: Value): Value {
  const part = partOf(name);
  const date = dateOf(text);
  if (part === undefined || date === undefined || typeof count !== 'number') return undefined;
  if (part === 'year') date.setUTCFullYear(date.getUTCFullYear() + count);
  else if (part === 'month') date.setUTCMonth(date.getUTCMonth() + count);
  else date.setTime(date.getTime() + count * milliseconds[part]);
  return toText(date.getTime());
}

function difference(name: Value, startText: Value, endText: Value): Value {
  const part = partOf(name);
  const start = dateOf(startText);
  const end = dateOf(endText);
  if (part === undefined || start === undefined || end === undefined) return undefined;
  const years = end.getUTCFullYear() - start.getUTCFullYear();
  if (part === 'year') return years;
  if (part === 'month') return years * 12 + end.getUTCMonth() - start.getUTCMonth();
  const size = milliseconds[part];
  return Math.floor(end.getTime() / size) - Math.floor(start.getTime() / size);
}

function partValue(name: Value, text: Value): Value {
  const part = partOf(name);
  const date = dateOf(text);
  if (part === undefined || date === undefined) return undefined;
  const values: Readonly<Record<DatePart, number>> = {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    millisecond: date.getUTCMilliseconds(),
  };
  return values[part];
}

const now = (): number => Date.now();

/** Functions of dates and times. */
export const dateFunctions: BuiltInTable = {
  GETCURRENTDATETIME: define(0, () => toText(now())),
  GETCURRENTDATETIMESTATIC: define(0, () => toText(now())),
  GETCURRENTTIMESTAMP: define(0, now),
  GETCURRENTTIMESTAMPSTATIC: define(0, now),
  GETCURRENTTICKS: define(0, () => now() * 10_000 + epochTicks),
  DATETIMETOTIMESTAMP: define(1, (text) => dateOf(text)?.getTime()),
  TIMESTAMPTODATETIME: define(1, (time) => (typeof time === 'number' ? toText(time) : undefined)),
  DATETIMETOTICKS: define(1, (text) => {
    const date = dateOf(text);
    return date === undefined ? undefined : date.getTime() * 10_000 + epochTicks;
  }),
  TICKSTODATETIME: define(1, (ticks) =>
    typeof ticks === 'number' ? toText((ticks - epochTicks) / 10_000) : undefined,
  ),
  DATETIMEADD: define(3, add),
  DATETIMEDIFF: define(3, difference),
  DATETIMEPART: define(2, partValue),
};
