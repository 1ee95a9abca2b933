/** Whom a message is about: the identifiers that claim or find a patient key. */
import type { Issue } from '../errors.js';
import type { Feed } from '../feed.js';
import type { Hl7Message, Hl7Segment } from '../formats/hl7v2/types.js';
import { systemOf } from './assigning-authority.js';
import { NHS_NUMBER_SYSTEM, parseNhsNumber } from './nhs-number.js';

export interface PatientIdentifier {
  /** FHIR identifier system. */
  readonly system: string;
  /** NHS numbers are ten digits; local numbers stand as sent. */
  readonly value: string;
  readonly kind: 'nhs' | 'local';
  /** Whether the sender traced the NHS number on the spine (PID-32, ZU1-27); absent when it does not say. */
  readonly verified?: boolean;
  /** `PID-3[1].1`. */
  readonly source: string;
}

/** Someone whom a segment identifies. */
export interface MentionedPerson {
  /** The segment: `PID`, `PID(2)` for a second patient, `MRG` for whom MRG-1 names. */
  readonly label: string;
  /** In the order of the message, without repeats; empty when the segment identifies nobody. */
  readonly identifiers: readonly PatientIdentifier[];
  /** `YYYY-MM-DD`, only when PID-7 holds a whole date. */
  readonly birthDate?: string;
}

export interface PatientIdentifiers {
  /** Everyone whom a PID or MRG identifies, in the order of the message. */
  readonly people: readonly MentionedPerson[];
  /** Identifiers of the first PID: of the person whom most messages are about. */
  readonly current: readonly PatientIdentifier[];
  /** Identifiers of the first MRG-1, which name the person as known before; empty without MRG. */
  readonly prior: readonly PatientIdentifier[];
  /** Birth date of the first PID. */
  readonly birthDate?: string;
  /** Identifiers that may not be used, such as an NHS number whose check digit is wrong. */
  readonly issues: readonly Issue[];
}

/** Table 0203 types that number a visit, an account or an episode: they do not identify a person. */
const NOT_A_PERSON = new Set(['AN', 'ANON', 'ANC', 'AND', 'ANT', 'CE', 'VN']);

/**
 * What was read of the last message: whoever converts it asks more than once. A WeakMap of all messages would hold them
 * beyond the young generation, as the engine gives up its entries late.
 */
let lastRead:
  { readonly message: Hl7Message; readonly feed: Feed; readonly answer: PatientIdentifiers } | undefined;

/** Reads the identifiers from each PID-3 (PID-2, PID-4 and PID-19 where a sender has them there) and MRG-1. */
export function patientIdentifiers(message: Hl7Message, feed: Feed): PatientIdentifiers {
  if (lastRead?.message === message && lastRead.feed === feed) return lastRead.answer;
  const answer = readPatientIdentifiers(message, feed);
  lastRead = { message, feed, answer };
  return answer;
}

function readPatientIdentifiers(message: Hl7Message, feed: Feed): PatientIdentifiers {
  const issues: Issue[] = [];
  const people: MentionedPerson[] = [];
  for (const segment of message.segments) {
    if (segment.name === 'PID') people.push(personOfPid(message, segment, feed, issues));
    else if (segment.name === 'MRG') people.push(personOfMrg(segment, feed, issues));
  }
  const patient = people.find(({ label }) => label === 'PID');
  return {
    people,
    current: patient?.identifiers ?? [],
    prior: people.find(({ label }) => label === 'MRG')?.identifiers ?? [],
    ...(patient?.birthDate === undefined ? {} : { birthDate: patient.birthDate }),
    issues,
  };
}

const labelOf = ({ name, occurrence }: Hl7Segment): string =>
  occurrence === 1 ? name : `${name}(${occurrence})`;

function personOfPid(message: Hl7Message, pid: Hl7Segment, feed: Feed, issues: Issue[]): MentionedPerson {
  const label = labelOf(pid);
  const birthDate = wholeDate(pid.value(7));
  return {
    label,
    identifiers: identifiersOf(pid, { feed, label, verified: traceStatus(message, pid), issues }),
    ...(birthDate === undefined ? {} : { birthDate }),
  };
}

function personOfMrg(mrg: Hl7Segment, feed: Feed, issues: Issue[]): MentionedPerson {
  const label = labelOf(mrg);
  return { label, identifiers: fieldIdentifiers(mrg, 1, { feed, label, verified: undefined, issues }) };
}

/**
 * The identifier by which a patient's messages are kept in order: a feed numbers its own patients consistently, while
 * the NHS number may be missing from some of their messages.
 */
export function sessionKeyIdentifier(
  identifiers: readonly PatientIdentifier[],
): PatientIdentifier | undefined {
  return identifiers.find(({ kind }) => kind === 'local') ?? identifiers[0];
}

/** The identifier that a new patient key is derived from: the one that other organisations know too. */
export function claimingIdentifier(identifiers: readonly PatientIdentifier[]): PatientIdentifier | undefined {
  return identifiers.find(({ kind }) => kind === 'nhs') ?? identifiers[0];
}

interface Found {
  readonly feed: Feed;
  readonly label: string;
  readonly verified: boolean | undefined;
  readonly issues: Issue[];
}

/**
 * PID-2 and PID-4 hold other systems' numbers; before version 2.3 some senders had nothing else. What is called an NHS number
 * there is one, and so is one in PID-19.
 */
function identifiersOf(pid: Hl7Segment, found: Found): readonly PatientIdentifier[] {
  const stated = fieldIdentifiers(pid, 3, found);
  if (stated.some(isNhs)) return stated;
  const others = [2, 4].flatMap((field) => fieldIdentifiers(pid, field, found));
  const identifiers = stated.length === 0 ? others : [...stated, ...others.filter(isNhs).slice(0, 1)];
  if (identifiers.some(isNhs)) return identifiers;
  const misplaced = parseNhsNumber(pid.value(19));
  return misplaced === undefined
    ? identifiers
    : [...identifiers, nhsIdentifier(misplaced, `${found.label}-19[1].1`, found)];
}

const isNhs = ({ kind }: PatientIdentifier): boolean => kind === 'nhs';

function fieldIdentifiers(segment: Hl7Segment, field: number, found: Found): PatientIdentifier[] {
  const identifiers = new Map<string, PatientIdentifier>();
  for (let repetition = 1; repetition <= segment.repetitions(field); repetition++) {
    const identifier = readIdentifier(segment, field, repetition, found);
    if (identifier === undefined) continue;
    const key = `${identifier.system}|${identifier.value}`;
    if (!identifiers.has(key)) identifiers.set(key, identifier);
  }
  return [...identifiers.values()];
}

function readIdentifier(
  segment: Hl7Segment,
  field: number,
  repetition: number,
  found: Found,
): PatientIdentifier | undefined {
  const part = (component: number, subcomponent = 1): string =>
    segment.isNull(field, repetition, component, subcomponent)
      ? ''
      : segment.value(field, repetition, component, subcomponent).trim();
  const value = part(1);
  const type = part(5);
  if (value === '' || NOT_A_PERSON.has(type)) return undefined;
  const source = `${found.label}-${field}[${repetition}].1`;
  const authority = { namespace: part(4, 1), universal: part(4, 2), type };
  const system = systemOf(authority, found.feed, found.feed.localSystems.patient);
  if (system !== NHS_NUMBER_SYSTEM) return { system, value, kind: 'local', source };
  const number = parseNhsNumber(value);
  if (number !== undefined) return nhsIdentifier(number, source, found);
  found.issues.push({
    code: 'HDE_HL7_DATA_TYPE',
    severity: 'warning',
    location: source,
    detail: 'an NHS number of ten digits with a valid check digit',
  });
  return undefined;
}

function nhsIdentifier(value: string, source: string, { verified }: Found): PatientIdentifier {
  return {
    system: NHS_NUMBER_SYSTEM,
    value,
    kind: 'nhs',
    ...(verified === undefined ? {} : { verified }),
    source,
  };
}

const TRACE_STATUS = /^(?:NSTS|PDS)?(0[1-8])$/;

/** NHS number status 01 (present and verified) as HL72UK sends it: PID-32 `NSTS01` or `PDS01`, else ZU1-27 `01`. */
function traceStatus(message: Hl7Message, pid: Hl7Segment): boolean | undefined {
  for (let repetition = 1; repetition <= pid.repetitions(32); repetition++) {
    const code = TRACE_STATUS.exec(pid.value(32, repetition))?.[1];
    if (code !== undefined) return code === '01';
  }
  // ZU1 does not say whose it is where there are several patients.
  if (pid.occurrence > 1) return undefined;
  const code = TRACE_STATUS.exec(message.first('ZU1')?.value(27) ?? '')?.[1];
  return code === undefined ? undefined : code === '01';
}

/** `19670106000000` as `1967-01-06`; undefined unless it is a date of the calendar. */
function wholeDate(text: string): string | undefined {
  const [, year = '', month = '', day = ''] = /^(\d{4})(\d{2})(\d{2})/.exec(text) ?? [];
  if (year === '') return undefined;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const isOfCalendar = date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day);
  return isOfCalendar && date.getUTCFullYear() === Number(year) ? `${year}-${month}-${day}` : undefined;
}
