/** CE, CWE, CNE and IS as Coding and CodeableConcept. */
import type { AllergyIntoleranceReaction, CodeableConcept, Coding, ObservationComponent } from 'fhir/r4.js';
import { uriSegment } from '../../identity/assigning-authority.js';
import type { CodedValue } from '../engine/pack.js';
import { below, copy, copyOf, readText, textAt, trace, wholeText, type Step } from '../engine/run.js';
import { markField } from '../engine/ledger.js';
import type { TransformFactory, TransformSetting } from '../engine/transform.js';
import { severityOf } from './allergies.js';
import { upperCase } from '../../upper-case.js';

type CodeSystems = TransformSetting['codeSystems'];

/** FHIR code: no space around it and single spaces in it. */
const CODE = /^\S+( \S+)*$/;
/** Code, display, system and version components of the three codings of CWE. */
const CODINGS = [
  [1, 2, 3, 7],
  [4, 5, 6, 8],
  [10, 11, 12, 13],
] as const;

/**
 * `concept`: every coding that was sent, and the original text. `concept(2)`: another field of the segment names the
 * coding system of a code that names none itself, as DG1-2 and PR1-2 did before version 2.4.
 */
export const concept: TransformFactory = ([methodField], setting) => {
  if (methodField === undefined) return (step) => sentConcept(step, setting.codeSystems);
  const field = Number(methodField);
  if (!Number.isInteger(field)) throw new RangeError('concept takes the number of a field');
  return (step) => {
    const result = sentConcept(step, setting.codeSystems);
    const [coding] = result?.coding ?? [];
    const method = readText(step.run.message, step.node.segment, field, 1, 1);
    if (coding === undefined || method === '' || textAt(step, 3) !== '' || textAt(step, 1) === '')
      return result;
    coding.system = codeSystemOf(step, method, setting.codeSystems);
    markField(step.node, field, 1, { fate: 'mapped', rule: step.rule });
    return result;
  };
};

/**
 * `conceptBy(MaritalStatus)`: what a table makes of CWE-1 and the text beside it, which is the code itself where it was
 * translated without one; a code that the table does not know stays as it was sent.
 */
export const conceptBy: TransformFactory = ([name = ''], setting) => {
  const table = setting.table(name);
  return (step) => {
    const target = lookUp(step, table);
    if (target === undefined) return sentConcept(step, setting.codeSystems);
    const result: CodeableConcept = { coding: [codingOf(target)] };
    trace(step, 'coding[0].code', 1);
    const hasText = copy(step, result, 'text', 9) || copy(step, result, 'text', 2);
    if (!hasText && target.code !== textAt(step, 1)) copy(step, result, 'text', 1);
    return result;
  };
};

/** `conceptComponent(AdvanceDirective, system, code, display)`: one of several concepts (`conceptBy`) of a coded observation. */
export const conceptComponent: TransformFactory = ([name = '', system, code, display], setting) => {
  if (system === undefined || code === undefined || display === undefined)
    throw new RangeError('conceptComponent needs a table, a system, a code and its display');
  const read = conceptBy([name], setting);
  return (step): ObservationComponent | undefined => {
    const value = read(below(step, 'valueCodeableConcept')) as CodeableConcept | undefined;
    return value && { code: { coding: [{ system, code, display }] }, valueCodeableConcept: value };
  };
};

/** `codingBy(PatientClass)`: as `conceptBy`, for elements that take one coding. */
export const codingBy: TransformFactory = ([name = ''], setting) => {
  const table = setting.table(name);
  return (step) => {
    const target = lookUp(step, table);
    if (target === undefined) return readCoding(step, CODINGS[0], setting.codeSystems);
    trace(step, 'code', 1);
    return codingOf(target);
  };
};

/** `sentCoding`: the first coding as it was sent. */
export const sentCoding: TransformFactory = (_args, setting) => (step) =>
  readCoding(step, CODINGS[0], setting.codeSystems);

/** `conceptIfKnown(NotAsked)`: what a table makes of CWE-1; a code that the table does not know states nothing. */
export const conceptIfKnown: TransformFactory = ([name = ''], setting) => {
  const table = setting.table(name);
  return (step): CodeableConcept | undefined => {
    const target = lookUp(step, table);
    if (target === undefined) return undefined;
    trace(step, 'coding[0].code', 1);
    return { coding: [codingOf(target)] };
  };
};

/**
 * `reaction(ReactionSeverity)`: what happened (AL1-5), as severe as the allergy is said to be (AL1-4).
 */
export const reaction: TransformFactory = ([name = ''], setting) => {
  const severities = setting.table(name);
  return (step) => {
    const manifestation = manifestationOf(step, setting.codeSystems);
    if (manifestation === undefined) return undefined;
    const result: AllergyIntoleranceReaction = { manifestation: [manifestation] };
    const { run, node, draft, element, rule } = step;
    const at: Step = { run, node, field: 4, repetition: 1, component: 0, draft, element, rule };
    const [severity, component = 1] = severityOf(at, severities) ?? [];
    if (severity === undefined) return result;
    trace(at, 'severity', component);
    markField(node, 4, 1, { fate: 'mapped', rule });
    result.severity = severity.code as NonNullable<AllergyIntoleranceReaction['severity']>;
    return result;
  };
};

/** AL1-5 is a text; many senders write a code and its name there, which would read as `^Rash`. */
function manifestationOf(step: Step, systems: CodeSystems): CodeableConcept | undefined {
  const text = wholeText(step);
  if (text === '') return undefined;
  if (text !== textAt(step, 1)) return sentConcept(below(step, 'manifestation[0]'), systems);
  trace(step, 'manifestation[0].text');
  return { text };
}

/** The concept as the sender wrote it; undefined when the field holds none. */
export function sentConcept(step: Step, systems: CodeSystems): CodeableConcept | undefined {
  const result: CodeableConcept = {};
  const codings: Coding[] = [];
  let words: readonly number[] = NONE;
  for (const components of CODINGS) {
    if (!isCode(textAt(step, components[0]))) {
      if (textAt(step, components[1]) !== '') words = [...words, components[1]];
      continue;
    }
    const coding = readCoding(below(step, `coding[${codings.length}]`), components, systems);
    if (coding !== undefined) codings.push(coding);
  }
  if (!copy(step, result, 'text', 9))
    copyWords(step, result, codings.length === 0 ? [...words, 1, 4] : words);
  for (const component of words) {
    if (textAt(step, component) === result.text) continue;
    const coding: Coding = {};
    copy(below(step, `coding[${codings.length}]`), coding, 'display', component);
    codings.push(coding);
  }
  if (codings.length > 0) result.coding = codings;
  return result.coding === undefined && result.text === undefined ? undefined : result;
}

/** Most concepts have no description without a code: they share this. */
const NONE: readonly number[] = [];

/** A description without a code is the original text, else, where there is no code at all, what stands in its place. */
function copyWords(step: Step, concept: CodeableConcept, components: readonly number[]): void {
  components.some((component) => copy(step, concept, 'text', component));
}

/** Nearly all codes have no space at all, and need no expression to tell. */
const isCode = (text: string): boolean => text !== '' && (hasNoSpace(text) || CODE.test(text));

function hasNoSpace(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit <= 0x20 || unit >= 0x7f) return false;
  }
  return true;
}

function readCoding(
  step: Step,
  [code, display, system, version]: readonly [number, number, number, number],
  systems: CodeSystems,
): Coding | undefined {
  if (!isCode(textAt(step, code))) return undefined;
  const coding: Coding = {};
  const systemName = textAt(step, system);
  const uri = codeSystemOf(step, systemName, systems);
  if (systemName === '') coding.system = uri;
  else copyOf(step, coding, 'system', uri, system);
  copy(step, coding, 'version', version);
  copy(step, coding, 'code', code);
  copy(step, coding, 'display', display);
  return coding;
}

const HL7_TABLE = /^HL7(\d{4})$/;
const OID = /^[0-2](\.\d+)+$/;
const URI = /^(https?:\/\/|urn:)\S+$/;
const LOCAL_NAMES = new Set(['', 'L', '99ZZZ']);

/** The URI of a coding system as CWE-3 names it; local codes get a system of the feed. */
function codeSystemOf(step: Step, name: string, systems: CodeSystems): string {
  const upper = upperCase(name);
  // `SNOMED CT`, `ICD-10-CM`: written with or without what parts the words.
  const known = systems.get(upper) ?? systems.get(upper.replace(/[\s_-]/g, ''));
  if (known !== undefined) return known;
  const table = HL7_TABLE.exec(upper)?.[1];
  if (table !== undefined) return `http://terminology.hl7.org/CodeSystem/v2-${table}`;
  if (URI.test(name)) return name;
  if (OID.test(name)) return `urn:oid:${name}`;
  const local = step.run.feed.localSystems.code;
  return LOCAL_NAMES.has(upper) ? local : `${local}/${uriSegment(name.toLowerCase())}`;
}

function lookUp(step: Step, table: ReadonlyMap<string, CodedValue>): CodedValue | undefined {
  const sent = textAt(step, 1);
  return table.get(sent) ?? table.get(upperCase(sent));
}

function codingOf({ system, code, display }: CodedValue): Coding {
  if (system === undefined) return display === undefined ? { code } : { code, display };
  return display === undefined ? { system, code } : { system, code, display };
}
