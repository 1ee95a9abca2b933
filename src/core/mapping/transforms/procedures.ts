/** PR1: what was done, by whom, where and for how long. */
import type { CodeableConcept, Reference } from 'fhir/r4.js';
import { below, textAt, trace, type Step } from '../engine/run.js';
import type { TransformFactory } from '../engine/transform.js';
import { toFhirDateTime } from '../times/hl7-time.js';
import { sentConcept } from './coded-values.js';
import { locationAt } from './locations.js';
import { readPart } from './parts.js';
import { timeAt } from './simple-values.js';
import { practitionerAt } from './staff.js';

const SNOMED_CT = 'http://snomed.info/sct';
const MINUTE = 60_000;

/**
 * `performer(NameUse)`, `performer(NameUse, 304292004, Surgeon)`: XCN as a performer, with a constant function
 * (SNOMED CT).
 */
export const performer: TransformFactory = ([useTable = '', code, display], { table, profiles }) => {
  const uses = table(useTable);
  const role: CodeableConcept | undefined =
    code === undefined || display === undefined
      ? undefined
      : { coding: [{ system: SNOMED_CT, code, display }] };
  return (step) => {
    const actor = practitionerAt(below(step, 'actor'), uses, profiles);
    if (actor === undefined) return undefined;
    return role === undefined ? { actor } : { function: role, actor };
  };
};

/** `performerInRole(NameUse, 3)`: as `performer`, with the function that another field of the segment states. */
export const performerInRole: TransformFactory = ([useTable = '', roleField], setting) => {
  const uses = setting.table(useTable);
  const field = Number(roleField);
  if (!Number.isInteger(field)) throw new RangeError('performerInRole needs the field of the role');
  return (step) => {
    const actor: Reference | undefined = practitionerAt(below(step, 'actor'), uses, setting.profiles);
    if (actor === undefined) return undefined;
    const role = readPart(step, field, 'function', (at) => sentConcept(at, setting.codeSystems));
    return role === undefined ? { actor } : { function: role, actor };
  };
};

/** `locationReference`: PL as a reference to its Location. */
export const locationReference: TransformFactory =
  (_args, { profiles }) =>
  (step) =>
    locationAt(step, profiles);

/**
 * `procedureStatus`: by when it was done (PR1-5). What lies after the time at which the message was sent is still to
 * come, and without a time nobody says that it was done.
 */
export const procedureStatus: TransformFactory = () => (step) => {
  const done = digitsOf(textAt(step, 1));
  if (done === '') return undefined;
  trace(step, '', 1);
  return isLater(done, digitsOf(step.run.message.msh.value(7))) ? 'preparation' : 'completed';
};

/** `20240105`, `202401050930`: year to minute as far as they are written. */
const digitsOf = (text: string): string => /^\d{4,12}/.exec(text)?.[0] ?? '';

/** Whether one time is later than another, as far as both are written. */
function isLater(time: string, other: string): boolean {
  const length = Math.min(time.length, other.length);
  return time.slice(0, length) > other.slice(0, length);
}

/** `timeAfter(5)`: the time of another field and so many minutes (PR1-5 and PR1-7), at the offset of that time. */
export const timeAfter: TransformFactory = ([startField]) => {
  const field = Number(startField);
  if (!Number.isInteger(field)) throw new RangeError('timeAfter needs the field of the start');
  return (step) => {
    const minutes = textAt(step, 1);
    const start = timeAt(startOf(step, field));
    if (start?.minute === undefined || !/^\d{1,5}(\.\d+)?$/.test(minutes)) return undefined;
    const text = toFhirDateTime(start, step.run.feed.timeZone);
    const end = Date.parse(`${text.slice(0, -6)}Z`) + Number(minutes) * MINUTE;
    return new Date(end).toISOString().slice(0, 19) + text.slice(-6);
  };
};

function startOf({ run, node, draft, element, rule }: Step, field: number): Step {
  return { run, node, field, repetition: 1, component: 0, draft, element, rule };
}
