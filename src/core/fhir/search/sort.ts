/** The order of results (`_sort`, FHIR R4 section 3.1.1.5.1). */
import { Buffer } from 'node:buffer';
import type { ParameterDefinition } from './definitions.js';
import type { IndexedRecord } from './match.js';
import { unnamedReference } from './normalise.js';
import type { SearchIndex } from './types.js';

/** One parameter to sort by. */
export interface SortKey {
  readonly definition: ParameterDefinition;
  readonly isDescending: boolean;
}

/** Where a record stands: the value of each key, null where it has none, and what tells equal ones apart. */
export type SortPosition = readonly (string | number | null)[];

/** Parameters that one search is sorted by. */
export const maxSortKeys = 3;

/** Bytes of a text that count: positions travel in page tokens of at most 256 characters. */
const keyBytes = 24;

/**
 * Where a record stands in an order. Of several values the first of the order counts. Records without a value come last
 * in either direction.
 *
 * @param rank tells records apart whose values are the same
 */
export function positionOf(
  record: IndexedRecord,
  keys: readonly SortKey[],
  rank: SortPosition,
): SortPosition {
  return [...keys.map((key) => valueOf(record, key)), ...rank];
}

/** Compares two positions in an order; what follows the keys ascends. */
export function comparePositions(left: SortPosition, right: SortPosition, keys: readonly SortKey[]): number {
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const order = compareValues(left[i] ?? null, right[i] ?? null, keys[i]?.isDescending ?? false);
    if (order !== 0) return order;
  }
  return 0;
}

function compareValues(
  left: string | number | null,
  right: string | number | null,
  isDescending: boolean,
): number {
  if (left === right) return 0;
  if (left === null) return 1;
  if (right === null) return -1;
  const isBefore = isDescending ? left > right : left < right;
  return isBefore ? -1 : 1;
}

function valueOf(record: IndexedRecord, { definition, isDescending }: SortKey): string | number | null {
  const values = valuesOf(record, definition).map((value) =>
    typeof value === 'string' ? cut(value) : value,
  );
  const [first, ...others] = values;
  if (first === undefined) return null;
  return others.reduce((best, value) => ((isDescending ? value > best : value < best) ? value : best), first);
}

function valuesOf(
  { fhirId, lastUpdated, index }: IndexedRecord,
  definition: ParameterDefinition,
): readonly (string | number)[] {
  const { code, type } = definition;
  if (code === '_id') return [fhirId];
  if (code === '_lastUpdated') return [lastUpdated];
  const of = (part: keyof SearchIndex) =>
    ((index[part] as Readonly<Record<string, readonly unknown[]>> | undefined)?.[code] ??
      []) as readonly never[];
  switch (type) {
    case 'token':
      return of('token')
        .filter((token: string) => token.startsWith('*|'))
        .map((token: string) => token.slice(2));
    case 'date':
      return of('date').map(({ lo }: { lo: string }) => lo);
    case 'number':
    case 'quantity':
      return of(type).map(({ value, lo }: { value?: number; lo?: number }) => value ?? lo ?? 0);
    case 'reference':
      return of(type).filter((target: string) => target !== unnamedReference);
    case 'string':
    case 'uri':
      return of(type);
    case 'special':
    case 'composite':
      return [];
  }
}

function cut(text: string): string {
  let end = Math.min(text.length, keyBytes);
  while (Buffer.byteLength(JSON.stringify(text.slice(0, end))) > keyBytes + 2) end -= 1;
  return text.slice(0, end);
}
