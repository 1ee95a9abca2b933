import type {
  CommitOperation,
  CurrentDocument,
  ReceiptDocument,
  RecordDocument,
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

/** Current records, their history, receipts and outbox, partitioned by patient key. */
export interface RecordStore {
  /** The documents of these ids that exist in the partition, in one request. */
  load(partition: string, ids: readonly string[]): Promise<ReadonlyMap<string, Stored<RecordDocument>>>;
  /**
   * Applies all operations or none. `conflict` means that a created id exists, a replaced one does not, or a tag is
   * stale: load again and decide anew. An empty list changes nothing. More than 100 operations or 2 MB throw an
   * `ExchangeError` HDE_MESSAGE_TOO_LARGE; a document of another partition is a bug and throws.
   */
  commit(partition: string, operations: readonly CommitOperation[]): Promise<'committed' | 'conflict'>;
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
  /** Which messages took effect in a partition, with those of parts of large messages. */
  listReceipts(partition: string, page: PageRequest): Promise<ReceiptPage>;
}
