/**
 * Positions of all parts of the segments that were looked into, one level for each delimiter. An entry of a level is the
 * number of its first part in the level below, and the next entry is where it ends, so that any part is found in
 * constant time however many there are.
 */
export interface PartIndex {
  /** Number of the first repetition of each field. */
  readonly fields: number[];
  /** Number of the first component of each repetition. */
  readonly repetitions: number[];
  /** Number of the first leaf of each component. */
  readonly components: number[];
  /** Where each leaf starts: neighbours are one delimiter apart. */
  readonly leaves: number[];
}

/** UTF-16 units of the delimiters; -1 for one that is not declared. */
export interface DelimiterCodes {
  readonly fieldCode: number;
  readonly repetitionCode: number;
  readonly componentCode: number;
  readonly subcomponentCode: number;
}

/** A place in the text of a message, reused from search to search. */
export interface FoundPart {
  start: number;
  end: number;
}

/** An index of nothing yet. */
export const createPartIndex = (): PartIndex => ({ fields: [], repetitions: [], components: [], leaves: [] });

/**
 * Adds the fields of `text.slice(start, end)` to the index, and where those after the first start to `starts`.
 *
 * @returns the number of the first field in the index
 */
export function indexFields(
  { fields, repetitions, components, leaves }: PartIndex,
  text: string,
  start: number,
  end: number,
  { fieldCode, repetitionCode, componentCode, subcomponentCode }: DelimiterCodes,
  starts: number[],
): number {
  const first = fields.length;
  fields.push(repetitions.length);
  repetitions.push(components.length);
  components.push(leaves.length);
  leaves.push(start);
  for (let position = start; position < end; position++) {
    const code = text.charCodeAt(position);
    const endsField = code === fieldCode;
    const endsRepetition = endsField || code === repetitionCode;
    const endsComponent = endsRepetition || code === componentCode;
    if (!endsComponent && code !== subcomponentCode) continue;
    if (endsField) {
      fields.push(repetitions.length);
      starts.push(position + 1);
    }
    if (endsRepetition) repetitions.push(components.length);
    if (endsComponent) components.push(leaves.length);
    leaves.push(position + 1);
  }
  // One more of each, which tells where the last ones end.
  fields.push(repetitions.length);
  repetitions.push(components.length);
  components.push(leaves.length);
  leaves.push(end + 1);
  return first;
}

/** How many repetitions a field has. @param field its number in the index */
export const countRepetitions = ({ fields }: PartIndex, field: number): number =>
  (fields[field + 1] ?? 0) - (fields[field] ?? 0);

/** How many components a repetition has that is there. @param field its number in the index */
export function countComponents(
  { fields, repetitions }: PartIndex,
  field: number,
  repetition: number,
): number {
  const at = (fields[field] ?? 0) + repetition - 1;
  return (repetitions[at + 1] ?? 0) - (repetitions[at] ?? 0);
}

/**
 * Finds a repetition, component or subcomponent; a number below 1 stands for the whole of what it would be a part of.
 *
 * @param field its number in the index
 * @returns whether there is such a part and anything in it
 */
export function findPart(
  { fields, repetitions, components, leaves }: PartIndex,
  field: number,
  repetition: number,
  component: number,
  subcomponent: number,
  found: FoundPart,
): boolean {
  const at = (fields[field] ?? 0) + repetition - 1;
  if (at >= (fields[field + 1] ?? 0)) return false;
  let from = repetitions[at] ?? 0;
  let to = repetitions[at + 1] ?? 0;
  if (component > 0) {
    from += component - 1;
    if (from >= to) return false;
    to = from + 1;
  }
  from = components[from] ?? 0;
  to = components[to] ?? 0;
  if (component > 0 && subcomponent > 0) {
    from += subcomponent - 1;
    if (from >= to) return false;
    to = from + 1;
  }
  found.start = leaves[from] ?? 0;
  found.end = (leaves[to] ?? 0) - 1;
  return found.start < found.end;
}
