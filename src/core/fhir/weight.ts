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
