/** Elements that were deleted, which no earlier statement may bring back. */
import type { Resource } from 'fhir/r4.js';
import { withoutSuccession } from '../mapping/succession.js';
import { sameJson } from './equal.js';
import { withoutElements } from './merge.js';
import type { CurrentDocument } from './types.js';

/** What is known to be deleted after a message: of the elements that anybody deleted, those that are still absent. */
export function clearedAfter(
  removed: readonly string[],
  before: CurrentDocument['cleared'],
  resource: Resource,
  { eventTime }: { readonly eventTime: string },
): CurrentDocument['cleared'] {
  const cleared = new Map(Object.entries(before ?? {}));
  for (const path of withoutSuccession(removed)) {
    const known = cleared.get(path);
    if (known === undefined || known < eventTime) cleared.set(path, eventTime);
  }
  const absent = [...cleared].filter(([path]) => sameJson(withoutElements(resource, [path]), resource));
  return absent.length === 0 ? undefined : Object.fromEntries(absent.sort(byPath));
}

const byPath = ([one]: readonly [string, string], [other]: readonly [string, string]): number =>
  one < other ? -1 : 1;

/** Lists in which what messages know has its place beside what a client stated, and who may see the record. */
const shared: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta', 'identifier', 'link']);

/**
 * The elements about which a stale message has nothing to say: those that were deleted after what it tells of, and those
 * that a client stated, who states a record as a whole.
 */
export function settledSince(
  { cleared = {}, writtenAt, resource }: CurrentDocument,
  { latestEventTime }: { readonly latestEventTime: string },
): string[] {
  const deleted = Object.keys(cleared).filter((path) => latestEventTime < (cleared[path] ?? ''));
  const isBeforeClient = writtenAt !== undefined && latestEventTime < writtenAt;
  const stated = isBeforeClient ? Object.keys(resource).filter((name) => !shared.has(name)) : [];
  return [...deleted, ...stated];
}
