import type { Container, OperationInput, SqlParameter } from '@azure/cosmos';
import { ExchangeError } from '../../core/errors.js';
import { currentId, partitionOf, receiptId, replacedId } from '../../core/records/ids.js';
import { replacedVersion } from '../../core/records/versions.js';
import type {
  CommitOperation,
  CurrentDocument,
  ReceiptDocument,
  RecordDocument,
  StagedDocument,
  Stored,
  VersionDocument,
} from '../../core/records/types.js';
import type { PageRequest, ReceiptPage, RecordStore, SearchPage } from '../../ports/record-store.js';
import { callCosmos } from './errors.js';
import { isSurelyFound, readVisible, type RecordRow, type VisibleRow } from './staged-reads.js';

/** Limit of a transactional batch (Azure Cosmos DB service limits). */
const maxBatchOperations = 100;
/** Up to here point reads side by side are cheaper than one query, which also costs a request for its plan. */
const maxPointReads = 4;
/** A batch fails with one of these when another writer came first; 424 marks the operations that only went down with it. */
const conflictStatus = new Set([404, 409, 412]);

type WithEtag<T> = T & { readonly _etag: string };

/** The record store on Azure Cosmos DB for NoSQL. */
export function createCosmosRecordStore(container: Container): RecordStore {
  return {
    load: (partition, ids) => load(container, partition, ids),
    commit: (partition, operations) => commit(container, partition, operations),
    loadCurrent: (partition, ids) => loadCurrent(container, partition, ids),
    listStaged: (partition, messageId, limit) => listStaged(container, partition, messageId, limit),
    readCurrent: async (resourceType, fhirId) => (await readRow(container, resourceType, fhirId))?.visible,
    readVersion: (resourceType, fhirId, versionId) => readVersion(container, resourceType, fhirId, versionId),
    findByIdentifier: (resourceType, token, page) =>
      queryPage(container, page, {
        condition: 'c.resourceType = @type AND ARRAY_CONTAINS(c.index.identifier, @token)',
        parameters: [
          { name: '@type', value: resourceType },
          { name: '@token', value: token },
        ],
        matches: ({ index }) => index.identifier.includes(token),
      }),
    listPartition: (partition, resourceType, page) =>
      queryPage(container, page, {
        partition,
        ...(resourceType === undefined
          ? { condition: 'true', parameters: [] }
          : { condition: 'c.resourceType = @type', parameters: [{ name: '@type', value: resourceType }] }),
        matches: () => true,
      }),
    listReceipts: (partition, page) => listReceipts(container, partition, page),
    findEffects: (messageIds) => findEffects(container, messageIds),
  };
}

async function load(
  container: Container,
  partition: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Stored<RecordDocument>>> {
  const documents = await readByIds(container, partition, ids);
  return new Map(documents.map((stored) => [stored.id, asStored(stored)]));
}

const asStored = <T extends RecordDocument>(stored: WithEtag<T>): Stored<T> => ({
  document: withoutSystemProperties<T>(stored),
  etag: stored._etag,
});

async function readByIds(
  container: Container,
  partition: string,
  ids: readonly string[],
): Promise<WithEtag<RecordDocument>[]> {
  if (ids.length > maxPointReads) return queryByIds(container, partition, ids);
  const documents = await Promise.all(ids.map((id) => readRaw<RecordDocument>(container, partition, id)));
  return documents.filter((document) => document !== undefined);
}

async function loadCurrent(
  container: Container,
  partition: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, CurrentDocument>> {
  const rows = await readRows(container, async () =>
    (await readByIds(container, partition, ids)).filter(isRow).map((row) => withoutSystemProperties(row)),
  );
  return new Map(rows.flatMap(({ row, visible }) => (visible === undefined ? [] : [[row.id, visible]])));
}

async function listStaged(
  container: Container,
  partition: string,
  messageId: string,
  limit: number,
): Promise<Stored<StagedDocument>[]> {
  const query = "SELECT TOP @top * FROM c WHERE c.kind = 'staged' AND c.messageId = @message";
  const parameters = [
    { name: '@top', value: limit },
    { name: '@message', value: messageId },
  ];
  const iterator = container.items.query<WithEtag<StagedDocument>>(
    { query, parameters },
    { maxItemCount: limit, partitionKey: partition },
  );
  const { resources } = await callCosmos(() => iterator.fetchAll());
  return resources.map(asStored);
}

const isRow = <T extends RecordDocument>(document: T): document is T & RecordRow =>
  document.kind === 'resource' || document.kind === 'staged';

const readRows = (container: Container, read: () => Promise<readonly RecordRow[]>): Promise<VisibleRow[]> =>
  readVisible(read, (partition, messageId) => readRaw(container, partition, receiptId(messageId)));

/** What stands under the id of a record, by a point read. */
async function readRow(
  container: Container,
  resourceType: string,
  fhirId: string,
): Promise<VisibleRow | undefined> {
  const [row] = await readRows(container, async () => {
    const stored = await readDocument<RecordRow>(container, fhirId, currentId(resourceType, fhirId));
    return stored === undefined ? [] : [stored];
  });
  return row;
}

async function queryByIds(
  container: Container,
  partition: string,
  ids: readonly string[],
): Promise<WithEtag<RecordDocument>[]> {
  const parameters = ids.map((value, i): SqlParameter => ({ name: `@id${i}`, value }));
  const query = `SELECT * FROM c WHERE c.id IN (${parameters.map(({ name }) => name).join(', ')})`;
  const iterator = container.items.query<WithEtag<RecordDocument>>(
    { query, parameters },
    { partitionKey: partition, maxItemCount: 1000 },
  );
  const { resources } = await callCosmos(() => iterator.fetchAll());
  return resources;
}

async function commit(
  container: Container,
  partition: string,
  operations: readonly CommitOperation[],
): Promise<'committed' | 'conflict'> {
  if (operations.length > maxBatchOperations) throw new ExchangeError('HDE_MESSAGE_TOO_LARGE');
  if (operations.some(({ document }) => document.partition !== partition)) {
    throw new RangeError('a batch holds documents of one partition only');
  }
  if (operations.length === 0) return 'committed';
  const { code, result } = await requestBatch(container, partition, operations);
  if (code === 200) return 'committed';
  // A batch that fails does not throw: the operation that caused it carries the reason, the others carry 424.
  const statuses = (result ?? []).map(({ statusCode }) => statusCode);
  const cause = statuses.find((status) => status >= 400 && status !== 424) ?? code ?? 500;
  if (conflictStatus.has(cause)) return 'conflict';
  if (cause === 413) throw new ExchangeError('HDE_MESSAGE_TOO_LARGE');
  if (cause === 429) throw new ExchangeError('HDE_THROTTLED', { retryAfterSeconds: 1 });
  throw new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE', { detail: `Cosmos DB batch status ${cause}` });
}

async function requestBatch(container: Container, partition: string, operations: readonly CommitOperation[]) {
  try {
    return await container.items.batch(operations.map(toBatchOperation), partition);
  } catch (error) {
    // The SDK throws batch failures as plain errors that keep only the text of the answer.
    if (error instanceof Error && /size is too large/i.test(error.message)) {
      throw new ExchangeError('HDE_MESSAGE_TOO_LARGE', { cause: error });
    }
    throw new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE', {
      cause: error,
      detail: 'Cosmos DB',
      retryAfterSeconds: 5,
    });
  }
}

function toBatchOperation(operation: CommitOperation): OperationInput {
  // The SDK's JSON types know no readonly arrays; the documents are plain JSON.
  const resourceBody = operation.document as never;
  switch (operation.kind) {
    case 'create':
      return { operationType: 'Create', resourceBody };
    case 'replace':
      return { operationType: 'Replace', id: operation.document.id, resourceBody, ifMatch: operation.etag };
    case 'delete':
      // The service takes the tag of a deletion, too, and the SDK sends what it is given; only its type has no place for it.
      return { operationType: 'Delete', id: operation.document.id, ...{ ifMatch: operation.etag } };
  }
}

async function readRaw<T extends RecordDocument>(
  container: Container,
  partition: string,
  id: string,
): Promise<WithEtag<T> | undefined> {
  const { resource } = await callCosmos(() => container.item(id, partition).read<WithEtag<T>>());
  return resource;
}

async function readDocument<T extends RecordDocument>(
  container: Container,
  fhirId: string,
  id: string,
): Promise<T | undefined> {
  const stored = await readRaw<T>(container, partitionOf(fhirId), id);
  return stored === undefined ? undefined : withoutSystemProperties(stored);
}

async function readVersion(
  container: Container,
  resourceType: string,
  fhirId: string,
  versionId: number,
): Promise<CurrentDocument | VersionDocument | undefined> {
  // The older version first: if it is replaced between the two reads, the second one misses and the first is read again.
  const replaced = () =>
    readDocument<VersionDocument>(container, fhirId, replacedId(resourceType, fhirId, versionId));
  const older = await replaced();
  if (older !== undefined) return older;
  const { row, visible } = (await readRow(container, resourceType, fhirId)) ?? {};
  if (visible === undefined || visible.versionId < versionId) return undefined;
  if (visible.versionId === versionId) return visible;
  // A large message has replaced it, and the version is not apart from the record yet.
  if (row?.kind === 'staged' && row.current?.versionId === versionId) return replacedVersion(row.current);
  return replaced();
}

interface RecordQuery {
  /** Absent for all partitions. */
  readonly partition?: string;
  readonly condition: string;
  readonly parameters: readonly SqlParameter[];
  /** The same condition, for what a staged document holds. */
  readonly matches: (document: CurrentDocument) => boolean;
}

/** Keyset paging: stable under concurrent writes and cheap at any depth, unlike offsets. */
async function queryPage(
  container: Container,
  { limit, continuation }: PageRequest,
  query: RecordQuery,
): Promise<SearchPage> {
  const rows = await readRows(container, () => queryRows(container, limit, continuation, query));
  const found = rows.flatMap(({ visible }) =>
    visible === undefined || !query.matches(visible) ? [] : [visible],
  );
  const documents = found.slice(0, limit);
  const last = documents.at(-1);
  return found.length > limit && last !== undefined
    ? { documents, continuation: last.fhirId }
    : { documents };
}

/** Rows read at once where some that are staged may turn out not to be there. */
const rowsBeyond = 500;

/** Rows from a place on: all, or so many that more than a page of them is visible. */
async function queryRows(
  container: Container,
  limit: number,
  continuation: string | undefined,
  query: RecordQuery,
): Promise<RecordRow[]> {
  const rows: RecordRow[] = [];
  let after = continuation;
  let top = limit + 1;
  for (;;) {
    const more = await queryRecords(container, top, after, query);
    rows.push(...more);
    const surely = rows.filter((row) => isSurelyFound(row, query.matches));
    if (surely.length > limit || more.length < top) return rows;
    after = more.at(-1)?.fhirId;
    top = Math.max(top, rowsBeyond);
  }
}

async function queryRecords(
  container: Container,
  top: number,
  after: string | undefined,
  { partition, condition, parameters }: RecordQuery,
): Promise<RecordRow[]> {
  const query =
    `SELECT TOP @top * FROM c WHERE c.kind IN ('resource', 'staged') AND ${condition}` +
    `${after === undefined ? '' : ' AND c.fhirId > @after'} ORDER BY c.fhirId`;
  const bound = [...parameters, { name: '@top', value: top }];
  if (after !== undefined) bound.push({ name: '@after', value: after });
  const iterator = container.items.query<WithEtag<RecordRow>>(
    { query, parameters: bound },
    { maxItemCount: top, ...(partition === undefined ? {} : { partitionKey: partition }) },
  );
  const { resources } = await callCosmos(() => iterator.fetchAll());
  return resources.map((document) => withoutSystemProperties(document));
}

async function listReceipts(
  container: Container,
  partition: string,
  { limit, continuation = '' }: PageRequest,
): Promise<ReceiptPage> {
  const query = "SELECT TOP @top * FROM c WHERE c.kind = 'receipt' AND c.id > @after ORDER BY c.id";
  const parameters = [
    { name: '@top', value: limit + 1 },
    { name: '@after', value: continuation },
  ];
  const iterator = container.items.query<WithEtag<ReceiptDocument>>(
    { query, parameters },
    { maxItemCount: limit + 1, partitionKey: partition },
  );
  const { resources } = await callCosmos(() => iterator.fetchAll());
  const receipts = resources.slice(0, limit).map((document) => withoutSystemProperties(document));
  const last = receipts.at(-1);
  return resources.length > limit && last !== undefined ? { receipts, continuation: last.id } : { receipts };
}

async function findEffects(
  container: Container,
  messageIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (messageIds.length === 0) return new Set();
  const byId = new Map(messageIds.map((messageId) => [receiptId(messageId), messageId]));
  const parameters = [...byId.keys()].map((value, i): SqlParameter => ({ name: `@id${i}`, value }));
  const query = `SELECT VALUE c.id FROM c WHERE c.id IN (${parameters.map(({ name }) => name).join(', ')})`;
  const { resources } = await callCosmos(() =>
    container.items.query<string>({ query, parameters }).fetchAll(),
  );
  return new Set(resources.flatMap((id) => byId.get(id) ?? []));
}

/** Removes what Cosmos DB adds to a document (`_rid`, `_ts` ...), so that what is read equals what was written. */
function withoutSystemProperties<T extends object>(stored: T): T {
  return Object.fromEntries(Object.entries(stored).filter(([key]) => !key.startsWith('_'))) as T;
}
