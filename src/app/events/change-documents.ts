/** What is stored of records that events tell of. */
import { currentId, lateId, partitionOf, replacedId } from '../../core/records/ids.js';
import type {
  CurrentDocument,
  EventDocument,
  LateDocument,
  LatestDocument,
  RecordChange,
  RecordDocument,
  VersionDocument,
} from '../../core/records/types.js';
import type { RecordStore } from '../../ports/record-store.js';
import { inParts } from '../in-parts.js';
import { sleep } from '../pause.js';

/** What somebody stated of a record. */
export type StatedDocument = CurrentDocument | VersionDocument;

/** A change, and the event that tells of it. */
export interface ToldChange {
  readonly change: RecordChange;
  readonly event: Pick<EventDocument, 'messageId' | 'partition'>;
}

/**
 * All that says who may be told of each change: what stands now, and the version that the change made; of a deletion the
 * one before it, and of a late statement that statement. None where nothing is found.
 */
export type StatedByChange = ReadonlyMap<RecordChange, readonly StatedDocument[]>;

/** A replica may be behind the change feed: so often it is asked again at once. */
const pauses = [50, 200, 1000];

/** @param records finds those whose ids do not say where they live, too */
export async function statedByChanges(
  records: Pick<RecordStore, 'load' | 'readLatest'>,
  told: readonly ToldChange[],
): Promise<StatedByChange> {
  const stated = new Map<RecordChange, readonly StatedDocument[]>();
  let missing = told;
  for (const pause of [0, ...pauses]) {
    if (missing.length === 0) break;
    if (pause > 0) await sleep(pause);
    missing = await lookUp(records, missing, stated);
  }
  return stated;
}

/** Adds what is found, and answers the rest: most records live where their event does, others where their id says. */
async function lookUp(
  records: Pick<RecordStore, 'load' | 'readLatest'>,
  told: readonly ToldChange[],
  stated: Map<RecordChange, readonly StatedDocument[]>,
): Promise<readonly ToldChange[]> {
  const atEvent = await loadAt(records, told, ({ event }) => event.partition, stated);
  const atId = await loadAt(records, atEvent, ({ change }) => partitionOf(change.id), stated);
  const places = new Map<ToldChange, string>();
  await inParts(atId, placesAtOnce, async (each) => {
    const latest = await records.readLatest(each.change.resourceType, each.change.id);
    if (latest !== undefined) places.set(each, latest.partition);
  });
  return loadAt(records, atId, (each) => places.get(each), stated);
}

/** So many ids are asked for in one query. */
const mostIds = 200;

/** Partitions that are looked into at once: one after the other, a batch of many patients would hold up the next. */
const placesAtOnce = 10;

async function loadAt(
  records: Pick<RecordStore, 'load'>,
  told: readonly ToldChange[],
  placeOf: (told: ToldChange) => string | undefined,
  stated: Map<RecordChange, readonly StatedDocument[]>,
): Promise<readonly ToldChange[]> {
  const byPartition = new Map<string, ToldChange[]>();
  for (const each of told) {
    const partition = placeOf(each);
    if (partition === undefined) continue;
    const others = byPartition.get(partition);
    if (others === undefined) byPartition.set(partition, [each]);
    else others.push(each);
  }
  await inParts([...byPartition], placesAtOnce, async ([partition, changes]) => {
    const patientId = currentId('Patient', partition);
    const found = await loadAll(records, partition, [patientId, ...changes.flatMap(idsOf)]);
    const former = await formerPatient(records, unfolded(found.get(patientId)));
    for (const each of changes) {
      const documents = statedIn(each, found);
      if (documents !== undefined) stated.set(each.change, [...documents, ...former]);
    }
  });
  return told.filter(({ change }) => !stated.has(change));
}

async function loadAll(
  records: Pick<RecordStore, 'load'>,
  partition: string,
  wanted: readonly string[],
): Promise<ReadonlyMap<string, RecordDocument>> {
  const ids = [...new Set(wanted)];
  const found = new Map<string, RecordDocument>();
  for (let start = 0; start < ids.length; start += mostIds) {
    const loaded = await records.load(partition, ids.slice(start, start + mostIds));
    for (const [id, { document }] of loaded) found.set(id, document);
  }
  return found;
}

/** Of a patient who is deleted what was said last: by that the records about them are judged, which went with them. */
async function formerPatient(
  records: Pick<RecordStore, 'load'>,
  patient: readonly (LatestDocument | StatedDocument)[],
): Promise<readonly StatedDocument[]> {
  const deleted = patient.find(({ kind }) => kind === 'deleted');
  if (deleted === undefined) return [];
  const { resourceType, fhirId, versionId, partition } = deleted;
  const before = await loadAll(records, partition, [replacedId(resourceType, fhirId, versionId - 1)]);
  return [...patient, ...[...before.values()].flatMap(unfolded)].filter((each) => each.kind !== 'deleted');
}

function idsOf({ change, event }: ToldChange): string[] {
  const { resourceType: type, id, versionId } = change;
  const others = {
    created: [replacedId(type, id, versionId)],
    updated: [replacedId(type, id, versionId)],
    // What it is late for may have been deleted.
    late: [lateId(type, id, event.messageId), replacedId(type, id, versionId - 1)],
    deleted: [replacedId(type, id, versionId - 1)],
  };
  return [currentId(type, id), ...others[change.change]];
}

/** Undefined where the store is not as far as the event. */
function statedIn(
  told: ToldChange,
  found: ReadonlyMap<string, RecordDocument>,
): readonly StatedDocument[] | undefined {
  const { change } = told;
  const documents = idsOf(told).flatMap((id) => unfolded(found.get(id)));
  const isReached = documents.some(({ versionId }) => versionId >= change.versionId);
  if (!isReached && change.change !== 'late') return undefined;
  return documents.length === 0 ? undefined : documents.filter((document) => document.kind !== 'deleted');
}

/** Of what a large message or a transaction has staged, all that it may become. */
function unfolded(document: RecordDocument | undefined): (LatestDocument | StatedDocument)[] {
  switch (document?.kind) {
    case 'resource':
    case 'version':
    case 'deleted':
      return [document];
    case 'late':
      return [asVersion(document)];
    case 'staged': {
      const { current, next, late } = document;
      return [current, next, late && asVersion(late)].filter((each) => each !== undefined);
    }
    default:
      return [];
  }
}

/** It is no version, but is judged as a former one is: by what it says and by what stands now. */
const asVersion = (document: LateDocument): VersionDocument => ({ ...document, kind: 'version' });
