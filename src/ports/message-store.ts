import type { Issue } from '../core/errors.js';
import type { PackReference } from '../core/mapping/types.js';
import type { RecordChange } from '../core/records/types.js';

/** What became of a message: every message has exactly one of these. */
export type MessageStatus =
  /** Archived and promised; on the queue or about to be. */
  | 'accepted'
  /** Its records are committed. */
  | 'normalised'
  /** Kept for an operator, with reasons. */
  | 'failed'
  /** An operator decided, with a reason, that it is not to be processed. */
  | 'dismissed'
  /** It could not be processed, and an edited copy took its place. */
  | 'corrected';

/** Every status, in the order in which a message may take them. */
export const messageStatuses = ['accepted', 'normalised', 'failed', 'dismissed', 'corrected'] as const;

/** Where the processing of a message failed. */
export type MessageStage =
  /** While its sender waited: it cannot be read, or its mapping refuses it. */
  | 'accept'
  /** When it was taken from the archive and parsed. */
  | 'read'
  /** When it was found out whom it is about. */
  | 'identify'
  | 'map'
  | 'commit'
  /** Its deliveries were used up before any of them came to an end. */
  | 'deliver';

/** What an operator did with a message. Holds no patient data: the reason is refused when it seems to. */
export interface OperatorAction {
  /** ISO instant. */
  readonly at: string;
  /** Subject of the operator's token. */
  readonly by: string;
  readonly action: 'resubmitted' | 'corrected' | 'dismissed';
  readonly reason?: string;
  /** Why the message had failed until then: `errorCode` of its receipt. */
  readonly failedWith?: string;
}

/** How many there are of what a receipt names; each is present only where it does not name all of them. */
export interface ReceiptCounts {
  readonly issueCount?: number;
  readonly changeCount?: number;
  readonly unmappedCount?: number;
}

/** The counts among other things. */
export const countsOf = ({ issueCount, changeCount, unmappedCount }: ReceiptCounts): ReceiptCounts => ({
  ...(issueCount === undefined ? {} : { issueCount }),
  ...(changeCount === undefined ? {} : { changeCount }),
  ...(unmappedCount === undefined ? {} : { unmappedCount }),
});

/** The receipt that a sender can ask for: what became of one message. Holds no patient data. */
export interface MessageReceipt extends ReceiptCounts {
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
  /** Keyed hashes of the identifiers in PID-3 and MRG-1 (`identifierToken`), to find the messages of a patient. */
  readonly subjects: readonly string[];
  /** ISO instants. An edited copy has that of its original: editing makes a message no newer. */
  readonly receivedAt: string;
  /** When it was last put on the queue; absent when it failed before that. */
  readonly queuedAt?: string;
  /** When it was accepted, or last taken up again; absent when it failed before that. */
  readonly acceptedAt?: string;
  readonly finishedAt?: string;
  /** How often its sender repeated it. */
  readonly duplicates: number;
  /** How often the reconciler put it on the queue again since it was accepted, or last taken up again. */
  readonly requeued: number;
  /** How often it was taken up again after it had been tried, by an operator or because its sender repeated it. */
  readonly resubmitted: number;
  /** How many tries to process it came to an end, deliveries that were used up included. */
  readonly attempts: number;
  /** Where it failed; present exactly when it has failed and was not taken up again. */
  readonly stage?: MessageStage;
  /** The pack by which it was understood, or refused. */
  readonly pack?: PackReference;
  /** First error of `issues`, for searching. */
  readonly errorCode?: string;
  readonly issues: readonly Issue[];
  readonly changes: readonly RecordChange[];
  /** Places of populated fields that the mapping knows nothing about. */
  readonly unmapped?: readonly string[];
  readonly traceparent?: string;
  /** Id of the message that this edited copy takes the place of. */
  readonly correctionOf?: string;
  /** Id of the edited copy that took the place of this message; present exactly when it is corrected. */
  readonly correctedBy?: string;
  /** What operators did, oldest first; lines are only ever added. */
  readonly history: readonly OperatorAction[];
}

export type MessageUpdate = Partial<
  Pick<
    MessageReceipt,
    | 'status'
    | 'queuedAt'
    | 'finishedAt'
    | 'requeued'
    | 'stage'
    | 'pack'
    | 'errorCode'
    | 'issues'
    | 'changes'
    | 'unmapped'
    | keyof ReceiptCounts
  >
>;

export interface UpdateOptions {
  /** Leaves a receipt whose status is not accepted as it is. */
  readonly unlessFinished?: boolean;
  /** Added to `attempts`; default 0. */
  readonly attempts?: number;
  /** Added to `duplicates`; default 0. */
  readonly duplicates?: number;
}

/** What a decision makes of a receipt: see `applyTransition`. */
export interface MessageTransition {
  readonly status: 'accepted' | 'dismissed' | 'corrected' | 'failed';
  readonly queuedAt?: string;
  readonly finishedAt?: string;
  readonly correctedBy?: string;
  /** Added to the history; absent when no operator decided. */
  readonly action?: OperatorAction;
}

/**
 * The receipt after a transition. A message that is taken up again has nothing of its last failure left but what its
 * history says; one that is dismissed or corrected keeps the reasons for which it had failed.
 */
export function applyTransition(receipt: MessageReceipt, change: MessageTransition): MessageReceipt {
  const { action, ...fields } = change;
  const failedWith = receipt.errorCode === undefined ? {} : { failedWith: receipt.errorCode };
  const history = action === undefined ? receipt.history : [...receipt.history, { ...action, ...failedWith }];
  if (change.status !== 'accepted') return { ...receipt, ...fields, history };
  const { stage, errorCode, finishedAt, issueCount, changeCount, unmappedCount, acceptedAt, ...rest } =
    receipt;
  // An edited copy that only waited for the place of its original was never tried.
  const resubmitted = receipt.resubmitted + Number(receipt.attempts > 0);
  const since = change.queuedAt === undefined ? {} : { acceptedAt: change.queuedAt };
  // The reconciler begins anew: what was forgotten before says nothing of how soon this is to be looked after.
  return { ...rest, ...fields, ...since, history, issues: [], resubmitted, requeued: 0 };
}

/** Which receipts are sought: those that fit everything given. */
export interface MessageSearch {
  /** One of these; at least one. */
  readonly feeds: readonly string[];
  /** Received at or after, and before: ISO instants in UTC with milliseconds. */
  readonly from?: string;
  readonly to?: string;
  /** `ADT^A01`. */
  readonly messageType?: string;
  readonly status?: MessageStatus;
  readonly errorCode?: string;
  readonly controlId?: string;
  /** About one of these (`MessageReceipt.subjects`); nobody when empty. */
  readonly subjects?: readonly string[];
  /** All of these stand in its reasons: of its issues (codes, places, texts) and of its history; see `searchWords`. */
  readonly words?: readonly string[];
}

export interface MessagePageRequest {
  /** At least 1. */
  readonly limit: number;
  readonly order: 'newest' | 'oldest';
  /** Only what comes after this place, in the order asked for; no receipt need stand there. */
  readonly continuation?: string;
}

/**
 * One page of receipts in order of `placeOf`. Paging is by key: what changes meanwhile neither repeats nor hides what was
 * there.
 */
export interface MessagePage {
  readonly receipts: readonly MessageReceipt[];
  /** `placeOf` the last receipt; present exactly when there is more. */
  readonly continuation?: string;
}

/** Where a receipt stands among search results: by `receivedAt` and, within the same instant, by id. */
export const placeOf = ({ receivedAt, id }: Pick<MessageReceipt, 'receivedAt' | 'id'>): string =>
  `${receivedAt} ${id}`;

/**
 * ISO instant since which an accepted message waits. That the reconciler has put it on the queue again changes nothing: it
 * would look younger the longer it waits.
 */
export const waitsSince = ({
  receivedAt,
  queuedAt = receivedAt,
  acceptedAt = queuedAt,
}: Pick<MessageReceipt, 'receivedAt' | 'queuedAt' | 'acceptedAt'>): string => acceptedAt;

/** Receipts of all messages, found by id and by what operators look for. */
export interface MessageStore {
  /** Stores a new receipt; answers the one that was there before, unchanged, when its id is taken. */
  create(receipt: MessageReceipt): Promise<{ readonly created: boolean; readonly receipt: MessageReceipt }>;
  get(id: string): Promise<MessageReceipt | undefined>;
  /** Changes some fields. Rejects when there is no such receipt. */
  update(id: string, change: MessageUpdate, options?: UpdateOptions): Promise<void>;
  /**
   * Changes the status of a receipt that has one of `from`, and answers the receipt as it is now; undefined, with nothing
   * changed, when it has another or does not exist. Of concurrent transitions from one status exactly one succeeds.
   */
  transition(
    id: string,
    from: readonly MessageStatus[],
    change: MessageTransition,
  ): Promise<MessageReceipt | undefined>;
  search(search: MessageSearch, page: MessagePageRequest): Promise<MessagePage>;
  /**
   * Up to `limit` receipts with status accepted and `queuedAt` before the instant, oldest first.
   *
   * @param requeuedBefore earlier instants for those that the reconciler put on the queue again: once, twice, and so on, the last
   *   one for all that it put there more often; default: none
   */
  listUnfinished(
    queuedBefore: string,
    limit: number,
    requeuedBefore?: readonly string[],
  ): Promise<readonly MessageReceipt[]>;
  /** The messages of a session that were accepted before a place (`placeOf`) and are not finished, in that order. */
  listEarlier(sessionKey: string, place: string): Promise<readonly MessageReceipt[]>;
  /** How many messages a feed received at or after an instant, and before another. */
  countReceived(feed: string, from: string, to: string): Promise<number>;
  /** How many messages are accepted and not finished. */
  countWaiting(): Promise<number>;
  /** How many receipts have each status. */
  countByStatus(feed?: string): Promise<Readonly<Record<MessageStatus, number>>>;
}
