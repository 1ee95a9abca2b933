import type { Criterion } from '../core/fhir/search/criteria.js';
import type {
  CommitOperation,
  CurrentDocument,
  HistoryDocument,
  LatestDocument,
  ReceiptDocument,
  RecordDocument,
  StagedDocument,
  Stored,
} from '../core/records/types.js';

/**
 * One page of results in ascending order of `fhirId` (by code unit). Paging is by key: what is inserted or changed
 * meanwhile neither repeats nor hides what was there.
 */
export interface SearchPage {
  readonly documents: readonly CurrentDocument[];
  /** Present exactly when there is more: the place (`placeKey`) of the last document, to be passed back for the next page. */
  readonly continuation?: string;
  /** Whether it was read by several requests: it may show half of what was committed between two of them. */
  readonly isInParts?: true;
}

/** One page of receipts in ascending order of `id`; paged by key as `SearchPage` is, with ids in its place. */
export interface ReceiptPage {
  readonly receipts: readonly ReceiptDocument[];
  readonly continuation?: string;
}

export interface PageRequest {
  /** At least 1. */
  readonly limit: number;
  /**
   * In characters (`weightOf`): a page holds fewer records where they are large, but at least one, and as a rule is read no
   * further than that. Absent: as many records as there are up to the limit, whatever they weigh. Receipts are small.
   */
  readonly room?: number;
  /**
   * Only documents beyond this place: a `placeKey`, or a `fhirId` alone for what is behind all records of that id
   * (receipts: an `id`). It need not name one that exists.
   */
  readonly continuation?: string;
}

/** What records to find. */
export interface RecordSearch {
  readonly resourceType: string;
  readonly criterion: Criterion;
  /** Only in this partition; absent for all of them, which only a selective criterion may ask. */
  readonly partition?: string;
}

/** Those for whom an organisation answers. */
export interface Sources {
  readonly feeds: readonly string[];
  /** ODS code. */
  readonly organisation: string;
  /** ISO instant: what was stated before it does not count. */
  readonly since: string;
}

/** A part of the history of a resource. */
export interface VersionPageRequest {
  /** 1 to 100. */
  readonly limit: number;
  /** Only versions before this one. */
  readonly before?: number;
}

/** A place in the history of a type: an entry of it. */
export interface HistoryPosition {
  readonly lastUpdated: string;
  /** Of the document. */
  readonly id: string;
}

/** A part of the history of a type. */
export interface HistoryPageRequest {
  /** At least 1. */
  readonly limit: number;
  /** Only what was stored at this ISO instant or later. */
  readonly since?: string;
  /** Only what comes after this entry. */
  readonly after?: HistoryPosition;
}

/**
 * Current records, their history, receipts and outbox, partitioned by patient key.
 *
 * Records that a large message has staged (docs/adr/0009) are read as they were until its receipt exists, and from then
 * on as it states them; each answer holds for all its records alike. Only `load` and `listStaged` give staged documents.
 */
export interface RecordStore {
  /**
   * The documents of these ids that exist in the partition, as they are stored, in one request: for writers. Who only
   * reads uses `loadCurrent`.
   */
  load(partition: string, ids: readonly string[]): Promise<ReadonlyMap<string, Stored<RecordDocument>>>;
  /**
   * Applies all operations or none. `conflict` means that a created id exists, a replaced or deleted one does not, or a
   * tag is stale: load again and decide anew. An empty list changes nothing. More than 100 operations or 2 MB throw an
   * `ExchangeError` HDE_MESSAGE_TOO_LARGE; a document of another partition is a bug and throws.
   */
  commit(partition: string, operations: readonly CommitOperation[]): Promise<'committed' | 'conflict'>;
  /** The current versions of the resources with these document ids, by document id. */
  loadCurrent(partition: string, ids: readonly string[]): Promise<ReadonlyMap<string, CurrentDocument>>;
  /** Up to `limit` of the documents that a message has staged in a partition. */
  listStaged(partition: string, messageId: string, limit: number): Promise<readonly Stored<StagedDocument>[]>;
  /**
   * The current version of a resource by type and id (a point read).
   *
   * @param partition where it lives, if the id does not say so
   */
  readCurrent(resourceType: string, fhirId: string, partition?: string): Promise<CurrentDocument | undefined>;
  /** The current version of a resource, or its deletion (a point read). */
  readLatest(resourceType: string, fhirId: string, partition?: string): Promise<LatestDocument | undefined>;
  /** One version, current or replaced, or a deletion that counts as one. */
  readVersion(
    resourceType: string,
    fhirId: string,
    versionId: number,
    partition?: string,
  ): Promise<HistoryDocument | undefined>;
  /** The versions of a resource and its deletions, the latest first. */
  listVersions(
    resourceType: string,
    fhirId: string,
    page: VersionPageRequest,
    partition?: string,
  ): Promise<readonly HistoryDocument[]>;
  /**
   * The versions and deletions of all resources of a type, the latest first. What becomes visible while somebody pages is
   * not on the pages that follow.
   */
  listHistory(resourceType: string, page: HistoryPageRequest): Promise<readonly HistoryDocument[]>;
  /** Current resources of a type that meet a criterion: in one indexed query. */
  findRecords(search: RecordSearch, page: PageRequest): Promise<SearchPage>;
  /** Current resources of a type that carry the token `system|value` or `|value`. */
  findByIdentifier(resourceType: string, token: string, page: PageRequest): Promise<SearchPage>;
  /**
   * Current resources of one partition, of one type or of all. Clients may give records of several types one id: those
   * are in the order of their types, and the place of a page names the type, too (`placeKey`).
   */
  listPartition(partition: string, resourceType: string | undefined, page: PageRequest): Promise<SearchPage>;
  /**
   * What of each of these partitions decides who may see the rest: its Patient, its Consents, and the records that have
   * security labels, of these last the part that is asked for (`governingPart`); of Consents and labelled records at least
   * `limit` each, if there are so many. In one request, unless they are many.
   */
  listGoverning(
    partitions: readonly string[],
    limit: number,
  ): Promise<ReadonlyMap<string, readonly CurrentDocument[]>>;
  /**
   * Those of the partitions in which a message of one of these feeds has stated anything, or a client of the organisation the
   * Patient. What else clients state they may by an agreement alone, which makes nobody a part of a patient's care.
   */
  whereStated(partitions: readonly string[], sources: Sources): Promise<ReadonlySet<string>>;
  /** Which messages took effect in a partition. */
  listReceipts(partition: string, page: PageRequest): Promise<ReceiptPage>;
  /**
   * The partitions that hold the proof of each of up to 200 messages; those that took no effect are absent. Asks all
   * partitions: for accounts and replays, never for each message.
   */
  findEffects(messageIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /**
   * From now on this process reads of a partition all that anybody had committed there when this was called. Of partitions
   * in which it has not written itself it may else miss what another process wrote a moment before (docs/adr/0020).
   */
  catchUp(partition: string): Promise<void>;
}
