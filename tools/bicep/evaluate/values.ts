/** Values of evaluated Bicep: JSON, functions' lambdas, and what only Azure knows. */

/** What is known only when it is deployed, such as a generated property; `text` says what it is. */
export class Later {
  constructor(readonly text: string) {}

  toString(): string {
    return `{${this.text}}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

export type Lambda = (...args: readonly Value[]) => Value;

export type Value = string | number | boolean | null | Later | Lambda | readonly Value[] | Properties;

export interface Properties {
  readonly [name: string]: Value;
}

/** Objects of deployed resources, each with what it is: their services add properties that stand in no template. */
const completedLater = new WeakMap<object, string>();

/** Lets the object have any property, known when it is deployed. */
export function completeLater(value: Value, text: string): void {
  if (typeof value === 'object' && value !== null) completedLater.set(value, text);
}

export const isProperties = (value: Value | undefined): value is Properties =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Later);

export const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);

/** Whether what is only known later is in it at any depth. */
export function isLater(value: Value): boolean {
  if (value instanceof Later) return true;
  if (isList(value)) return value.some(isLater);
  return isProperties(value) && Object.values(value).some(isLater);
}

/** The text of a value in an interpolated string. */
export function textOf(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  return typeof value === 'object' && !(value instanceof Later) ? JSON.stringify(value) : String(value);
}

/** The property at a path of names; undefined where there is none. */
export function at(value: Value | undefined, ...path: readonly (string | number)[]): Value | undefined {
  let found: Value | undefined = value;
  for (const step of path) {
    if (found instanceof Later) return new Later(`${found.text}.${step}`);
    if (isList(found)) found = found[Number(step)];
    else if (isProperties(found)) found = propertyOf(found, String(step));
    else return undefined;
  }
  return found;
}

/** A property as an expression reads it: also one that a service gives its resource. */
export function read(value: Value, step: string | number): Value | undefined {
  const found = at(value, step);
  const text = typeof value === 'object' && value !== null ? completedLater.get(value) : undefined;
  if (text === undefined) return found;
  if (found === undefined) return new Later(`${text}.${step}`);
  completeLater(found, `${text}.${step}`);
  return found;
}

/** Names of properties do not depend on case, as in ARM. */
export function propertyOf(value: Properties, name: string): Value | undefined {
  if (Object.hasOwn(value, name)) return value[name];
  const key = Object.keys(value).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : value[key];
}
