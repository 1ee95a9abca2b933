/** Transforms of single values: texts, codes, numbers and times. */
import type { Period } from 'fhir/r4.js';
import { below, copyOf, report, textAt, trace, wholeText, type Step } from '../engine/run.js';
import type { TransformFactory } from '../engine/transform.js';
import { parseHl7Time, toFhirDate, toFhirDateTime, toFhirTime, type Hl7Time } from '../times/hl7-time.js';
import { upperCase } from '../../upper-case.js';

/** `text`: ST, TX, FT and any other type as the text that was sent. */
export const text: TransformFactory = () => (step) => wholeText(step) || undefined;

/** `constant(final)`: the same value always; `true` and `false` are booleans. */
export const constant: TransformFactory = ([value]) => {
  if (value === undefined) throw new RangeError('constant needs a value');
  const stated = value === 'true' ? true : value === 'false' ? false : value;
  return () => stated;
};

/**
 * `remove`: asks for the element to be deleted, as an event does that takes something back.
 * `remove(coding[code=entered-in-error])`: only that part of it, if it is stored.
 */
export const remove: TransformFactory = ([part]) => {
  const end = part === undefined ? '' : `.${part}`;
  return (step) => {
    step.draft.removed.push(step.element.slice(step.element.indexOf('.') + 1) + end);
    return undefined;
  };
};

/** `conceptOf(system, code)`, `conceptOf(system, code, display)`: a constant CodeableConcept. */
export const conceptOf: TransformFactory = ([system, code, display]) => {
  if (system === undefined || code === undefined) throw new RangeError('conceptOf needs a system and a code');
  return () => ({ coding: [display === undefined ? { system, code } : { system, code, display }] });
};

/**
 * `code(AdministrativeSex)`: the code that a table gives, for the sender's code, else for the words beside it (`2^Cancelled`);
 * a code the table does not know is reported.
 */
export const code: TransformFactory = ([name = ''], setting) => {
  const table = setting.table(name);
  const known = (sent: string) => table.get(sent) ?? table.get(upperCase(sent));
  return (step) => {
    const sent = textAt(step, 1);
    const target = known(sent);
    const words = target === undefined ? known(textAt(step, 2)) : undefined;
    if (target === undefined && words === undefined) {
      if (sent !== '') report(step, 'HDE_HL7_DATA_TYPE', `a code that the table ${name} knows`);
      return undefined;
    }
    trace(step, '', target === undefined ? 2 : 1);
    return (target ?? words)?.code;
  };
};

/** `codeIfKnown(EncounterStatusByEvent)`: as `code`, for tables that say nothing about most codes. */
export const codeIfKnown: TransformFactory = ([name = ''], setting) => {
  const table = setting.table(name);
  return (step) => {
    const sent = textAt(step, 1);
    const target = table.get(sent) ?? table.get(upperCase(sent));
    if (target === undefined) return undefined;
    trace(step, '', 1);
    return target.code;
  };
};

/** `flag(YesNo)`: a boolean by a table of `true` and `false`. */
export const flag: TransformFactory = (args, setting) => {
  const read = code(args, setting);
  return (step) => {
    const answer = read(step);
    return answer === undefined ? undefined : answer === 'true';
  };
};

/** `flagUnlessDated(YesNo)`: as `flag`, whether somebody is dead where no rule before could read when they died. */
export const flagUnlessDated: TransformFactory = (args, setting) => {
  const read = flag(args, setting);
  return (step) => (step.draft.resource['deceasedDateTime'] === undefined ? read(step) : undefined);
};

/** `flagIfKnown(OrganDonor)`: as `flag`, for tables that leave some codes open. */
export const flagIfKnown: TransformFactory = (args, setting) => {
  const read = codeIfKnown(args, setting);
  return (step) => {
    const answer = read(step);
    return answer === undefined ? undefined : answer === 'true';
  };
};

/** `positiveInt`: a whole number above zero. */
export const positiveInt: TransformFactory = () => (step) => {
  const sent = wholeText(step);
  if (/^0*[1-9]\d{0,8}$/.test(sent)) return Number(sent);
  if (sent !== '') report(step, 'HDE_HL7_DATA_TYPE', 'a whole number above zero');
  return undefined;
};

/** `date`: the date of a time, at the precision that was sent. */
export const date: TransformFactory = () => (step) => {
  const time = timeAt(step);
  return time === undefined ? undefined : toFhirDate(time);
};

/** `dateTime`: a date or time at the precision that was sent; times without an offset are in the feed's zone. */
export const dateTime: TransformFactory = () => {
  // All results of a specimen bear the same times.
  let last = { sent: '', timeZone: '', value: '' };
  return (step) => {
    const sent = textAt(step, 1);
    const { timeZone } = step.run.feed;
    if (sent === '') return undefined;
    if (sent === last.sent && timeZone === last.timeZone) return last.value;
    const time = timeAt(step);
    if (time === undefined) return undefined;
    last = { sent, timeZone, value: toFhirDateTime(time, timeZone) };
    return last.value;
  };
};

/** `instant`: as `dateTime`, but a date alone is reported: FHIR instants are exact to the second. */
export const instant: TransformFactory = () => (step) => {
  const time = timeAt(step);
  if (time === undefined) return undefined;
  if (time.hour === undefined) {
    report(step, 'HDE_HL7_DATA_TYPE', 'a time of at least hours');
    return undefined;
  }
  return toFhirDateTime(time, step.run.feed.timeZone);
};

/** `time`: TM as a time of day. */
export const time: TransformFactory = () => (step) => {
  const sent = wholeText(step);
  if (sent === '') return undefined;
  const read = toFhirTime(sent);
  if (read === undefined) report(step, 'HDE_HL7_DATA_TYPE', 'a time of day (HHMM[SS])');
  return read;
};

/**
 * `birthTime`: the moment of birth, only where the sender knew it. Many systems pad a date with zeros, so midnight is
 * not taken for a time.
 */
export const birthTime: TransformFactory = () => (step) => {
  if (!/^\d{8}(?=\d*[1-9])\d{4}/.test(textAt(step, 1))) return undefined;
  const read = timeAt(step);
  return read === undefined ? undefined : toFhirDateTime(read, step.run.feed.timeZone);
};

const PADDING = /^(\d{4}(?:0[1-9]|1[0-2])?)(?:00)+$/;

/** A time, also where the sender filled up with zeros what is not known: `19800000` is a year, `19800600` a month. */
export const hl7TimeOf = (sent: string): Hl7Time | undefined =>
  parseHl7Time(sent) ?? parseHl7Time(sent.replace(PADDING, '$1'));

/** The time at a component, TS.1 and DTM alike; reported when it is none of the calendar. */
export function timeAt(step: Step, component = 1): Hl7Time | undefined {
  const sent = textAt(step, component);
  if (sent === '') return undefined;
  const read = hl7TimeOf(sent);
  if (read === undefined)
    report(step, 'HDE_HL7_DATA_TYPE', 'a time of the calendar (YYYYMMDD[HHMM[SS]])', component);
  return read;
}

/** Copies the times at two components to `period`; a side that is absent is left out. */
export function copyPeriod(
  step: Step,
  target: { period?: Period | undefined },
  [start, end]: readonly [number, number],
): void {
  if (textAt(step, start) === '' && textAt(step, end) === '') return;
  const at = below(step, 'period');
  const period: Period = {};
  copyTime(at, period, 'start', start);
  copyTime(at, period, 'end', end);
  if (period.start !== undefined || period.end !== undefined) target.period = period;
}

/** Copies a component of type DR, start and end as subcomponents, to `period`. */
export function copyRange(step: Step, target: { period?: Period | undefined }, component: number): void {
  if (textAt(step, component) === '') return;
  const period: Period = {};
  const at = below({ ...step, component }, 'period');
  copyTime(at, period, 'start', 1);
  copyTime(at, period, 'end', 2);
  if (Object.keys(period).length > 0) target.period = period;
}

function copyTime(step: Step, target: object, key: string, component: number): void {
  const read = timeAt(step, component);
  if (read === undefined) return;
  copyOf(step, target, key, toFhirDateTime(read, step.run.feed.timeZone), component);
}
