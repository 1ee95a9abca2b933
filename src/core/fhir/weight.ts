/** What a value counts for besides its texts. */
const leaf = 8;

/** About how many characters a value has as JSON, without writing it: texts as long as they are, and little for the rest. */
export function weightOf(value: unknown): number {
  if (typeof value === 'string') return leaf + value.length;
  if (typeof value !== 'object' || value === null) return leaf;
  let weight = leaf;
  for (const each of Object.values(value as Readonly<Record<string, unknown>>)) weight += weightOf(each);
  return weight;
}

/**
 * In characters: what one page of records holds at most, unless it is one record. Records have up to 2 MB, documents of
 * messages among them, and an answer is one text.
 */
export const pageRoom = 32 * 1024 * 1024;

/** How many records there is room for, from the first: at least one. */
export function countWithin(records: readonly { readonly resource: unknown }[], room: number): number {
  let left = room;
  const beyond = records.findIndex(({ resource }, index) => {
    left -= weightOf(resource);
    return left < 0 && index > 0;
  });
  return beyond === -1 ? records.length : beyond;
}
