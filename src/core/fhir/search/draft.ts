import type { SearchIndex } from './types.js';

/** The parts of an index that hold values by the code of their parameter. */
type Values = Required<Omit<SearchIndex, 'identifier'>>;

/** One part of the index. */
export type Part = keyof Values;

/** What one part holds of a parameter. */
export type Entry<P extends Part> = Values[P][string][number];

/** An index while it is filled; entries may be there twice. */
export type IndexDraft = { [P in Part]?: Record<string, Entry<P>[]> };

/** Adds a value of a parameter to a part of the index. */
export function addEntry<P extends Part>(draft: IndexDraft, part: P, code: string, entry: Entry<P>): void {
  const entries: Record<string, Entry<P>[]> = (draft[part] ??= {});
  (entries[code] ??= []).push(entry);
}

/** The index without repeated entries. */
export function finishDraft(draft: IndexDraft): Omit<SearchIndex, 'identifier'> {
  for (const entries of Object.values(draft) as Record<string, unknown[]>[]) {
    for (const code of Object.keys(entries)) {
      const list = entries[code];
      if (list !== undefined && list.length > 1) entries[code] = withoutRepeats(list);
    }
  }
  return draft;
}

/** Lists that are so short are compared entry by entry: that is the common case, and copies nothing. */
const shortList = 12;

function withoutRepeats(list: unknown[]): unknown[] {
  if (typeof list[0] === 'object') {
    return [...new Map(list.map((entry) => [JSON.stringify(entry), entry])).values()];
  }
  const isSound = list.length <= shortList && list.every((entry, i) => list.indexOf(entry) === i);
  return isSound ? list : [...new Set(list)];
}
