/** How much of what a large message did its receipt and its event tell: both have limits of size. */
import { partitionOf } from './ids.js';
import type { RecordChange } from './types.js';

/** A change takes up to 160 bytes: with these a receipt stays well below the 2 MB of a Cosmos DB document. */
export const mostChangesOfReceipt = 5_000;
/** With these an event stays well below the 256 KB of a Service Bus message. */
export const mostChangesOfEvent = 500;
/** An issue takes up to 1 KB. */
export const mostIssuesOfReceipt = 500;

/** The changes that can be told, and how many there were when that is not all of them. */
export interface BoundChanges {
  readonly changes: readonly RecordChange[];
  readonly changeCount?: number;
}

/** The first changes, and of each partition at least one: whom a message concerns is never left out. */
export function boundChanges(changes: readonly RecordChange[], most: number): BoundChanges {
  if (changes.length <= most) return { changes };
  const firsts = new Set(
    new Map([...changes].reverse().map((change) => [partitionOf(change.id), change])).values(),
  );
  let room = most - firsts.size;
  const told = changes.filter((change) => firsts.has(change) || room-- > 0);
  return { changes: told, changeCount: changes.length };
}
