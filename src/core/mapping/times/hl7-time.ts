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

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
const daysIn = (year: number, month: number): number =>
  month === 2 && isLeap(year) ? 29 : (DAYS[month - 1] ?? 0);

type Parts = { -readonly [K in keyof Hl7Time]: Hl7Time[K] };

/**
 * Reads a time of HL7 v2, or one of ISO 8601 (`2024-01-05T09:30:00Z`), which some senders write and which means nothing
 * else.
 *
 * @returns the parts, or undefined when the text is no time of the calendar (`20240230`, `05/01/2024`)
 */
export function parseHl7Time(text: string): Hl7Time | undefined {
  const written = digitsFrom(text, 0);
  if (written === 4 && text.length > 5) return parseIsoTime(text);
  if (written < 4 || written > 14 || written % 2 !== 0) return undefined;
  const time: Parts = { year: 100 * twoDigits(text, 0) + twoDigits(text, 2), fraction: '' };
  if (written >= 6) time.month = twoDigits(text, 4);
  if (written >= 8) time.day = twoDigits(text, 6);
  if (written >= 10) time.hour = twoDigits(text, 8);
  if (written >= 12) time.minute = twoDigits(text, 10);
  if (written === 14) time.second = twoDigits(text, 12);
  const end = written === 14 ? readFraction(text, written, time) : written;
  return end === text.length || readOffset(text, end, time) ? checked(time) : undefined;
}

/** @returns where the rest of the text begins */
function readFraction(text: string, at: number, time: Parts): number {
  const decimals = text.charCodeAt(at) === POINT ? digitsFrom(text, at + 1) : 0;
  if (decimals === 0) return at;
  time.fraction = text.slice(at + 1, at + 1 + Math.min(decimals, 4));
  return at + 1 + decimals;
}

const ISO_TIME =
  /^(\d{4})-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?(?:(Z)|([+-]\d\d:?\d\d))?)?)?$/;

function parseIsoTime(text: string): Hl7Time | undefined {
  const [, ...parts] = ISO_TIME.exec(text) ?? [];
  if (parts.length === 0) return undefined;
  const [year, month, day = '', hour = '', minute = '', second = '', zulu, offset = ''] = parts;
  return parseHl7Time(
    `${year ?? ''}${month ?? ''}${day}${hour}${minute}${second}${zulu === undefined ? offset : '+0000'}`,
  );
}

const POINT = 0x2e;
const COLON = 0x3a;
const PLUS = 0x2b;
const MINUS = 0x2d;

/** @returns whether the rest of the text is an offset, which is then part of the time */
function readOffset(text: string, at: number, time: Parts): boolean {
  const sign = text.charCodeAt(at);
  if ((sign !== PLUS && sign !== MINUS) || digitsFrom(text, at + 1) < 2) return false;
  // As ISO 8601 writes it: +01:00.
  const minutesAt = text.charCodeAt(at + 3) === COLON ? at + 4 : at + 3;
  if (text.length !== minutesAt + 2 || digitsFrom(text, minutesAt) !== 2) return false;
  const minutes = twoDigits(text, minutesAt);
  const size = twoDigits(text, at + 1) * 60 + minutes;
  time.offset = sign === MINUS ? -size : size;
  return minutes < 60;
}

/** How many digits follow from a position on. */
function digitsFrom(text: string, start: number): number {
  let position = start;
  while (position < text.length && isDigit(text.charCodeAt(position))) position++;
  return position - start;
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

const twoDigits = (text: string, at: number): number =>
  10 * (text.charCodeAt(at) - 0x30) + text.charCodeAt(at + 1) - 0x30;

const checked = (time: Hl7Time): Hl7Time | undefined => (isPossible(time) ? time : undefined);

function isPossible({ year, month, day, hour = 0, minute = 0, second = 0, offset = 0 }: Hl7Time): boolean {
  // FHIR allows 23:59:60 no more than it allows 24:00:00; offsets reach from -12:00 to +14:00.
  return (
    isDate(year, month, day) && hour < 24 && minute < 60 && second < 60 && offset >= -720 && offset <= 840
  );
}

function isDate(year: number, month = 1, day = 1): boolean {
  return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

const TWO_DIGITS = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'));

/** A number below 100 as two digits. */
const pad = (value: number): string => TWO_DIGITS[value] ?? String(value);

const padYear = (year: number): string => pad(Math.floor(year / 100)) + pad(year % 100);

/** `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, whatever was written. */
export function toFhirDate({ year, month, day }: Hl7Time): string {
  if (month === undefined) return padYear(year);
  const yearMonth = `${padYear(year)}-${pad(month)}`;
  return day === undefined ? yearMonth : `${yearMonth}-${pad(day)}`;
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
  const milliseconds = fraction === '' ? 0 : Number(fraction.padEnd(3, '0').slice(0, 3));
  if (year >= 100) return Date.UTC(year, month - 1, day, hour, minute, second, milliseconds);
  // Date.UTC takes the years 0 to 99 for the twentieth century; setting the year does not.
  const epoch = Date.UTC(2000, month - 1, day, hour, minute, second, milliseconds);
  return new Date(epoch).setUTCFullYear(year, month - 1, day);
}

/** `HHMM[SS[.S[S[S[S]]]]]` (TM, HL7 v2.5.1 section 2.A.75) as a FHIR time; undefined when it is none. */
export function toFhirTime(text: string): string | undefined {
  const match = /^(\d{2})(\d{2})(?:(\d{2})(\.\d{1,4})?)?$/.exec(text);
  if (match === null) return undefined;
  const [, hour = '', minute = '', second = '00', fraction = ''] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  return `${hour}:${minute}:${second}${fraction}`;
}
