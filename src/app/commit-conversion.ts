/**
 * Writes what a message means: one atomic batch in each partition it touches, the patient's own last; what no batch can
 * hold is staged.
 */
import { ExchangeError } from '../core/errors.js';
import type { Conversion, MappedRecord } from '../core/mapping/types.js';
import { fitsOneBatch } from '../core/records/batch-limits.js';
import { currentId, receiptId } from '../core/records/ids.js';
import { spreadLabels } from '../core/records/labels.js';
import { planCommit, type CommitContext, type CommitEffect } from '../core/records/plan-commit.js';
import { boundEffect } from '../core/records/plan-receipt.js';
import { currentDocuments, overStages } from '../core/records/stage-records.js';
import { dependsOn } from '../core/records/standing.js';
import { withSuperseded } from '../core/records/superseded.js';
import type { CurrentDocument } from '../core/records/types.js';
import type { Clock } from '../ports/clock.js';
import type { MessageEnvelope } from '../ports/message-queue.js';
import type { RecordStore } from '../ports/record-store.js';
import type { KnownShared } from './known-shared.js';
import { restrictLinked } from './restrict-linked.js';
import { settleRecords } from './settle-records.js';
import { commitStaged, finish, loadSettled, receiptOf } from './staged-messages.js';

export interface CommitDependencies {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly knownShared: KnownShared;
}

/** What is written of one message. */
interface Commit {
  readonly envelope: MessageEnvelope;
  readonly conversion: Conversion;
  /** Records elsewhere that those of the message depend on, by reference, as they were before it. */
  readonly others: ReadonlyMap<string, CurrentDocument>;
}

/** Other writers of one patient are few: whoever loses this often meets a fault, not a race. */
const maxAttempts = 10;
/** More records than this are not tried as one batch: they would have to be read at once. */
const mostRecordsTried = 300;

/**
 * Commits all records of a conversion and answers what changed and what is doubtful, also when an earlier delivery of
 * the same message did the work.
 *
 * A patient's partition holds the receipt, in the same batch as the records: that is what makes the effect happen
 * once; so does that of a shared resource (organisation, practitioner, place) about which a master file states
 * something. Those that a message only mentions are created where they are missing, with an id that follows from their
 * content, so doing that twice needs no receipt; they come first, because records refer to them.
 *
 * A visit that moves is written where it goes before it ends where it was: a delivery that breaks off between the two
 * shows it twice for a moment, and never loses it.
 */
export async function commitConversion(
  deps: CommitDependencies,
  envelope: MessageEnvelope,
  conversion: Conversion,
): Promise<CommitEffect> {
  const settled = await settleRecords(deps.records, conversion.records);
  const stated = withSuperseded(spreadLabels(settled.records));
  const records = await restrictLinked(deps.records, stated);
  const others = await readOthers(deps, records);
  const partitions = groupByPartition(records);
  const about = [...partitions].filter(([, group]) => group.some(isStated));
  const mentioned = [...partitions].filter(
    ([partition, group]) => !deps.knownShared.has(partition) && !group.some(isStated),
  );
  const message: Commit = { envelope, conversion, others };
  const commit = (withReceipt: boolean) => (entry: [string, MappedRecord[]]) =>
    commitPartition(deps, message, entry, withReceipt);
  await Promise.all(mentioned.map(commit(false)));
  for (const [partition] of mentioned) deps.knownShared.add(partition);
  const effects: CommitEffect[] = [];
  for (const entry of about) effects.push(await commit(true)(entry));
  const { changes, issues } = boundEffect(joinEffects(effects));
  return { changes, issues: [...issues, ...settled.issues] };
}

const joinEffects = (effects: readonly CommitEffect[]): CommitEffect => ({
  changes: effects.flatMap(({ changes }) => changes),
  issues: effects.flatMap(({ issues }) => issues),
});

/** Merges and moves alone depend on other records, so that most messages read nothing more. */
async function readOthers(
  { records: store }: CommitDependencies,
  records: readonly MappedRecord[],
): Promise<Map<string, CurrentDocument>> {
  const others = new Map<string, CurrentDocument>();
  for (const reference of new Set(records.flatMap(dependsOn))) {
    const [resourceType = '', id = ''] = reference.split('/');
    const document = await store.readCurrent(resourceType, id);
    if (document !== undefined) others.set(reference, document);
  }
  return others;
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
  message: Commit,
  [partition, mapped]: [string, MappedRecord[]],
  withReceipt: boolean,
): Promise<CommitEffect> {
  const { messageId } = message.envelope;
  const ids = [
    ...mapped.map(({ resource }) => currentId(resource.resourceType, resource.id)),
    ...(withReceipt ? [receiptId(messageId)] : []),
  ];
  const context = contextOf(deps, message);
  const staged = () => commitStaged(deps.records, { partition, records: mapped, context });
  if (withReceipt && mapped.length > mostRecordsTried) return staged();
  return untilCommitted(async () => {
    const { loaded, stages } = await loadSettled(deps.records, partition, ids);
    const receipt = receiptOf(loaded, messageId);
    if (receipt !== undefined) return finish(deps.records, receipt);
    const plan = planCommit(partition, mapped, currentDocuments(loaded), context, withReceipt);
    const operations = overStages(plan.operations, loaded, stages, messageId);
    if (withReceipt && !fitsOneBatch(operations)) return staged();
    return (await deps.records.commit(partition, operations)) === 'committed' ? plan : undefined;
  });
}

/** Repeats an attempt until no other writer comes first. */
async function untilCommitted<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (let count = 1; count <= maxAttempts; count++) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  throw new ExchangeError('HDE_CONCURRENT_UPDATE');
}

function contextOf({ clock }: CommitDependencies, { envelope, conversion, others }: Commit): CommitContext {
  return {
    source: {
      messageId: envelope.messageId,
      ...(envelope.correctionOf === undefined ? {} : { correctionOf: envelope.correctionOf }),
      feed: envelope.feed,
      pack: conversion.pack,
    },
    messageType: conversion.messageType,
    eventTime: conversion.eventTime,
    latestEventTime: conversion.latestEventTime,
    others,
    now: clock.now().toISOString(),
    ...(envelope.traceparent === undefined ? {} : { traceparent: envelope.traceparent }),
  };
}
