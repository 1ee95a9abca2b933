import type { Issue } from '../core/errors.js';
import type { RecordChange } from '../core/records/types.js';

export type MessageStatus =
  /** Archived and promised; on the queue or about to be. */
  | 'accepted'
  /** Its records are committed. */
  | 'normalised'
  /** Kept for an operator, with reasons. */
  | 'failed';

/** The receipt that a sender can ask for: what became of one message. Holds no patient data. */
export interface MessageReceipt {
  readonly id: string;
  readonly feed: string;
  readonly status: MessageStatus;
  /** `ADT^A01`; absent when the header could not be read. */
  readonly messageType?: string;
  /** The sender's own id of the message (MSH-10). */
  readonly controlId?: string;
  readonly sha256: string;
  readonly size: number;
  readonly archivePath: string;
  readonly sessionKey: string;
  /** ISO instants. */
  readonly receivedAt: string;
  /** When it was last put on the queue; absent when it failed before that. */
  readonly queuedAt?: string;
  readonly finishedAt?: string;
  /** How often the reconciler put it on the queue again. */
  readonly requeued: number;
  /** First error of `issues`, for searching. */
  readonly errorCode?: string;
  readonly issues: readonly Issue[];
  readonly changes: readonly RecordChange[];
  /** Places of populated fields that the mapping knows nothing about. */
  readonly unmapped?: readonly string[];
  readonly traceparent?: string;
}

export type MessageUpdate = Partial<
  Pick<
    MessageReceipt,
    'status' | 'queuedAt' | 'finishedAt' | 'requeued' | 'errorCode' | 'issues' | 'changes' | 'unmapped'
  >
>;

/** Receipts of all messages, found by id. */
export interface MessageStore {
  /** Stores a new receipt; answers the one that was there before, unchanged, when its id is taken. */
  create(receipt: MessageReceipt): Promise<{ readonly created: boolean; readonly receipt: MessageReceipt }>;
  get(id: string): Promise<MessageReceipt | undefined>;
  /** Changes some fields. With `unlessFinished` a receipt that is normalised or failed stays as it is. */
  update(id: string, change: MessageUpdate, options?: { readonly unlessFinished?: boolean }): Promise<void>;
  /** Up to `limit` receipts with status accepted and `queuedAt` before the instant, oldest first. */
  listUnfinished(queuedBefore: string, limit: number): Promise<readonly MessageReceipt[]>;
  /** How many messages of a session that were received before the instant are not finished. */
  countUnfinished(sessionKey: string, receivedBefore: string): Promise<number>;
  /** How many receipts have each status. */
  countByStatus(feed?: string): Promise<Readonly<Record<MessageStatus, number>>>;
}
