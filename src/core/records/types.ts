/**
 * The documents of the `records` container (docs/adr/0003). Everything about one person shares the partition of
 * their patient key, so that one message is one transactional batch.
 */
import type { Coding, Resource } from 'fhir/r4.js';
import type { Issue } from '../errors.js';
import type { OrderEvent, PackReference } from '../mapping/types.js';
import type { Decimals } from '../fhir/decimals.js';
import type { SearchIndex } from '../fhir/search-index.js';

/** Which message or request stated something, and with which rules. */
export interface RecordSource {
  readonly messageId: string;
  /** The subject of the token of a client that stated it through the FHIR API (docs/adr/0012). */
  readonly client?: string;
  /**
   * ODS code of the organisation whose record it is, where a client stated it: that of the client who created it. What
   * messages stated belongs to the organisation of their feed.
   */
  readonly organisation?: string;
  /** Id of the message that this one, an operator's edited copy, took the place of. */
  readonly correctionOf?: string;
  readonly feed: string;
  readonly pack: PackReference;
}

/**
 * Lineage as stored: one row an element, since every record carries it. Columns: element, index into `messages`,
 * rule, and for copied values source position and character span.
 */
export interface StoredLineage {
  readonly messages: readonly string[];
  readonly rows: readonly LineageRow[];
}

export type LineageRow =
  | readonly [element: string, message: number, rule: string]
  | readonly [element: string, message: number, rule: string, source: string, start: number, end: number];

interface StoredResource {
  readonly partition: string;
  readonly resourceType: string;
  readonly fhirId: string;
  readonly versionId: number;
  /** ISO instant of the commit. */
  readonly lastUpdated: string;
  /** ISO instant of the event that stated this version. */
  readonly eventTime: string;
  readonly source: RecordSource;
  readonly resource: Resource;
  readonly lineage: StoredLineage;
  /** Of what a client wrote, numbers as they were written, where JavaScript would write them otherwise. */
  readonly decimals?: Decimals;
  /** ISO instant of the latest write of a client: a replay of messages alone does not give what is stored. */
  readonly writtenAt?: string;
  /** The latest attempt at a transaction of several partitions that changed the record (docs/adr/0013). */
  readonly transaction?: string;
}

/** Of a Patient: what their record once said of who they are. */
interface Renouncing {
  /**
   * Identifiers (`system|value`) that a version stated and none states since, each with the number of the version, or of
   * the deletion, that first did not. Whoever has them now is somebody else (docs/adr/0005).
   */
  readonly renounced?: Readonly<Record<string, number>>;
}

/**
 * What merges, moves and replacements say of a record: whether it stands, or another one goes on for it. The event that
 * is the latest decides, in whatever order they arrive; other messages decide nothing.
 */
export interface Standing {
  /** ISO instant of the event that decided. */
  readonly since: string;
  readonly isRetired: boolean;
  /** The visit or account (`Encounter/<id>`) that goes on for a retired one. */
  readonly successor?: string;
  /** Of a visit or account, what was stated last: a retired record would have it otherwise, or one goes on with it. */
  readonly status?: string;
  /** ISO instant of the event that stated `status`: an earlier one does not undo it. */
  readonly statusSince?: string;
  /** Of a visit, where the patient was said to be last (`Location/<id>`): a retired record has them nowhere. */
  readonly place?: string;
  /** ISO instant of the event that stated `place`. */
  readonly placeSince?: string;
}

/** An unfinished result that is held back, since one that was released counts for more: it may be all there is again. */
export interface DeferredResult {
  readonly eventTime: string;
  readonly resource: Resource;
  readonly lineage: StoredLineage;
}

/** The current version of a resource: id `Patient:<fhirId>`. */
export interface CurrentDocument extends StoredResource, Renouncing {
  readonly id: string;
  readonly kind: 'resource';
  readonly index: SearchIndex;
  /**
   * Elements that a sender deleted and nobody stated since, each with the ISO instant of the event that did: what an
   * earlier event says of them must not bring them back.
   */
  readonly cleared?: Readonly<Record<string, string>>;
  /**
   * Of a Patient: ISO instants of the events that stated an identifier last, by `system|value`, or by system for the NHS
   * number. Those that are not here are as old as `eventTime`.
   */
  readonly identified?: Readonly<Record<string, string>>;
  /** Absent for a record that no merge, move or replacement has concerned. */
  readonly standing?: Standing;
  /** Of an order or prescription: what messages said of its state, in the order of their events. Its status follows from it. */
  readonly events?: readonly OrderEvent[];
  /**
   * Of an unfinished result: ISO instant of the latest event by which an earlier one was cancelled or taken back. Of a
   * report: of the latest one by which it was cancelled, whatever it has become since.
   */
  readonly withdrawn?: string;
  /** Of a result that was released: the latest unfinished one of a later event. */
  readonly deferred?: DeferredResult;
}

/** What is remembered of a record beside what it says, so that later messages meet it as they must. */
export type RecordMemory = Pick<
  CurrentDocument,
  'eventTime' | 'cleared' | 'identified' | 'standing' | 'events' | 'withdrawn' | 'deferred'
>;

/** A version that was replaced: id `Patient:<fhirId>:v<versionId>`. */
export interface VersionDocument extends StoredResource {
  readonly id: string;
  readonly kind: 'version';
}

/**
 * What a stale message stated about a record that already holds newer facts: kept as evidence, never current. Id
 * `Patient:<fhirId>:late:<messageId>`.
 */
export interface LateDocument extends StoredResource {
  readonly id: string;
  readonly kind: 'late';
}

/**
 * A record that a client deleted (docs/adr/0012): it stands under the id of the record itself, and under that of the
 * version once somebody states the record again. What it said before is kept as a version.
 */
export interface DeletedDocument extends Renouncing {
  readonly id: string;
  readonly kind: 'deleted';
  readonly partition: string;
  readonly resourceType: string;
  readonly fhirId: string;
  readonly versionId: number;
  /** ISO instant of the deletion. */
  readonly lastUpdated: string;
  /** ISO instant of the event: what happened before it does not bring the record back. */
  readonly eventTime: string;
  readonly source: RecordSource;
  /** Security labels that it had: whoever is stated anew is as restricted as before. */
  readonly security?: readonly Coding[];
}

/** What stands under the id of a record: its current version, or its deletion. */
export type LatestDocument = CurrentDocument | DeletedDocument;

/** One entry of the history of a record. */
export type HistoryDocument = LatestDocument | VersionDocument;

export type ChangeKind = 'created' | 'updated' | 'late' | 'deleted';

export interface RecordChange {
  readonly resourceType: string;
  readonly id: string;
  readonly versionId: number;
  readonly change: ChangeKind;
}

/** Proof that a message took effect in this partition: id `receipt:<messageId>`. */
export interface ReceiptDocument {
  readonly id: string;
  readonly kind: 'receipt';
  readonly partition: string;
  readonly source: RecordSource;
  readonly eventTime: string;
  readonly lastUpdated: string;
  readonly changes: readonly RecordChange[];
  /** How many changes there were; present when `changes` tells of some only. */
  readonly changeCount?: number;
  /** What was found doubtful where the message met what is stored. */
  readonly issues?: readonly Issue[];
  /** How many issues there were; present when `issues` tells of some only. */
  readonly issueCount?: number;
  /** Which staging of a large message this made visible; absent for one atomic batch. */
  readonly stage?: number;
}

/** Outbox entry that the change feed publishes: id `event:<messageId>`. Holds ids only. */
export interface EventDocument {
  readonly id: string;
  readonly kind: 'event';
  readonly partition: string;
  readonly messageId: string;
  readonly feed: string;
  readonly messageType: string;
  readonly eventTime: string;
  readonly lastUpdated: string;
  readonly traceparent?: string;
  readonly changes: readonly RecordChange[];
  /** How many changes there were; present when `changes` tells of some only. */
  readonly changeCount?: number;
}

/**
 * A record that a large message (docs/adr/0009) or a transaction (docs/adr/0013) is about to change. It stands under the id of the record itself, and so
 * holds what readers see until the message is visible beside what they see from then on.
 */
export interface StagedDocument {
  readonly id: string;
  readonly kind: 'staged';
  readonly partition: string;
  readonly resourceType: string;
  readonly fhirId: string;
  /** The message, or the attempt at a transaction. */
  readonly messageId: string;
  /** Counts the attempts at staging the message: it is visible when its receipt names this one. */
  readonly stage: number;
  /** Of a transaction: the partition whose decision makes it visible. */
  readonly decidedIn?: string;
  /** ISO instant of the version that stands until then, or of the one that is new. */
  readonly lastUpdated: string;
  /** Of both documents, so that a search finds either. */
  readonly index: SearchIndex;
  /** Absent for a record that is new. */
  readonly current?: LatestDocument;
  /** Absent when the message is only evidence about the record. */
  readonly next?: LatestDocument;
  readonly late?: LateDocument;
}

/**
 * A large message that is being staged, or was: id `stage:<messageId>`. It stays, so that no late delivery can count from
 * one again and have a stage that is visible already.
 */
export interface StageDocument {
  readonly id: string;
  readonly kind: 'stage';
  readonly partition: string;
  readonly messageId: string;
  readonly stage: number;
  /** How often another message changed a record that was staged already. */
  readonly disturbances: number;
  readonly lastUpdated: string;
}

/**
 * What became of an attempt at a transaction that no atomic batch holds (docs/adr/0013): id `decision:<attempt>`. It never
 * changes and stays, and all that the attempt has staged follows it.
 */
export interface DecisionDocument {
  readonly id: string;
  readonly kind: 'decision';
  readonly partition: string;
  /** What stands as `messageId` in the documents that it has staged. */
  readonly attempt: string;
  readonly outcome: 'committed' | 'aborted';
  /** Where it has staged documents; none of one that was aborted. */
  readonly partitions: readonly string[];
}

export type RecordDocument =
  | CurrentDocument
  | VersionDocument
  | DeletedDocument
  | LateDocument
  | ReceiptDocument
  | EventDocument
  | StagedDocument
  | StageDocument
  | DecisionDocument;

/** A stored document and the tag that proves it has not changed since. */
export interface Stored<T extends RecordDocument> {
  readonly document: T;
  readonly etag: string;
}

/** One operation of an atomic batch. */
export type CommitOperation =
  | { readonly kind: 'create'; readonly document: RecordDocument }
  | { readonly kind: 'replace' | 'delete'; readonly document: RecordDocument; readonly etag: string };
