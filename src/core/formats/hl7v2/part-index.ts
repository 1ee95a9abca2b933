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
  /** How much of each list is filled. */
  readonly counts: { fields: number; repetitions: number; components: number; leaves: number };
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

/** What lists are cut from. Its items are numbers and not holes, which the engine would look for at each read. */
const ROOM: readonly number[] = [...new Array(2048).keys()];

/**
 * An index of nothing yet, with room for as many parts as most texts have: lists that grow are copied again and again.
 *
 * @param size of the text in UTF-16 units; in most messages a delimiter follows after four or more
 */
export function createPartIndex(size: number): PartIndex {
  const room = (): number[] => ROOM.slice(0, (size >> 2) + 32);
  const counts = { fields: 0, repetitions: 0, components: 0, leaves: 0 };
  return { fields: room(), repetitions: room(), components: room(), leaves: room(), counts };
}

/**
 * Adds the fields of `text.slice(start, end)` to the index, and where those after the first start to `starts`.
 *
 * @returns the number of the first field in the index
 */
export function indexFields(
  { fields, repetitions, components, leaves, counts }: PartIndex,
  text: string,
  start: number,
  end: number,
  { fieldCode, repetitionCode, componentCode, subcomponentCode }: DelimiterCodes,
  starts: number[],
): number {
  const first = counts.fields;
  let field = first;
  let repetition = counts.repetitions;
  let component = counts.components;
  let leaf = counts.leaves;
  fields[field++] = repetition;
  repetitions[repetition++] = component;
  components[component++] = leaf;
  leaves[leaf++] = start;
  for (let position = start; position < end; position++) {
    const code = text.charCodeAt(position);
    const endsField = code === fieldCode;
    const endsRepetition = endsField || code === repetitionCode;
    const endsComponent = endsRepetition || code === componentCode;
    if (!endsComponent && code !== subcomponentCode) continue;
    if (endsField) {
      fields[field++] = repetition;
      starts.push(position + 1);
    }
    if (endsRepetition) repetitions[repetition++] = component;
    if (endsComponent) components[component++] = leaf;
    leaves[leaf++] = position + 1;
  }
  // One more of each, which tells where the last ones end.
  fields[field++] = repetition;
  repetitions[repetition++] = component;
  components[component++] = leaf;
  leaves[leaf++] = end + 1;
  counts.fields = field;
  counts.repetitions = repetition;
  counts.components = component;
  counts.leaves = leaf;
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
