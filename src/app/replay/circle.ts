/** Everything that was ever said about somebody, and about those whom the same messages concern. */
import { compareText } from '../../core/compare-text.js';
import type { PackReference } from '../../core/mapping/types.js';
import type { MessageReceipt, MessageStore } from '../../ports/message-store.js';
import { pagesOf } from '../../ports/pages.js';
import type { RecordStore } from '../../ports/record-store.js';

/** A message that took effect, with the pack that read it last. */
export interface CircleMessage {
  readonly receipt: MessageReceipt;
  readonly pack: PackReference;
  /** ISO instant of its first commit, by which messages follow each other. */
  readonly committedAt: string;
}

/** Partitions that messages about several people tie together, and the messages, in the order of their commits. */
export interface Circle {
  readonly partitions: readonly string[];
  readonly messages: readonly CircleMessage[];
}

export interface CircleDependencies {
  readonly records: RecordStore;
  readonly messages: MessageStore;
}

/** More messages than a patient's whole life brings: beyond it something else is wrong. */
const mostMessages = 5_000;
const pageSize = 200;

/**
 * Collects the circle of a partition.
 *
 * @returns undefined when a message is no longer known, or there are too many to hold
 */
export async function readCircle(deps: CircleDependencies, partition: string): Promise<Circle | undefined> {
  const partitions = new Set([partition]);
  const messages = new Map<string, CircleMessage>();
  for (const each of partitions) {
    for await (const { receipts } of receiptPages(deps.records, each)) {
      for (const { source, lastUpdated } of receipts) {
        const held = messages.get(source.messageId);
        const committedAt =
          held !== undefined && held.committedAt < lastUpdated ? held.committedAt : lastUpdated;
        const receipt = held?.receipt ?? (await deps.messages.get(source.messageId));
        if (receipt === undefined || messages.size >= mostMessages) return undefined;
        // A replay notes its pack in the receipt; the proof in the partition keeps that of the first time.
        messages.set(source.messageId, { receipt, pack: receipt.pack ?? source.pack, committedAt });
      }
      // What a message changed does not tell: it may have taken effect where everything was as it says.
      const effects = await deps.records.findEffects(receipts.map(({ source }) => source.messageId));
      // A set that grows while it is read is read to its new end.
      for (const other of [...effects.values()].flat()) partitions.add(other);
    }
  }
  return { partitions: [...partitions].sort(), messages: [...messages.values()].sort(byCommit) };
}

/** Whether no other message has taken effect in the circle since it was read. */
export async function isUnchanged(records: RecordStore, { partitions, messages }: Circle): Promise<boolean> {
  const known = new Set(messages.map(({ receipt }) => receipt.id));
  for (const partition of partitions) {
    for await (const { receipts } of receiptPages(records, partition)) {
      if (receipts.some(({ source }) => !known.has(source.messageId))) return false;
    }
  }
  return true;
}

const receiptPages = (records: RecordStore, partition: string) =>
  pagesOf((from) => records.listReceipts(partition, { limit: pageSize, ...from }));

const byCommit = (a: CircleMessage, b: CircleMessage): number =>
  compareText(a.committedAt, b.committedAt) ||
  compareText(a.receipt.receivedAt, b.receipt.receivedAt) ||
  compareText(a.receipt.id, b.receipt.id);
