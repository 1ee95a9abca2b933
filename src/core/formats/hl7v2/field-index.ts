import type { Span } from './types.js';

/** UTF-16 units of the delimiters inside a field; -1 for one that is not declared. */
export interface InnerDelimiters {
  readonly repetitionCode: number;
  readonly componentCode: number;
  readonly subcomponentCode: number;
}

/**
 * Positions of every leaf of a field: any part is found in constant time, so that walking a field of a million
 * components stays linear.
 */
export interface FieldIndex {
  /** Where each leaf starts, then the end of the field plus one: neighbours are one delimiter apart. */
  readonly leaves: readonly number[];
  /** Number of the first leaf of each component, then the number of leaves. */
  readonly components: readonly number[];
  /** Number of the first component of each repetition, then the number of components. */
  readonly repetitions: readonly number[];
}

/** Indexes `text.slice(start, end)`. */
export function indexField(
  text: string,
  start: number,
  end: number,
  delimiters: InnerDelimiters,
): FieldIndex {
  const { repetitionCode, componentCode, subcomponentCode } = delimiters;
  const leaves = [start];
  const components = [0];
  const repetitions = [0];
  for (let position = start; position < end; position++) {
    const code = text.charCodeAt(position);
    if (code !== componentCode && code !== subcomponentCode && code !== repetitionCode) continue;
    if (code === repetitionCode) repetitions.push(components.length);
    if (code !== subcomponentCode) components.push(leaves.length);
    leaves.push(position + 1);
  }
  repetitions.push(components.length);
  components.push(leaves.length);
  leaves.push(end + 1);
  return { leaves, components, repetitions };
}

/** Components of a repetition, counted by their delimiters; 0 when the repetition is absent. */
export function countComponents(index: FieldIndex, repetition: number): number {
  const from = index.repetitions[repetition - 1];
  const to = index.repetitions[repetition];
  return from === undefined || to === undefined ? 0 : to - from;
}

/** Where a repetition, component or subcomponent stands; undefined when it is absent or empty. */
export function spanOfPart(
  index: FieldIndex,
  repetition: number,
  component: number | undefined,
  subcomponent: number | undefined,
): Span | undefined {
  const { leaves, components, repetitions } = index;
  let from = repetitions[repetition - 1];
  let to = repetitions[repetition];
  if (from === undefined || to === undefined) return undefined;
  if (component !== undefined) {
    if (component < 1 || component > to - from) return undefined;
    from += component - 1;
    to = from + 1;
  }
  from = components[from] ?? 0;
  to = components[to] ?? 0;
  if (component !== undefined && subcomponent !== undefined) {
    if (subcomponent < 1 || subcomponent > to - from) return undefined;
    from += subcomponent - 1;
    to = from + 1;
  }
  const start = leaves[from] ?? 0;
  const end = (leaves[to] ?? 0) - 1;
  return start < end ? { start, end } : undefined;
}

/** The first repetition of `text.slice(start, end)`; undefined when it is empty. */
export function firstRepetition(
  text: string,
  start: number,
  end: number,
  { repetitionCode }: InnerDelimiters,
): Span | undefined {
  let position = start;
  while (position < end && text.charCodeAt(position) !== repetitionCode) position++;
  return position === start ? undefined : { start, end: position };
}

/** The first leaf of `text.slice(start, end)`; undefined when it is empty. */
export function firstLeaf(
  text: string,
  start: number,
  end: number,
  { repetitionCode, componentCode, subcomponentCode }: InnerDelimiters,
): Span | undefined {
  let position = start;
  for (; position < end; position++) {
    const code = text.charCodeAt(position);
    if (code === componentCode || code === repetitionCode || code === subcomponentCode) break;
  }
  return position === start ? undefined : { start, end: position };
}
