/** Reads of several partitions, which the store answers one after the other (docs/adr/0013). */
import { ExchangeError } from '../../core/errors.js';
import type { CurrentDocument } from '../../core/records/types.js';
import type { Clock } from '../../ports/clock.js';

/** A transaction, from the time it gives its records to its visibility, and a request take less, in milliseconds. */
const recently = 120_000;

/** Where others write all the time, a reader gets an answer all the same, unless it may show half of a transaction. */
const mostReads = 6;
/** Where transactions of the same records become visible between any two reads. */
const mostReadsAmongTransactions = 40;

/**
 * Reads records as they stood at one moment. Between the reads of two partitions a transaction of both may have become
 * visible; so where records of several partitions come together and one of them is new, they are read again, until they are
 * the same twice: versions only grow, so that all of them stood between the two. Where they never are, because others
 * write all the time, an answer will do that tells only of transactions that a read before it has seen: these were visible
 * in every partition when it began.
 *
 * @param documentsOf what was read
 * @throws ExchangeError HDE_THROTTLED where every read meets another transaction
 */
export async function readTogether<T>(
  clock: Clock,
  read: () => Promise<T>,
  documentsOf: (answer: T) => readonly CurrentDocument[],
): Promise<T> {
  const seen = new Set<string>();
  let answer = await read();
  for (let count = 1; mayBeHalf(clock, documentsOf(answer)); count++) {
    for (const transaction of transactionsOf(documentsOf(answer))) seen.add(transaction);
    const again = await read();
    const documents = documentsOf(again);
    const isSame = versionsOf(documents) === versionsOf(documentsOf(answer));
    if (isSame || (count + 1 >= mostReads && transactionsOf(documents).every((each) => seen.has(each))))
      return again;
    if (count + 1 >= mostReadsAmongTransactions)
      throw new ExchangeError('HDE_THROTTLED', { retryAfterSeconds: 1 });
    answer = again;
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

const transactionsOf = (documents: readonly CurrentDocument[]): string[] =>
  documents.flatMap(({ transaction }) => transaction ?? []);

const versionsOf = (documents: readonly CurrentDocument[]): string =>
  documents.map(({ id, partition, versionId }) => `${partition} ${id} ${versionId}`).join('\n');
