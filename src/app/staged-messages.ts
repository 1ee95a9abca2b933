/**
 * Writes a message that no atomic batch can hold (docs/adr/0009): staged record by record, made visible by one small
 * batch, unfolded afterwards. Every step can be done again by anybody.
 */
import { ExchangeError, type Issue } from '../core/errors.js';
import type { MappedRecord } from '../core/mapping/types.js';
import { countThatFit } from '../core/records/batch-limits.js';
import { reportsByResult } from '../core/records/end-results.js';
import { currentId, nameOf, receiptId, stageId } from '../core/records/ids.js';
import { planRecords, type CommitContext, type CommitEffect } from '../core/records/plan-commit.js';
import { boundEffect, effectOf, planReceipt } from '../core/records/plan-receipt.js';
import { isReport } from '../core/records/result-status.js';
import {
  currentDocuments,
  isFlipped,
  overStages,
  planStage,
  stageOperations,
  stagingMessages,
  stagingTransactions,
} from '../core/records/stage-records.js';
import type {
  CommitOperation,
  ReceiptDocument,
  RecordDocument,
  StageDocument,
  Stored,
} from '../core/records/types.js';
import type { RecordStore } from '../ports/record-store.js';
import { settleTransaction } from './staged-transactions.js';
import { unfoldStaged } from './unfold-staged.js';

type Loaded = ReadonlyMap<string, Stored<RecordDocument>>;

/** Documents as a writer needs them. */
export interface Settled {
  /** Where a record is staged, the message that does it is not visible. */
  readonly loaded: Loaded;
  /** The messages that are being staged there, by the id of their `stage` document. */
  readonly stages: Loaded;
}

/** Other writers of one patient are few: whoever loses this often meets a fault, not a race. */
const maxAttempts = 10;
/** Records that are loaded and planned together. */
const recordsPerPart = 90;

/**
 * Loads documents to change them. What is visible and not unfolded is unfolded first, so that tags hold; a transaction
 * that is not decided is waited for, and if it stays so, aborted.
 *
 * @param own the attempt at a transaction that loads them: what it has staged stays
 */
export async function loadSettled(
  store: RecordStore,
  partition: string,
  ids: readonly string[],
  own?: string,
): Promise<Settled> {
  for (let count = 1; count <= maxAttempts; count++) {
    const loaded = await store.load(partition, ids);
    let unfolded = false;
    for (const transaction of stagingTransactions(loaded))
      if (transaction.attempt !== own)
        unfolded = (await settleTransaction(store, partition, transaction)) || unfolded;
    if (unfolded) continue;
    const messages = stagingMessages(loaded);
    if (messages.length === 0) return { loaded, stages: new Map() };
    // The tag of a stage must be older than what tells that the message is not visible: becoming so changes the tag, and
    // whoever writes with the old one loses.
    const stages = await store.load(partition, messages.map(stageId));
    const receipts = await store.load(partition, messages.map(receiptId));
    const flipped = messages.filter((id) => isAnyFlipped(loaded, id, receipts.get(receiptId(id))?.document));
    if (flipped.length === 0) return { loaded, stages };
    for (const id of flipped) await unfold(store, partition, receipts.get(receiptId(id))?.document);
  }
  throw new ExchangeError('HDE_CONCURRENT_UPDATE');
}

const isAnyFlipped = (loaded: Loaded, messageId: string, receipt: RecordDocument | undefined): boolean =>
  [...loaded.values()].some(
    ({ document }) =>
      document.kind === 'staged' && document.messageId === messageId && isFlipped(document, receipt),
  );

/** Puts what a visible message made of its records in their place, and clears away what else it staged. */
async function unfold(
  store: RecordStore,
  partition: string,
  receipt: RecordDocument | undefined,
): Promise<void> {
  if (receipt?.kind !== 'receipt' || receipt.stage === undefined) return;
  await unfoldStaged(store, partition, receipt.source.messageId, (staged) => isFlipped(staged, receipt));
}

/** A large message, as it concerns one partition. */
export interface LargeMessage {
  readonly partition: string;
  readonly records: readonly MappedRecord[];
  readonly context: CommitContext;
  /** What was found doubtful before. */
  readonly issues: readonly Issue[];
  /** Whether the records are still as they must be beside those of others. Asked when all are staged. */
  readonly confirm: () => Promise<boolean>;
}

/**
 * Stages a message, makes it visible and unfolds it.
 *
 * @returns undefined when its records must be settled anew
 * @throws ExchangeError HDE_CONCURRENT_UPDATE when another delivery of the same message stages it, too
 */
export async function commitStaged(
  store: RecordStore,
  message: LargeMessage,
): Promise<CommitEffect | undefined> {
  const { partition, context } = message;
  const { messageId } = context.source;
  const ids = [stageId(messageId), receiptId(messageId)];
  const begun = await begin(store, message);
  if (typeof begun !== 'number') return finish(store, begun);
  let disturbances = 0;
  for (let count = 1; count <= maxAttempts; count++) {
    const effect = await stageAll(store, message, begun);
    const loaded = await store.load(partition, ids);
    const receipt = receiptOf(loaded, messageId);
    if (receipt !== undefined) return finish(store, receipt);
    const { document, etag } = stageOf(loaded, messageId, begun);
    if (!(await message.confirm())) return undefined;
    if (document.disturbances === disturbances) {
      const operations = planReceipt(partition, effect, context, begun);
      const flip = [{ kind: 'replace', document, etag } as const, ...operations];
      if ((await store.commit(partition, flip)) === 'committed') {
        const [created] = operations;
        await unfold(store, partition, created?.document);
        return boundEffect(effect);
      }
      // A request that was repeated on its way may have won before it lost. What is staged after that is visible at once.
      const won = receiptOf(await store.load(partition, [receiptId(messageId)]), messageId);
      if (won !== undefined) return finish(store, won);
    }
    // Another message changed what was staged: that is staged again, and the rest found as it is.
    disturbances = document.disturbances;
  }
  throw new ExchangeError('HDE_CONCURRENT_UPDATE');
}

/** What a message did that is visible; a delivery that broke off may have left it to be unfolded. */
export async function finish(store: RecordStore, receipt: ReceiptDocument): Promise<CommitEffect> {
  await unfold(store, receipt.partition, receipt);
  return effectOf(receipt);
}

/** The number of the stage, or the receipt of a message that is visible already. */
async function begin(store: RecordStore, message: LargeMessage): Promise<number | ReceiptDocument> {
  const { partition, context } = message;
  const { messageId } = context.source;
  for (let count = 1; count <= maxAttempts; count++) {
    const loaded = await store.load(partition, [stageId(messageId), receiptId(messageId)]);
    const receipt = receiptOf(loaded, messageId);
    if (receipt !== undefined) return receipt;
    const before = loaded.get(stageId(messageId));
    const { stage, operation } = planStage(partition, messageId, before, context.now);
    if ((await store.commit(partition, [operation])) === 'committed') return stage;
  }
  throw new ExchangeError('HDE_CONCURRENT_UPDATE');
}

/** Reports come first: once they are staged nobody changes them unnoticed, and what became of them holds for their results. */
async function stageAll(store: RecordStore, message: LargeMessage, stage: number): Promise<CommitEffect> {
  const reports = message.records.filter(({ resource }) => isReport(resource));
  const records = [...new Set([...reports, ...message.records])];
  const byResult = reportsByResult(reports);
  const effects: CommitEffect[] = [];
  for (let start = 0; start < records.length; start += recordsPerPart) {
    const part = records.slice(start, start + recordsPerPart);
    const theirs = new Set(part.flatMap(({ resource }) => byResult.get(nameOf(resource)) ?? []));
    effects.push(await stagePart(store, message, { records: part, reports: [...theirs] }, stage));
  }
  return {
    changes: effects.flatMap(({ changes }) => changes),
    issues: [...message.issues, ...effects.flatMap(({ issues }) => issues)],
  };
}

/** Records that are staged together. */
interface Part {
  readonly records: readonly MappedRecord[];
  /** The reports that have those of them that are results. */
  readonly reports: readonly MappedRecord[];
}

/** Each batch replaces the `stage` document, too: a delivery that another one has overtaken stages nothing more. */
async function stagePart(
  store: RecordStore,
  { partition, context }: LargeMessage,
  { records, reports }: Part,
  stage: number,
): Promise<CommitEffect> {
  const { messageId } = context.source;
  const ids = new Set(
    [...records, ...reports].map(({ resource }) => currentId(resource.resourceType, resource.id)),
  );
  for (let conflicts = 0; conflicts < maxAttempts;) {
    const { loaded, stages } = await loadSettled(store, partition, [...ids, stageId(messageId)]);
    const own = stageOf(loaded, messageId, stage);
    const plan = planRecords(records, currentDocuments(loaded), context, reports);
    const waiting = stageOperations(plan.operations, loaded, own.document);
    if (waiting.length === 0) return plan;
    const beside = 1 + stagingMessages(loaded).length;
    const count = countThatFit(
      waiting.map((operation) => [operation]),
      beside,
    );
    const batch = overStages(waiting.slice(0, Math.max(1, count)), loaded, stages, messageId);
    const outcome = await store.commit(partition, [{ kind: 'replace', ...own }, ...batch]);
    if (outcome === 'conflict' || isStagedAgain(batch, loaded, own.document)) conflicts += 1;
  }
  throw new ExchangeError('HDE_CONCURRENT_UPDATE');
}

/** Whether something of this stage is staged otherwise than before: another message has changed what it depends on. */
const isStagedAgain = (
  batch: readonly CommitOperation[],
  loaded: Loaded,
  { messageId, stage }: StageDocument,
): boolean =>
  batch.some(({ document: { id } }) => {
    const before = loaded.get(id)?.document;
    return before?.kind === 'staged' && before.messageId === messageId && before.stage === stage;
  });

/** @throws ExchangeError HDE_CONCURRENT_UPDATE when another delivery of the message has overtaken this one */
function stageOf(loaded: Loaded, messageId: string, stage: number): Stored<StageDocument> {
  const stored = loaded.get(stageId(messageId));
  if (stored?.document.kind !== 'stage' || stored.document.stage !== stage)
    throw new ExchangeError('HDE_CONCURRENT_UPDATE');
  return { document: stored.document, etag: stored.etag };
}

/** The receipt of a message among loaded documents. */
export function receiptOf(loaded: Loaded, messageId: string): ReceiptDocument | undefined {
  const document = loaded.get(receiptId(messageId))?.document;
  return document?.kind === 'receipt' ? document : undefined;
}
