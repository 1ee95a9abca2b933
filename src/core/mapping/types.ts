import type { Resource } from 'fhir/r4.js';
import type { Issue } from '../errors.js';

/** How a mapped record meets what is already stored under the same id. */
export type UpdateMode =
  /** The message states the whole record: it replaces what is stored. */
  | 'replace'
  /** Elements in the message replace stored ones, absent elements stay, `removed` ones go (HL7 `""`). */
  | 'merge'
  /**
   * The message says only how a patient is linked, or that another record goes on for this one: it merges, is never
   * stale and makes nothing else stale.
   */
  | 'link'
  /** The message mentions the record only in passing: it is created when absent and never changed. */
  | 'create';

/** Where one element of a record came from. */
export interface LineageEntry {
  /** `Patient/<id>`. */
  readonly resource: string;
  /** FHIRPath-like location with indices, such as `Patient.name[0].family`. */
  readonly element: string;
  /** Position in the source, such as `PID-5[1].1.1`; absent for constants. */
  readonly source?: string;
  /** Character span in the decoded source text, end exclusive; absent for constants. */
  readonly start?: number;
  readonly end?: number;
  /** Id of the rule, unique in its pack. */
  readonly rule: string;
}

/** What a message says of the state of an order or prescription. */
export interface OrderStatement {
  /** The record (`<id>`) that it is about; absent where the message names a number alone, whatever was ordered. */
  readonly of?: string;
  /**
   * Whoever orders states the state; results complete an order; other messages mention it by the way; and what was kept
   * of a number of which nobody knew what it stands for gives way to what is ordered under it.
   */
  readonly kind: 'stated' | 'completed' | 'mentioned' | 'given-way';
  /** Absent where the message leaves the state as it was. */
  readonly status?: string;
  /** The rule that stated `status`. */
  readonly rule?: string;
}

/** What one of the messages about an order or prescription said of its state, as it is remembered. */
export interface OrderEvent extends OrderStatement {
  readonly messageId: string;
  /** ISO instant of the event. */
  readonly at: string;
}

/** What must be known of the number of an order besides the order itself. */
export interface OrderNumber {
  /** What the message states of all records of the number. */
  readonly told: readonly OrderStatement[];
  /** What earlier messages said of others and of the number alone, in the order of their events. */
  readonly known: readonly OrderEvent[];
}

/** A record as one message states it, before it meets the store. */
export interface MappedRecord {
  /** The partition it lives in: a patient key, or its own id for a shared resource such as an Organization. */
  readonly partition: string;
  /** `id` and `meta.profile` are set; `meta.versionId` and `meta.lastUpdated` are not. */
  readonly resource: Resource & { id: string };
  readonly mode: UpdateMode;
  /**
   * Of an order or prescription: its other id. The first thing under a number is kept by the number, each further one
   * by the number and its code, so which of the two it is only the store can tell.
   */
  readonly twin?: string;
  /**
   * Of an order or prescription that has a number: the id of the first prescription or order, respectively, under the
   * same number. What is said of the number alone is said of both.
   */
  readonly kin?: string;
  /** Of what was dispensed or given: the id of the first prescription under the number of its order, which may restrict it. */
  readonly prescription?: string;
  /** The message only says what became of an order of this number, whatever was ordered, or that a result has ended. */
  readonly isState?: boolean;
  /** Of an order or prescription whose number was looked up in the store. */
  readonly number?: OrderNumber;
  /**
   * Whether the record is written even where it stays as it is, because the message decided by other records of the
   * person: of two that do so at the same moment, one finds that it comes second.
   */
  readonly isGuard?: boolean;
  /**
   * Of a visit or account: the message says it of the record that this one goes on from, about the time before (see
   * `records/hand-on.ts`). It adds what is not known, and the status that was stated last holds.
   */
  readonly isHandedOn?: boolean;
  /**
   * Element paths without the type that the sender asks to delete: `period.end`, or items of a list by one of their
   * fields, `telecom[use=work]`.
   */
  readonly removed: readonly string[];
  readonly lineage: readonly LineageEntry[];
}

/** The fate of one populated source field. */
export interface LedgerEntry {
  /** `PID-5[1]`: segment occurrence is given as `OBX(3)-5[1]` from the second occurrence on. */
  readonly source: string;
  readonly fate: 'mapped' | 'ignored' | 'unmapped';
  /** The rule that mapped or ignored it. */
  readonly rule?: string;
}

export interface PackReference {
  readonly name: string;
  readonly version: string;
}

/** What one message means, in full. The same input and keys give the same bytes on any machine. */
export interface Conversion {
  /** `ADT^A01`. */
  readonly messageType: string;
  /** ISO 8601 instant (UTC) of the event, by which stale messages are recognised; EVN-2, else MSH-7. */
  readonly eventTime: string;
  /**
   * The latest instant that the stated time can mean: times without seconds or in the hour that occurs twice are
   * intervals. A message is stale only when all of its interval lies before what is stored.
   */
  readonly latestEventTime: string;
  readonly records: readonly MappedRecord[];
  readonly issues: readonly Issue[];
  readonly ledger: readonly LedgerEntry[];
  readonly pack: PackReference;
}
