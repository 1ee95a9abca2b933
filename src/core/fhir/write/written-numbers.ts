/**
 * Numbers that keep the text they were written with while a patch moves them about: each stands in the tree as a string
 * that begins with a character which no text of FHIR may hold.
 */
import type { Resource } from 'fhir/r4.js';
import { type Decimals, pointerOf, type ReadResource, readResource } from '../decimals.js';

const mark = '\u0000';
const written = new RegExp(String.raw`^${mark}(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$`);

/** A copy of a value with its numbers as they were written. */
export const withWritten = <T>(value: T, decimals: Decimals = {}): T =>
  mapLeaves(value, [], (leaf, path) => {
    const text = typeof leaf === 'number' ? decimals[pointerOf(path)] : undefined;
    return text !== undefined && Number(text) === leaf ? mark + text : leaf;
  }) as T;

/** The number of a text that stands for one; any other value as it is. */
export function plainNumber(value: unknown): unknown {
  const text = typeof value === 'string' ? written.exec(value)?.[1] : undefined;
  return text === undefined ? value : Number(text);
}

/** A copy of a value without the texts of its numbers. */
export const withoutWritten = <T>(value: T): T => mapLeaves(value, [], plainNumber) as T;

/** A resource and beside it the texts of its numbers. */
export function readWritten(resource: Resource): ReadResource {
  const decimals: Record<string, string> = {};
  const plain = mapLeaves(resource, [], (leaf, path) => {
    const number = plainNumber(leaf);
    if (number !== leaf) decimals[pointerOf(path)] = (leaf as string).slice(mark.length);
    return number;
  });
  return readResource(plain as Resource, decimals);
}

type Path = readonly (string | number)[];

function mapLeaves(value: unknown, path: Path, change: (leaf: unknown, path: Path) => unknown): unknown {
  if (Array.isArray(value)) return value.map((each, index) => mapLeaves(each, [...path, index], change));
  if (typeof value !== 'object' || value === null) return change(value, path);
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, mapLeaves(each, [...path, key], change)]),
  );
}
