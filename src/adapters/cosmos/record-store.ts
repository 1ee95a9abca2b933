/** Records on Azure Cosmos DB: what is written, and where the rest is read (record-reads, record-history, record-pages). */
import type { Container, OperationInput, SqlParameter } from '@azure/cosmos';
import { ExchangeError } from '../../core/errors.js';
import { matches } from '../../core/fhir/search/match.js';
import { receiptId } from '../../core/records/ids.js';
import type {
  CommitOperation,
  CurrentDocument,
  RecordDocument,
  StagedDocument,
  Stored,
} from '../../core/records/types.js';
import type { RecordStore } from '../../ports/record-store.js';
import { callCosmos } from './errors.js';
import { fetchAll } from './query.js';
import { readVersion, listVersions, listHistory } from './record-history.js';
import { listGoverning, whereStated } from './record-governing.js';
import { queryPage, listReceipts } from './record-pages.js';
import {
  readByIds,
  readRow,
  readRows,
  isRow,
  placeOf,
  withoutSystemProperties,
  type WithEtag,
} from './record-reads.js';
import { conditionOf } from './record-search.js';
import { currentOf } from './staged-reads.js';
import { callBatch } from './throttling.js';

/** Limit of a transactional batch (Azure Cosmos DB service limits). */
const maxBatchOperations = 100;
/** A batch fails with one of these when another writer came first; 424 marks the operations that only went down with it. */
const conflictStatus = new Set([404, 409, 412]);

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
    listGoverning: (partitions, limit) => listGoverning(container, partitions, limit),
    whereStated: (partitions, sources) => whereStated(container, partitions, sources),
    listReceipts: (partition, page) => listReceipts(container, partition, page),
    findEffects: (messageIds) => findEffects(container, messageIds),
    catchUp: (partition) => catchUp(container, partition),
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
  const scope = { partition, maxItemCount: limit };
  const found = await fetchAll<WithEtag<StagedDocument>>(container, { query, parameters }, scope);
  return found.map(asStored);
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

interface Proof {
  readonly id: string;
  readonly partition: string;
}

async function findEffects(
  container: Container,
  messageIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const effects = new Map<string, string[]>();
  if (messageIds.length === 0) return effects;
  const byId = new Map(messageIds.map((messageId) => [receiptId(messageId), messageId]));
  const parameters = [...byId.keys()].map((value, i): SqlParameter => ({ name: `@id${i}`, value }));
  const names = parameters.map(({ name }) => name).join(', ');
  const query = `SELECT c.id, c.partition FROM c WHERE c.id IN (${names})`;
  const options = { maxItemCount: messageIds.length };
  const found = await fetchAll<Proof>(container, { query, parameters }, options);
  for (const { id, partition } of found) {
    const messageId = byId.get(id) ?? '';
    effects.set(messageId, [...(effects.get(messageId) ?? []), partition].sort());
  }
  return effects;
}

/**
 * A write tells how far its range has come, and reads of this client ask for no less from then on. Reads alone do not: under
 * session consistency any replica may answer them that has what the client knows of already.
 */
async function catchUp(container: Container, partition: string): Promise<void> {
  await callCosmos(() => container.items.upsert({ id: 'fence', kind: 'fence', partition }));
}
