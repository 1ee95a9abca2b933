/**
 * Decides what one message changes in one partition: pure, so that it can be repeated with fresh state whenever
 * another writer came first.
 */
import type { Patient, Resource } from 'fhir/r4.js';
import { indexResource } from '../fhir/search-index.js';
import { completeNewRecord } from '../mapping/complete-new-record.js';
import type { MappedRecord } from '../mapping/types.js';
import { sameJson } from './equal.js';
import { currentId, eventId, lateId, receiptId, replacedId } from './ids.js';
import { mergeLineage, packLineage } from './lineage.js';
import { mergeResources } from './merge.js';
import type {
  CommitOperation,
  CurrentDocument,
  EventDocument,
  LateDocument,
  ReceiptDocument,
  RecordChange,
  RecordSource,
  Stored,
  StoredLineage,
  VersionDocument,
} from './types.js';

/** The facts about a message that its records share. */
export interface CommitContext {
  readonly source: RecordSource;
  readonly messageType: string;
  /** ISO instant of the event. */
  readonly eventTime: string;
  /** ISO instant of the commit. */
  readonly now: string;
  readonly traceparent?: string;
}

export interface CommitPlan {
  readonly operations: readonly CommitOperation[];
  readonly changes: readonly RecordChange[];
}

interface RecordPlan {
  readonly operations: readonly CommitOperation[];
  readonly change?: RecordChange | undefined;
}

/**
 * Plans the records of one partition. `stored` holds the current documents by id, as loaded just before. With
 * `withReceipt` the plan ends with the receipt and, where anything changed, the outbox event.
 */
export function planCommit(
  partition: string,
  records: readonly MappedRecord[],
  stored: ReadonlyMap<string, Stored<CurrentDocument>>,
  context: CommitContext,
  withReceipt: boolean,
): CommitPlan {
  const plans = records.map((record) =>
    planRecord(record, stored.get(currentId(record.resource.resourceType, record.resource.id)), context),
  );
  const operations = plans.flatMap((plan) => plan.operations);
  const changes = plans.map((plan) => plan.change).filter((change) => change !== undefined);
  if (withReceipt) {
    operations.push({ kind: 'create', document: receiptDocument(partition, changes, context) });
    if (changes.length > 0)
      operations.push({ kind: 'create', document: eventDocument(partition, changes, context) });
  }
  return { operations, changes };
}

function planRecord(
  record: MappedRecord,
  stored: Stored<CurrentDocument> | undefined,
  context: CommitContext,
): RecordPlan {
  if (stored === undefined) return planCreation(record, context);
  if (record.mode === 'create') return { operations: [] };
  const isStale = context.eventTime < stored.document.eventTime;
  // An older event of another source may still know what nobody stated since; of the same source it is history.
  if (record.mode === 'link') return planUpdate(record, stored, atTimeOf(stored.document, context), false);
  if (isStale && (record.mode === 'replace' || stored.document.source.feed === context.source.feed)) {
    return planStale(record, stored, context);
  }
  return planUpdate(record, stored, context, isStale);
}

/** Keeps a stale statement as evidence. Links in it still hold: nothing stated since can have undone a merge. */
function planStale(
  record: MappedRecord,
  stored: Stored<CurrentDocument>,
  context: CommitContext,
): RecordPlan {
  const late = planLate(record, stored.document, context);
  const links = linksOf(record);
  if (links === undefined) return late;
  const update = planUpdate(links, stored, atTimeOf(stored.document, context), false);
  return { operations: [...late.operations, ...update.operations], change: update.change ?? late.change };
}

const atTimeOf = ({ eventTime }: CurrentDocument, context: CommitContext): CommitContext => ({
  ...context,
  eventTime,
});

/** The part of a patient that says whom they are linked to. */
function linksOf(record: MappedRecord): MappedRecord | undefined {
  const { link, id } = record.resource as Patient & { id: string };
  if (record.resource.resourceType !== 'Patient' || link === undefined) return undefined;
  return {
    ...record,
    mode: 'link',
    resource: { resourceType: 'Patient', id, link } as Patient & { id: string },
    removed: [],
    lineage: record.lineage.filter(({ element }) => element.startsWith('Patient.link')),
  };
}

const beforeAllEvents = '1900-01-01T00:00:00.000Z';

function planCreation(record: MappedRecord, context: CommitContext): RecordPlan {
  const lineage = packLineage(record.lineage, context.source.messageId);
  const resource = completeNewRecord(record.resource);
  // A link says nothing about the person, so whatever is stated about them later is news.
  const eventTime = record.mode === 'link' ? beforeAllEvents : context.eventTime;
  const document = currentDocument(record.partition, resource, 1, lineage, { ...context, eventTime });
  return { operations: [{ kind: 'create', document }], change: changeOf(document, 'created') };
}

function planLate(record: MappedRecord, stored: CurrentDocument, context: CommitContext): RecordPlan {
  const { resource, partition } = record;
  const document: LateDocument = {
    id: lateId(resource.resourceType, resource.id, context.source.messageId),
    kind: 'late',
    partition,
    resourceType: resource.resourceType,
    fhirId: resource.id,
    versionId: stored.versionId,
    lastUpdated: context.now,
    eventTime: context.eventTime,
    source: context.source,
    resource,
    lineage: packLineage(record.lineage, context.source.messageId),
  };
  return { operations: [{ kind: 'create', document }], change: changeOf(document, 'late') };
}

function planUpdate(
  record: MappedRecord,
  { document: stored, etag }: Stored<CurrentDocument>,
  context: CommitContext,
  isStale: boolean,
): RecordPlan {
  const { resource, lineage } = combine(record, stored, context.source.messageId, isStale);
  if (sameJson(contentOf(resource), contentOf(stored.resource))) {
    if (context.eventTime <= stored.eventTime) return { operations: [] };
    // Nothing new, but said again later: a message between the two must count as stale from now on.
    return { operations: [{ kind: 'replace', etag, document: { ...stored, eventTime: context.eventTime } }] };
  }
  const eventTime = isStale ? stored.eventTime : context.eventTime;
  const document = currentDocument(stored.partition, resource, stored.versionId + 1, lineage, {
    ...context,
    eventTime,
  });
  return {
    operations: [
      { kind: 'create', document: replacedVersion(stored) },
      { kind: 'replace', etag, document },
    ],
    change: changeOf(document, 'updated'),
  };
}

function combine(
  record: MappedRecord,
  stored: CurrentDocument,
  messageId: string,
  isStale: boolean,
): { resource: Resource; lineage: StoredLineage } {
  const lineage = packLineage(record.lineage, messageId);
  if (record.mode === 'replace') return { resource: record.resource, lineage };
  if (isStale) {
    const { resource, origins } = mergeResources(record.resource, stored.resource, []);
    return { resource, lineage: mergeLineage(lineage, stored.lineage, origins) };
  }
  const { resource, origins } = mergeResources(stored.resource, record.resource, record.removed);
  return { resource, lineage: mergeLineage(stored.lineage, lineage, origins) };
}

/** What a resource says, without what the store adds to it. */
function contentOf({ meta, ...content }: Resource): unknown {
  return { ...content, profile: meta?.profile };
}

function currentDocument(
  partition: string,
  resource: Resource,
  versionId: number,
  lineage: StoredLineage,
  { source, eventTime, now }: CommitContext,
): CurrentDocument {
  const { resourceType, id = '' } = resource;
  return {
    id: currentId(resourceType, id),
    kind: 'resource',
    partition,
    resourceType,
    fhirId: id,
    versionId,
    lastUpdated: now,
    eventTime,
    source,
    index: indexResource(resource),
    resource: { ...resource, meta: { ...resource.meta, versionId: String(versionId), lastUpdated: now } },
    lineage,
  };
}

function replacedVersion({ index, ...stored }: CurrentDocument): VersionDocument {
  return { ...stored, id: replacedId(stored.resourceType, stored.fhirId, stored.versionId), kind: 'version' };
}

function receiptDocument(
  partition: string,
  changes: readonly RecordChange[],
  { source, eventTime, now }: CommitContext,
): ReceiptDocument {
  return {
    id: receiptId(source.messageId),
    kind: 'receipt',
    partition,
    source,
    eventTime,
    lastUpdated: now,
    changes,
  };
}

function eventDocument(
  partition: string,
  changes: readonly RecordChange[],
  context: CommitContext,
): EventDocument {
  return {
    id: eventId(context.source.messageId),
    kind: 'event',
    partition,
    messageId: context.source.messageId,
    feed: context.source.feed,
    messageType: context.messageType,
    eventTime: context.eventTime,
    lastUpdated: context.now,
    changes,
    ...(context.traceparent === undefined ? {} : { traceparent: context.traceparent }),
  };
}

function changeOf(
  { resourceType, fhirId, versionId }: CurrentDocument | LateDocument,
  change: RecordChange['change'],
): RecordChange {
  return { resourceType, id: fhirId, versionId, change };
}
