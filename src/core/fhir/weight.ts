/** What a leaf that is no text, and the name of an element, count for. */
const leaf = 8;

/** About how many characters a value has as JSON, without writing it: texts as long as they are, and little for the rest. */
export function weightOf(value: unknown): number {
  if (typeof value === 'string') return leaf + value.length;
  if (typeof value !== 'object' || value === null) return leaf;
  return Object.values(value).reduce<number>((weight, each) => weight + weightOf(each), leaf);
}
