/** SCH, AIS, AIG, AIL and AIP: when an appointment is and who and what takes part. */
import type { AppointmentParticipant, CodeableConcept, Element, Identifier, Reference } from 'fhir/r4.js';
import { systemOf } from '../../identity/assigning-authority.js';
import { markField } from '../engine/ledger.js';
import {
  below,
  personOf,
  readText,
  report,
  textAt,
  trace,
  wholeText,
  type Run,
  type Step,
} from '../engine/run.js';
import { contextOf, findSegment, type SegmentNode } from '../engine/segment-tree.js';
import type { Transform, TransformFactory } from '../engine/transform.js';
import { parseHl7Time, toFhirDateTime } from '../times/hl7-time.js';
import { concept, sentConcept } from './coded-values.js';
import { locationAt } from './locations.js';
import { readPart } from './parts.js';
import { dateTime } from './simple-values.js';
import { practitionerAt } from './staff.js';

/** Where the resources of an appointment say when they are needed and how far the request has got. */
interface Layout {
  readonly resource: number;
  readonly type: number;
  readonly start: number;
  readonly offset: number;
  readonly duration: number;
  readonly status: number;
}

const LAYOUTS: Readonly<Record<string, Layout>> = {
  AIS: { resource: 3, type: 0, start: 4, offset: 5, duration: 7, status: 10 },
  AIG: { resource: 3, type: 4, start: 8, offset: 9, duration: 11, status: 14 },
  AIL: { resource: 3, type: 4, start: 6, offset: 7, duration: 9, status: 12 },
  AIP: { resource: 3, type: 4, start: 6, offset: 7, duration: 9, status: 12 },
};

/** Units of SCH-10, AIS-8 and the like in minutes, by their first letters; without a unit they are minutes. */
const MINUTES: Readonly<Record<string, number>> = { '': 1, d: 1440, h: 60, m: 1, s: 1 / 60, w: 10_080 };

/** `minutesDuration(10)`: a number in the unit that another field names, as whole minutes. */
export const minutesDuration: TransformFactory = ([unitField]) => {
  const field = Number(unitField);
  if (!Number.isInteger(field)) throw new RangeError('minutesDuration needs the field of the unit');
  return (step) => {
    const minutes = minutesOf(step.run, step.node, step.field, field);
    if (minutes === undefined || minutes <= 0 || !Number.isInteger(minutes)) {
      report(step, 'HDE_HL7_DATA_TYPE', 'a whole number of minutes');
      return undefined;
    }
    trace(step, '', 1);
    if (step.node.segment.has(field)) markField(step.node, field, 1, { fate: 'mapped', rule: step.rule });
    return minutes;
  };
};

function minutesOf(
  { message }: Run,
  { segment }: SegmentNode,
  field: number,
  unit: number,
): number | undefined {
  const text = readText(message, segment, field, 1, 1);
  if (!/^[+-]?\d{1,6}(\.\d+)?$/.test(text)) return undefined;
  const factor = MINUTES[readText(message, segment, unit, 1, 1).charAt(0).toLowerCase()];
  return factor === undefined ? undefined : Number(text) * factor;
}

/** The start of a resource: as stated, else the start of the appointment and the offset. */
function resourceStart(node: SegmentNode, run: Run): string | undefined {
  const layout = LAYOUTS[node.segment.name];
  if (layout === undefined) return undefined;
  const stated = readTime(node, layout.start, 1, run);
  if (stated !== undefined || !node.segment.has(layout.offset)) return stated;
  const sch = findSegment(node, 'SCH');
  const base = sch === undefined ? undefined : scheduledTime(sch, run, 4);
  const minutes = minutesOf(run, node, layout.offset, layout.offset + 1);
  return base === undefined || minutes === undefined ? undefined : addMinutes(base, minutes);
}

/** A component as a FHIR time of at least hours. */
function readTime(node: SegmentNode, field: number, component: number, run: Run): string | undefined {
  if (!node.segment.has(field)) return undefined;
  const time = parseHl7Time(readText(run.message, node.segment, field, 1, component));
  return time?.hour === undefined ? undefined : toFhirDateTime(time, run.feed.timeZone);
}

const TQ1_FIELDS = { 4: 7, 5: 8 } as const;

/**
 * TQ1-7 or TQ1-8, else SCH-11.4 or SCH-11.5, which TQ1 replaces since version 2.5: where both stand, senders leave an
 * older time in SCH-11.
 */
function scheduledTime(sch: SegmentNode, run: Run, component: 4 | 5): string | undefined {
  const tq1 = contextOf(sch, 'TQ1');
  const stated = tq1 === undefined ? undefined : readTime(tq1, TQ1_FIELDS[component], 1, run);
  return stated ?? readTime(sch, 11, component, run);
}

/** The same moment so many minutes later, at the offset of the start. */
function addMinutes(start: string, minutes: number): string {
  const offset = /(Z|[+-]\d{2}:\d{2})$/.exec(start)?.[1] ?? 'Z';
  const local = start.slice(0, start.length - offset.length);
  const moved = new Date(Date.parse(`${local}Z`) + minutes * 60_000).toISOString();
  return moved.slice(0, 19) + offset;
}

const resourcesOf = (sch: SegmentNode): SegmentNode[] =>
  sch.children.filter(({ segment }) => LAYOUTS[segment.name] !== undefined);

/**
 * `appointmentTime(start)`, `appointmentTime(end)`: TQ1, else SCH-11; else from the first of the services or other
 * resources to the last. An end that nobody states follows from the start and the duration (SCH-9). What remains
 * unknown is said to be: FHIR asks for both (R4 invariants app-2 and app-3).
 */
export const appointmentTime: TransformFactory = ([side]) => {
  if (side !== 'start' && side !== 'end') throw new RangeError('appointmentTime is start or end');
  return (step) => {
    const { node, run } = step;
    const component = side === 'start' ? 4 : 5;
    const stated = scheduledTime(node, run, component);
    const value = stated ?? (side === 'start' ? firstStart(node, run) : lastEnd(node, step));
    // A new start makes the old end untrue, even where nobody states another.
    if (value === undefined && step.draft.resource['start'] !== undefined) step.draft.removed.push('end');
    if (value === undefined) return undefined;
    markTimes(step, component);
    return value;
  };
};

function firstStart(sch: SegmentNode, run: Run): string | undefined {
  return earliest(resourcesOf(sch).map((node) => resourceStart(node, run)));
}

function lastEnd(sch: SegmentNode, { run, draft }: Step): string | undefined {
  const start = draft.resource['start'] as string | undefined;
  const minutes = minutesOf(run, sch, 9, 10);
  if (start !== undefined && minutes !== undefined && minutes > 0) return addMinutes(start, minutes);
  const ends = resourcesOf(sch).map((node) => resourceEnd(node, run));
  return ends.reduce<string | undefined>(
    (last, end) => (end !== undefined && (last === undefined || moment(end) > moment(last)) ? end : last),
    undefined,
  );
}

function resourceEnd(node: SegmentNode, run: Run): string | undefined {
  const layout = LAYOUTS[node.segment.name];
  const start = resourceStart(node, run);
  if (layout === undefined || start === undefined) return undefined;
  const minutes = minutesOf(run, node, layout.duration, layout.duration + 1);
  return minutes === undefined || minutes <= 0 ? undefined : addMinutes(start, minutes);
}

const moment = (time: string): number => Date.parse(time);

const earliest = (times: readonly (string | undefined)[]): string | undefined =>
  times.reduce(
    (first, time) =>
      time !== undefined && (first === undefined || moment(time) < moment(first)) ? time : first,
    undefined,
  );

function markTimes(step: Step, component: 4 | 5): void {
  const { node, rule, run } = step;
  const tq1 = contextOf(node, 'TQ1');
  const field = TQ1_FIELDS[component];
  if (tq1 !== undefined && readTime(tq1, field, 1, run) !== undefined) {
    trace({ ...step, node: tq1, field, repetition: 1 }, '', 1);
    markField(tq1, field, 1, { fate: 'mapped', rule });
    markField(node, 11, 1, { fate: 'ignored', rule });
  } else if (readTime(node, 11, component, run) !== undefined) {
    trace({ ...step, field: 11, repetition: 1 }, '', component);
    markField(node, 11, 1, { fate: 'mapped', rule });
  }
}

const UNKNOWN: Element = {
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
};

/** Statuses that need no time (R4 invariant app-3). */
const UNTIMED = new Set(['proposed', 'cancelled', 'waitlist']);

/** `absentTime(end)`: says that a time that FHIR requires is not known. */
export const absentTime: TransformFactory =
  ([side = '']) =>
  ({ draft: { resource } }) => {
    const other = side === 'start' ? 'end' : 'start';
    const isNeeded = resource[other] !== undefined || !UNTIMED.has(resource['status'] as string);
    return resource[side] !== undefined || !isNeeded ? undefined : UNKNOWN;
  };

/** `requestedDay`: a day without a time of day, which only asks for an appointment on that day. */
export const requestedDay: TransformFactory = (args, setting) => {
  const readTimeAt = dateTime(args, setting);
  return (step) => (step.draft.resource['start'] === undefined ? readTimeAt(step) : undefined);
};

/**
 * `serviceStatus(AppointmentStatus)`: the status of the services (AIS-10), where all have the same; an appointment of
 * which some service is booked takes place.
 */
export const serviceStatus: TransformFactory = ([name = ''], setting) => {
  const table = setting.table(name);
  return (step) => {
    const services = step.node.children.filter(({ segment }) => segment.name === 'AIS');
    const statuses = new Set(
      services.map(
        (node) => table.get(readText(step.run.message, node.segment, 10, 1, 1).toUpperCase())?.code,
      ),
    );
    const [first] = statuses;
    const [service] = services;
    const status = statuses.size > 1 && statuses.has('booked') ? 'booked' : first;
    if (status === undefined || service === undefined || (statuses.size > 1 && status !== 'booked'))
      return undefined;
    for (const { segment, marks } of services)
      if (segment.has(10)) marks[10] = { fate: 'mapped', rule: step.rule };
    trace({ ...step, node: service, field: 10, repetition: 1 }, '', 1);
    return status;
  };
};

/** `appointmentNotes`: the notes (NTE) of the appointment and of all that belongs to it, line by line. */
export const appointmentNotes: TransformFactory = () => (step) => {
  const lines: string[] = [];
  collectNotes(step.node, step, lines);
  return lines.length === 0 ? undefined : lines.join('\n');
};

function collectNotes(node: SegmentNode, step: Step, lines: string[]): void {
  for (const child of node.children) {
    if (child.segment.name !== 'NTE') {
      collectNotes(child, step, lines);
      continue;
    }
    const count = child.segment.repetitions(3);
    for (let repetition = 1; repetition <= count; repetition++) {
      const at: Step = { ...step, node: child, field: 3, repetition, component: 0 };
      const line = wholeText(at);
      if (line === '') continue;
      trace(at, '');
      markField(child, 3, repetition, { fate: 'mapped', rule: step.rule });
      lines.push(line);
    }
  }
}

/**
 * Whether a message changes or ends an appointment without saying who takes part: those whom an earlier message named
 * stay named.
 */
const namesNobody = ({ node, run }: Step): boolean => run.event !== 'S12' && !hasResources(node);

const hasResources = ({ children }: SegmentNode): boolean =>
  children.some((child) => LAYOUTS[child.segment.name] !== undefined || hasResources(child));

/** `appointmentPatient`: the patient takes part, unless the message names nobody who does. */
export const appointmentPatient: TransformFactory = () => (step) => {
  if (namesNobody(step)) return undefined;
  const key = personOf(step.node, step.run)?.patientKey;
  return key === undefined
    ? undefined
    : { actor: { reference: `Patient/${key}` }, status: participationOf(step.draft.resource['status']) };
};

const participationOf = (status: unknown): AppointmentParticipant['status'] =>
  status === 'pending' || status === 'proposed' || status === 'waitlist' ? 'needs-action' : 'accepted';

/** `appointmentContact(NameUse, Placer contact)`: XCN as somebody who arranged the appointment. */
export const appointmentContact: TransformFactory = ([useTable = '', role, system], { table, profiles }) => {
  if (role === undefined) throw new RangeError('appointmentContact needs a role');
  const uses = table(useTable);
  const type: CodeableConcept = system === undefined ? { text: role } : { coding: [{ system, code: role }] };
  return (step) => {
    if (namesNobody(step)) return undefined;
    const actor = practitionerAt(below(step, 'actor'), uses, profiles);
    return actor === undefined ? undefined : { type: [type], actor, status: 'accepted' };
  };
};

/**
 * `appointmentResource(NameUse, ParticipationStatus)`: a person (AIP), place (AIL) or other resource (AIG) with its
 * role, its period and its answer. One that the sender takes off the appointment (action code D) takes no part.
 */
export const appointmentResource: TransformFactory = ([useTable = '', statusTable = ''], setting) => {
  const uses = setting.table(useTable);
  const statuses = setting.table(statusTable);
  const readType = concept([], setting);
  const readActor: Readonly<Record<string, Transform>> = {
    AIG: (step) => generalResource(step, setting.codeSystems),
    AIL: (step) => locationAt(step, setting.profiles),
    AIP: (step) => practitionerAt(step, uses, setting.profiles),
  };
  return (step): AppointmentParticipant | undefined => {
    const { node, run, rule } = step;
    const layout = LAYOUTS[node.segment.name];
    if (layout === undefined) return undefined;
    markField(node, 2, 1, { fate: 'mapped', rule });
    if (readText(run.message, node.segment, 2, 1, 1) === 'D') {
      markField(node, layout.resource, 1, { fate: 'ignored', rule });
      return undefined;
    }
    const actor = readActor[node.segment.name]?.(below(step, 'actor')) as Reference | undefined;
    const type = readPart(step, layout.type, 'type[0]', readType) as CodeableConcept | undefined;
    if (actor === undefined && type === undefined) return undefined;
    const answer = readPart(
      step,
      layout.status,
      'status',
      (at) => statuses.get(textAt(at, 1).toUpperCase())?.code,
    );
    const period = resourcePeriod(step, layout);
    return {
      ...(type === undefined ? {} : { type: [type] }),
      ...(actor === undefined ? {} : { actor }),
      status:
        (answer as AppointmentParticipant['status'] | undefined) ??
        participationOf(step.draft.resource['status']),
      ...(period === undefined ? {} : { period }),
    };
  };
};

function resourcePeriod(step: Step, layout: Layout): AppointmentParticipant['period'] {
  const { node, run, rule } = step;
  const start = resourceStart(node, run);
  if (start === undefined) return undefined;
  const end = resourceEnd(node, run);
  const { segment } = node;
  for (const field of [
    layout.start,
    layout.offset,
    layout.offset + 1,
    layout.duration,
    layout.duration + 1,
  ]) {
    if (segment.has(field)) markField(node, field, 1, { fate: 'mapped', rule });
  }
  if (segment.has(layout.start)) trace({ ...step, field: layout.start, repetition: 1 }, 'period.start', 1);
  return end === undefined ? { start } : { start, end };
}

/** AIG-3: equipment and the like, known by its code alone. */
function generalResource(step: Step, systems: Parameters<typeof sentConcept>[1]): Reference | undefined {
  const [coding] = sentConcept(step, systems)?.coding ?? [];
  const display = textAt(step, 2) || textAt(step, 1);
  if (display === '') return undefined;
  const identifier: Identifier = {};
  if (coding?.system !== undefined) identifier.system = coding.system;
  if (coding?.code !== undefined) identifier.value = coding.code;
  return Object.keys(identifier).length === 0 ? { display } : { identifier, display };
}

/** `orderReference(PLAC)`: EI as a reference to the order of this number. */
export const orderReference: TransformFactory = ([type]) => {
  if (type === undefined) throw new RangeError('orderReference needs a type of number');
  return (step): Reference | undefined => {
    const value = textAt(step, 1);
    if (value === '') return undefined;
    trace(step, 'identifier.value', 1);
    const authority = { namespace: textAt(step, 2), universal: textAt(step, 3), type: '' };
    const system = systemOf(authority, step.run.feed, step.run.feed.localSystems.order);
    const coding = [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: type }];
    return { type: 'ServiceRequest', identifier: { type: { coding }, system, value } };
  };
};

/** `visitSpecialty(HospitalService)`: the specialty of the visit (PV1-10), which no path leads to from SCH. */
export const visitSpecialty: TransformFactory = ([name = ''], setting) => {
  const table = setting.table(name);
  return (step) => {
    const pv1 = contextOf(findSegment(step.node, 'PID'), 'PV1');
    if (pv1?.segment.has(10) !== true) return undefined;
    const at: Step = { ...step, node: pv1, field: 10, repetition: 1, component: 0 };
    markField(pv1, 10, 1, { fate: 'mapped', rule: step.rule });
    const known = table.get(textAt(at, 1));
    if (known === undefined) return sentConcept(at, setting.codeSystems);
    trace(at, 'coding[0].code', 1);
    return { coding: [{ ...known }] };
  };
};
