/**
 * Decides what one message changes in one partition: pure, so that it can be repeated with fresh state whenever
 * another writer came first.
 */
import type { Coding } from 'fhir/r4.js';
import type { Issue } from '../errors.js';
import { onlySuccession } from '../mapping/succession.js';
import type { MappedRecord } from '../mapping/types.js';
import { doubtAbout } from './doubts.js';
import { endedSince, isEndOfResult } from './end-results.js';
import { currentId } from './ids.js';
import { labelsOf, missingFrom, onlyLabels } from './labels.js';
import { afterDeletion } from './meet-deletion.js';
import { isResult, meetResult } from './meet-result.js';
import { isOrder, isPlaceholder, statementOf } from './order-states.js';
import { asksForAnother } from './ordered.js';
import {
  creationOf,
  planChange,
  planCreation,
  planLate,
  planUpdate,
  type RecordPlan,
} from './plan-change.js';
import { planReceipt } from './plan-receipt.js';
import { isTakenBack } from './result-status.js';
import type { StandingContext } from './statement.js';
import type {
  CommitOperation,
  CurrentDocument,
  DeletedDocument,
  LatestDocument,
  RecordChange,
  RecordSource,
  Stored,
} from './types.js';
import { asVersion, changeOf, succeed } from './versions.js';

/** The facts about a message that its records share. */
export interface CommitContext extends StandingContext {
  readonly source: RecordSource;
  readonly messageType: string;
  /** ISO instant of the commit. */
  readonly now: string;
  readonly traceparent?: string;
}

/** What a message did, as its receipt keeps it. */
export interface CommitEffect {
  readonly changes: readonly RecordChange[];
  /** How many changes there were; absent when `changes` has all of them. */
  readonly changeCount?: number | undefined;
  /** What is doubtful where the message meets what is stored. */
  readonly issues: readonly Issue[];
  /** How many issues there were; absent when `issues` has all of them. */
  readonly issueCount?: number | undefined;
}

export interface CommitPlan extends CommitEffect {
  readonly operations: readonly CommitOperation[];
}

/**
 * Plans the records of one partition. `stored` holds the current documents and deletions by id, as loaded just before.
 * With `withReceipt` the plan ends with the receipt and, where anything changed, the outbox event.
 *
 * @param issues what was found doubtful before, which the receipt keeps, too
 */
export function planCommit(
  partition: string,
  records: readonly MappedRecord[],
  stored: ReadonlyMap<string, Stored<LatestDocument>>,
  context: CommitContext,
  withReceipt: boolean,
  issues: readonly Issue[] = [],
): CommitPlan {
  const planned = planRecords(records, stored, context);
  const plan = { ...planned, issues: [...issues, ...planned.issues] };
  return withReceipt
    ? {
        ...plan,
        operations: [...plan.operations, ...planReceipt(partition, plan, context)],
      }
    : plan;
}

/**
 * What records change, each by itself: without receipt and event.
 *
 * @param reports those of the message that have these results, where they are not among the records; `stored` has them, too
 */
export function planRecords(
  stated: readonly MappedRecord[],
  stored: ReadonlyMap<string, Stored<LatestDocument>>,
  context: CommitContext,
  reports = stated,
): CommitPlan {
  const records = endedSince(stated, (id) => currentOf(stored.get(id)), context, reports);
  const storedOf = ({ resource }: MappedRecord) => stored.get(currentId(resource.resourceType, resource.id));
  const doubtsOf = (record: MappedRecord) => doubtAbout(record, currentOf(storedOf(record)), context);
  const plans = records.map((record) => planRecord(record, storedOf(record), context));
  return {
    operations: plans.flatMap((plan) => plan.operations),
    changes: plans.map((plan) => plan.change).filter((change) => change !== undefined),
    issues: records.map(doubtsOf).filter((issue) => issue !== undefined),
  };
}

const currentOf = (stored: Stored<LatestDocument> | undefined): CurrentDocument | undefined =>
  stored?.document.kind === 'resource' ? stored.document : undefined;

function planRecord(
  record: MappedRecord,
  stored: Stored<LatestDocument> | undefined,
  context: CommitContext,
): RecordPlan {
  if (isEndOfResult(record)) return planEnd(record, stored, context);
  if (stored === undefined) return isConcerned(record) ? { operations: [] } : planCreation(record, context);
  const { document, etag } = stored;
  if (record.isHandedOn === true)
    return document.kind === 'deleted'
      ? { operations: [] }
      : planHandedOn(record, { document, etag }, context);
  if (document.kind === 'deleted') return planReturn(record, { document, etag }, context);
  const plan = planMeeting(record, { document, etag }, context);
  const isWritten = plan.operations.some(({ document: { id } }) => id === stored.document.id);
  return record.isGuard !== true || isWritten
    ? plan
    : { ...plan, operations: [...plan.operations, { kind: 'replace', ...stored }] };
}

function planMeeting(
  record: MappedRecord,
  stored: Stored<CurrentDocument>,
  context: CommitContext,
): RecordPlan {
  const { document } = stored;
  switch (record.mode) {
    case 'create':
      return planMention(record, stored, context);
    case 'link':
      return planUpdate(record, stored, context, false);
    case 'replace':
      if (isResult(record.resource)) return planResult(record, stored, context);
      return isStale(document, context)
        ? planLate(record, document, context)
        : planUpdate(withLabels(record, document.resource.meta?.security), stored, context, false);
    case 'merge':
      return isStale(document, context)
        ? planStale(record, stored, context)
        : planUpdate(record, stored, context, false);
  }
}

/** A stored record that the message is only about by its number, or by way of another that it has taken over from. */
const isConcerned = ({ mode, number, isHandedOn }: MappedRecord): boolean =>
  isHandedOn === true || (mode === 'link' && number !== undefined);

/** What a message says of a record that this one took over from. The evidence is kept there. */
function planHandedOn(
  record: MappedRecord,
  stored: Stored<CurrentDocument>,
  context: CommitContext,
): RecordPlan {
  return planUpdate(record, stored, context, true, []);
}

/** Who is mentioned in passing is not described by the message, but whom it restricts is restricted. */
function planMention(
  record: MappedRecord,
  stored: Stored<CurrentDocument>,
  context: CommitContext,
): RecordPlan {
  const { resource } = record;
  if (isOrder(resource)) return planOrderMention(record, stored, context);
  const labels = labelsOf(resource);
  if (labels.length === 0) return { operations: [] };
  return planUpdate(
    { ...record, resource: onlyLabels(resource, labels), removed: [] },
    stored,
    context,
    false,
  );
}

/**
 * An order that is mentioned in passing may be completed by that (OBR-25). Where no more is known of it than its number,
 * the mention says what was ordered. One of something else under the same number says nothing about it.
 */
function planOrderMention(
  record: MappedRecord,
  stored: Stored<CurrentDocument>,
  context: CommitContext,
): RecordPlan {
  const { resource, number } = record;
  const labels = labelsOf(resource);
  const { resourceType, id } = resource;
  const isOther = asksForAnother(resource, stored.document.resource, true);
  const own = isOther ? undefined : statementOf(record);
  const told = number?.told ?? (own === undefined ? [] : [own]);
  const isNews = !isOther && isPlaceholder(stored.document);
  const restriction = labels.length === 0 ? { resourceType, id } : onlyLabels(resource, labels);
  const mention = {
    ...record,
    resource: isNews ? resource : restriction,
    removed: [],
    number: { told, known: number?.known ?? [] },
  };
  return planUpdate(mention, stored, context, isNews);
}

/** A result ends with its report; one that was taken back is none that could end. The report is the evidence. */
function planEnd(
  record: MappedRecord,
  stored: Stored<LatestDocument> | undefined,
  context: CommitContext,
): RecordPlan {
  const document = currentOf(stored);
  if (stored === undefined || document === undefined || isTakenBack(document.resource))
    return { operations: [] };
  const { statement, memory } = meetResult(record, document, context);
  return planChange({ document, etag: stored.etag }, statement, memory, context);
}

/** A result meets what is stored by rules of its own, whichever of them comes first. */
function planResult(
  record: MappedRecord,
  stored: Stored<CurrentDocument>,
  context: CommitContext,
): RecordPlan {
  const { statement, isLate, memory } = meetResult(record, stored.document, context);
  const update = planChange(stored, statement, memory, context);
  if (!isLate) return update;
  const late = planLate(record, stored.document, context);
  return { operations: [...late.operations, ...update.operations], change: update.change ?? late.change };
}

/** What is stated anew keeps each label that it had, also after it was deleted: one does not take the place of another. */
function withLabels(record: MappedRecord, security: readonly Coding[] = []): MappedRecord {
  const { resource } = record;
  const own = labelsOf(resource);
  const kept = missingFrom(own, security);
  return kept.length === 0
    ? record
    : { ...record, resource: { ...resource, meta: { ...resource.meta, security: [...own, ...kept] } } };
}

/** True when the whole interval that the event time can mean lies before what is stored. */
const isStale = (stored: CurrentDocument, { latestEventTime }: CommitContext): boolean =>
  latestEventTime < stored.eventTime;

/**
 * A stale statement is kept as evidence and overwrites nothing. What it knows and nobody has stated or deleted since
 * is added: an admission that arrives after the discharge still says when and why the patient came. Its links hold,
 * since nothing stated later can have undone a merge.
 */
function planStale(
  record: MappedRecord,
  stored: Stored<CurrentDocument>,
  context: CommitContext,
): RecordPlan {
  const late = planLate(record, stored.document, context);
  const filling = { ...record, removed: onlySuccession(record.removed) };
  const update = planUpdate(filling, stored, context, true, record.removed);
  return { operations: [...late.operations, ...update.operations], change: update.change ?? late.change };
}

/** What a message makes of a record that a client has deleted. */
function planReturn(
  record: MappedRecord,
  deletion: Stored<DeletedDocument>,
  context: CommitContext,
): RecordPlan {
  const { document: deleted } = deletion;
  switch (afterDeletion(record, deleted, context)) {
    case 'stays':
      return { operations: [] };
    case 'late':
      return planLate(record, deleted, context);
    case 'returns': {
      const stated = withLabels(record, deleted.security);
      const again = asVersion(creationOf(stated, context), deleted.versionId + 1, context.now);
      const document = { ...again, writtenAt: deleted.lastUpdated };
      return { operations: succeed(deletion, document), change: changeOf(document, 'created') };
    }
  }
}
