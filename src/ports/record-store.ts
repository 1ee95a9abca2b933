import type {
  CommitOperation,
  CurrentDocument,
  ReceiptDocument,
  RecordDocument,
  StagedDocument,
  Stored,
  VersionDocument,
} from '../core/records/types.js';

/**
 * One page of results in ascending order of `fhirId` (by code unit). Paging is by key: what is inserted or changed
 * meanwhile neither repeats nor hides what was there.
 */
export interface SearchPage {
  readonly documents: readonly CurrentDocument[];
  /** Present exactly when there is more: the `fhirId` of the last document, to be passed back for the next page. */
  readonly continuation?: string;
}

/** One page of receipts in ascending order of `id`; paged by key as `SearchPage` is, with ids in its place. */
export interface ReceiptPage {
  readonly receipts: readonly ReceiptDocument[];
  readonly continuation?: string;
}

export interface PageRequest {
  /** At least 1. */
  readonly limit: number;
  /** Only documents whose `fhirId` (receipts: `id`) is greater than this; it need not name one that exists. */
  readonly continuation?: string;
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
  /** The current version of a resource by type and id (a point read). */
  readCurrent(resourceType: string, fhirId: string): Promise<CurrentDocument | undefined>;
  /** One version, current or replaced. */
  readVersion(
    resourceType: string,
    fhirId: string,
    versionId: number,
  ): Promise<CurrentDocument | VersionDocument | undefined>;
  /** Current resources of a type that carry the token `system|value` or `|value`. */
  findByIdentifier(resourceType: string, token: string, page: PageRequest): Promise<SearchPage>;
  /**
   * Current resources of one partition, of one type or of all. A `fhirId` is unique in its partition: the hash in it
   * covers the type.
   */
  listPartition(partition: string, resourceType: string | undefined, page: PageRequest): Promise<SearchPage>;
  /** Which messages took effect in a partition. */
  listReceipts(partition: string, page: PageRequest): Promise<ReceiptPage>;
  /** Which of up to 200 messages took effect in any partition. Asks all of them: for accounts, never for each message. */
  findEffects(messageIds: readonly string[]): Promise<ReadonlySet<string>>;
}
