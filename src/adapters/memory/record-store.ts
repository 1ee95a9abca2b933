import { Buffer } from 'node:buffer';
import { compareText } from '../../core/compare-text.js';
import { ExchangeError } from '../../core/errors.js';
import { matches } from '../../core/fhir/search/match.js';
import { countWithin } from '../../core/fhir/weight.js';
import { governingPart, isLabelled } from '../../core/records/governing.js';
import {
  currentId,
  partitionOf,
  placeKey,
  readPlaceKey,
  receiptId,
  replacedId,
} from '../../core/records/ids.js';
import { isFlipped, proofOf, visibleOf } from '../../core/records/stage-records.js';
import { replacedVersion } from '../../core/records/versions.js';
import type {
  CommitOperation,
  CurrentDocument,
  HistoryDocument,
  LatestDocument,
  RecordDocument,
  StagedDocument,
  Stored,
} from '../../core/records/types.js';
import type {
  HistoryPageRequest,
  HistoryPosition,
  PageRequest,
  ReceiptPage,
  RecordSearch,
  RecordStore,
  SearchPage,
  Sources,
} from '../../ports/record-store.js';

/** What one transactional batch of Cosmos DB can hold. */
const maxOperations = 100;
const maxBytes = 2 * 1024 * 1024;

type Partition = ReadonlyMap<string, Stored<RecordDocument>>;

const none: Partition = new Map();

/**
 * The record store in memory, for tests: it keeps every rule of the port. Documents go in as copies, as they would over a
 * wire, and come out frozen, so that nobody alters what is stored. A search by identifier looks at every document.
 */
export function createMemoryRecordStore(): RecordStore {
  const partitions = new Map<string, Partition>();
  let commits = 0;

  const find = (partition: string, id: string): RecordDocument | undefined =>
    partitions.get(partition)?.get(id)?.document;

  const latest = (document: RecordDocument | undefined): LatestDocument | undefined => {
    if (document?.kind === 'resource' || document?.kind === 'deleted') return document;
    if (document?.kind !== 'staged') return undefined;
    const { partition, id } = proofOf(document);
    return visibleOf(document, isFlipped(document, find(partition, id)));
  };

  const visible = (document: RecordDocument | undefined) => currentOf(latest(document));

  const currentDocuments = (among: Iterable<Partition>) => currentOfAll(among, visible);

  return {
    load: (partition, ids) => {
      const found = ids.flatMap((id) => partitions.get(partition)?.get(id) ?? []);
      return Promise.resolve(new Map(found.map((stored) => [stored.document.id, stored])));
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
      return Promise.resolve(new Map(documents.map((document) => [document.id, document])));
    },

    listStaged: (partition, messageId, limit) =>
      Promise.resolve(stagedBy(messageId, partitions.get(partition)?.values() ?? []).slice(0, limit)),

    ...pointReads(find, latest),

    findRecords: (search, page) => {
      const own = search.partition === undefined ? undefined : [partitions.get(search.partition) ?? none];
      const documents = currentDocuments(own ?? partitions.values());
      return Promise.resolve(pageOf(documents.filter(isFoundBy(search)), page));
    },

    findByIdentifier: (type, token, page) => {
      const carries = ({ resourceType, index }: CurrentDocument) =>
        resourceType === type && index.identifier.includes(token);
      return Promise.resolve(pageOf(currentDocuments(partitions.values()).filter(carries), page));
    },

    listPartition: (partition, type, page) => {
      const documents = currentDocuments([partitions.get(partition) ?? none]);
      const wanted = documents.filter(({ resourceType }) => type === undefined || resourceType === type);
      return Promise.resolve(pageOf(wanted, page));
    },

    ...governingReads((partition) => partitions.get(partition) ?? none, currentDocuments),
    listHistory: (type, page) => Promise.resolve(historyPage(type, page, [...partitions.values()])),
    listReceipts: (partition, page) =>
      Promise.resolve(receiptsPage(partitions.get(partition)?.values() ?? [], page)),

    findEffects: (messageIds) => Promise.resolve(effective(messageIds, partitions)),
    // There is one copy, and whoever reads it sees it as it is.
    catchUp: () => Promise.resolve(),
  };
}

const governingReads = (
  partitionOfKey: (key: string) => Partition,
  current: (among: readonly Partition[]) => readonly CurrentDocument[],
): Pick<RecordStore, 'listGoverning' | 'whereStated'> => ({
  listGoverning: (keys, limit) =>
    Promise.resolve(new Map(keys.map((key) => [key, governing(current([partitionOfKey(key)]), limit)]))),
  whereStated: (keys, sources) =>
    Promise.resolve(new Set(keys.filter((key) => isStatedBy([...partitionOfKey(key).values()], sources)))),
});

function governing(documents: readonly CurrentDocument[], limit: number): CurrentDocument[] {
  const patients: CurrentDocument[] = [];
  const consents: CurrentDocument[] = [];
  const labelled: CurrentDocument[] = [];
  for (const document of documents) {
    const { resourceType } = document;
    if (resourceType === 'Patient') patients.push(document);
    else if (resourceType === 'Consent') consents.push(document);
    if (isLabelled(document)) labelled.push(document);
  }
  const found = new Set([patients, consents, labelled].flatMap((wanted) => wanted.slice(0, limit)));
  return [...found].map(governingPart);
}

const isStatedBy = (
  stored: readonly Stored<RecordDocument>[],
  { feeds, organisation, since }: Sources,
): boolean =>
  stored.some(({ document }) => {
    if (!('source' in document) || document.lastUpdated < since) return false;
    const { source } = document;
    return feeds.includes(source.feed) || (source.organisation === organisation && isStatedPatient(document));
  });

const isStatedPatient = (document: RecordDocument): boolean =>
  (document.kind === 'resource' || document.kind === 'version') && document.resourceType === 'Patient';

function currentOfAll(
  among: Iterable<Partition>,
  visible: (document: RecordDocument) => CurrentDocument | undefined,
): CurrentDocument[] {
  const current: CurrentDocument[] = [];
  for (const partition of among)
    for (const { document } of partition.values()) {
      const seen = visible(document);
      if (seen !== undefined) current.push(seen);
    }
  return current;
}

const isFoundBy =
  ({ resourceType, criterion }: RecordSearch) =>
  (document: CurrentDocument): boolean =>
    document.resourceType === resourceType && matches(document, criterion);

const currentOf = (latest: LatestDocument | undefined): CurrentDocument | undefined =>
  latest?.kind === 'resource' ? latest : undefined;

/** Reads of one record by its type and id. */
function pointReads(
  find: (partition: string, id: string) => RecordDocument | undefined,
  latest: (document: RecordDocument | undefined) => LatestDocument | undefined,
): Pick<RecordStore, 'readCurrent' | 'readLatest' | 'readVersion' | 'listVersions'> {
  return {
    readCurrent: (resourceType, fhirId, partition = partitionOf(fhirId)) => {
      const document = latest(find(partition, currentId(resourceType, fhirId)));
      return Promise.resolve(document?.kind === 'resource' ? document : undefined);
    },

    readLatest: (resourceType, fhirId, partition = partitionOf(fhirId)) => {
      const document = latest(find(partition, currentId(resourceType, fhirId)));
      return Promise.resolve(document);
    },

    readVersion: (resourceType, fhirId, versionId, partition = partitionOf(fhirId)) => {
      const stored = find(partition, currentId(resourceType, fhirId));
      const replaced = find(partition, replacedId(resourceType, fhirId, versionId));
      return Promise.resolve(versionOf(versionId, latest(stored), stored, replaced));
    },

    listVersions: (resourceType, fhirId, { limit, before = Infinity }, partition = partitionOf(fhirId)) => {
      const stored = find(partition, currentId(resourceType, fhirId));
      const standing = latest(stored);
      const versions: HistoryDocument[] = [];
      for (
        let versionId = Math.min(standing?.versionId ?? 0, before - 1);
        versionId > 0 && versions.length < limit;
        versionId--
      ) {
        const replaced = find(partition, replacedId(resourceType, fhirId, versionId));
        const version = versionOf(versionId, standing, stored, replaced);
        if (version !== undefined) versions.push(version);
      }
      return Promise.resolve(versions);
    },
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
  return texts.map((text) => frozen(JSON.parse(text) as RecordDocument));
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
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
    document.kind === 'staged' && document.messageId === messageId ? [{ document, etag }] : [],
  );
}

/** A version that is visible, that a visible message has replaced and not put apart yet, or that was put apart. */
function versionOf(
  versionId: number,
  visible: LatestDocument | undefined,
  stored: RecordDocument | undefined,
  replaced: RecordDocument | undefined,
): HistoryDocument | undefined {
  if (visible?.versionId === versionId) return visible;
  if (visible !== undefined && stored?.kind === 'staged' && stored.current?.versionId === versionId)
    return replacedVersion(stored.current);
  return replaced?.kind === 'version' || replaced?.kind === 'deleted' ? replaced : undefined;
}

function effective(
  messageIds: readonly string[],
  partitions: ReadonlyMap<string, Partition>,
): Map<string, string[]> {
  const keys = [...partitions.keys()].sort();
  const effects = messageIds.map(
    (id) => [id, keys.filter((key) => partitions.get(key)?.has(receiptId(id)))] as const,
  );
  return new Map(effects.filter(([, proven]) => proven.length > 0));
}

function historyPage(
  type: string,
  { limit, since = '', after }: HistoryPageRequest,
  partitions: readonly Partition[],
): HistoryDocument[] {
  const entries = partitions.flatMap((partition) =>
    [...partition.values()].flatMap(({ document }) => historyOf(document)),
  );
  const later = (a: HistoryPosition, b: HistoryPosition) =>
    compareText(b.lastUpdated, a.lastUpdated) || compareText(b.id, a.id);
  const page = entries
    .filter(({ resourceType, lastUpdated }) => resourceType === type && lastUpdated >= since)
    .filter((entry) => after === undefined || later(entry, after) > 0)
    .sort(later)
    .slice(0, limit);
  return page;
}

function historyOf(document: RecordDocument): HistoryDocument[] {
  switch (document.kind) {
    case 'resource':
    case 'version':
    case 'deleted':
      return [document];
    case 'staged':
      return document.current === undefined ? [] : [document.current];
    default:
      return [];
  }
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
  return { receipts: page, ...(isLast ? {} : { continuation: last.id }) };
}

function pageOf(
  documents: readonly CurrentDocument[],
  { limit, continuation, room }: PageRequest,
): SearchPage {
  if (limit < 1) throw new RangeError('a page has at least one document');
  const from = continuation === undefined ? undefined : readPlaceKey(continuation);
  const rest = documents.filter((document) => isBeyond(document, from)).sort(byPlace);
  const most = rest.slice(0, limit);
  const page = room === undefined ? most : most.slice(0, countWithin(most, room));
  const last = page.at(-1);
  return {
    documents: page,
    ...(last !== undefined && rest.length > page.length ? { continuation: placeKey(last) } : {}),
  };
}

const byPlace = (left: CurrentDocument, right: CurrentDocument): number =>
  left.fhirId === right.fhirId
    ? compareText(left.resourceType, right.resourceType)
    : compareText(left.fhirId, right.fhirId);

/** @param from a place that names no type is behind all records of its id */
const isBeyond = (
  { fhirId, resourceType }: CurrentDocument,
  from: ReturnType<typeof readPlaceKey> | undefined,
): boolean =>
  from === undefined ||
  fhirId > from.fhirId ||
  (fhirId === from.fhirId && from.resourceType !== undefined && resourceType > from.resourceType);
