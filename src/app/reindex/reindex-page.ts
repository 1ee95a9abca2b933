/**
 * Writes the search index of records anew after the definitions of search parameters have changed, page by page. The
 * record itself stays as it is: no version, no event. Doing a page again changes nothing more, so that a run that breaks
 * off goes on anywhere.
 */
import { ExchangeError } from '../../core/errors.js';
import { servedTypes } from '../../core/fhir/interactions.js';
import { definitionsVersion } from '../../core/fhir/search/definitions-version.js';
import { indexResource } from '../../core/fhir/search-index.js';
import { sameJson } from '../../core/records/equal.js';
import type { CommitOperation, CurrentDocument, RecordDocument, Stored } from '../../core/records/types.js';
import type { RecordStore } from '../../ports/record-store.js';

/** Where a run goes on. */
export interface ReindexPlace {
  /** Under which the run began. */
  readonly definitions: string;
  readonly resourceType: string;
  /** A place among the records of the type; absent for their beginning. */
  readonly after?: string;
}

export interface ReindexRequest {
  /** How many records one page looks at, at least 1. */
  readonly limit: number;
  readonly continuation?: ReindexPlace;
}

export interface ReindexPage {
  /** The version of the definitions by which records are indexed now. */
  readonly definitions: string;
  readonly records: number;
  /** Those whose index was another one. */
  readonly rewritten: number;
  /** Those that a large message or a transaction is changing: to be looked at by a later run. */
  readonly waiting: number;
  readonly continuation?: ReindexPlace;
}

interface Rewritten {
  readonly rewritten: number;
  readonly waiting: number;
}

/**
 * Looks at one page of the current records of all types and rewrites each index that differs. Whoever changes a record
 * meanwhile wins: it is looked at anew.
 *
 * @throws ExchangeError HDE_REQUEST_INVALID when the definitions have changed since the run began: it has to begin again
 */
export async function reindexPage(
  records: RecordStore,
  { limit, continuation }: ReindexRequest,
): Promise<ReindexPage> {
  const definitions = definitionsVersion();
  const types = servedTypes.map(({ type }): string => type);
  const { resourceType = types[0] ?? '', after } = continuation ?? {};
  if (!types.includes(resourceType) || (continuation?.definitions ?? definitions) !== definitions) {
    const detail = 'The definitions have changed since: begin again.';
    throw new ExchangeError('HDE_REQUEST_INVALID', { location: 'continuation', detail });
  }
  const page = await records.findRecords(
    { resourceType, criterion: { kind: 'all', of: [] } },
    { limit, ...(after === undefined ? {} : { continuation: after }) },
  );
  let [rewritten, waiting] = [0, 0];
  for (const [partition, ids] of idsByPartition(page.documents)) {
    const done = await reindex(records, partition, ids);
    rewritten += done.rewritten;
    waiting += done.waiting;
  }
  const following = types[types.indexOf(resourceType) + 1];
  const next =
    page.continuation === undefined
      ? following !== undefined && { definitions, resourceType: following }
      : { definitions, resourceType, after: page.continuation };
  const counts = { definitions, records: page.documents.length, rewritten, waiting };
  return next === false ? counts : { ...counts, continuation: next };
}

function idsByPartition(documents: readonly CurrentDocument[]): ReadonlyMap<string, readonly string[]> {
  const byPartition = new Map<string, string[]>();
  for (const { partition, id } of documents)
    byPartition.set(partition, [...(byPartition.get(partition) ?? []), id]);
  return byPartition;
}

/** Records of one batch: a large one may have much of the two megabytes that a batch may have. */
const recordsPerBatch = 10;

async function reindex(records: RecordStore, partition: string, ids: readonly string[]): Promise<Rewritten> {
  let done: Rewritten = { rewritten: 0, waiting: 0 };
  for (let start = 0; start < ids.length; start += recordsPerBatch) {
    const part = await reindexBatch(records, partition, ids.slice(start, start + recordsPerBatch));
    done = { rewritten: done.rewritten + part.rewritten, waiting: done.waiting + part.waiting };
  }
  return done;
}

/** Each attempt loses against one writer who came first at most. */
const maxAttempts = 20;

async function reindexBatch(
  records: RecordStore,
  partition: string,
  ids: readonly string[],
): Promise<Rewritten> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const stored = [...(await records.load(partition, ids)).values()];
    const operations = stored.flatMap(reindexed);
    const outcome = await commitApart(records, partition, operations);
    const waiting = stored.filter(({ document }) => document.kind === 'staged').length;
    if (outcome === 'committed') return { rewritten: operations.length, waiting };
  }
  throw new ExchangeError('HDE_CONCURRENT_UPDATE');
}

/** All at once; records that are too large for one batch one by one. */
async function commitApart(
  records: RecordStore,
  partition: string,
  operations: readonly CommitOperation[],
): Promise<'committed' | 'conflict'> {
  try {
    return await records.commit(partition, operations);
  } catch (error) {
    const isTooLarge = error instanceof ExchangeError && error.code === 'HDE_MESSAGE_TOO_LARGE';
    if (!isTooLarge || operations.length < 2) throw error;
  }
  for (const operation of operations) {
    if ((await records.commit(partition, [operation])) === 'conflict') return 'conflict';
  }
  return 'committed';
}

/** The same record with the index of today; nothing where it has that one. */
function reindexed({ document, etag }: Stored<RecordDocument>): CommitOperation[] {
  if (document.kind !== 'resource') return [];
  const index = indexResource(document.resource);
  return sameJson(index, document.index) ? [] : [{ kind: 'replace', document: { ...document, index }, etag }];
}
