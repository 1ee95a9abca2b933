/** HL7 v2 times (`YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]`, HL7 v2.5.1 section 2.A.22) as FHIR dates. */
import { offsetMinutes } from './time-zone.js';

/** A time as the sender wrote it: parts that were not written are absent. */
export interface Hl7Time {
  readonly year: number;
  readonly month?: number;
  readonly day?: number;
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
  /** Digits after the decimal point as written, at most four; empty when none were. */
  readonly fraction: string;
  /** Minutes east of Greenwich, when the sender wrote an offset. */
  readonly offset?: number;
}

const HL7_TIME =
  /^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.(\d{1,4})\d*)?)?)?)?)?)?(?:([+-])(\d{2})(\d{2}))?$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
const daysIn = (year: number, month: number): number =>
  month === 2 && isLeap(year) ? 29 : (DAYS[month - 1] ?? 0);

/** @returns the parts, or undefined when the text is no time of the calendar (`20240230`, `2024-01-01`) */
export function parseHl7Time(text: string): Hl7Time | undefined {
  const match = HL7_TIME.exec(text);
  if (match === null) return undefined;
  const [, year = '', month, day, hour, minute, second, fraction = '', sign, offsetHours, offsetMinute] =
    match;
  const offset =
    sign === undefined
      ? undefined
      : (sign === '-' ? -1 : 1) * (Number(offsetHours) * 60 + Number(offsetMinute));
  const time = {
    year: Number(year),
    ...part('month', month),
    ...part('day', day),
    ...part('hour', hour),
    ...part('minute', minute),
    ...part('second', second),
    fraction,
    ...(offset === undefined ? {} : { offset }),
  };
  return isPossible(time) && (offset === undefined || Number(offsetMinute) < 60) ? time : undefined;
}

function part<K extends string>(name: K, text: string | undefined): Partial<Record<K, number>> {
  return text === undefined ? {} : ({ [name]: Number(text) } as Record<K, number>);
}

function isPossible({ year, month, day, hour = 0, minute = 0, second = 0, offset = 0 }: Hl7Time): boolean {
  // FHIR allows 23:59:60 no more than it allows 24:00:00; offsets reach from -12:00 to +14:00.
  return (
    isDate(year, month, day) && hour < 24 && minute < 60 && second < 60 && offset >= -720 && offset <= 840
  );
}

function isDate(year: number, month = 1, day = 1): boolean {
  return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

const pad = (value: number, length = 2): string => String(value).padStart(length, '0');

/** `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, whatever was written. */
export function toFhirDate({ year, month, day }: Hl7Time): string {
  if (month === undefined) return pad(year, 4);
  return day === undefined ? `${pad(year, 4)}-${pad(month)}` : `${pad(year, 4)}-${pad(month)}-${pad(day)}`;
}

/** `HH:MM:SS[.S]`; minutes and seconds that were not written are zero, as FHIR cannot leave them out. */
function clockTime({ hour = 0, minute = 0, second = 0, fraction }: Hl7Time): string {
  return `${pad(hour)}:${pad(minute)}:${pad(second)}${fraction === '' ? '' : `.${fraction}`}`;
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

/**
 * A FHIR dateTime: dates keep their precision, times get an offset.
 *
 * @param timeZone IANA zone of times without an offset
 */
export function toFhirDateTime(time: Hl7Time, timeZone: string): string {
  if (time.hour === undefined) return toFhirDate(time);
  return `${toFhirDate(time)}T${clockTime(time)}${offsetText(offsetOf(time, timeZone))}`;
}

/** Milliseconds since 1970 of the earliest moment that the time can mean. */
export function toEpoch(time: Hl7Time, timeZone: string): number {
  const minutes = time.offset ?? offsetMinutes(localEpoch(time), timeZone);
  return localEpoch(time) - minutes * 60_000;
}

/**
 * Milliseconds since 1970 of the latest moment that the time can mean: parts that were not written are at their
 * largest, and the hour that is repeated in autumn is taken as its second pass.
 */
export function toLatestEpoch(time: Hl7Time, timeZone: string): number {
  const local = localEpoch(time) + durationOf(time) - 1;
  return local - (time.offset ?? offsetMinutes(local, timeZone, 'second')) * 60_000;
}

const DAY = 86_400_000;

/** Milliseconds that a time of its precision lasts; at least one, as epochs are no finer. */
function durationOf({ year, month, day, hour, minute, second, fraction }: Hl7Time): number {
  if (month === undefined) return (isLeap(year) ? 366 : 365) * DAY;
  if (day === undefined) return daysIn(year, month) * DAY;
  if (hour === undefined) return DAY;
  if (minute === undefined) return 3_600_000;
  if (second === undefined) return 60_000;
  return Math.max(1, 1000 / 10 ** fraction.length);
}

function offsetOf(time: Hl7Time, timeZone: string): number {
  return time.offset ?? offsetMinutes(localEpoch(time), timeZone);
}

/** The wall-clock reading as if it were UTC. */
function localEpoch({
  year,
  month = 1,
  day = 1,
  hour = 0,
  minute = 0,
  second = 0,
  fraction,
}: Hl7Time): number {
  const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3));
  const epoch = Date.UTC(2000, month - 1, day, hour, minute, second, milliseconds);
  // Date.UTC takes the years 0 to 99 for the twentieth century; setting the year does not.
  return year >= 100
    ? Date.UTC(year, month - 1, day, hour, minute, second, milliseconds)
    : new Date(epoch).setUTCFullYear(year, month - 1, day);
}

/** `HHMM[SS[.S[S[S[S]]]]]` (TM, HL7 v2.5.1 section 2.A.75) as a FHIR time; undefined when it is none. */
export function toFhirTime(text: string): string | undefined {
  const match = /^(\d{2})(\d{2})(?:(\d{2})(\.\d{1,4})?)?$/.exec(text);
  if (match === null) return undefined;
  const [, hour = '', minute = '', second = '00', fraction = ''] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  return `${hour}:${minute}:${second}${fraction}`;
}
