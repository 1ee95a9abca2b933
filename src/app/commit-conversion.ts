/**
 * Writes what a message means: one atomic batch in each partition it touches, the patient's own last; what no batch can
 * hold is staged.
 */
import { ExchangeError, type Issue } from '../core/errors.js';
import { formerOf } from '../core/mapping/succession.js';
import type { Conversion, MappedRecord } from '../core/mapping/types.js';
import { fitsOneBatch } from '../core/records/batch-limits.js';
import { sameJson } from '../core/records/equal.js';
import { handedOnBy, isVisit, successorsOf, type HandedOn } from '../core/records/hand-on.js';
import { currentId, receiptId } from '../core/records/ids.js';
import { spreadLabels } from '../core/records/labels.js';
import { planCommit, type CommitContext, type CommitEffect } from '../core/records/plan-commit.js';
import { boundEffect, joinEffects, planEvents } from '../core/records/plan-receipt.js';
import { currentDocuments, overStages } from '../core/records/stage-records.js';
import { idsOfPrescriptions } from '../core/records/restricting-orders.js';
import { dependsOn } from '../core/records/standing.js';
import { withSuperseded } from '../core/records/superseded.js';
import type { CurrentDocument, LatestDocument } from '../core/records/types.js';
import type { Clock } from '../ports/clock.js';
import type { MessageEnvelope } from '../ports/message-queue.js';
import type { RecordStore } from '../ports/record-store.js';
import { agreeWithLinked } from './agree-with-linked.js';
import type { KnownShared } from './known-shared.js';
import { settleRecords } from './settle-records.js';
import { commitStaged, finish, loadSettled, receiptOf, type Settled } from './staged-messages.js';

export interface CommitDependencies {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly knownShared: KnownShared;
}

/** Makes sure that what a message states may be written about the people it was found to mean. */
export interface ConfirmPatient {
  /** Whether a partition is that of one of these people. */
  concerns(partition: string): boolean;
  /**
   * Rejects when the record of the patient, as it stands, does not bear out that the message is about them; answers what is
   * doubtful about it all the same.
   */
  confirm(partition: string, holder: LatestDocument | undefined): Promise<readonly Issue[]>;
}

/** What is written of one message. */
interface Commit {
  readonly patients: ConfirmPatient;
  readonly envelope: MessageEnvelope;
  readonly conversion: Conversion;
  /** Records elsewhere that those of the message depend on, by reference, as they were before it. */
  readonly others: ReadonlyMap<string, CurrentDocument>;
  /** Which of its records takes over from which. */
  readonly successors: ReadonlyMap<string, string>;
  /** Allergies under all numbers of people who have several. */
  readonly allergies: readonly CurrentDocument[];
}

/** What a message did in one partition. */
interface Committed {
  readonly effect: CommitEffect;
  /** What it means for records that took over from those it states. */
  readonly handedOn: readonly HandedOn[];
}

/** A visit that has moved on more often is left to an operator: its records are in a loop. */
const mostMoves = 20;
/** Other writers of one patient are few: whoever loses this often meets a fault, not a race. */
const maxAttempts = 10;
/** More records than this are not tried as one batch: they would have to be read at once. */
const mostRecordsTried = 300;

/**
 * Commits all records of a conversion and answers what changed and what is doubtful, also when an earlier delivery of
 * the same message did the work. Rejects as `patients` does, before anything about the patient is written.
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
  patients: ConfirmPatient,
): Promise<CommitEffect> {
  const stated = withSuperseded(spreadLabels(conversion.records));
  const before = await agreeWithLinked(deps.records, stated, false);
  const records = [...stated, ...before.records];
  const others = await readOthers(deps, records);
  const partitions = groupByPartition(records);
  const about = [...partitions].filter(([, group]) => group.some(isStated));
  const mentioned = [...partitions].filter(
    ([partition, group]) => !deps.knownShared.has(partition) && !group.some(isStated),
  );
  const successors = successorsOf(records);
  const { allergies } = before;
  const message: Commit = { patients, envelope, conversion, others, successors, allergies };
  const commit = (withReceipt: boolean) => (entry: [string, MappedRecord[]]) =>
    commitPartition(deps, message, entry, withReceipt);
  await Promise.all(mentioned.map(commit(false)));
  for (const [partition] of mentioned) deps.knownShared.add(partition);
  const committed: Committed[] = [];
  for (const entry of about) committed.push(await commit(true)(entry));
  const handed = committed.flatMap(({ handedOn }) => handedOn);
  const effects = [
    ...committed.map(({ effect }) => effect),
    ...(await commitHandedOn(deps, message, handed)),
  ];
  const after = await agreeWithLinked(deps.records, stated, true);
  for (const [partition, group] of groupByPartition(after.records))
    effects.push((await commitLater(deps, message, partition, group)).effect);
  return boundEffect(joinEffects([...effects, { changes: [], issues: after.issues }]));
}

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
): Promise<Committed> {
  const { records: store } = deps;
  const { messageId } = message.envelope;
  const context = contextOf(deps, message);
  const isLarge = withReceipt && mapped.length > mostRecordsTried;
  const linked = message.allergies.filter((document) => document.partition !== partition);
  const settle = () => settleRecords(store, partition, mapped, linked);
  return untilCommitted(async () => {
    // Loaded first: what others change from here on is a conflict, and what they changed before is settled with.
    const loadedFirst = isLarge ? mapped.filter(isVisit) : mapped;
    const holders = message.patients.concerns(partition) ? [currentId('Patient', partition)] : [];
    const own = withReceipt ? [receiptId(messageId)] : [];
    const ids = [...new Set([...own, ...holders, ...idsOf(loadedFirst), ...idsOfPrescriptions(loadedFirst)])];
    const before = await loadSettled(store, partition, ids);
    const receipt = receiptOf(before.loaded, messageId);
    const handedOn = handedOnBy(mapped, currentDocuments(before.loaded), context);
    const done = (effect: CommitEffect | undefined) => effect && { effect, handedOn };
    if (receipt !== undefined) return done(await finish(store, receipt));
    const doubts = await confirmHolders(message, partition, holders, before);
    const { records, issues: settled } = await settle();
    const issues = [...doubts, ...settled];
    const isSettled = async () => sameJson((await settle()).records, records);
    const confirm = async () => {
      await confirmHolders(message, partition, holders, await loadSettled(store, partition, holders));
      return isSettled();
    };
    const staged = async () => {
      const effect = await commitStaged(store, { partition, records, context, issues, confirm });
      // What it is staged upon may be later than what was loaded first: a visit may have moved on meanwhile.
      const visits = effect === undefined ? [] : idsOf(mapped.filter(isVisit));
      if (visits.length === 0) return done(effect);
      const left = await loadSettled(store, partition, visits);
      return effect && { effect, handedOn: handedOnBy(mapped, currentDocuments(left.loaded), context) };
    };
    if (isLarge) return staged();
    const more = idsOf(records).filter((id) => !ids.includes(id));
    const { loaded, stages } = await loadMore(store, partition, before, more);
    // What came to light was loaded later than it was settled with.
    if (more.length > 0 && !(await isSettled())) return undefined;
    const plan = planCommit(partition, records, currentDocuments(loaded), context, withReceipt, issues);
    const operations = overStages(plan.operations, loaded, stages, messageId);
    if (withReceipt && !fitsOneBatch(operations)) return staged();
    return (await store.commit(partition, operations)) === 'committed' ? done(plan) : undefined;
  });
}

/** Judges the patient by the record as it was loaded. Rejects as `ConfirmPatient` does. @param holders ids of documents */
async function confirmHolders(
  { patients }: Commit,
  partition: string,
  holders: readonly string[],
  { loaded }: Settled,
): Promise<Issue[]> {
  const current = currentDocuments(loaded);
  const doubts: Issue[] = [];
  for (const id of holders) doubts.push(...(await patients.confirm(partition, current.get(id)?.document)));
  return doubts;
}

/** Hands on what a message says of records that others took over from, as far as those went. */
async function commitHandedOn(
  deps: CommitDependencies,
  message: Commit,
  handedOn: readonly HandedOn[],
): Promise<CommitEffect[]> {
  const effects: CommitEffect[] = [];
  let waiting = handedOn;
  for (let count = 0; count < mostMoves && waiting.length > 0; count++) {
    const next: HandedOn[] = [];
    for (const { record, former } of waiting) {
      const others = new Map(former === undefined ? [] : [[formerOf(record.removed) ?? '', former]]);
      // Whoever made the record may be another process: what took over must not be taken for absent, or for what it was.
      await deps.records.catchUp(record.partition);
      const committed = await commitLater(deps, { ...message, others }, record.partition, [record]);
      effects.push(committed.effect);
      next.push(...committed.handedOn);
    }
    waiting = next;
  }
  return effects;
}

/** Ids of all documents that records may be, or come to be when they are settled. */
const idsOf = (records: readonly MappedRecord[]): string[] => [
  ...new Set(
    records.flatMap(({ resource: { resourceType, id }, twin }) =>
      [id, ...(twin === undefined ? [] : [twin])].map((each) => currentId(resourceType, each)),
    ),
  ),
];

/** Adds the documents of records that came to light, such as those that a message refutes. */
async function loadMore(
  store: RecordStore,
  partition: string,
  before: Settled,
  ids: readonly string[],
): Promise<Settled> {
  if (ids.length === 0) return before;
  const { loaded, stages } = await loadSettled(store, partition, ids);
  return {
    loaded: new Map([...loaded, ...before.loaded]),
    stages: new Map([...stages, ...before.stages]),
  };
}

/**
 * Writes what follows from a message and from one that was committed at the same moment, in partitions where its
 * receipt is written. Doing it twice changes nothing, so it needs none.
 */
async function commitLater(
  deps: CommitDependencies,
  message: Commit,
  partition: string,
  records: readonly MappedRecord[],
): Promise<Committed> {
  const context = contextOf(deps, message);
  const { messageId } = message.envelope;
  return untilCommitted(async () => {
    const { loaded, stages } = await loadSettled(deps.records, partition, idsOf(records));
    const plan = planCommit(partition, records, currentDocuments(loaded), context, false);
    const handedOn = handedOnBy(records, currentDocuments(loaded), context);
    const operations = [...plan.operations, ...planEvents(partition, plan, context)];
    const batch = overStages(operations, loaded, stages, messageId);
    const isCommitted = batch.length === 0 || (await deps.records.commit(partition, batch)) === 'committed';
    return isCommitted ? { effect: plan, handedOn } : undefined;
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

function contextOf(
  { clock }: CommitDependencies,
  { envelope, conversion, others, successors }: Commit,
): CommitContext {
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
    successors,
    now: clock.now().toISOString(),
    ...(envelope.traceparent === undefined ? {} : { traceparent: envelope.traceparent }),
  };
}
