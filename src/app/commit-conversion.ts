/**
 * Writes what a message means: one atomic batch in each partition it touches, the patient's own last; a message that
 * no batch can hold goes in parts.
 */
import { ExchangeError } from '../core/errors.js';
import type { Conversion, MappedRecord } from '../core/mapping/types.js';
import { currentId, partReceiptId, receiptId } from '../core/records/ids.js';
import { spreadLabels } from '../core/records/labels.js';
import {
  planCommit,
  planPart,
  planReceipt,
  type CommitContext,
  type CommitEffect,
} from '../core/records/plan-commit.js';
import { fitsOneBatch, splitRecords } from '../core/records/split-records.js';
import { dependsOn } from '../core/records/standing.js';
import { withSuperseded } from '../core/records/superseded.js';
import type { CurrentDocument, RecordDocument, Stored } from '../core/records/types.js';
import type { Clock } from '../ports/clock.js';
import type { MessageEnvelope } from '../ports/message-queue.js';
import type { RecordStore } from '../ports/record-store.js';
import type { KnownShared } from './known-shared.js';
import { restrictLinked } from './restrict-linked.js';
import { settleRecords } from './settle-records.js';

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
  return joinEffects([...effects, { changes: [], issues: settled.issues }]);
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
  const parts = splitRecords(mapped);
  const ids = idsOf(mapped);
  if (withReceipt) ids.push(receiptId(messageId));
  if (parts.length > 1) ids.push(partReceiptId(messageId, 1));
  const attempt = async (): Promise<CommitEffect | undefined> => {
    const loaded = await deps.records.load(partition, ids);
    const done = effectOf(loaded, receiptId(messageId));
    if (done !== undefined) return done;
    const isBegun = loaded.has(partReceiptId(messageId, 1));
    const context = contextOf(deps, message);
    const plan = planCommit(partition, mapped, currentDocuments(loaded), context, withReceipt);
    if (isBegun || (parts.length > 1 && !fitsOneBatch(plan.operations)))
      return commitInParts(deps, message, partition, parts);
    return (await deps.records.commit(partition, plan.operations)) === 'committed' ? plan : undefined;
  };
  return untilCommitted(attempt);
}

/**
 * Commits a large message part by part, each with a receipt of its own, so that a delivery after a crash goes on
 * where the one before ended. The receipt and the event of the message, with all its changes, come last.
 */
async function commitInParts(
  deps: CommitDependencies,
  message: Commit,
  partition: string,
  parts: readonly MappedRecord[][],
): Promise<CommitEffect> {
  const { messageId } = message.envelope;
  const effects: CommitEffect[] = [];
  for (const [index, records] of parts.entries()) {
    const id = partReceiptId(messageId, index + 1);
    const made = await untilCommitted(async () => {
      const loaded = await deps.records.load(partition, [...idsOf(records), id]);
      const done = effectOf(loaded, id);
      if (done !== undefined) return done;
      const context = contextOf(deps, message);
      const plan = planPart(partition, index + 1, records, currentDocuments(loaded), context);
      return (await deps.records.commit(partition, plan.operations)) === 'committed' ? plan : undefined;
    });
    effects.push(made);
  }
  const effect = joinEffects(effects);
  const outcome = await deps.records.commit(
    partition,
    planReceipt(partition, effect, contextOf(deps, message)),
  );
  // Another delivery of the same message came first and committed the same.
  if (outcome === 'conflict') {
    const id = receiptId(messageId);
    return effectOf(await deps.records.load(partition, [id]), id) ?? effect;
  }
  return effect;
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

/** What a receipt says was done; undefined when there is no such receipt. */
function effectOf(loaded: ReadonlyMap<string, Stored<RecordDocument>>, id: string): CommitEffect | undefined {
  const document = loaded.get(id)?.document;
  return document?.kind === 'receipt'
    ? { changes: document.changes, issues: document.issues ?? [] }
    : undefined;
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

function currentDocuments(
  loaded: ReadonlyMap<string, Stored<RecordDocument>>,
): Map<string, Stored<CurrentDocument>> {
  const current = new Map<string, Stored<CurrentDocument>>();
  for (const [id, { document, etag }] of loaded) {
    if (document.kind === 'resource') current.set(id, { document, etag });
  }
  return current;
}
