/** A value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: Json;
}

/** A value of the query language: JSON, or `undefined` where a property is missing. */
export type Value = Json | undefined;

/** Whether the value is an object and not an array or null. */
export const isObject = (value: Value): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether the value is an array (narrows read-only arrays, which `Array.isArray` does not). */
export const isArray = (value: Value): value is readonly Json[] => Array.isArray(value);

/** The value of an own property; inherited names such as `constructor` are missing. */
export const ownProperty = (value: Value, name: string): Value =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

/** The value at a path of property names, or `undefined`. */
export const valueAt = (value: Value, path: readonly string[]): Value =>
  path.reduce<Value>((current, name) => ownProperty(current, name), value);

/** Parses JSON text, or returns `undefined` when it is not JSON. */
export function parseJson(text: string): Value {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Splits an index or partition-key path such as `/meta/"last updated"/?` into property names. */
export const splitPath = (path: string): readonly string[] =>
  path
    .split('/')
    .slice(1)
    .map((segment) => segment.replace(/^"(.*)"$/, '$1'));
