/** Shorthand for value tables. */
import type { CodedValue, ValueTable } from '../engine/pack.js';

/** Codes that mean the same in their own code system: `{ H: 'High' }` becomes `H -> system|H (High)`. */
export function codesOf(system: string, displays: Readonly<Record<string, string>>): ValueTable {
  return Object.fromEntries(
    Object.entries(displays).map(([code, display]): [string, CodedValue] => [
      code,
      { system, code, display },
    ]),
  );
}

/** Source codes that become other codes of one system: `{ S: ['S', 'Never Married'] }`. */
export function translated(
  system: string,
  rows: Readonly<Record<string, readonly [code: string, display: string]>>,
): ValueTable {
  return Object.fromEntries(
    Object.entries(rows).map(([source, [code, display]]): [string, CodedValue] => [
      source,
      { system, code, display },
    ]),
  );
}
