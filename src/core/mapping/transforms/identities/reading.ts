/** How identities read what the source calls a thing. */
import { recordId } from '../../../identity/tokens.js';
import {
  countOf,
  distinct,
  identityOf,
  numbered,
  personOf,
  readText,
  remember,
  type Run,
} from '../../engine/run.js';
import { statedRepetition, type SegmentNode } from '../../engine/segment-tree.js';
import type { Place } from '../../engine/transform.js';
import { upperCase } from '../../../upper-case.js';

/** Texts of components, as transforms read them. */
export type Read = (node: SegmentNode | undefined, field: number, component?: number) => string;

export const reader =
  ({ message }: Run): Read =>
  (node, field, component = 1) =>
    node === undefined
      ? ''
      : readText(message, node.segment, field, statedRepetition(node, { field, repetition: 1 }), component);

/** Numbers are unique only within their authority, and codes within their coding system. */
export const within = (value: string, ...scope: string[]): string =>
  value === '' || scope.every((part) => part === '') ? value : identityOf(value, ...scope);

/** EI: a number with its namespace and universal id (HL7 v2.5.1 section 2.A.28), or a universal id that is the number. */
export function entityNumber(read: Read, node: SegmentNode | undefined, field: number): string {
  if (node?.segment.has(field) !== true) return '';
  const [number, namespace, universal, type] = [1, 2, 3, 4].map((component) => read(node, field, component));
  return isLoneNumber(number, namespace, universal, type)
    ? (universal ?? '')
    : within(number ?? '', namespace ?? '', universal ?? '', type ?? '');
}

/** Whether EI-3 stands alone and, as some senders write it (`^^REF001`), is the number itself and no authority. */
export const isLoneNumber = (number = '', namespace = '', universal = '', type = ''): boolean =>
  number === '' && namespace === '' && type === '' && universal !== '' && !OID.test(universal);

const OID = /^[0-2](\.\d+)+$/;

/** CX: a number with its assigning authority. */
export const numberOf = (read: Read, node: SegmentNode | undefined, field: number): string =>
  node?.segment.has(field) === true ? within(read(node, field), read(node, field, 4)) : '';

/** CWE: the code with its system, else the alternate code with its own, else the text, that of either or the original. */
export const codeOf = (read: Read, node: SegmentNode | undefined, field: number): string =>
  codeWithin(read, node, field, 1) || codeWithin(read, node, field, 4) || wordsOf(read, node, field);

/** CWE: its text, else that of the alternate code, else the original text. */
export const wordsOf = (read: Read, node: SegmentNode | undefined, field: number): string =>
  read(node, field, 2) || read(node, field, 5) || read(node, field, 9);

/** The code at a component, with the name of its system two components on. */
function codeWithin(read: Read, node: SegmentNode | undefined, field: number, component: number): string {
  const code = read(node, field, component);
  if (code === '') return '';
  const system = read(node, field, component + 2);
  return system === '' ? code : identityOf(code, upperCase(system));
}

/**
 * The place of a record about the person of a segment; undefined when there is nobody. Equal identities of a type are
 * numbered in the order of the message.
 */
export function aboutPatient(node: SegmentNode, run: Run, type: string, identity: string): Place | undefined {
  const patientKey = personOf(node, run)?.patientKey;
  if (patientKey === undefined) return undefined;
  const idOf = (called: string): string => recordId(patientKey, type, run.feed.id, called);
  const id = idOf(identity);
  const count = countOf(run, id);
  return { id: count === 1 ? id : idOf(numbered(identity, count)), partition: patientKey };
}

/** As `aboutPatient`, for things that are one and the same however often a message states them. */
export function aboutPatientOnce(
  node: SegmentNode,
  run: Run,
  type: string,
  identity: string,
): Place | undefined {
  const patientKey = personOf(node, run)?.patientKey;
  return patientKey === undefined
    ? undefined
    : { id: recordId(patientKey, type, run.feed.id, identity), partition: patientKey };
}

/** What the message asks for first under each number, by type. */
const FIRST_UNDER_NUMBER = {};

const KIN = { MedicationRequest: 'ServiceRequest', ServiceRequest: 'MedicationRequest' } as const;

/**
 * The place of a request that has a number and a code: the first under a number is known by the number, each other one
 * by number and code. With it go the ids of the same thing known in the other way (`twin`; none without a code), and of
 * what the other kind of request with this number is (`kin`).
 *
 * @param placeOf the place of an identity
 */
export function underNumber(
  run: Run,
  type: keyof typeof KIN,
  [number, code]: readonly [number: string, code: string],
  placeOf: (identity: string) => Place | undefined,
): Place | undefined {
  const coded = identityOf(number, code);
  const isOther = !isFirst(run, `${type} ${number}`, code);
  const place = placeOf(isOther ? coded : number);
  if (place === undefined) return undefined;
  const idOf = (kind: string, identity: string) => recordId(place.partition, kind, run.feed.id, identity);
  const other = isOther ? number : coded;
  // One medicine may be prescribed twice under a number, each time with another dose; a service is asked for once.
  const twin = type === 'MedicationRequest' ? distinct(run, `twin|${place.partition}`, other) : other;
  return {
    ...place,
    ...(isOther || code !== '' ? { twin: idOf(type, twin) } : {}),
    kin: idOf(KIN[type], number),
  };
}

/** Whether a code is the first that the message states under a number. */
function isFirst(run: Run, number: string, code: string): boolean {
  const firsts = remember(run, FIRST_UNDER_NUMBER, () => new Map<string, string>());
  const first = firsts.get(number);
  if (first === undefined) firsts.set(number, code);
  return first === undefined || first === code;
}

/** A place of which the segment only says what became of it. */
export const asState = (place: Place | undefined): Place | undefined =>
  place === undefined ? undefined : { ...place, isState: true };
