/** Versions are read in parts: what is on a page of a history is not changed by what is committed meanwhile. */
import { pageRoom, weightOf } from '../../core/fhir/weight.js';
import type { HistoryDocument } from '../../core/records/types.js';

/** Versions read at once: they may have 2 MB each. */
const atOnce = 25;

/** Reads at most `limit` versions, the latest first, that come before `last`; fewer where there are no more. */
export type VersionReader = (
  limit: number,
  last: HistoryDocument | undefined,
) => Promise<readonly HistoryDocument[]>;

/** The first `most` versions, part by part. */
export async function* partsOf(
  read: VersionReader,
  most: number,
): AsyncGenerator<readonly HistoryDocument[], void> {
  let last: HistoryDocument | undefined;
  for (let left = most; left > 0;) {
    const limit = Math.min(atOnce, left);
    const part = await read(limit, last);
    yield part;
    if (part.length < limit) return;
    left -= part.length;
    last = part.at(-1);
  }
}

/** A page of at most `count` versions, of fewer where they are large. */
export async function versionsWithin(
  read: VersionReader,
  count: number,
  room = pageRoom,
): Promise<{ readonly versions: readonly HistoryDocument[]; readonly isLast: boolean }> {
  const versions: HistoryDocument[] = [];
  let left = room;
  // One more than is shown tells whether there is a next page.
  for await (const part of partsOf(read, count + 1)) {
    for (const version of part) {
      if (version.kind !== 'deleted') left -= weightOf(version.resource);
      if (versions.length === count || (left < 0 && versions.length > 0)) return { versions, isLast: false };
      versions.push(version);
    }
  }
  return { versions, isLast: true };
}
