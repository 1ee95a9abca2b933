import type { Json, Value } from '../../json.js';
import { isArray, isObject } from '../../json.js';
import { equalValues } from '../values.js';
import type { BuiltInTable } from './built-in.js';
import { define } from './built-in.js';

/** Whether the element has every property of the wanted object (third argument of ARRAY_CONTAINS). */
function containsPart(element: Value, wanted: Value): boolean {
  if (!isObject(element) || !isObject(wanted)) return equalValues(element, wanted);
  return Object.entries(wanted).every(
    ([name, value]) => Object.hasOwn(element, name) && containsPart(element[name], value),
  );
}

const includes = (list: readonly Json[], wanted: Value): boolean =>
  list.some((element) => equalValues(element, wanted));

/** The wanted values: given one by one or as one array. */
const wantedOf = (values: readonly Value[]): readonly Value[] => {
  const [first] = values;
  return values.length === 1 && isArray(first) ? first : values;
};

const unique = (list: readonly Json[]): readonly Json[] =>
  list.filter((element, index) => list.findIndex((other) => equalValues(element, other)) === index);

function slice(list: Value, start: Value, length: Value): Value {
  if (!isArray(list) || typeof start !== 'number') return undefined;
  const from = start < 0 ? Math.max(0, list.length + start) : start;
  return list.slice(from, typeof length === 'number' ? from + Math.max(0, length) : undefined);
}

const many = Number.POSITIVE_INFINITY;

/** Functions of arrays. */
export const arrayFunctions: BuiltInTable = {
  ARRAY_CONTAINS: define(
    2,
    (list, wanted, partial) => {
      if (!isArray(list)) return undefined;
      return partial === true
        ? list.some((element) => containsPart(element, wanted))
        : includes(list, wanted);
    },
    3,
  ),
  ARRAY_CONTAINS_ANY: define(
    2,
    (list, ...values) =>
      isArray(list) ? wantedOf(values).some((wanted) => includes(list, wanted)) : undefined,
    many,
  ),
  ARRAY_CONTAINS_ALL: define(
    2,
    (list, ...values) =>
      isArray(list) ? wantedOf(values).every((wanted) => includes(list, wanted)) : undefined,
    many,
  ),
  ARRAY_LENGTH: define(1, (list) => (isArray(list) ? list.length : undefined)),
  ARRAY_CONCAT: define(2, (...lists) => (lists.every(isArray) ? lists.flat(1) : undefined), many),
  ARRAY_SLICE: define(2, slice, 3),
  SETINTERSECT: define(2, (left, right) =>
    isArray(left) && isArray(right) ? unique(left.filter((element) => includes(right, element))) : undefined,
  ),
  SETUNION: define(2, (left, right) =>
    isArray(left) && isArray(right) ? unique([...left, ...right]) : undefined,
  ),
  SETDIFFERENCE: define(2, (left, right) =>
    isArray(left) && isArray(right) ? unique(left.filter((element) => !includes(right, element))) : undefined,
  ),
  OBJECTTOARRAY: define(1, (value) =>
    isObject(value) ? Object.entries(value).map(([k, v]) => ({ k, v })) : undefined,
  ),
  CHOOSE: define(2, (index, ...values) => (typeof index === 'number' ? values[index - 1] : undefined), many),
  IIF: define(3, (test, yes, no) => (test === true ? yes : no)),
};
