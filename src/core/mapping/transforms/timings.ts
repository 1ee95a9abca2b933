/** When a medicine is taken: TQ1 and its repeat pattern (RPT), and the timing (TQ) of older versions. */
import type { Timing, TimingRepeat } from 'fhir/r4.js';
import { textAt, trace, type Step } from '../engine/run.js';
import { toFhirDateTime, toFhirTime } from '../times/hl7-time.js';
import { parseDecimal } from './numbers.js';
import { timeAt } from './simple-values.js';

type PeriodUnit = NonNullable<TimingRepeat['periodUnit']>;

const GTS = 'http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation';

/** Patterns that FHIR has codes for, and what British prescribers write for them. */
const DAILY: Readonly<Record<string, readonly [frequency: number, period: number, code?: string]>> = {
  BID: [2, 1, 'BID'],
  TID: [3, 1, 'TID'],
  QID: [4, 1, 'QID'],
  QD: [1, 1, 'QD'],
  QOD: [1, 2, 'QOD'],
  OD: [1, 1],
  BD: [2, 1],
  TDS: [3, 1],
  QDS: [4, 1],
};

const INTERVAL_UNITS: Readonly<Record<string, PeriodUnit>> = { S: 's', H: 'h', D: 'd', W: 'wk' };
/** Units of time as they are written, and as FHIR codes them. */
const TIME_UNITS: Readonly<Record<string, PeriodUnit>> = {
  S: 's',
  SEC: 's',
  MIN: 'min',
  H: 'h',
  HR: 'h',
  HOUR: 'h',
  HOURS: 'h',
  D: 'd',
  DAY: 'd',
  DAYS: 'd',
  W: 'wk',
  WK: 'wk',
  WEEK: 'wk',
  WEEKS: 'wk',
  MO: 'mo',
  MONTH: 'mo',
  MONTHS: 'mo',
  A: 'a',
  ANN: 'a',
  YEAR: 'a',
};
const EVENTS = new Set([
  'HS',
  'WAKE',
  'C',
  'CM',
  'CD',
  'CV',
  'AC',
  'ACM',
  'ACD',
  'ACV',
  'PC',
  'PCM',
  'PCD',
  'PCV',
]);
const WITH_OFFSET = new Set(['HS', 'WAKE', 'AC', 'ACM', 'ACD', 'ACV', 'PC', 'PCM', 'PCD', 'PCV']);

/** FHIR's code of a unit of time; undefined where it is not surely one. */
export const timeUnit = (text: string): PeriodUnit | undefined => TIME_UNITS[text.toUpperCase()];

/** Whether a pattern says that the medicine is taken when needed (table 0335). */
export const isAsNeeded = (pattern: string): boolean => /(?:^|\s|\d[A-Z])PRN/.test(pattern.toUpperCase());

/** The pattern as it was sent, and how often that is where it is one that everybody reads alike. */
export function patternTiming(step: Step, pattern: string, description: string): Timing {
  const upper = pattern.toUpperCase().replace(/\s*PRN$/, '');
  const daily = Object.hasOwn(DAILY, upper) ? DAILY[upper] : undefined;
  const result: Timing = { code: { text: description === '' ? pattern : description } };
  if (daily !== undefined) {
    const [frequency, period, code] = daily;
    if (code !== undefined) result.code = { coding: [{ system: GTS, code }], text: pattern };
    result.repeat = { frequency, period, periodUnit: 'd' };
  } else {
    const [, count = '', unit = ''] = /^Q(\d{1,3})([SHDW])$/.exec(upper) ?? [];
    const periodUnit = INTERVAL_UNITS[unit];
    if (periodUnit !== undefined && Number(count) > 0)
      result.repeat = { frequency: 1, period: Number(count), periodUnit };
  }
  trace(step, 'timing.code.text');
  return result;
}

/** RPT-5 to RPT-10: how often, at which event, and how long before or after it. */
export function repeatOf(step: Step, repeat: TimingRepeat): void {
  const period = parseDecimal(textAt(step, 5))?.value;
  const periodUnit = timeUnit(textAt(step, 6));
  if (period !== undefined && period > 0 && periodUnit !== undefined && repeat.period === undefined) {
    repeat.frequency = 1;
    repeat.period = period;
    repeat.periodUnit = periodUnit;
    trace(step, 'timing.repeat.period', 5);
  }
  const event = textAt(step, 8).toUpperCase();
  if (!EVENTS.has(event)) return;
  repeat.when = [event as NonNullable<TimingRepeat['when']>[number]];
  trace(step, 'timing.repeat.when[0]', 8);
  const minutes = minutesOf(textAt(step, 9), textAt(step, 10));
  if (minutes === undefined || !WITH_OFFSET.has(event)) return;
  repeat.offset = minutes;
  trace(step, 'timing.repeat.offset', 9);
}

const MINUTES: Readonly<Record<string, number>> = { s: 1 / 60, min: 1, h: 60, d: 1440 };

/** Whole minutes of a time that is a whole number of them. */
function minutesOf(amount: string, unit: string): number | undefined {
  const minutes = Number(amount === '' ? NaN : amount) * (MINUTES[timeUnit(unit) ?? ''] ?? NaN);
  return Number.isInteger(minutes) && minutes >= 0 ? minutes : undefined;
}

/** The time at a step as FHIR writes it. */
export function startOrEnd(step: Step, key: 'start' | 'end', component = 1): string | undefined {
  const time = timeAt(step, component);
  if (time === undefined) return undefined;
  trace(step, `timing.repeat.boundsPeriod.${key}`, component);
  return toFhirDateTime(time, step.run.feed.timeZone);
}

/** A time of day (TM). */
export const timeOfDay = (step: Step): string | undefined => toFhirTime(textAt(step, 1));
