/** What a run leaves behind, and what the checker says about it. */
import type { FeedId } from '../hospital/model.js';
import type { Json } from '../json.js';

export const findingKinds = ['lost', 'doubled', 'reordered', 'half-visible', 'wrong', 'unbalanced'] as const;

/**
 * `lost`: promised and not there; `doubled`: more than one effect; `reordered`: an earlier one after a later one;
 * `half-visible`: a reader saw a part of a message; `wrong`: a record that says something else than it should;
 * `unbalanced`: counts of messages, receipts or events that do not add up.
 */
export type FindingKind = (typeof findingKinds)[number];

export interface Finding {
  readonly kind: FindingKind;
  /** In terms of the synthetic hospital: message numbers and record names. */
  readonly what: string;
}

/** What the senders of one message were told, over all its copies and repetitions. */
export interface Answered {
  readonly receiptIds: ReadonlySet<string>;
  readonly accepted: number;
  readonly duplicate: number;
  readonly failed: number;
  /** Requests without an answer, or with one that promises nothing. */
  readonly unanswered: number;
}

/** What the exchange itself says became of the messages of a feed. */
export interface Account {
  /** Messages by status. */
  readonly counts: ReadonlyMap<string, number>;
  readonly duplicates: number;
  readonly archived: number;
  /** Messages whose receipt, archive and records do not agree. */
  readonly differences: readonly { readonly messageId: string; readonly problem: string }[];
}

export interface Evidence {
  /** By message number. */
  readonly answers: ReadonlyMap<number, Answered>;
  /** Answers to other bytes under a used control id that were positive: numbers of the messages. */
  readonly reusesAccepted: readonly number[];
  /** All documents of `records`. */
  readonly documents: readonly Json[];
  /** All documents of `messages`. */
  readonly receipts: readonly Json[];
  /** Receipts as their senders see them, by id: a sample. */
  readonly senderReceipts: ReadonlyMap<string, Json>;
  /** Bodies of everything on the events topic. */
  readonly events: readonly Json[];
  /** `$everything` of each person by our id of the person, without shared resources; absent when unknown. */
  readonly records: ReadonlyMap<string, readonly Json[]>;
  readonly accounts: ReadonlyMap<FeedId, Account>;
}
