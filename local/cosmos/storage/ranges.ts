/** A part of the hash space, `min` inclusive to `max` exclusive, as upper-case hexadecimal text. */
export interface HashRange {
  readonly id: string;
  readonly min: string;
  readonly max: string;
}

/** The most physical partitions that the endpoint simulates. */
export const maximumRanges = 16;

/** Divides the hash space `""` to `"FF"` into equal ranges (hashes begin with 00 to 3F). */
export function divideHashSpace(count: number): readonly HashRange[] {
  const boundary = (index: number): string => {
    if (index === 0) return '';
    if (index === count) return 'FF';
    const first = Math.floor((0x40 * index) / count);
    return first.toString(16).toUpperCase().padStart(2, '0') + '0'.repeat(30);
  };
  return Array.from({ length: count }, (_, index) => ({
    id: String(index),
    min: boundary(index),
    max: boundary(index + 1),
  }));
}

/** The index of the range that holds the effective partition key. */
export const rangeIndexOf = (ranges: readonly HashRange[], epk: string): number =>
  ranges.findLastIndex((range) => epk >= range.min);
