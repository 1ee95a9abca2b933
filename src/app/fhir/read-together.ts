/** Reads of several partitions, which the store answers one after the other (docs/adr/0013). */
import type { CurrentDocument } from '../../core/records/types.js';
import type { Clock } from '../../ports/clock.js';

/** A transaction, from the time it gives its records to its visibility, and a request take less, in milliseconds. */
const recently = 120_000;

/** Where others write all the time, a reader gets an answer all the same. */
const mostReads = 6;

/**
 * Reads records as they stood at one moment. Between the reads of two partitions a transaction of both may have become
 * visible; so where records of several partitions come together and one of them is new, they are read again, until they are
 * the same twice: versions only grow, so that all of them stood between the two.
 *
 * @param documentsOf what was read
 */
export async function readTogether<T>(
  clock: Clock,
  read: () => Promise<T>,
  documentsOf: (answer: T) => readonly CurrentDocument[],
): Promise<T> {
  let answer = await read();
  for (let count = 1; count < mostReads && mayBeHalf(clock, documentsOf(answer)); count++) {
    const again = await read();
    const isSame = versionsOf(documentsOf(again)) === versionsOf(documentsOf(answer));
    answer = again;
    if (isSame) break;
  }
  return answer;
}

function mayBeHalf(clock: Clock, documents: readonly CurrentDocument[]): boolean {
  const since = new Date(clock.now().getTime() - recently).toISOString();
  return (
    documents.some(({ lastUpdated }) => lastUpdated >= since) &&
    new Set(documents.map(({ partition }) => partition)).size > 1
  );
}

const versionsOf = (documents: readonly CurrentDocument[]): string =>
  documents.map(({ id, partition, versionId }) => `${partition} ${id} ${versionId}`).join('\n');
