/** What the names of an expression mean. */
import type { Place } from '../ast.js';
import { isLater, type Properties, type Value } from './values.js';

/** What the names of an expression mean. */
export interface Names {
  readonly value: (name: string, place: Place) => Value;
  readonly call: (name: string, args: readonly Value[], place: Place) => Value;
  readonly fail: (message: string, place: Place) => never;
}

/** Names of a loop, a lambda or a function before those of their surroundings. */
export function innerNames(outer: Names, inner: Properties): Names {
  return {
    value: (name, place) => (Object.hasOwn(inner, name) ? (inner[name] ?? null) : outer.value(name, place)),
    call: (name, args, place) => outer.call(name, args, place),
    fail: (message, place) => outer.fail(message, place),
  };
}

/** Whether a condition holds; what is known later is taken to hold. */
export const holds = (value: Value): boolean => (isLater(value) ? true : value === true);
