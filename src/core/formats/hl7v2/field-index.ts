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

/** A place in the text of a message, reused from search to search. */
export interface FoundPart {
  start: number;
  end: number;
}

/**
 * Finds a repetition, component or subcomponent; a number below 1 stands for the whole of what it would be a part of.
 * @returns whether there is such a part and anything in it
 */
export function findIndexedPart(
  index: FieldIndex,
  repetition: number,
  component: number,
  subcomponent: number,
  found: FoundPart,
): boolean {
  const { leaves, components, repetitions } = index;
  let from = repetitions[repetition - 1];
  let to = repetitions[repetition];
  if (from === undefined || to === undefined) return false;
  if (component > 0) {
    if (component > to - from) return false;
    from += component - 1;
    to = from + 1;
  }
  from = components[from] ?? 0;
  to = components[to] ?? 0;
  if (component > 0 && subcomponent > 0) {
    if (subcomponent > to - from) return false;
    from += subcomponent - 1;
    to = from + 1;
  }
  found.start = leaves[from] ?? 0;
  found.end = (leaves[to] ?? 0) - 1;
  return found.start < found.end;
}

/**
 * One repetition of a short field, cut into its components: whoever reads one component reads its neighbours too.
 * Reused from cut to cut.
 */
export interface CutRepetition {
  /** Whose field it is. */
  segment: object;
  field: number;
  repetition: number;
  /** How many components; 0 when there is no such repetition. */
  count: number;
  /** Where each component starts, then the end of the repetition plus one. */
  readonly starts: number[];
}

/** Cuts a repetition of `text.slice(fieldStart, fieldEnd)`. */
export function cutRepetition(
  { text, repetitionCode, componentCode }: SearchedText,
  fieldStart: number,
  fieldEnd: number,
  cut: CutRepetition,
): void {
  let position = fieldStart;
  cut.count = 0;
  for (let skip = cut.repetition - 1; skip > 0; position++) {
    if (position >= fieldEnd) return;
    if (text.charCodeAt(position) === repetitionCode) skip--;
  }
  const { starts } = cut;
  let count = 1;
  starts[0] = position;
  for (; position < fieldEnd; position++) {
    const code = text.charCodeAt(position);
    if (code === repetitionCode) break;
    if (code === componentCode) starts[count++] = position + 1;
  }
  starts[count] = position + 1;
  cut.count = count;
}

/** Finds a component, or a subcomponent of it unless that is below 1, in a repetition that was cut. */
export function findCutPart(
  { text, subcomponentCode, found }: SearchedText,
  { starts, count }: CutRepetition,
  component: number,
  subcomponent: number,
): boolean {
  if (component > count) return false;
  let start = starts[component - 1] ?? 0;
  let end = (starts[component] ?? 0) - 1;
  if (subcomponent > 0) {
    for (let skip = subcomponent - 1; skip > 0; start++) {
      if (start >= end) return false;
      if (text.charCodeAt(start) === subcomponentCode) skip--;
    }
    let position = start;
    while (position < end && text.charCodeAt(position) !== subcomponentCode) position++;
    end = position;
  }
  found.start = start;
  found.end = end;
  return start < end;
}

/** What a search needs of the message. */
export interface SearchedText extends InnerDelimiters {
  readonly text: string;
  readonly found: FoundPart;
}

/** Finds a repetition of `text.slice(fieldStart, fieldEnd)` by reading from the start. @returns as `findIndexedPart` */
export function findRepetition(
  { text, repetitionCode, found }: SearchedText,
  fieldStart: number,
  fieldEnd: number,
  repetition: number,
): boolean {
  let position = fieldStart;
  for (let skip = repetition - 1; skip > 0; position++) {
    if (position >= fieldEnd) return false;
    if (text.charCodeAt(position) === repetitionCode) skip--;
  }
  found.start = position;
  while (position < fieldEnd && text.charCodeAt(position) !== repetitionCode) position++;
  found.end = position;
  return found.start < position;
}

/** Finds the first leaf of `text.slice(fieldStart, fieldEnd)`. @returns whether there is anything in it */
export function findFirstLeaf(
  { text, repetitionCode, componentCode, subcomponentCode, found }: SearchedText,
  fieldStart: number,
  fieldEnd: number,
): boolean {
  let position = fieldStart;
  for (; position < fieldEnd; position++) {
    const code = text.charCodeAt(position);
    if (code === componentCode || code === repetitionCode || code === subcomponentCode) break;
  }
  found.start = fieldStart;
  found.end = position;
  return fieldStart < position;
}
