/** CX and EI as Identifier. */
import type { CodeableConcept, Identifier } from 'fhir/r4.js';
import { systemOf } from '../../identity/assigning-authority.js';
import { NHS_NUMBER_SYSTEM, parseNhsNumber } from '../../identity/nhs-number.js';
import { below, copy, copyOf, textAt, trace, type Step } from '../engine/run.js';
import type { CodedValue } from '../engine/pack.js';
import { markField } from '../engine/ledger.js';
import { findSegment } from '../engine/segment-tree.js';
import type { TransformFactory } from '../engine/transform.js';
import type { Feed } from '../../feed.js';
import { isLoneNumber } from './identities/reading.js';
import { copyPeriod, timeAt } from './simple-values.js';
import { toFhirDateTime } from '../times/hl7-time.js';
import { upperCase } from '../../upper-case.js';

const IDENTIFIER_TYPES = 'http://terminology.hl7.org/CodeSystem/v2-0203';
const CHECK_DIGIT = 'http://hl7.org/fhir/StructureDefinition/identifier-checkDigit';
const VERIFICATION_STATUS =
  'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus';

type Purpose = keyof Feed['localSystems'];

function purposeOf(name: string | undefined): Purpose {
  const purposes: readonly string[] = ['patient', 'visit', 'order', 'staff', 'location', 'code'];
  if (name === undefined || !purposes.includes(name))
    throw new RangeError(`no identifiers are kept for ${String(name)}`);
  return name as Purpose;
}

/** How an Identifier gets its type. */
interface TypeChoice {
  /** Types of table 0203 and other names for them; undefined when CX-5 is not looked at. */
  readonly table?: ReadonlyMap<string, CodedValue>;
  /** The type where CX-5 gives none. */
  readonly default?: string | undefined;
}

/**
 * `identifier(visit, VN)`: CX of a constant type (table 0203). The first argument says which of the feed's systems
 * holds numbers without an authority.
 */
export const identifier: TransformFactory = ([purposeName, type]) => {
  const purpose = purposeOf(purposeName);
  return (step) => readCx(step, purpose, { default: type });
};

/**
 * `patientIdentifier(NHSNumberStatus, MR)`: CX of a person. The NHS number is written as ten digits, with its trace
 * status where the message states one (PID-32, else ZU1-27); a wrong NHS number keeps its text but not the system, so
 * that it can be seen and never matched.
 */
export const patientIdentifier: TransformFactory = (
  [statusTable = '', typeTable = '', defaultType],
  { table },
) => {
  const statuses = table(statusTable);
  const types: TypeChoice = { table: table(typeTable), default: defaultType };
  return (step) => {
    const value = textAt(step, 1);
    if (value === '') return undefined;
    const system = systemAt(step, 'patient');
    if (system !== NHS_NUMBER_SYSTEM) {
      if (isContested(step, system, value)) return undefined;
      const own = readCx(step, 'patient', types);
      // Whose number was changed has it no more, also where the old number has a record of its own.
      return own !== undefined && step.run.people.get(step.node.label)?.isJoined === true
        ? { use: 'old', ...own }
        : own;
    }
    const number = parseNhsNumber(value);
    // What is called an NHS number and is none is no number of the sender's own either.
    if (number === undefined) return readCx(step, undefined, { ...types, default: 'NH' });
    return isContested(step, system, number) ? undefined : nhsNumberOf(step, number, statuses);
  };
};

/** An NHS number of PID with its trace status. */
function nhsNumberOf(step: Step, number: string, statuses: Statuses): Identifier {
  const result: Identifier = { system: NHS_NUMBER_SYSTEM };
  const status = traceStatus(step, statuses);
  if (status !== undefined) {
    result.extension = [{ url: VERIFICATION_STATUS, valueCodeableConcept: { coding: [{ ...status }] } }];
  }
  copyOf(step, result, 'value', number, 1);
  return result;
}

/**
 * `otherIdentifier(NhsNumberStatus, IdentifierType)`: PID-2 and PID-4, where many senders repeat what PID-3 says: a number that
 * is there already is not stated twice. What is called an NHS number is one where PID-3 has none.
 */
export const otherIdentifier: TransformFactory = ([statusTable = '', typeTable = ''], { table }) => {
  const statuses = table(statusTable);
  const types: TypeChoice = { table: table(typeTable) };
  return (step) => {
    const held = heldIdentifiers(step);
    const system = systemAt(step, 'patient');
    const isNhs = system === NHS_NUMBER_SYSTEM;
    const value = isNhs ? parseNhsNumber(textAt(step, 1)) : textAt(step, 1);
    if (value !== undefined && held.some((identifier) => identifier.value === value)) {
      markField(step.node, step.field, step.repetition, { fate: 'ignored', rule: step.rule });
      return undefined;
    }
    // Of whom a merge retires nobody asked for it.
    const isAnother = step.node.segment.name === 'MRG' || held.some((each) => each.system === system);
    if (value === undefined || (isNhs && isAnother)) return undefined;
    if (isContested(step, system, value)) return undefined;
    return isNhs ? nhsNumberOf(step, value, statuses) : readCx(step, 'patient', types);
  };
};

/**
 * Whether an identifier of PID belongs to somebody else; the ledger then says that it is left out. What a merge
 * retires belongs to somebody else by its nature.
 */
function isContested(step: Step, system: string, value: string): boolean {
  const { contested } = step.run.people.get(step.node.label) ?? NOBODY;
  if (step.node.segment.name === 'MRG' || !contested.has(`${system}|${value}`)) return false;
  markField(step.node, step.field, step.repetition, { fate: 'ignored', rule: 'pid-identifier-contested' });
  return true;
}

const NOBODY = { contested: new Set<string>() };

const heldIdentifiers = (step: Step): readonly Identifier[] =>
  (step.draft.resource as { identifier?: Identifier[] }).identifier ?? [];

/** `nhsNumber`: a field that may hold an NHS number and nothing else of use (PID-19 of some senders). */
export const nhsNumber: TransformFactory = () => (step) => {
  const number = parseNhsNumber(textAt(step, 1));
  if (number === undefined || isContested(step, NHS_NUMBER_SYSTEM, number)) return undefined;
  const held = heldIdentifiers(step).find(({ system }) => system === NHS_NUMBER_SYSTEM);
  if (held?.value === number)
    markField(step.node, step.field, step.repetition, { fate: 'ignored', rule: step.rule });
  if (held !== undefined) return undefined;
  const result: Identifier = { system: NHS_NUMBER_SYSTEM };
  copyOf(step, result, 'value', number, 1);
  return result;
};

/**
 * `entityIdentifier(order, PLAC)`: EI, with a constant type from table 0203. A number that the record has already is
 * not stated twice: ORC and OBR both carry the numbers of an order.
 */
export const entityIdentifier: TransformFactory = ([purposeName, type]) => {
  const purpose = purposeOf(purposeName);
  return (step) => {
    const [number, namespace, universal] = [textAt(step, 1), textAt(step, 2), textAt(step, 3)];
    const isLone = isLoneNumber(number, namespace, universal, textAt(step, 4));
    const value = isLone ? universal : number;
    if (value === '') return undefined;
    const authority = { namespace, universal: isLone ? '' : universal, type: '' };
    const system = systemOf(authority, step.run.feed, step.run.feed.localSystems[purpose]);
    if (
      heldIdentifiers(step).some(
        (held) => held.value === value && held.system === system && typeOf(held) === type,
      )
    ) {
      markField(step.node, step.field, step.repetition, { fate: 'ignored', rule: step.rule });
      return undefined;
    }
    const result: Identifier = {};
    if (type !== undefined) result.type = { coding: [{ system: IDENTIFIER_TYPES, code: type }] };
    result.system = system;
    copy(step, result, 'value', isLone ? 3 : 1);
    return result;
  };
};

const isFirstOfName = ({ node }: Step): boolean =>
  node.parent?.children.find(({ segment }) => segment.name === node.segment.name) === node;

/** `containerIdentifier(order)`: as `entityIdentifier`, of the first SAC, whose container SPM describes. */
export const containerIdentifier: TransformFactory = (args, setting) => {
  const read = entityIdentifier(args, setting);
  return (step) => (isFirstOfName(step) ? read(step) : undefined);
};

/** `furtherContainer(order)`: a container of its own for each other SAC of a specimen. */
export const furtherContainer: TransformFactory = (args, setting) => {
  const read = entityIdentifier(args, setting);
  return (step) => {
    const identifier = isFirstOfName(step) ? undefined : read(below(step, 'identifier[0]'));
    return identifier === undefined ? undefined : { identifier: [identifier] };
  };
};

/** `numberedReference(Condition, visit)`: EI as a reference to the record that the sender numbers so. */
export const numberedReference: TransformFactory = ([type, purposeName]) => {
  if (type === undefined) throw new RangeError('numberedReference needs a resource type');
  const purpose = purposeOf(purposeName);
  return (step) => {
    const authority = { namespace: textAt(step, 2), universal: textAt(step, 3), type: '' };
    const system = systemOf(authority, step.run.feed, step.run.feed.localSystems[purpose]);
    const identifier: Identifier = { system };
    return copy(below(step, 'identifier'), identifier, 'value', 1) ? { type, identifier } : undefined;
  };
};

const typeOf = ({ type }: Identifier): string | undefined => type?.coding?.[0]?.code;

function systemAt(step: Step, purpose: Purpose): string {
  const authority = { namespace: textAt(step, 4, 1), universal: textAt(step, 4, 2), type: textAt(step, 5) };
  return systemOf(authority, step.run.feed, step.run.feed.localSystems[purpose]);
}

function readCx(step: Step, purpose: Purpose | undefined, types: TypeChoice): Identifier | undefined {
  if (textAt(step, 1) === '') return undefined;
  const result: Identifier = {};
  const type = readType(step, types);
  if (type !== undefined) result.type = type;
  if (purpose !== undefined) result.system = systemAt(step, purpose);
  copy(step, result, 'value', 1);
  copyDetails(step, result);
  return result;
}

/** Check digit, period and who assigned the number: the authority (CX-4), else the facility (CX-6). */
function copyDetails(step: Step, result: Identifier): void {
  const checkDigit = textAt(step, 2);
  if (checkDigit !== '') {
    trace(step, 'extension[0].valueString', 2);
    result.extension = [{ url: CHECK_DIGIT, valueString: checkDigit }];
  }
  copyPeriod(step, result, [7, 8]);
  const assigner = {};
  const at = below(step, 'assigner');
  if (copy(at, assigner, 'display', 4, 1) || copy(at, assigner, 'display', 6, 1)) result.assigner = assigner;
}

/**
 * `personIdentifier(IdentifierType)`: CX of somebody else than the patient, such as the mother. An NHS number is written
 * as ten digits; a wrong one keeps its text but not the system.
 */
export const personIdentifier: TransformFactory = ([typeTable = ''], { table }) => {
  const types: TypeChoice = { table: table(typeTable) };
  return (step) => {
    const value = textAt(step, 1);
    if (value === '') return undefined;
    if (systemAt(step, 'patient') !== NHS_NUMBER_SYSTEM) return readCx(step, 'patient', types);
    const number = parseNhsNumber(value);
    if (number === undefined) return readCx(step, undefined, types);
    const result: Identifier = { system: NHS_NUMBER_SYSTEM };
    copyOf(step, result, 'value', number, 1);
    return result;
  };
};

/**
 * `typedIdentifier(SS, http://hl7.org/fhir/sid/us-ssn)`: a number of this type (table 0203) in a field without an
 * authority; without a system it is known by its type only.
 */
export const typedIdentifier: TransformFactory = ([type, system]) => {
  if (type === undefined) throw new RangeError('typedIdentifier needs a type');
  return (step) => {
    const value = textAt(step, 1);
    // Ten digits of the NHS are no number of another kind.
    if (value === '' || parseNhsNumber(value) !== undefined) return undefined;
    if (heldIdentifiers(step).some((held) => held.value === value)) {
      markField(step.node, step.field, step.repetition, { fate: 'ignored', rule: step.rule });
      return undefined;
    }
    const result: Identifier = { type: { coding: [{ system: IDENTIFIER_TYPES, code: type }] } };
    if (system !== undefined) result.system = system;
    copy(step, result, 'value', 1);
    return result;
  };
};

/** `licence`: DLN, the number of a driving licence, who issued it and until when it is valid. */
export const licence: TransformFactory = () => (step) => {
  const result: Identifier = { type: { coding: [{ system: IDENTIFIER_TYPES, code: 'DL' }] } };
  if (!copy(step, result, 'value', 1)) return undefined;
  const expiry = timeAt(step, 3);
  if (expiry !== undefined) {
    trace(step, 'period.end', 3);
    result.period = { end: toFhirDateTime(expiry, step.run.feed.timeZone) };
  }
  const assigner = {};
  if (copy(below(step, 'assigner'), assigner, 'display', 2)) result.assigner = assigner;
  return result;
};

/** CX-5 as a type of table 0203; a name of the sender's own stays a text. */
function readType(step: Step, types: TypeChoice): CodeableConcept | undefined {
  const sent = types.table === undefined ? '' : textAt(step, 5);
  const known = types.table?.get(upperCase(sent));
  if (sent !== '') trace(step, known === undefined ? 'type.text' : 'type.coding[0].code', 5);
  if (sent !== '' && known === undefined) return { text: sent };
  const code = known?.code ?? types.default;
  return code === undefined ? undefined : { coding: [{ system: IDENTIFIER_TYPES, code }] };
}

type Statuses = ReadonlyMap<string, CodedValue>;

/** The trace status of the message's NHS number as a coding of the table, with its lineage. */
function traceStatus(step: Step, statuses: Statuses) {
  // The status is that of the number in PID, not of one that a merge retires.
  if (step.node.segment.name === 'MRG') return undefined;
  for (const [name, field] of [
    ['PID', 32],
    ['ZU1', 27],
  ] as const) {
    const node = findSegment(step.node, name);
    const count = node?.segment.repetitions(field) ?? 0;
    for (let repetition = 1; node !== undefined && repetition <= count; repetition++) {
      const at: Step = { ...step, node, field, repetition, component: 0 };
      const status = statuses.get(textAt(at, 1));
      if (status === undefined) continue;
      trace(at, 'extension[0].valueCodeableConcept.coding[0].code', 1);
      return status;
    }
  }
  return undefined;
}
