/**
 * Writes what a message means: one atomic batch in each partition it touches, the patient's own last; a message that
 * no batch can hold goes in parts.
 */
import { ExchangeError } from '../core/errors.js';
import type { Conversion, MappedRecord } from '../core/mapping/types.js';
import { currentId, partReceiptId, receiptId } from '../core/records/ids.js';
import { planCommit, planPart, planReceipt, type CommitContext } from '../core/records/plan-commit.js';
import { fitsOneBatch, splitRecords } from '../core/records/split-records.js';
import type { CurrentDocument, RecordChange, RecordDocument, Stored } from '../core/records/types.js';
import type { Clock } from '../ports/clock.js';
import type { MessageEnvelope } from '../ports/message-queue.js';
import type { RecordStore } from '../ports/record-store.js';
import type { KnownShared } from './known-shared.js';

export interface CommitDependencies {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly knownShared: KnownShared;
}

/** Other writers of one patient are few: whoever loses this often meets a fault, not a race. */
const maxAttempts = 10;

/**
 * Commits all records of a conversion and answers what changed, also when an earlier delivery of the same message
 * did the work.
 *
 * A patient's partition holds the receipt, in the same batch as the records: that is what makes the effect happen
 * once; so does that of a shared resource (organisation, practitioner, place) about which a master file states
 * something. Those that a message only mentions are created where they are missing, with an id that follows from their
 * content, so doing that twice needs no receipt; they come first, because records refer to them.
 */
export async function commitConversion(
  deps: CommitDependencies,
  envelope: MessageEnvelope,
  conversion: Conversion,
): Promise<RecordChange[]> {
  const partitions = groupByPartition(conversion.records);
  const stated = [...partitions].filter(([, records]) => records.some(isStated));
  const mentioned = [...partitions].filter(
    ([partition, records]) => !deps.knownShared.has(partition) && !records.some(isStated),
  );
  const commit = (withReceipt: boolean) => (entry: [string, MappedRecord[]]) =>
    commitPartition(deps, envelope, conversion, entry, withReceipt);
  await Promise.all(mentioned.map(commit(false)));
  for (const [partition] of mentioned) deps.knownShared.add(partition);
  const changes: RecordChange[] = [];
  for (const entry of stated) changes.push(...(await commit(true)(entry)));
  return changes;
}

function groupByPartition(records: readonly MappedRecord[]): Map<string, MappedRecord[]> {
  const groups = new Map<string, MappedRecord[]>();
  for (const record of records) {
    const group = groups.get(record.partition);
    if (group === undefined) groups.set(record.partition, [record]);
    else group.push(record);
  }
  return groups;
}

/** Whether a record is more than the mention of a shared resource. */
const isStated = ({ partition, resource, mode }: MappedRecord): boolean =>
  mode !== 'create' || resource.resourceType === 'Patient' || resource.id !== partition;

async function commitPartition(
  deps: CommitDependencies,
  envelope: MessageEnvelope,
  conversion: Conversion,
  [partition, mapped]: [string, MappedRecord[]],
  withReceipt: boolean,
): Promise<readonly RecordChange[]> {
  const { messageId } = envelope;
  const parts = splitRecords(mapped);
  const ids = idsOf(mapped);
  if (withReceipt) ids.push(receiptId(messageId));
  if (parts.length > 1) ids.push(partReceiptId(messageId, 1));
  const attempt = async (): Promise<readonly RecordChange[] | undefined> => {
    const loaded = await deps.records.load(partition, ids);
    const done = changesOf(loaded, receiptId(messageId));
    if (done !== undefined) return done;
    const isBegun = loaded.has(partReceiptId(messageId, 1));
    const context = contextOf(deps, envelope, conversion);
    const plan = planCommit(partition, mapped, currentDocuments(loaded), context, withReceipt);
    if (isBegun || (parts.length > 1 && !fitsOneBatch(plan.operations)))
      return commitInParts(deps, envelope, conversion, partition, parts);
    return (await deps.records.commit(partition, plan.operations)) === 'committed' ? plan.changes : undefined;
  };
  return untilCommitted(attempt);
}

/**
 * Commits a large message part by part, each with a receipt of its own, so that a delivery after a crash goes on
 * where the one before ended. The receipt and the event of the message, with all its changes, come last.
 */
async function commitInParts(
  deps: CommitDependencies,
  envelope: MessageEnvelope,
  conversion: Conversion,
  partition: string,
  parts: readonly MappedRecord[][],
): Promise<readonly RecordChange[]> {
  const changes: RecordChange[] = [];
  for (const [index, records] of parts.entries()) {
    const id = partReceiptId(envelope.messageId, index + 1);
    const made = await untilCommitted(async () => {
      const loaded = await deps.records.load(partition, [...idsOf(records), id]);
      const done = changesOf(loaded, id);
      if (done !== undefined) return done;
      const context = contextOf(deps, envelope, conversion);
      const plan = planPart(partition, index + 1, records, currentDocuments(loaded), context);
      return (await deps.records.commit(partition, plan.operations)) === 'committed'
        ? plan.changes
        : undefined;
    });
    changes.push(...made);
  }
  const context = contextOf(deps, envelope, conversion);
  const outcome = await deps.records.commit(partition, planReceipt(partition, changes, context));
  // Another delivery of the same message came first and committed the same.
  if (outcome === 'conflict') {
    const id = receiptId(envelope.messageId);
    return changesOf(await deps.records.load(partition, [id]), id) ?? changes;
  }
  return changes;
}

/** Repeats an attempt until no other writer comes first. */
async function untilCommitted<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (let count = 1; count <= maxAttempts; count++) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  throw new ExchangeError('HDE_CONCURRENT_UPDATE');
}

const idsOf = (records: readonly MappedRecord[]): string[] =>
  records.map(({ resource }) => currentId(resource.resourceType, resource.id));

/** What a receipt says was changed; undefined when there is no such receipt. */
function changesOf(
  loaded: ReadonlyMap<string, Stored<RecordDocument>>,
  id: string,
): readonly RecordChange[] | undefined {
  const document = loaded.get(id)?.document;
  return document?.kind === 'receipt' ? document.changes : undefined;
}

function contextOf(
  { clock }: CommitDependencies,
  envelope: MessageEnvelope,
  conversion: Conversion,
): CommitContext {
  return {
    source: { messageId: envelope.messageId, feed: envelope.feed, pack: conversion.pack },
    messageType: conversion.messageType,
    eventTime: conversion.eventTime,
    latestEventTime: conversion.latestEventTime,
    now: clock.now().toISOString(),
    ...(envelope.traceparent === undefined ? {} : { traceparent: envelope.traceparent }),
  };
}

function currentDocuments(
  loaded: ReadonlyMap<string, Stored<RecordDocument>>,
): Map<string, Stored<CurrentDocument>> {
  const current = new Map<string, Stored<CurrentDocument>>();
  for (const [id, { document, etag }] of loaded) {
    if (document.kind === 'resource') current.set(id, { document, etag });
  }
  return current;
}
