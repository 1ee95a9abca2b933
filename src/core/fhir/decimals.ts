/**
 * Numbers as they were written. A decimal of FHIR has a precision: `1.50` says more than `1.5` (R4 section 2.24.0.1), and
 * a JavaScript number cannot keep it. So texts that a number does not give back are kept beside the resource.
 */
import type { Resource } from 'fhir/r4.js';

/**
 * The text of each number that JavaScript would write otherwise, by its JSON pointer (RFC 6901):
 * `{ '/valueQuantity/value': '1.50' }`.
 */
export type Decimals = Readonly<Record<string, string>>;

/** A resource as it was read. */
export interface ReadResource {
  readonly resource: Resource;
  /** Absent where every number writes itself as it was. */
  readonly decimals?: Decimals;
}

/** A resource with its numbers as written, where there are such. */
export const readResource = (resource: Resource, decimals: Decimals): ReadResource =>
  Object.keys(decimals).length === 0 ? { resource } : { resource, decimals };

/** Whether a number has to be kept as text, because JavaScript would write it otherwise. */
export const isWrittenOtherwise = (text: string): boolean => String(Number(text)) !== text;

/** The JSON pointer of a path such as `['name', 0, 'family']`. */
export const pointerOf = (path: readonly (string | number)[]): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** The steps of a JSON pointer. */
export const stepsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

/** The same numbers in a document that holds the resource at a pointer, as a Bundle does at `/entry/0/resource`. */
export function nestDecimals(pointer: string, decimals: Decimals = {}): Decimals {
  return Object.fromEntries(Object.entries(decimals).map(([inner, text]) => [pointer + inner, text]));
}

/** The text of a number: as it was written, unless the number was changed since. */
export function printNumber(value: number, pointer: string, decimals: Decimals = {}): string {
  const written = decimals[pointer];
  return written !== undefined && Number(written) === value ? written : String(value);
}

/** The FHIRPath of a JSON pointer whose steps are names of elements: `Patient.name[0].family`. */
export const placeOf = (type: string, pointer: string): string =>
  type + pointer.replace(/\/(\d+)/g, '[$1]').replace(/\/_?/g, '.');

/** The pointer of what stands beside the value of a primitive: `/name/0/_given/1` for `/name/0/given/1`. */
export const besideOf = (pointer: string): string => pointer.replace(/\/(\w+(?:\/\d+)?)$/, '/_$1');
