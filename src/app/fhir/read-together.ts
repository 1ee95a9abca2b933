/** Answers that take several reads, which the store answers one after the other (docs/adr/0013). */
import { ExchangeError } from '../../core/errors.js';
import type { CurrentDocument } from '../../core/records/types.js';
import type { RecordStore, SearchPage } from '../../ports/record-store.js';
import type { SearchDependencies } from './answer-search.js';

/** A transaction, from the time it gives its records to its visibility, and a request take less, in milliseconds. */
const recently = 120_000;

/** Where others write all the time, a reader gets an answer all the same, unless it may show half of a transaction. */
const mostReads = 6;
/** Where transactions of the same records become visible between any two reads. */
const mostReadsAmongTransactions = 40;

/**
 * Reads records as they stood at one moment. Between two reads a transaction, or a message, that has changed what both read
 * may have become visible; so where records of several reads come together and one of them is new, they are read again,
 * until they are the same twice: versions only grow, so that all of them stood between the two. Where they never are,
 * because others write all the time, an answer will do that tells only of transactions that a read before it has seen:
 * these were visible in every partition when it began.
 *
 * @param documentsOf what was read
 * @throws ExchangeError HDE_THROTTLED where every read meets another transaction
 */
export async function readTogether<T>(
  { clock, reads }: Pick<SearchDependencies, 'clock' | 'reads'>,
  read: () => Promise<T>,
  documentsOf: (answer: T) => readonly CurrentDocument[],
): Promise<T> {
  const seen = new Set<string>();
  const before = reads?.() ?? 0;
  let answer = await read();
  const isOneRead = (reads?.() ?? 0) - before <= 1;
  const since = new Date(clock.now().getTime() - recently).toISOString();
  for (let count = 1; mayBeHalf(documentsOf(answer), since, isOneRead); count++) {
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

function mayBeHalf(documents: readonly CurrentDocument[], since: string, isOneRead: boolean): boolean {
  const isSeveral = isOneRead
    ? // One query of several partitions is answered by each by itself.
      new Set(documents.map(({ partition }) => partition)).size > 1
    : documents.length > 1;
  return isSeveral && documents.some(({ lastUpdated }) => lastUpdated >= since);
}

const transactionsOf = (documents: readonly CurrentDocument[]): string[] =>
  documents.flatMap(({ transaction }) => transaction ?? []);

const versionsOf = (documents: readonly CurrentDocument[]): string =>
  documents.map(({ id, partition, versionId }) => `${partition} ${id} ${versionId}`).join('\n');

/** A store, and how often its records were read so far. */
export function countingReads(records: RecordStore): {
  readonly records: RecordStore;
  readonly reads: () => number;
} {
  let reads = 0;
  const page = async (reading: Promise<SearchPage>): Promise<SearchPage> => {
    const found = await reading;
    reads += found.isInParts === true ? 2 : 1;
    return found;
  };
  const counted: Partial<RecordStore> = {
    readCurrent: (...place) => {
      reads += 1;
      return records.readCurrent(...place);
    },
    findRecords: (...asked) => page(records.findRecords(...asked)),
    findByIdentifier: (...asked) => page(records.findByIdentifier(...asked)),
    listPartition: (...asked) => page(records.listPartition(...asked)),
  };
  return { records: { ...records, ...counted }, reads: () => reads };
}
