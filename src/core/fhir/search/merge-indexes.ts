import type { SearchIndex } from './types.js';

type Values = Readonly<Record<string, readonly unknown[]>>;

/**
 * An index that holds what any of these holds: what a search finds by one of them, it finds by this, except by what
 * must be absent (see `isMonotone`).
 */
export function mergeIndexes(indexes: readonly SearchIndex[]): SearchIndex {
  const [first, ...others] = indexes;
  if (first !== undefined && others.length === 0) return first;
  const merged: Record<string, Record<string, unknown[]>> = {};
  for (const { identifier: _identifier, ...parts } of indexes) {
    for (const [part, byCode] of Object.entries(parts as Readonly<Record<string, Values>>)) {
      const target = (merged[part] ??= {});
      for (const [code, entries] of Object.entries(byCode)) (target[code] ??= []).push(...entries);
    }
  }
  return { identifier: [...new Set(indexes.flatMap(({ identifier }) => identifier))], ...merged };
}
