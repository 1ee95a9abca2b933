import { Buffer } from 'node:buffer';
import { ExchangeError } from '../../core/errors.js';
import { currentId, partitionOf, receiptId, replacedId } from '../../core/records/ids.js';
import { isFlipped, visibleOf } from '../../core/records/stage-records.js';
import { replacedVersion } from '../../core/records/versions.js';
import type {
  CommitOperation,
  CurrentDocument,
  RecordDocument,
  StagedDocument,
  Stored,
  VersionDocument,
} from '../../core/records/types.js';
import type { PageRequest, ReceiptPage, RecordStore, SearchPage } from '../../ports/record-store.js';

/** What one transactional batch of Cosmos DB can hold. */
const maxOperations = 100;
const maxBytes = 2 * 1024 * 1024;

type Partition = ReadonlyMap<string, Stored<RecordDocument>>;

/**
 * The record store in memory, for tests: it keeps every rule of the port, and documents go in and come out as
 * copies, as they would over a wire. A search by identifier looks at every document.
 */
export function createMemoryRecordStore(): RecordStore {
  const partitions = new Map<string, Partition>();
  let commits = 0;

  const find = (partition: string, id: string): RecordDocument | undefined =>
    partitions.get(partition)?.get(id)?.document;

  const visible = (document: RecordDocument | undefined): CurrentDocument | undefined => {
    if (document?.kind !== 'staged') return document?.kind === 'resource' ? document : undefined;
    const receipt = find(document.partition, receiptId(document.messageId));
    return visibleOf(document, isFlipped(document, receipt));
  };

  const currentDocuments = (among: Iterable<Partition>): CurrentDocument[] =>
    [...among].flatMap((partition) =>
      [...partition.values()].flatMap(({ document }) => visible(document) ?? []),
    );

  return {
    load: (partition, ids) => {
      const found = ids.flatMap((id) => partitions.get(partition)?.get(id) ?? []);
      return Promise.resolve(new Map(found.map((stored) => [stored.document.id, structuredClone(stored)])));
    },

    // eslint-disable-next-line @typescript-eslint/require-await -- a refusal must be a rejection, not a throw
    commit: async (partition, operations) => {
      const documents = asStored(partition, operations);
      const before = partitions.get(partition) ?? new Map<string, Stored<RecordDocument>>();
      const after = apply(operations, documents, before, commits);
      if (after === undefined) return 'conflict';
      commits += 1;
      partitions.set(partition, after);
      return 'committed';
    },

    loadCurrent: (partition, ids) => {
      const documents = ids.flatMap((id) => visible(find(partition, id)) ?? []);
      return Promise.resolve(new Map(documents.map((document) => [document.id, structuredClone(document)])));
    },

    listStaged: (partition, messageId, limit) =>
      Promise.resolve(stagedBy(messageId, partitions.get(partition)?.values() ?? []).slice(0, limit)),

    readCurrent: (resourceType, fhirId) => {
      const document = visible(find(partitionOf(fhirId), currentId(resourceType, fhirId)));
      return Promise.resolve(structuredClone(document));
    },

    readVersion: (resourceType, fhirId, versionId) => {
      const stored = find(partitionOf(fhirId), currentId(resourceType, fhirId));
      const replaced = find(partitionOf(fhirId), replacedId(resourceType, fhirId, versionId));
      return Promise.resolve(structuredClone(versionOf(versionId, visible(stored), stored, replaced)));
    },

    findByIdentifier: (resourceType, token, page) => {
      const carries = (document: CurrentDocument) =>
        document.resourceType === resourceType && document.index.identifier.includes(token);
      return Promise.resolve(pageOf(currentDocuments(partitions.values()).filter(carries), page));
    },

    listPartition: (partition, resourceType, page) => {
      const isWanted = (document: CurrentDocument) =>
        resourceType === undefined || document.resourceType === resourceType;
      const stored = partitions.get(partition);
      const documents = stored === undefined ? [] : currentDocuments([stored]).filter(isWanted);
      return Promise.resolve(pageOf(documents, page));
    },

    listReceipts: (partition, page) =>
      Promise.resolve(receiptsPage(partitions.get(partition)?.values() ?? [], page)),

    findEffects: (messageIds) => Promise.resolve(effective(messageIds, partitions.values())),
  };
}

/** The documents as a store would keep them (JSON), or the refusal of a batch that is too large or misplaced. */
function asStored(partition: string, operations: readonly CommitOperation[]): RecordDocument[] {
  const texts = operations.map(({ document }) => {
    if (document.partition !== partition) throw new Error('a document of another partition is in the batch');
    return JSON.stringify(document);
  });
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (texts.length > maxOperations || bytes > maxBytes) {
    throw new ExchangeError('HDE_MESSAGE_TOO_LARGE', {
      detail: `${texts.length} operations, ${bytes} bytes`,
    });
  }
  return texts.map((text) => JSON.parse(text) as RecordDocument);
}

/** The partition after a batch; undefined when an operation does not apply. */
function apply(
  operations: readonly CommitOperation[],
  documents: readonly RecordDocument[],
  before: Partition,
  commits: number,
): Partition | undefined {
  const after = new Map(before);
  for (const [position, operation] of operations.entries()) {
    const document = documents[position];
    if (document === undefined || !mayApply(operation, after.get(document.id))) return undefined;
    if (operation.kind === 'delete') after.delete(document.id);
    else after.set(document.id, { document, etag: `"${commits}-${position}"` });
  }
  return after;
}

function mayApply(operation: CommitOperation, stored: Stored<RecordDocument> | undefined): boolean {
  return operation.kind === 'create' ? stored === undefined : stored?.etag === operation.etag;
}

function stagedBy(messageId: string, stored: Iterable<Stored<RecordDocument>>): Stored<StagedDocument>[] {
  return [...stored].flatMap(({ document, etag }) =>
    document.kind === 'staged' && document.messageId === messageId
      ? [structuredClone({ document, etag })]
      : [],
  );
}

/** A version that is visible, that a visible message has replaced and not put apart yet, or that was put apart. */
function versionOf(
  versionId: number,
  visible: CurrentDocument | undefined,
  stored: RecordDocument | undefined,
  replaced: RecordDocument | undefined,
): CurrentDocument | VersionDocument | undefined {
  if (visible?.versionId === versionId) return visible;
  if (visible !== undefined && stored?.kind === 'staged' && stored.current?.versionId === versionId)
    return replacedVersion(stored.current);
  return replaced?.kind === 'version' ? replaced : undefined;
}

function effective(messageIds: readonly string[], among: Iterable<Partition>): Set<string> {
  const partitions = [...among];
  return new Set(messageIds.filter((id) => partitions.some((partition) => partition.has(receiptId(id)))));
}

function receiptsPage(
  stored: Iterable<Stored<RecordDocument>>,
  { limit, continuation = '' }: PageRequest,
): ReceiptPage {
  if (limit < 1) throw new RangeError('a page has at least one document');
  const receipts = [...stored]
    .map(({ document }) => document)
    .filter((document) => document.kind === 'receipt')
    .filter(({ id }) => id > continuation)
    .sort((left, right) => (left.id < right.id ? -1 : 1));
  const page = receipts.slice(0, limit);
  const last = page.at(-1);
  const isLast = last === undefined || receipts.length <= limit;
  return { receipts: structuredClone(page), ...(isLast ? {} : { continuation: last.id }) };
}

function pageOf(documents: readonly CurrentDocument[], { limit, continuation }: PageRequest): SearchPage {
  if (limit < 1) throw new RangeError('a page has at least one document');
  const rest = documents
    .filter(({ fhirId }) => continuation === undefined || fhirId > continuation)
    .sort((left, right) => (left.fhirId < right.fhirId ? -1 : 1));
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return {
    documents: structuredClone(page),
    ...(last !== undefined && rest.length > page.length ? { continuation: last.fhirId } : {}),
  };
}
