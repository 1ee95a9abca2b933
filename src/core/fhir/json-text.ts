import type { Resource } from 'fhir/r4.js';
import { type Decimals, pointerOf, printNumber } from './decimals.js';

/** How a resource is written. */
export interface JsonOptions {
  /** Numbers as they were written. */
  readonly decimals?: Decimals;
  /** Whether the text is broken into lines. */
  readonly pretty?: boolean;
}

/** A resource as FHIR JSON (R4 section 2.6.2), with its numbers as they were written. */
export function toJson(resource: Resource, { decimals, pretty = false }: JsonOptions = {}): string {
  if (decimals === undefined || Object.keys(decimals).length === 0) {
    return JSON.stringify(resource, undefined, pretty ? 2 : undefined);
  }
  return print(resource, '', decimals, pretty ? '\n' : '');
}

function print(value: unknown, pointer: string, decimals: Decimals, margin: string): string {
  if (typeof value === 'number' && Number.isFinite(value)) return printNumber(value, pointer, decimals);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = margin === '' ? '' : `${margin}  `;
  const printed = (each: unknown, step: string | number) =>
    print(each, pointer + pointerOf([step]), decimals, inner);
  if (Array.isArray(value)) {
    return enclose(
      '[',
      value.map((each, index) => printed(each ?? null, index)),
      ']',
      margin,
    );
  }
  const members = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([key, each]) => `${JSON.stringify(key)}:${margin === '' ? '' : ' '}${printed(each, key)}`);
  return enclose('{', members, '}', margin);
}

function enclose(start: string, parts: readonly string[], end: string, margin: string): string {
  if (parts.length === 0) return start + end;
  const inner = margin === '' ? '' : `${margin}  `;
  return `${start}${inner}${parts.join(`,${inner}`)}${margin}${end}`;
}
