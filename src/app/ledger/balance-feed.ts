/** Proves that nothing was lost: what was archived, what the receipts say and what the record store holds must agree. */
import type { Clock } from '../../ports/clock.js';
import {
  waitsSince,
  type MessageReceipt,
  type MessageStatus,
  type MessageStore,
} from '../../ports/message-store.js';
import type { QueueView } from '../../ports/message-queue.js';
import type { RawArchive } from '../../ports/raw-archive.js';
import type { RecordStore } from '../../ports/record-store.js';
import { pagesOf } from '../../ports/pages.js';
import { inParts } from '../in-parts.js';
import { isStored } from './is-stored.js';

export interface LedgerDependencies {
  readonly archive: RawArchive;
  readonly messages: MessageStore;
  readonly records: RecordStore;
  readonly queue: QueueView;
  readonly clock: Clock;
}

export interface LedgerPeriod {
  readonly feed: string;
  /** Received at or after, and before: ISO instants in UTC with milliseconds. */
  readonly from: string;
  readonly to: string;
}

/** What does not agree about one message. */
export type LedgerProblem =
  /** Its receipt names a place in the archive where nothing is. */
  | 'not-archived'
  /** It is archived, and there is no receipt: its sender got no positive answer and sends it again, or a restore lost it. */
  | 'no-receipt'
  /** Its receipt says that it was normalised, and a partition that it changed does not hold the proof. */
  | 'not-stored'
  /** It failed, was dismissed or was corrected, and all the same a partition holds the proof of an effect. */
  | 'took-effect'
  /** It was accepted, is not finished, and is not on the queue either. */
  | 'not-queued'
  /** It was accepted and is neither finished nor of an age at which it still may be. */
  | 'overdue';

export interface LedgerPage {
  /** Messages of the period that this page looked at, by what became of them. */
  readonly counts: Readonly<Record<MessageStatus, number>>;
  /** How often senders repeated them. */
  readonly duplicates: number;
  readonly differences: readonly LedgerDifference[];
  readonly continuation?: string;
}

/** What does not agree about which message. */
export interface LedgerDifference {
  readonly messageId: string;
  readonly problem: LedgerProblem;
  /** ISO instant; present exactly when its bytes are all that is there of it. */
  readonly archivedAt?: string;
}

/** Accepted messages are finished within this many seconds, those that the reconciler finds again included. */
export const OVERDUE_AFTER_SECONDS = 3_600;

/** A message is on the queue within this many seconds of being accepted, or taken up again. */
const QUEUED_AFTER_SECONDS = 60;

/** Messages that are looked at together: each is a few requests, which mostly wait. */
const AT_ONCE = 32;

export const noCounts: Readonly<Record<MessageStatus, number>> = {
  accepted: 0,
  normalised: 0,
  failed: 0,
  dismissed: 0,
  corrected: 0,
};

/** Looks at one page of the receipts of a period, the oldest first, and at what each of them promises. */
export async function balanceReceipts(
  deps: LedgerDependencies,
  { feed, from, to }: LedgerPeriod,
  page: { readonly limit: number; readonly continuation?: string },
): Promise<LedgerPage> {
  const { receipts, continuation } = await deps.messages.search(
    { feeds: [feed], from, to },
    { ...page, order: 'oldest' },
  );
  const counts = { ...noCounts };
  const differences: LedgerDifference[] = [];
  const effective = await findEffective(deps, receipts);
  const found = new Map<string, readonly LedgerProblem[]>();
  await inParts(receipts, AT_ONCE, async (receipt) => {
    found.set(receipt.id, await problemsOf(deps, receipt));
  });
  const strayed = await findStrayed(deps, receipts);
  for (const { id, status } of receipts) {
    counts[status] += 1;
    const problems: LedgerProblem[] = [...(found.get(id) ?? [])];
    if (strayed.has(id)) problems.push('not-queued');
    if (effective.has(id)) problems.push('took-effect');
    for (const problem of problems) differences.push({ messageId: id, problem });
  }
  const duplicates = receipts.reduce((sum, receipt) => sum + receipt.duplicates, 0);
  return { counts, duplicates, differences, ...(continuation === undefined ? {} : { continuation }) };
}

async function problemsOf(deps: LedgerDependencies, receipt: MessageReceipt): Promise<LedgerProblem[]> {
  const problems: LedgerProblem[] = [];
  if (!(await isArchived(deps.archive, receipt))) problems.push('not-archived');
  if (receipt.status === 'normalised' && !(await isStored(deps.records, receipt)))
    problems.push('not-stored');
  if (receipt.status === 'accepted' && isOverdue(receipt, deps.clock.now())) problems.push('overdue');
  return problems;
}

/** Messages that have an effect, though their receipts say that they have none. */
async function findEffective(
  { records, messages }: LedgerDependencies,
  receipts: readonly MessageReceipt[],
): Promise<ReadonlySet<string>> {
  const effects = await records.findEffects(receipts.filter(promisesNone).map(({ id }) => id));
  const effective = new Set<string>();
  for (const id of effects.keys()) {
    // It may have been taken up again, and taken effect, while that was looked at.
    const receipt = await messages.get(id);
    if (receipt === undefined || promisesNone(receipt)) effective.add(id);
  }
  return effective;
}

/** Whether a receipt says that its message has no effect: accepted messages may have the beginning of one. */
const promisesNone = ({ status }: MessageReceipt): boolean =>
  status !== 'accepted' && status !== 'normalised';

async function isArchived(archive: RawArchive, { archivePath }: MessageReceipt): Promise<boolean> {
  // A page may be empty and not the last one (Azure Blob Storage, List Blobs).
  for await (const { entries } of pagesOf((from) => archive.list(archivePath, { limit: 1, ...from })))
    if (entries.some(({ path }) => path === archivePath)) return true;
  return false;
}

const isOverdue = (receipt: MessageReceipt, now: Date): boolean =>
  waitsFor(receipt, now) > OVERDUE_AFTER_SECONDS;

/** Seconds since a message was accepted, or taken up again. */
const waitsFor = (receipt: MessageReceipt, now: Date): number =>
  (now.getTime() - Date.parse(waitsSince(receipt))) / 1000;

/** Accepted messages that are not on the queue; most pages have none that waits, and do not look at the queue. */
async function findStrayed(
  { queue, messages, clock }: LedgerDependencies,
  receipts: readonly MessageReceipt[],
): Promise<ReadonlySet<string>> {
  const now = clock.now();
  const waiting = new Map(
    receipts
      .filter((receipt) => receipt.status === 'accepted' && waitsFor(receipt, now) > QUEUED_AFTER_SECONDS)
      .map(({ id, queuedAt }) => [id, queuedAt]),
  );
  if (waiting.size === 0) return new Set();
  for await (const ids of queue.waiting()) {
    for (const id of ids) waiting.delete(id);
    if (waiting.size === 0) break;
  }
  const strayed = new Set<string>();
  for (const [id, queuedAt] of waiting) {
    // It may have been finished, or put on the queue again, while that was looked at.
    const receipt = await messages.get(id);
    if (receipt?.status === 'accepted' && receipt.queuedAt === queuedAt) strayed.add(id);
  }
  return strayed;
}

export interface ArchiveLedgerPage {
  /** Messages that were archived in the period and that this page looked at. */
  readonly archived: number;
  readonly differences: readonly LedgerDifference[];
  readonly continuation?: string;
}

/**
 * Looks at one page of what a feed archived, and whether each message of the period has a receipt.
 *
 * @param page `ids`: what the ids of the messages begin with; default: any
 */
export async function balanceArchive(
  { archive, messages }: LedgerDependencies,
  { feed, from, to }: LedgerPeriod,
  { ids = '', ...page }: { readonly limit: number; readonly continuation?: string; readonly ids?: string },
): Promise<ArchiveLedgerPage> {
  const { entries, continuation } = await archive.list(`${feed}/${ids}`, page);
  const archived = entries
    .filter(({ storedAt }) => storedAt >= from && storedAt < to)
    .map(({ path, storedAt }) => ({ messageId: path.split('/')[1] ?? '', archivedAt: storedAt }));
  const received = new Set<string>();
  await inParts(archived, AT_ONCE, async ({ messageId }) => {
    if ((await messages.get(messageId)) !== undefined) received.add(messageId);
  });
  const differences = archived
    .filter(({ messageId }) => !received.has(messageId))
    .map((each) => ({ ...each, problem: 'no-receipt' as const }));
  return { archived: archived.length, differences, ...(continuation === undefined ? {} : { continuation }) };
}
