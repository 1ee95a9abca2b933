import type { Container, OperationInput, SqlParameter } from '@azure/cosmos';
import { ExchangeError } from '../../core/errors.js';
import { currentId, partitionOf, replacedId } from '../../core/records/ids.js';
import type {
  CommitOperation,
  CurrentDocument,
  ReceiptDocument,
  RecordDocument,
  Stored,
  VersionDocument,
} from '../../core/records/types.js';
import type { PageRequest, ReceiptPage, RecordStore, SearchPage } from '../../ports/record-store.js';
import { callCosmos } from './errors.js';

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
    readCurrent: (resourceType, fhirId) =>
      readDocument<CurrentDocument>(container, fhirId, currentId(resourceType, fhirId)),
    readVersion: (resourceType, fhirId, versionId) => readVersion(container, resourceType, fhirId, versionId),
    findByIdentifier: (resourceType, token, page) =>
      queryPage(
        container,
        undefined,
        page,
        'c.resourceType = @type AND ARRAY_CONTAINS(c.index.identifier, @token)',
        [
          { name: '@type', value: resourceType },
          { name: '@token', value: token },
        ],
      ),
    listPartition: (partition, resourceType, page) =>
      resourceType === undefined
        ? queryPage(container, partition, page, 'true', [])
        : queryPage(container, partition, page, 'c.resourceType = @type', [
            { name: '@type', value: resourceType },
          ]),
    listReceipts: (partition, page) => listReceipts(container, partition, page),
  };
}

async function load(
  container: Container,
  partition: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Stored<RecordDocument>>> {
  const found = new Map<string, Stored<RecordDocument>>();
  if (ids.length === 0) return found;
  const documents =
    ids.length <= maxPointReads
      ? await Promise.all(ids.map((id) => readRaw<RecordDocument>(container, partition, id)))
      : await queryByIds(container, partition, ids);
  for (const stored of documents) {
    if (stored === undefined) continue;
    found.set(stored.id, { document: withoutSystemProperties(stored), etag: stored._etag });
  }
  return found;
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
  return operation.kind === 'create'
    ? { operationType: 'Create', resourceBody }
    : { operationType: 'Replace', id: operation.document.id, resourceBody, ifMatch: operation.etag };
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
  const current = await readDocument<CurrentDocument>(container, fhirId, currentId(resourceType, fhirId));
  if (current === undefined || current.versionId < versionId) return undefined;
  return current.versionId === versionId ? current : replaced();
}

/** Keyset paging: stable under concurrent writes and cheap at any depth, unlike offsets. */
async function queryPage(
  container: Container,
  partition: string | undefined,
  { limit, continuation }: PageRequest,
  condition: string,
  parameters: readonly SqlParameter[],
): Promise<SearchPage> {
  const query =
    `SELECT TOP @top * FROM c WHERE c.kind = 'resource' AND ${condition}` +
    `${continuation === undefined ? '' : ' AND c.fhirId > @after'} ORDER BY c.fhirId`;
  const bound = [...parameters, { name: '@top', value: limit + 1 }];
  if (continuation !== undefined) bound.push({ name: '@after', value: continuation });
  const iterator = container.items.query<WithEtag<CurrentDocument>>(
    { query, parameters: bound },
    { maxItemCount: limit + 1, ...(partition === undefined ? {} : { partitionKey: partition }) },
  );
  const { resources } = await callCosmos(() => iterator.fetchAll());
  const documents = resources.slice(0, limit).map((document) => withoutSystemProperties(document));
  const last = documents.at(-1);
  return resources.length > limit && last !== undefined
    ? { documents, continuation: last.fhirId }
    : { documents };
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

/** Removes what Cosmos DB adds to a document (`_rid`, `_ts` ...), so that what is read equals what was written. */
function withoutSystemProperties<T extends object>(stored: T): T {
  return Object.fromEntries(Object.entries(stored).filter(([key]) => !key.startsWith('_'))) as T;
}
