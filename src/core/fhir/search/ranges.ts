/**
 * What dates and numbers stand for, by their precision (FHIR R4 sections 3.1.1.4.6 and 3.1.1.4.7): dates in resources and
 * in searches, numbers in searches.
 */
import { offsetMinutes, type Pass } from '../../mapping/times/time-zone.js';
import type { DateRange } from './types.js';

/**
 * Local time of the server, in which dates and times without an offset are read (R4 section 3.1.1.4.6): that of the trusts,
 * whose 15 June begins at 23:00 UTC of the day before.
 */
const localZone = 'Europe/London';

/** Where a range has no beginning or no end. */
export const openDate = { lo: '0000-01-01T00:00:00.000Z', hi: '9999-12-31T23:59:59.999Z' } as const;

/** Where a range of numbers has no lower or no upper bound. JSON has no infinity. */
export const openNumber = { lo: -Number.MAX_VALUE, hi: Number.MAX_VALUE } as const;

const dateForm = /^(\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?)?)?)(Z|[+-]\d\d:\d\d)?$/;

/**
 * The first and the last millisecond of a date, dateTime or instant: `2013-01` is the whole month, in local time, as is a
 * time without an offset, which in autumn may be either of two. A fraction is as exact as its digits, at most a millisecond. A leap second is the second before
 * it. Undefined when the text is none, or no day or time is named so.
 */
export function dateRangeOf(text: string): DateRange | undefined {
  const [, digits = '', zone] = dateForm.exec(text) ?? [];
  if (digits === '' || (zone !== undefined && digits.length < timeStarts)) return undefined;
  const written = digits.slice(0, earliest.length).replace(/:60(?=$|\.)/, ':59');
  const days = daysIn(Number(written.slice(0, 4)), Number(written.slice(5, 7) || '12'));
  const lo = written + earliest.slice(written.length);
  const hi = written + `9999-12-${days ?? ''}T23:59:59.999`.slice(written.length);
  return days === undefined || !isReal(lo, days) ? undefined : inUtc(lo, hi, zone);
}

/** A date from an address, where an unescaped + of its offset arrives as a space. */
export const restoreOffset = (text: string): string => text.replace(/ (?=\d\d:\d\d$)/, '+');

/** What is not written of the first moment of a date. */
const earliest = '0000-01-01T00:00:00.000';
const timeStarts = 'YYYY-MM-DDThh:mm'.length;

function isReal(instant: string, days: number): boolean {
  const [day = 0, hour = 0, minute = 0, second = 0] = [8, 11, 14, 17].map((start) =>
    Number(instant.slice(start, start + 2)),
  );
  return day >= 1 && day <= days && hour <= 23 && minute <= 59 && second <= 59;
}

function daysIn(year: number, month: number): number | undefined {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
}

function inUtc(lo: string, hi: string, zone: string | undefined): DateRange | undefined {
  if (zone === 'Z') return { lo: `${lo}Z`, hi: `${hi}Z` };
  const first = instantOf(lo, zone, 'first');
  const last = instantOf(hi, zone, 'second');
  return Number.isNaN(first) ? undefined : { lo: printInstant(first), hi: printInstant(last) };
}

/** @param pass which of two readings in the hour that is repeated in autumn */
function instantOf(written: string, zone: string | undefined, pass: Pass): number {
  if (zone !== undefined) return Date.parse(`${written}${zone}`);
  const reading = Date.parse(`${written}Z`);
  return reading - offsetMinutes(reading, localZone, pass) * 60_000;
}

const firstInstant = Date.parse(openDate.lo);
const lastInstant = Date.parse(openDate.hi);

/** Years outside 0000 to 9999, which an offset can lead to, would not sort as text. */
function printInstant(time: number): string {
  return new Date(Math.min(Math.max(time, firstInstant), lastInstant)).toISOString();
}

/** From the first to the last moment of several ranges; undefined without any. */
export function spanOf(ranges: readonly DateRange[]): DateRange | undefined {
  const [first, ...others] = ranges;
  if (first === undefined) return undefined;
  return others.reduce(
    (span, { lo, hi }) => ({ lo: lo < span.lo ? lo : span.lo, hi: hi > span.hi ? hi : span.hi }),
    first,
  );
}

/** The greatest number below another one, of those that a number of JSON can be. */
export function numberBelow(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  const bits = new BigInt64Array(1);
  const number = new Float64Array(bits.buffer);
  number[0] = value;
  // The bits of numbers of one sign are in the order of their sizes.
  bits[0] = (bits[0] ?? 0n) + (value > 0 ? -1n : 1n);
  return Math.max(number[0], openNumber.lo);
}

/** A number that a search gives, and what its digits leave open. */
export interface NumberRange {
  readonly value: number;
  readonly lo: number;
  readonly hi: number;
}

const decimalForm = /^(-?\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * What a number written so may be: half a unit of its last digit to either side, `100` from 99.5 to 100.5 and `100.00`
 * from 99.995 to 100.005. With an exponent it is the same (`1.00e2` is as `100`), but of a whole number a tenth of that,
 * since R4 has `1e2` from 95 to 105. The bounds are those decimals themselves, without errors of binary arithmetic, as
 * far as they have no more than 15 digits.
 * Undefined when the text is no number, or too large for one.
 */
export function numberRangeOf(text: string): NumberRange | undefined {
  const parts = decimalForm.exec(text);
  if (parts === null) return undefined;
  const [, whole = '', fraction = '', exponent] = parts;
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  const power = Number(exponent ?? 0) - fraction.length;
  // The last digit's half, and the digits of the number, in units of that size.
  const unit = exponent === undefined || fraction !== '' ? power - 1 : power - 2;
  const digits = Number(`${whole}${fraction}`) * 10 ** (power - unit);
  const isExact = Number.isSafeInteger(digits + 5) && Number.isSafeInteger(digits - 5);
  const half = 5 * 10 ** unit;
  const lo = isExact ? Number(`${digits - 5}e${unit}`) : value - half;
  const hi = isExact ? Number(`${digits + 5}e${unit}`) : value + half;
  // Half of a seventeenth digit is less than numbers of JSON tell apart: the number itself stays within its bounds.
  const above = -numberBelow(-value);
  return {
    value: value + 0,
    lo: Math.max(Math.min(lo, value), openNumber.lo),
    hi: Math.min(Math.max(hi, above), openNumber.hi) + 0,
  };
}
