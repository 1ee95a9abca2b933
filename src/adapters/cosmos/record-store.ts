import type { Container, OperationInput, SqlParameter } from '@azure/cosmos';
import { ExchangeError } from '../../core/errors.js';
import { matches } from '../../core/fhir/search/match.js';
import {
  currentId,
  partitionOf,
  placeKey,
  readPlaceKey,
  receiptId,
  replacedId,
} from '../../core/records/ids.js';
import { replacedVersion } from '../../core/records/versions.js';
import type {
  CommitOperation,
  CurrentDocument,
  DeletedDocument,
  HistoryDocument,
  ReceiptDocument,
  RecordDocument,
  StagedDocument,
  Stored,
  VersionDocument,
} from '../../core/records/types.js';
import type {
  HistoryPageRequest,
  PageRequest,
  ReceiptPage,
  RecordStore,
  SearchPage,
  VersionPageRequest,
} from '../../ports/record-store.js';
import { callCosmos } from './errors.js';
import { conditionOf } from './record-search.js';
import {
  currentOf,
  historyOf,
  isSurelyFound,
  readVisible,
  type RecordRow,
  type VisibleRow,
} from './staged-reads.js';
import { callBatch } from './throttling.js';

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
    readCurrent: async (resourceType, fhirId, partition) => {
      const row = await readRow(container, placeOf(resourceType, fhirId, partition));
      return row === undefined ? undefined : currentOf(row);
    },
    readLatest: async (resourceType, fhirId, partition) =>
      (await readRow(container, placeOf(resourceType, fhirId, partition)))?.visible,
    readVersion: (resourceType, fhirId, versionId, partition) =>
      readVersion(container, placeOf(resourceType, fhirId, partition), versionId),
    listVersions: (resourceType, fhirId, page, partition) =>
      listVersions(container, placeOf(resourceType, fhirId, partition), page),
    listHistory: (resourceType, page) => listHistory(container, resourceType, page),
    findRecords: ({ resourceType, criterion, partition }, page) =>
      queryPage(container, page, {
        ...(partition === undefined ? {} : { partition }),
        ...conditionOf(resourceType, criterion),
        matches: (document) => document.resourceType === resourceType && matches(document, criterion),
      }),
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
          ? { condition: 'true', parameters: [], ofAllTypes: true }
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
  const current = rows.map(currentOf).filter((document) => document !== undefined);
  return new Map(current.map((document) => [document.id, document]));
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
  document.kind === 'resource' || document.kind === 'staged' || document.kind === 'deleted';

const readRows = (container: Container, read: () => Promise<readonly RecordRow[]>): Promise<VisibleRow[]> =>
  readVisible(read, (partition, messageId) => readRaw(container, partition, receiptId(messageId)));

/** Where a record lives. */
interface Place {
  readonly resourceType: string;
  readonly fhirId: string;
  readonly partition: string;
}

const placeOf = (resourceType: string, fhirId: string, partition = partitionOf(fhirId)): Place => ({
  resourceType,
  fhirId,
  partition,
});

/** What stands under the id of a record, by a point read. */
async function readRow(container: Container, place: Place): Promise<VisibleRow | undefined> {
  const [row] = await readRows(container, async () => {
    const id = currentId(place.resourceType, place.fhirId);
    const stored = await readDocument<RecordRow>(container, place.partition, id);
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
  throw new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE', { detail: `Cosmos DB batch status ${cause}` });
}

const requestBatch = (container: Container, partition: string, operations: readonly CommitOperation[]) =>
  callBatch((options) => container.items.batch(operations.map(toBatchOperation), partition, options));

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
  partition: string,
  id: string,
): Promise<T | undefined> {
  const stored = await readRaw<T>(container, partition, id);
  return stored === undefined ? undefined : withoutSystemProperties(stored);
}

async function readVersion(
  container: Container,
  place: Place,
  versionId: number,
): Promise<HistoryDocument | undefined> {
  // The older version first: if it is replaced between the two reads, the second one misses and the first is read again.
  const { resourceType, fhirId, partition } = place;
  const replaced = () =>
    readDocument<VersionDocument | DeletedDocument>(
      container,
      partition,
      replacedId(resourceType, fhirId, versionId),
    );
  const older = await replaced();
  if (older !== undefined) return older;
  const { row, visible } = (await readRow(container, place)) ?? {};
  if (visible === undefined || visible.versionId < versionId) return undefined;
  if (visible.versionId === versionId) return visible;
  // A large message has replaced it, and the version is not apart from the record yet.
  if (row?.kind === 'staged' && row.current?.versionId === versionId) return replacedVersion(row.current);
  return replaced();
}

/** Versions are counted without gaps, so that their ids are known. */
async function listVersions(
  container: Container,
  place: Place,
  { limit, before = Infinity }: VersionPageRequest,
): Promise<HistoryDocument[]> {
  const { resourceType, fhirId, partition } = place;
  const { row, visible } = (await readRow(container, place)) ?? {};
  if (visible === undefined) return [];
  const last = Math.min(visible.versionId, before - 1);
  const wanted = Array.from({ length: Math.max(0, Math.min(limit, last)) }, (_, index) => last - index);
  const ids = wanted.map((versionId) => replacedId(resourceType, fhirId, versionId));
  const apart = await readByIds(container, partition, ids);
  // A large message has replaced it, and the version is not apart from the record yet.
  const replaced = row?.kind === 'staged' && row.current !== undefined ? [replacedVersion(row.current)] : [];
  const versions = new Map<number, HistoryDocument>();
  for (const document of [...replaced, ...apart.map((stored) => withoutSystemProperties(stored)), visible])
    if ('versionId' in document && document.kind !== 'late') versions.set(document.versionId, document);
  return wanted.flatMap((versionId) => versions.get(versionId) ?? []);
}

/** Over all partitions, by the time of the commit. */
async function listHistory(
  container: Container,
  resourceType: string,
  { limit, since, after }: HistoryPageRequest,
): Promise<HistoryDocument[]> {
  const query =
    'SELECT TOP @top * FROM c WHERE c.resourceType = @type' +
    " AND c.kind IN ('resource', 'version', 'deleted', 'staged')" +
    (since === undefined ? '' : ' AND c.lastUpdated >= @since') +
    (after === undefined ? '' : ' AND (c.lastUpdated < @at OR (c.lastUpdated = @at AND c.id < @id))') +
    ' ORDER BY c.lastUpdated DESC, c.id DESC';
  const bound = {
    '@top': limit,
    '@type': resourceType,
    '@since': since,
    '@at': after?.lastUpdated,
    '@id': after?.id,
  };
  const parameters = Object.entries(bound).flatMap(([name, value]): SqlParameter[] =>
    value === undefined ? [] : [{ name, value }],
  );
  const iterator = container.items.query<WithEtag<RecordRow | VersionDocument>>(
    { query, parameters },
    { maxItemCount: limit },
  );
  const { resources } = await callCosmos(() => iterator.fetchAll());
  return resources.map((document) => withoutSystemProperties(document)).flatMap(historyOf);
}

interface RecordQuery {
  /** Absent for all partitions. */
  readonly partition?: string;
  readonly condition: string;
  readonly parameters: readonly SqlParameter[];
  /** Then an id may occur once for each type. */
  readonly ofAllTypes?: boolean;
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
  const found = rows
    .map(currentOf)
    .filter((document) => document !== undefined)
    .filter((document) => query.matches(document));
  const documents = found.slice(0, limit);
  const last = documents.at(-1);
  return found.length > limit && last !== undefined
    ? { documents, continuation: placeKey(last) }
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
    const last = more.at(-1);
    after = last === undefined ? undefined : placeKey(last);
    top = Math.max(top, rowsBeyond);
  }
}

async function queryRecords(
  container: Container,
  top: number,
  after: string | undefined,
  { partition, condition, parameters, ofAllTypes = false }: RecordQuery,
): Promise<RecordRow[]> {
  const place = after === undefined ? undefined : readPlaceKey(after);
  const isWithin = ofAllTypes && place?.resourceType !== undefined;
  const beyond = isWithin
    ? ' AND (c.fhirId > @after OR (c.fhirId = @after AND c.resourceType > @afterType))'
    : ' AND c.fhirId > @after';
  const query =
    `SELECT TOP @top * FROM c WHERE c.kind IN ('resource', 'staged') AND ${condition}` +
    `${place === undefined ? '' : beyond} ORDER BY c.fhirId${ofAllTypes ? ', c.resourceType' : ''}`;
  const bound = [...parameters, { name: '@top', value: top }];
  if (place !== undefined) bound.push({ name: '@after', value: place.fhirId });
  if (isWithin) bound.push({ name: '@afterType', value: place.resourceType });
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
