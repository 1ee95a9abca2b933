/** What a statement makes of one record: another version of it, evidence beside it, or only another memory. */
import { completeRecord } from '../mapping/complete-record.js';
import type { MappedRecord } from '../mapping/types.js';
import type { Resource } from 'fhir/r4.js';
import { clearedAfter, settledSince } from './cleared.js';
import { sameJson } from './equal.js';
import { identifiedAfter, withLatestIdentifiers } from './identified.js';
import { reasonsOfLabels } from './labels.js';
import { packLineage } from './lineage.js';
import { meetOrder, withState } from './meet-order.js';
import { settleLocations } from './merge.js';
import { eventsAfter, isOrder } from './order-states.js';
import type { CommitContext } from './plan-commit.js';
import { begin, meet, settleStanding, standingAfter } from './standing.js';
import { mergeStatements, type Statement } from './statement.js';
import type {
  CommitOperation,
  CurrentDocument,
  LatestDocument,
  RecordChange,
  RecordMemory,
  Standing,
  Stored,
} from './types.js';
import {
  changeOf,
  contentOf,
  currentDocument,
  lateDocument,
  memoryOf,
  succeed,
  withoutMemory,
  writtenByClients,
} from './versions.js';

/** What is written of one record, and what that is called. */
export interface RecordPlan {
  readonly operations: readonly CommitOperation[];
  readonly change?: RecordChange | undefined;
}

const beforeAllEvents = '1900-01-01T00:00:00.000Z';

/** Neither a link nor a mention in passing is an authority: whatever is stated about the record is news, however old. */
const isAuthority = ({ mode }: MappedRecord): boolean => mode === 'merge' || mode === 'replace';

/** A record that nobody has stored. */
export function planCreation(record: MappedRecord, context: CommitContext): RecordPlan {
  const document = creationOf(record, context);
  return { operations: [{ kind: 'create', document }], change: changeOf(document, 'created') };
}

/** The first version of a record. */
export function creationOf(record: MappedRecord, context: CommitContext): CurrentDocument {
  const { resource: stated, lineage: entries, partition } = record;
  const statement = { resource: stated, lineage: packLineage(entries, context.source.messageId) };
  const events = isOrder(stated) ? eventsAfter(record, undefined, context) : undefined;
  const { resource, lineage } = withState(begin(record, statement, context), events);
  const standing = standingAfter(record, undefined, context);
  const eventTime = isAuthority(record) ? context.eventTime : beforeAllEvents;
  const complete = finish(record, resource, standing);
  const cleared = isAuthority(record)
    ? clearedAfter(record.removed, undefined, complete, context)
    : undefined;
  return {
    ...currentDocument(partition, complete, 1, lineage, { ...context, eventTime }),
    ...(cleared === undefined ? {} : { cleared }),
    ...identifiedAfter(record, undefined, complete, eventTime, context),
    ...(standing === undefined ? {} : { standing }),
    ...(events === undefined ? {} : { events }),
  };
}

/** A resource as it is to be stored. */
const finish = (record: MappedRecord, resource: Resource, standing: Standing | undefined): Resource =>
  settleLocations(completeRecord(settleStanding(record, resource, standing), record.removed));

/** Keeps a statement as evidence beside what is stored. */
export function planLate(record: MappedRecord, stored: LatestDocument, context: CommitContext): RecordPlan {
  const { resource, partition } = record;
  const lineage = packLineage(record.lineage, context.source.messageId);
  const document = lateDocument(partition, resource, stored.versionId, lineage, context);
  return { operations: [{ kind: 'create', document }], change: changeOf(document, 'late') };
}

/**
 * What is stored together with what a message says of it.
 *
 * @param fillsOnly whether only what is not known yet is added
 * @param removed elements that the message deletes
 */
export function planUpdate(
  record: MappedRecord,
  before: Stored<CurrentDocument>,
  context: CommitContext,
  fillsOnly: boolean,
  removed = record.removed,
): RecordPlan {
  const { document: stored } = before;
  const standing = standingAfter(record, stored, context);
  const events = isOrder(record.resource) ? eventsAfter(record, stored, context) : undefined;
  const statement = withState(combine(record, stored, standing, context, fillsOnly), events);
  const stated = isAuthority(record) ? context.eventTime : stored.eventTime;
  const eventTime = stated > stored.eventTime ? stated : stored.eventTime;
  const { withdrawn, deferred } = stored;
  const cleared = clearedAfter(removed, stored.cleared, statement.resource, context);
  const memory = {
    eventTime,
    ...(cleared === undefined ? {} : { cleared }),
    ...identifiedAfter(record, stored, statement.resource, eventTime, context),
    ...(standing === undefined ? {} : { standing }),
    ...(events === undefined ? {} : { events }),
    ...(withdrawn === undefined ? {} : { withdrawn }),
    ...(deferred === undefined ? {} : { deferred }),
  };
  return planChange(before, statement, memory, context);
}

/** Puts what a record says from now on, and what is remembered of it, in the place of what is stored. */
export function planChange(
  { document: stored, etag }: Stored<CurrentDocument>,
  { resource, lineage }: Statement,
  memory: RecordMemory,
  context: CommitContext,
): RecordPlan {
  if (sameJson(contentOf(resource), contentOf(stored.resource))) {
    const isReasoned = sameJson(reasonsOfLabels(lineage), reasonsOfLabels(stored.lineage));
    if (isReasoned && sameJson(memory, memoryOf(stored))) return { operations: [] };
    // Nothing new, but said again later: a message between the two must count as stale from now on. Or by another field:
    // a label stays until both have taken it back.
    const document = { ...withoutMemory(stored), ...memory, ...(isReasoned ? {} : { lineage }) };
    return { operations: [{ kind: 'replace', etag, document }] };
  }
  const document = {
    ...currentDocument(stored.partition, resource, stored.versionId + 1, lineage, context),
    ...writtenByClients(stored),
    ...memory,
  };
  return {
    operations: succeed({ document: stored, etag }, document),
    change: changeOf(document, 'updated'),
  };
}

function combine(
  record: MappedRecord,
  stored: CurrentDocument,
  standing: Standing | undefined,
  context: CommitContext,
  fillsOnly: boolean,
): Statement {
  const stated = packLineage(record.lineage, context.source.messageId);
  if (record.mode === 'replace') return { resource: completeRecord(record.resource), lineage: stated };
  const meeting = isOrder(record.resource)
    ? meetOrder(record, stored, fillsOnly)
    : meet(record, stored, context, fillsOnly);
  const { base, parts } = withLatestIdentifiers(meeting, stated, stored, context);
  const { resource, lineage } = parts.reduce((known, part) => {
    const statement = { resource: part.resource, lineage: part.lineage ?? stated };
    return part.fillsOnly
      ? mergeStatements(statement, known, settledSince(stored, context))
      : mergeStatements(known, statement, part.removed);
  }, base);
  return { resource: finish(record, resource, standing), lineage };
}
