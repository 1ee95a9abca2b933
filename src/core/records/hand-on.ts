/**
 * What is said of a visit or account where it no longer is, about the time before it went, belongs to the record that
 * took over. Messages may tell of it after the move, or at the same moment: then it is handed on to that record, which
 * lives in another partition, as if it had been there when the visit went.
 */
import { formerOf, takenUpFrom } from '../mapping/succession.js';
import type { MappedRecord } from '../mapping/types.js';
import { sameJson } from './equal.js';
import { currentId, partitionOf } from './ids.js';
import { labelsOf } from './labels.js';
import { isOutdated, verdictOf } from './standing.js';
import type { StandingContext } from './statement.js';
import type { CurrentDocument, LatestDocument, Stored } from './types.js';
import { withoutOwn } from './visit-state.js';

/** What is to be handed on. */
export interface HandedOn {
  /** What is said of the record that took over (`isHandedOn`). */
  readonly record: MappedRecord;
  /** The record that it comes from, where that is to be taken over. */
  readonly former?: CurrentDocument;
}

/**
 * What has to be handed on from the records of a message. Doing it again changes nothing.
 *
 * @param stored the current documents by id, as they were when the message met them, or as it left them
 */
export function handedOnBy(
  records: readonly MappedRecord[],
  stored: ReadonlyMap<string, Stored<LatestDocument>>,
  context: StandingContext,
): HandedOn[] {
  return records.filter(isVisit).flatMap((record) => {
    const document = stored.get(currentId(record.resource.resourceType, record.resource.id))?.document;
    if (document?.kind !== 'resource') return [];
    const handed = retires(record, document, context)
      ? handOnState(record, document, context)
      : handOnStatement(record, document, context);
    return handed === undefined ? [] : [handed];
  });
}

/** Whether a record may move: a visit or account. */
export const isVisit = ({ resource: { resourceType } }: MappedRecord): boolean =>
  resourceType === 'Encounter' || resourceType === 'Account';

const retires = (record: MappedRecord, stored: CurrentDocument, context: StandingContext): boolean =>
  verdictOf(record) === 'retired' && !isOutdated(stored.standing, context);

/** Whether a message tells of the time before a record was retired, so that what took over goes on with it. */
export function goesOn(
  { mode }: MappedRecord,
  { standing }: CurrentDocument,
  { eventTime }: StandingContext,
): boolean {
  return mode === 'merge' && standing?.successor !== undefined && eventTime <= standing.since;
}

/** A message about the time before the visit went. */
function handOnStatement(
  record: MappedRecord,
  stored: CurrentDocument,
  context: StandingContext,
): HandedOn | undefined {
  const { successor } = stored.standing ?? {};
  const source = formerOf(record.removed);
  if (successor === undefined || source === successor || !goesOn(record, stored, context)) return undefined;
  const former = source === undefined ? undefined : context.others?.get(source);
  const statement = statementAbout(successor, record, former === undefined ? undefined : source);
  return { record: statement, ...(former === undefined ? {} : { former }) };
}

/**
 * A move that found another state of the record, when it ended it, than the one that it took over; or one that is
 * delivered again, and may have broken off between the two.
 */
function handOnState(
  record: MappedRecord,
  stored: CurrentDocument,
  { eventTime, others, successors }: StandingContext,
): HandedOn | undefined {
  const { resourceType, id } = record.resource;
  const reference = `${resourceType}/${id}`;
  const successor = successors?.get(reference);
  if (successor === undefined) return undefined;
  const isDone = stored.standing?.isRetired === true;
  const isNews = isDone ? stored.standing.since === eventTime : !isSame(others?.get(reference), stored);
  if (!isNews) return undefined;
  const nothing = { ...record, resource: { resourceType, id }, lineage: [] };
  return { record: statementAbout(successor, nothing, reference), former: stored };
}

const isSame = (one: CurrentDocument | undefined, other: CurrentDocument): boolean =>
  one !== undefined &&
  sameJson(
    { resource: one.resource, eventTime: one.eventTime, standing: one.standing },
    { resource: other.resource, eventTime: other.eventTime, standing: other.standing },
  );

/** What a message says of one record, said of the one that took over. */
function statementAbout(
  successor: string,
  { resource, lineage }: MappedRecord,
  source: string | undefined,
): MappedRecord {
  const id = successor.slice(successor.indexOf('/') + 1);
  const labels = labelsOf(resource);
  return {
    partition: partitionOf(id),
    resource: {
      ...withoutOwn(resource),
      ...(labels.length === 0 ? {} : { meta: { security: [...labels] } }),
      id,
    },
    mode: 'merge',
    isHandedOn: true,
    removed: source === undefined ? [] : [takenUpFrom(source)],
    lineage: lineage.map((entry) => ({ ...entry, resource: successor })),
  };
}

/**
 * The records that take over from others by a message: `Encounter/<id>` by `Encounter/<id>` of the former one. Pure.
 */
export function successorsOf(records: readonly MappedRecord[]): ReadonlyMap<string, string> {
  return new Map(
    records.flatMap(({ resource: { resourceType, id }, removed }) => {
      const former = formerOf(removed);
      return former === undefined ? [] : [[former, `${resourceType}/${id}`] as const];
    }),
  );
}
