import type { Value } from '../json.js';
import { isArray, isObject } from '../json.js';

/** The rank of a value's type in the total order of ORDER BY. */
export function typeRank(value: Value): number {
  if (value === undefined) return 0;
  if (value === null) return 1;
  if (typeof value === 'boolean') return 2;
  if (typeof value === 'number') return 3;
  if (typeof value === 'string') return 4;
  return isArray(value) ? 5 : 6;
}

/** JSON text with sorted property names, so that equal values have equal text. */
export function canonicalText(value: Value): string {
  if (isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (isObject(value)) {
    const entries = Object.keys(value)
      .sort()
      .map((name) => `${JSON.stringify(name)}:${canonicalText(value[name])}`);
    return `{${entries.join(',')}}`;
  }
  return value === undefined ? 'undefined' : JSON.stringify(value);
}

/** The order of ORDER BY: undefined, null, booleans, numbers, strings, arrays, objects. */
export function compareValues(left: Value, right: Value): number {
  const rank = typeRank(left);
  const difference = rank - typeRank(right);
  if (difference !== 0) return difference;
  if (left === undefined || left === null || right === undefined || right === null) return 0;
  const [a, b] = rank >= 5 ? [canonicalText(left), canonicalText(right)] : [left, right];
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Deep equality; values of different types are never equal. */
export function equalValues(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  return canonicalText(left) === canonicalText(right);
}
