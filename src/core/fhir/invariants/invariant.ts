/** What an invariant of FHIR R4 is (section 5.1.0.10), and the few forms that most of them have. */
import { fieldsOf, listOf } from '../search/shapes.js';

export type Fields = Readonly<Record<string, unknown>>;

/** The resource that an element stands in, and the one that contains that resource: the same where none does. */
export interface Within {
  readonly resource: Fields;
  readonly root: Fields;
}

/** A rule about an element of one type and what stands within it. */
export interface Invariant {
  /** As R4 names it: `obs-6`. */
  readonly key: string;
  /** What must hold, for whoever is told that it does not. */
  readonly says: string;
  /** Default: error. */
  readonly severity?: 'warning';
  readonly holds: (element: Fields, within: Within) => boolean;
}

/** Whether an element is there, with a value or with an extension in its place; `value[x]` is one of any type. */
export function has(fields: Fields, name: string): boolean {
  if (!name.endsWith('[x]')) return fields[name] !== undefined || fields[`_${name}`] !== undefined;
  const stem = name.slice(0, -'[x]'.length);
  return Object.keys(fields).some((key) => {
    const bare = key.replace(/^_/, '');
    return bare.startsWith(stem) && /^[A-Z]/.test(bare.slice(stem.length));
  });
}

/** At least one of the elements is there. */
export const anyOf =
  (...names: readonly string[]) =>
  (fields: Fields): boolean =>
    names.some((name) => has(fields, name));

/** Where the first element is, the other one is, too. */
export const needs =
  (name: string, other: string) =>
  (fields: Fields): boolean =>
    !has(fields, name) || has(fields, other);

/** At most one of the two elements is there. */
export const notBoth =
  (name: string, other: string) =>
  (fields: Fields): boolean =>
    !has(fields, name) || !has(fields, other);

/** The elements of a list, or the one that does not repeat. */
export const partsOf = (fields: Fields, name: string): readonly Fields[] =>
  listOf(fields[name])
    .map(fieldsOf)
    .filter((each) => each !== undefined);

/** Whether one of the concepts of an element has one of the codes in a system. */
export const isCoded = (fields: Fields, name: string, system: string, codes: readonly string[]): boolean =>
  partsOf(fields, name)
    .flatMap((concept) => partsOf(concept, 'coding'))
    .some((coding) => coding['system'] === system && codes.includes(String(coding['code'])));

/**
 * Whether a time is surely after another one. Times with a clock are compared as instants; others by what both have
 * written, since a date means a day wherever it is: `2020-02` is not after `2020-02-01`.
 */
export function isAfter(later: unknown, earlier: unknown): boolean {
  if (typeof later !== 'string' || typeof earlier !== 'string') return false;
  if (later.includes('T') && earlier.includes('T')) return Date.parse(later) > Date.parse(earlier);
  const digits = Math.min(later.length, earlier.length, 'YYYY-MM-DD'.length);
  return later.slice(0, digits) > earlier.slice(0, digits);
}
