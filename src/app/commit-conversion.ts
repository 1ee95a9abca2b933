/** Writes what a message means: one atomic batch in each partition it touches, the patient's own last. */
import { ExchangeError } from '../core/errors.js';
import type { Conversion, MappedRecord } from '../core/mapping/types.js';
import { currentId, receiptId } from '../core/records/ids.js';
import { planCommit, type CommitContext } from '../core/records/plan-commit.js';
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
/** A batch holds 100 operations, two of which are the receipt and the event. Checked before anything is written. */
const mostRecords = 98;

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
  if (stated.some(([, records]) => records.length > mostRecords))
    throw new ExchangeError('HDE_MESSAGE_TOO_LARGE');
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
  { records, clock }: CommitDependencies,
  envelope: MessageEnvelope,
  conversion: Conversion,
  [partition, mapped]: [string, MappedRecord[]],
  withReceipt: boolean,
): Promise<readonly RecordChange[]> {
  const receipt = receiptId(envelope.messageId);
  const ids = mapped.map(({ resource }) => currentId(resource.resourceType, resource.id));
  if (withReceipt) ids.push(receipt);
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const loaded = await records.load(partition, ids);
    const done = loaded.get(receipt)?.document;
    if (done?.kind === 'receipt') return done.changes;
    const context = contextOf(envelope, conversion, clock.now().toISOString());
    const plan = planCommit(partition, mapped, currentDocuments(loaded), context, withReceipt);
    if ((await records.commit(partition, plan.operations)) === 'committed') return plan.changes;
  }
  throw new ExchangeError('HDE_CONCURRENT_UPDATE');
}

function contextOf(envelope: MessageEnvelope, conversion: Conversion, now: string): CommitContext {
  return {
    source: { messageId: envelope.messageId, feed: envelope.feed, pack: conversion.pack },
    messageType: conversion.messageType,
    eventTime: conversion.eventTime,
    latestEventTime: conversion.latestEventTime,
    now,
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
