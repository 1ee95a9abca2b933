/**
 * The state of one conversion and the few operations by which transforms read the message and write records, so that
 * every copied leaf gets its lineage in the same way.
 */
import type { Reference } from 'fhir/r4.js';
import type { ErrorCode, Issue } from '../../errors.js';
import type { Feed } from '../../feed.js';
import type { Hl7Message, Hl7Segment } from '../../formats/hl7v2/types.js';
import type { UpdateMode } from '../types.js';
import type { Mark } from './ledger.js';
import { findSegment, type SegmentNode } from './segment-tree.js';
import { nameSource } from './source-path.js';
import type { Place } from './transform.js';

/** Any JSON object under construction. */
export type Json = Record<string, unknown>;

/** A record under construction. */
export interface Draft {
  readonly partition: string;
  readonly twin?: string | undefined;
  readonly kin?: string | undefined;
  readonly prescription?: string | undefined;
  readonly isState?: boolean | undefined;
  readonly mode: UpdateMode;
  readonly resource: Json & { readonly resourceType: string; readonly id: string };
  /** `Patient/<id>`, by which other records refer to it. */
  readonly reference: string;
  readonly traces: Trace[];
  readonly removed: string[];
  /** What `""` asks to delete, until it is known whether another field fills it. */
  readonly deletions: Deletion[];
}

/** A field of exactly `""` (HL7 v2.5.1 section 2.5.3). */
export interface Deletion {
  /** Path of the rule's element. */
  readonly path: string;
  /** What the rule names instead. */
  readonly named: readonly string[] | undefined;
  readonly node: SegmentNode;
  readonly field: number;
  readonly repetition: number;
  readonly mark: Mark;
}

/** Starts a record: its profile is declared from the first. */
export function createDraft(
  resourceType: string,
  { id, partition, twin, kin, prescription, isState }: Place,
  mode: UpdateMode,
  profile: string | undefined,
): Draft {
  // Elements of the literal lie in the object itself, which the engine turns into a table after some fifteen others.
  const resource: Draft['resource'] =
    profile === undefined ? { resourceType, id } : { resourceType, id, meta: { profile: [profile] } };
  const reference = `${resourceType}/${id}`;
  return {
    partition,
    twin,
    kin,
    prescription,
    isState,
    mode,
    resource,
    reference,
    traces: [],
    removed: [],
    deletions: [],
  };
}

/** Someone whom the message is about. */
export interface Person {
  readonly patientKey: string;
  /** Identifiers (`system|value`) of the segment that belong to somebody else. */
  readonly contested: ReadonlySet<string>;
  /** Of an MRG: whether its record goes on in that of the PID before it, because a change of number says so. */
  readonly isJoined?: boolean;
}

/** What identities and transforms may know about the message they serve. */
export interface Run {
  readonly message: Hl7Message;
  readonly feed: Feed;
  /** By the label of the segment that identifies them: `PID`, `PID(2)`, `MRG`. */
  readonly people: ReadonlyMap<string, Person>;
  /** MSH-9.1, such as `ADT`. */
  readonly messageType: string;
  /** MSH-9.2, else EVN-1, such as `A01`; empty when the sender gives none. */
  readonly event: string;
  /** Records in the order in which they are met. */
  readonly drafts: Draft[];
  /** Records that belong to no person, by id: the message may name them many times. */
  readonly shared: Map<string, Draft>;
  /** Staff by the text that named them: the same person signs result after result. */
  readonly staff: Map<string, Reference>;
  /** How often an identity was met, so that repeated things get ids of their own. */
  readonly occurrences: Map<string, number>;
  readonly issues: Issue[];
  /** What was found out about the message as a whole, by who asked: see `remember`. */
  readonly memory: Map<object, unknown>;
}

/**
 * What is true of a message as a whole, found out when it is first asked for. It is kept with the message and not in a
 * WeakMap, whose entries the engine gives up late: they would outlive the young generation with all that hangs on them.
 *
 * @param owner tells what is remembered, the same at each call
 */
export function remember<T extends object>(run: Run, owner: object, find: () => T): T {
  const known = run.memory.get(owner) as T | undefined;
  if (known !== undefined) return known;
  const found = find();
  run.memory.set(owner, found);
  return found;
}

/** One value on its way: where it is read and where it goes. */
export interface Step {
  readonly run: Run;
  readonly node: SegmentNode;
  readonly field: number;
  readonly repetition: number;
  /** 0: components are counted within the repetition; else within this component (`from: 'PV1-3.4'`). */
  readonly component: number;
  readonly draft: Draft;
  /** The element being filled, such as `Patient.name[0]`. */
  readonly element: string;
  readonly rule: string;
}

/** Where an element comes from, as `lineage.ts` writes it out when it is asked for. */
export interface Trace {
  readonly step: Step;
  /** Below the step's element, such as `family`; empty for the element itself. */
  readonly path: string;
  readonly component: number;
  readonly subcomponent: number;
}

const CONTROL_CHARACTERS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g; // eslint-disable-line no-control-regex -- FHIR strings may not hold them

const clean = (text: string): string => text.replace(CONTROL_CHARACTERS, '').trim();

/**
 * The text at a component (and subcomponent) of the step's source: escapes resolved, trimmed, without control
 * characters; `''` when absent or when the sender asks to delete it. Separators that the sender forgot to escape stay
 * in the text: `Smith & Sons` is one name.
 *
 * Within a component the parts of a data type are subcomponents (HL7 v2.5.1 section 2.5.4), which have no parts of
 * their own.
 */
export function textAt(step: Step, component: number, subcomponent = 0): string {
  const { segment } = step.node;
  const { message } = step.run;
  if (step.component === 0)
    return readText(message, segment, step.field, step.repetition, component, subcomponent);
  if (subcomponent > 1) return '';
  return readText(message, segment, step.field, step.repetition, step.component, component);
}

/** The text at a place of a segment, as `textAt` describes it; subcomponent 0 stands for the whole component. */
export function readText(
  message: Hl7Message,
  segment: Hl7Segment,
  field: number,
  repetition: number,
  component: number,
  subcomponent = 0,
): string {
  const plain =
    subcomponent > 0
      ? segment.plain(field, repetition, component, subcomponent)
      : segment.plain(field, repetition, component);
  return plain ?? resolveText(message, segment, field, repetition, component, subcomponent);
}

function resolveText(
  message: Hl7Message,
  segment: Hl7Segment,
  field: number,
  repetition: number,
  component: number,
  subcomponent: number,
): string {
  if (subcomponent > 0)
    return segment.isNull(field, repetition, component, subcomponent)
      ? ''
      : clean(segment.value(field, repetition, component, subcomponent));
  const raw = segment.raw(field, repetition, component);
  if (raw === '""') return '';
  const separator = message.delimiters.subcomponent;
  if (separator === '' || !raw.includes(separator)) return clean(segment.value(field, repetition, component));
  const parts = raw
    .split(separator)
    .map((_, index) => segment.value(field, repetition, component, index + 1));
  return clean(parts.join(separator));
}

/** The text of the whole source of a step, for data types without components. */
export function wholeText(step: Step): string {
  if (step.component > 0)
    return readText(step.run.message, step.node.segment, step.field, step.repetition, step.component);
  const count = step.node.segment.components(step.field, step.repetition);
  if (count <= 1) return textAt(step, 1);
  const parts: string[] = [];
  for (let component = 1; component <= count; component++) parts.push(textAt(step, component));
  const separator = step.run.message.delimiters.component;
  const text = parts.join(separator);
  return text.split(separator).some((part) => part !== '') ? trimEnd(text, separator) : '';
}

function trimEnd(text: string, separator: string): string {
  let end = text.length;
  while (end > 0 && text.charAt(end - 1) === separator) end--;
  return text.slice(0, end);
}

/** `PID-5[1]`, `PID-5[1].2`, `PID-5[1].1.2`: the step's source in the words of the standard. */
export function sourceOf(step: Step, component = 0, subcomponent = 0): string {
  const { node, field, repetition } = step;
  return step.component === 0
    ? nameSource(node, field, repetition, component, component === 0 ? 0 : subcomponent)
    : nameSource(node, field, repetition, step.component, component);
}

/**
 * Records where an element comes from.
 *
 * @param path below the step's element, such as `family` or `given[0]`; empty for the element itself
 */
export function trace(step: Step, path: string, component = 0, subcomponent = 0): void {
  step.draft.traces.push({ step, path, component, subcomponent });
}

/** Records that no field states an element, which a rule makes. @param element with its type: `Patient.active` */
export function traceConstant({ run, node, rule }: Step, draft: Draft, element: string): void {
  trace({ run, node, field: 0, repetition: 0, component: 0, draft, element, rule }, '');
}

/** Copies a component's text to a property, with lineage. @returns whether there was any. */
export function copy(step: Step, target: object, key: string, component: number, subcomponent = 0): boolean {
  const text = textAt(step, component, subcomponent);
  if (text === '') return false;
  (target as Json)[key] = text;
  trace(step, key, component, subcomponent);
  return true;
}

/** Sets a property to what a component's text stands for, with lineage. */
export function copyOf(step: Step, target: object, key: string, value: unknown, component: number): void {
  (target as Json)[key] = value;
  trace(step, key, component);
}

/** Appends a component's text to a list property, with lineage. */
export function append(step: Step, target: object, key: string, component: number, subcomponent = 0): void {
  const text = textAt(step, component, subcomponent);
  if (text === '') return;
  const list = ((target as Json)[key] ??= []) as string[];
  trace(step, `${key}[${list.length}]`, component, subcomponent);
  list.push(text);
}

/** The same source, for an element below the step's own. */
export function below(step: Step, path: string): Step {
  const { run, node, field, repetition, component, draft, element, rule } = step;
  return { run, node, field, repetition, component, draft, element: `${element}.${path}`, rule };
}

/** Reports a finding at the step's source. `detail` says what was expected, never what was there. */
export function report(
  step: Step,
  code: ErrorCode,
  detail: string,
  component = 0,
  severity: Issue['severity'] = 'warning',
): void {
  step.run.issues.push({ code, severity, location: sourceOf(step, component), detail });
}

/** Keeps the parts of an identity apart: `readText` lets no control characters through. */
const PART_SEPARATOR = '\u001f';

/** An identity from its parts, such that no two lists of parts give the same. */
export function identityOf(first: string, ...others: readonly string[]): string {
  let identity = first;
  for (const part of others) identity += PART_SEPARATOR + part;
  return identity;
}

/** Numbers equal identities of a type: the first stands as it is, the second gets the part `#2`. */
export function distinct(run: Run, type: string, identity: string): string {
  return numbered(identity, countOf(run, `${type}|${identity}`));
}

/** How often the message was asked for a key, this time included. */
export function countOf({ occurrences }: Run, key: string): number {
  const count = (occurrences.get(key) ?? 0) + 1;
  occurrences.set(key, count);
  return count;
}

/** What tells an identity from equal ones before it. */
export const numbered = (identity: string, count: number): string =>
  count === 1 ? identity : identityOf(identity, `#${count}`);

/** The person whom a segment is about: the one of the PID it stands under. */
export function personOf(node: SegmentNode, { people }: Run): Person | undefined {
  const pid = findSegment(node, 'PID');
  return people.get(pid === undefined ? 'PID' : pid.label);
}

/** The person as known before: whom MRG-1 under the same PID names. */
export function priorPersonOf(node: SegmentNode, { people }: Run): Person | undefined {
  const mrg = findSegment(node, 'MRG');
  return mrg === undefined ? undefined : people.get(mrg.label);
}

/** The record of a type that a segment makes. */
export function draftOf(node: SegmentNode, type: string): Draft | undefined {
  return node.drafts.find(({ resource }) => resource.resourceType === type);
}
