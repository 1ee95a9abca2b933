/**
 * Takes into custody again what is archived and has no receipt, or whose records are gone: the store was restored to a time
 * before, or another region took over without its last seconds. The archive is the last line: nothing that a sender was
 * promised may depend on more.
 */
import type { ErrorCode } from '../core/errors.js';
import type { Feed } from '../core/feed.js';
import type { MessageReceipt, OperatorAction } from '../ports/message-store.js';
import { pagesOf } from '../ports/pages.js';
import type { ArchivePage, RawArchive } from '../ports/raw-archive.js';
import type { RecordStore } from '../ports/record-store.js';
import { describeMessage, keepMessage, type AcceptDependencies } from './accept-message.js';
import { busyReason } from './backlog.js';
import { isStored } from './ledger/is-stored.js';
import { wholeBody } from './receive-body.js';
import { takeUp } from './triage/take-up.js';

export interface TakeInDependencies extends AcceptDependencies {
  readonly records: Pick<RecordStore, 'load'>;
}

/** Why a message was not taken in. */
export type LeftReason =
  /** It has a receipt, and what that says is there. */
  | 'known'
  /** Nothing is archived under its id. */
  | 'not-archived'
  /** It is an edited copy: whoever edits its original in the same way has it again. */
  | 'edited';

export interface TakenIn {
  /** On the queue now or, where its mapping refuses it, kept as failed, as its sender was told. */
  readonly takenIn: readonly MessageReceipt[];
  readonly left: readonly { readonly messageId: string; readonly reason: LeftReason }[];
  /** Why it stopped before the last one: the exchange is busy, so go on later. */
  readonly stoppedBy?: ErrorCode;
}

/**
 * Takes messages in, one after the other: those without a receipt with the time at which they were archived as that of their
 * receipt. Doing it again does nothing.
 *
 * @param messageIds in the order in which they are to be accepted: the oldest first
 * @param action stands in the history of those that had a receipt
 * @param use is told of each message that was taken in
 */
export async function takeInArchived(
  deps: TakeInDependencies,
  feed: Feed,
  messageIds: readonly string[],
  action: OperatorAction,
  use: (receipt: MessageReceipt) => void = () => undefined,
): Promise<TakenIn> {
  const takenIn: MessageReceipt[] = [];
  const left: TakenIn['left'][number][] = [];
  for (const messageId of messageIds) {
    const busy = await busyReason(deps.backlog);
    if (busy !== undefined) return { takenIn, left, stoppedBy: busy.code };
    const held = await deps.messages.get(messageId);
    const taken = await (held?.feed === feed.id
      ? takeUpLost(deps, held, action)
      : takeIn(deps, feed, messageId));
    if (typeof taken === 'string') left.push({ messageId, reason: taken });
    else {
      takenIn.push(taken);
      use(taken);
    }
  }
  return { takenIn, left };
}

/** Takes a message up again that counts as done, and of which nothing is stored. */
const takeUpLost = async (
  deps: TakeInDependencies,
  held: MessageReceipt,
  action: OperatorAction,
): Promise<MessageReceipt | LeftReason> =>
  held.status !== 'normalised' || (await isStored(deps.records, held))
    ? 'known'
    : (await takeUp(deps, held.id, ['normalised'], action)).receipt;

async function takeIn(
  deps: AcceptDependencies,
  feed: Feed,
  messageId: string,
): Promise<MessageReceipt | LeftReason> {
  const first = await firstUnder(deps.archive, `${feed.id}/${messageId}/`);
  const bytes = first && (await deps.archive.get(first.path));
  if (first === undefined || bytes === undefined) return 'not-archived';
  const message = { feed, body: wholeBody(bytes), contentType: '', receivedAt: first.storedAt };
  // The queue must not take it for a repetition, and what came before it about the same patient goes first.
  const receipt = { ...describeMessage(deps, message), resubmitted: 1 };
  return receipt.archivePath === first.path ? (await keepMessage(deps, receipt)).receipt : 'edited';
}

/** What came first under the id of a message: others used its control id again, and were refused. */
async function firstUnder(
  archive: RawArchive,
  prefix: string,
): Promise<ArchivePage['entries'][number] | undefined> {
  let first: ArchivePage['entries'][number] | undefined;
  for await (const { entries } of pagesOf((from) => archive.list(prefix, { limit: 100, ...from })))
    for (const entry of entries) if (first === undefined || entry.storedAt < first.storedAt) first = entry;
  return first;
}
