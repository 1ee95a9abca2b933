/**
 * Whether a record stands or was retired: by a merge of patients, a move or another number of a visit or account, the
 * cancellation or replacement of a document. A retired record takes what ordinary messages say of it and stays retired.
 */
import type { Resource } from 'fhir/r4.js';
import { formerOf, withoutSuccession } from '../mapping/succession.js';
import type { MappedRecord } from '../mapping/types.js';
import { labelsOf, onlyLabels } from './labels.js';
import { standAgain } from './merge.js';
import {
  isNewStatus,
  laterStatus,
  onlyStatus,
  statedOf,
  statusOf,
  type StatedStatus,
} from './stated-status.js';
import {
  elementsOf,
  mergeStatements,
  omit,
  type Meeting,
  type Part,
  type StandingContext,
  type Statement,
} from './statement.js';
import { inPlace, laterPlace, newerPlace, placeIn, placeOf } from './stated-place.js';
import type { CurrentDocument, Standing } from './types.js';
import { placeBefore, sourceOf, statedBefore, stateOf, takeUp, withoutAssumedState } from './visit-state.js';

interface Link {
  readonly type?: string;
  readonly other?: { readonly reference?: string };
}

/** What a patient is linked to (`Patient.link`). */
export const linksOf = (resource: Resource): readonly Link[] =>
  (elementsOf(resource)['link'] as readonly Link[] | undefined) ?? [];

/** The records (`Encounter/<id>`) that must be known before this one can be stored. */
export function dependsOn({ resource, removed }: MappedRecord): readonly string[] {
  if (resource.resourceType === 'Patient')
    return linksOf(resource).flatMap(({ other }) => other?.reference ?? []);
  const former = formerOf(removed);
  return former === undefined ? [] : [former];
}

/** What a message says of whether a record stands. */
type Verdict = 'retired' | 'stands';

/** Whether a message retires a record or lets it stand; undefined for an ordinary one. */
export function verdictOf({ resource, mode, removed }: MappedRecord): Verdict | undefined {
  switch (resource.resourceType) {
    case 'Patient': {
      const types = linksOf(resource).map(({ type }) => type);
      if (types.includes('replaces')) return 'stands';
      return types.includes('replaced-by') ? 'retired' : undefined;
    }
    case 'Encounter':
    case 'Account':
      if (mode === 'link') return 'retired';
      return formerOf(removed) === undefined ? undefined : 'stands';
    case 'DocumentReference':
      return mode === 'link' || isCancelled(resource) ? 'retired' : undefined;
    default:
      return undefined;
  }
}

/** A document that its sender cancelled (T11), as against one whose availability nobody understands. */
const isCancelled = (document: Resource): boolean => elementsOf(document)['docStatus'] === 'entered-in-error';

/** Whether a later event has decided already. */
export const isOutdated = (held: Standing | undefined, { latestEventTime }: StandingContext): boolean =>
  held !== undefined && latestEventTime < held.since;

/** How a record stands after a message. */
export function standingAfter(
  record: MappedRecord,
  stored: CurrentDocument | undefined,
  context: StandingContext,
): Standing | undefined {
  if (record.isHandedOn === true) return standingHandedOn(record, stored, context);
  const verdict = verdictOf(record);
  const held = stored?.standing;
  const status = statusOf(withoutAssumedState(record, context));
  const { eventTime, latestEventTime } = context;
  const said = status === undefined ? {} : { status, statusSince: eventTime };
  const placed = placeIn(record.resource, eventTime);
  if (verdict === undefined || isOutdated(held, context)) {
    if (held === undefined || stored === undefined || verdict === 'retired') return held;
    const news = isNewStatus(stored, context) ? said : {};
    return { ...held, ...news, ...newerPlace(placeOf(stored, eventTime), placed, latestEventTime) };
  }
  const known = statedOf(stored, context);
  const knownPlace = placeOf(stored, eventTime);
  if (verdict === 'retired') {
    const successor = context.successors?.get(`${record.resource.resourceType}/${record.resource.id}`);
    const next = successor === undefined ? {} : { successor };
    return { since: eventTime, isRetired: true, ...next, ...known, ...knownPlace };
  }
  const source = sourceOf(record, stored, context);
  const taken = laterStatus(known, statedOf(source, context));
  const takenPlace = laterPlace(knownPlace, placeOf(source, eventTime));
  const place = laterPlace(takenPlace, placed);
  return { since: eventTime, isRetired: false, ...laterStatus(taken, said), ...place };
}

/** How a record stands after what is handed on to it: as it did, in the state that was stated last. */
function standingHandedOn(
  record: MappedRecord,
  stored: CurrentDocument | undefined,
  context: StandingContext,
): Standing | undefined {
  if (stored?.standing === undefined) return undefined;
  const known = laterStatus(statedOf(stored, context), statedBefore(record, context));
  const status = statusOf(record.resource);
  const isNews = status !== undefined && isNewStatus(stored, context);
  const said = isNews ? { status, statusSince: context.eventTime } : {};
  const { eventTime, latestEventTime } = context;
  const place = laterPlace(placeOf(stored, eventTime), placeBefore(record, context));
  return {
    ...stored.standing,
    ...(isNews && isOlder(known, context) ? said : known),
    ...newerPlace(place, placeIn(record.resource, eventTime), latestEventTime),
  };
}

/** Whether a status was stated before a message, or at a time that it may mean. */
const isOlder = ({ statusSince = '' }: StatedStatus, { latestEventTime }: StandingContext): boolean =>
  statusSince <= latestEventTime;

/**
 * Prepares a message to meet the stored record: retired records keep their status, and a record that is taken up goes on
 * in the state of the one before.
 *
 * @param isStale whether the message may only add what is not known yet
 */
export function meet(
  record: MappedRecord,
  stored: CurrentDocument,
  context: StandingContext,
  isStale: boolean,
): Meeting {
  const { resource, removed } = record;
  const plain: Meeting = { base: stored, parts: [{ resource, removed, fillsOnly: isStale }] };
  switch (resource.resourceType) {
    case 'Patient':
      return linksOf(resource).length === 0 ? plain : meetPatient(record, stored, context, isStale);
    case 'Encounter':
    case 'Account':
      return meetVisit(record, stored, context, isStale);
    case 'DocumentReference':
      return meetDocument(record, stored, isStale);
    default:
      return plain;
  }
}

/** Links hold whatever became of the rest of the message; of two merges the later one says who stands. */
function meetPatient(
  record: MappedRecord,
  stored: CurrentDocument,
  context: StandingContext,
  isStale: boolean,
): Meeting {
  const { resource, removed } = record;
  const { id, resourceType } = resource;
  const { link, active } = elementsOf(resource);
  const verdict = verdictOf(record);
  const decides = verdict !== undefined && !isOutdated(stored.standing, context);
  const bond = { resourceType, id, link, ...(decides && active !== undefined ? { active } : {}) };
  return {
    base: withLabelsOfLinked(record, stored, context),
    parts: [
      {
        resource: omit(resource, verdict === 'retired' ? ['link', 'active'] : ['link']),
        removed,
        fillsOnly: isStale,
      },
      { resource: bond, removed: [], fillsOnly: !decides },
    ],
  };
}

/** Who is linked is one person: what restricts one record restricts the other. */
function withLabelsOfLinked(record: MappedRecord, base: Statement, context: StandingContext): Statement {
  return dependsOn(record).reduce((known, reference) => {
    const other = context.others?.get(reference);
    const labels = other === undefined ? [] : labelsOf(other.resource);
    if (other === undefined || labels.length === 0) return known;
    const restriction = { resource: onlyLabels(record.resource, labels), lineage: other.lineage };
    return mergeStatements(known, restriction, []);
  }, base);
}

function meetVisit(
  record: MappedRecord,
  stored: CurrentDocument,
  context: StandingContext,
  isStale: boolean,
): Meeting {
  const { resource, removed } = record;
  if (record.isHandedOn === true) return meetHandedOn(record, stored, context);
  const verdict = isOutdated(stored.standing, context) ? undefined : verdictOf(record);
  if (verdict === 'retired') {
    const isPart = elementsOf(resource)['partOf'] !== undefined;
    const parts = [{ resource, removed: isPart ? removed : ['partOf', ...removed], fillsOnly: false }];
    return { base: stored, parts };
  }
  if (verdict === 'stands') {
    const base = takeUp(record, stored, context);
    return {
      base,
      parts: [
        {
          resource: withoutAssumedState(record, context),
          removed: withoutSuccession(removed),
          fillsOnly: isStale,
        },
      ],
    };
  }
  return { base: stored, parts: ordinaryParts(record, stored, context, isStale) };
}

/** What is handed on fills in what is not known; the status that was stated last holds, whoever stated it. */
function meetHandedOn(record: MappedRecord, stored: CurrentDocument, context: StandingContext): Meeting {
  const { resource } = record;
  const former = context.others?.get(formerOf(record.removed) ?? '');
  const state = former === undefined ? undefined : stateOf(former, resource.id);
  const filled = state === undefined ? stored : mergeStatements(state, stored, []);
  const content: Part = { resource: omit(resource, ['status']), removed: [], fillsOnly: true };
  const { isRetired, status } = standingHandedOn(record, stored, context) ?? {};
  if (isRetired !== false || status === undefined || status === statusOf(stored.resource))
    return { base: filled, parts: [content] };
  const end = onlyStatus(resource, status);
  return state !== undefined && status === statusOf(state.resource)
    ? { base: mergeStatements(filled, { ...state, resource: end }, []), parts: [content] }
    : { base: filled, parts: [content, { resource: end, removed: [], fillsOnly: false }] };
}

/** Not even a move that a later one has taken back brings the record to life, or ends it. */
function ordinaryParts(
  { resource, removed, mode }: MappedRecord,
  stored: CurrentDocument,
  context: StandingContext,
  isStale: boolean,
): Part[] {
  const { standing } = stored;
  const others = withoutSuccession(removed);
  const without = (...kept: string[]): Part => ({
    resource: omit(resource, kept),
    removed: others.filter((path) => !kept.includes(path)),
    fillsOnly: isStale || mode === 'link',
  });
  if (mode === 'link' || standing?.isRetired === true) return [without('status', 'partOf')];
  const status = statusOf(resource);
  const whole: Part = { resource, removed: others, fillsOnly: isStale };
  if (standing === undefined || status === undefined) return [whole];
  if (isNewStatus(stored, context))
    return isStale
      ? [whole, { resource: onlyStatus(resource, status), removed: [], fillsOnly: false }]
      : [whole];
  return standing.statusSince === undefined ? [whole] : [without('status')];
}

/** A document stays cancelled or replaced, and its cancellation is never out of date. */
function meetDocument(record: MappedRecord, stored: CurrentDocument, isStale: boolean): Meeting {
  const { resource, removed, mode } = record;
  const { id, resourceType } = resource;
  const { status, docStatus } = elementsOf(resource);
  if (mode === 'link') {
    const statement = (
      isCancelled(stored.resource) ? { resourceType, id } : { resourceType, id, status }
    ) as typeof resource;
    return { base: stored, parts: [{ resource: statement, removed: [], fillsOnly: false }] };
  }
  if (isCancelled(resource)) {
    const end = { resourceType, id, status, docStatus } as typeof resource;
    return {
      base: stored,
      parts: [
        { resource: omit(resource, ['status', 'docStatus']), removed, fillsOnly: isStale },
        { resource: end, removed: [], fillsOnly: false },
      ],
    };
  }
  if (stored.standing?.isRetired !== true)
    return { base: stored, parts: [{ resource, removed, fillsOnly: isStale }] };
  const kept = isCancelled(stored.resource) ? ['status', '_status', 'docStatus'] : ['status', '_status'];
  const others = removed.filter((path) => !kept.includes(path));
  return { base: stored, parts: [{ resource: omit(resource, kept), removed: others, fillsOnly: isStale }] };
}

/** A record that is new, with the state of the one that it goes on from. */
export function begin(record: MappedRecord, statement: Statement, context: StandingContext): Statement {
  if (record.resource.resourceType === 'Patient') return withLabelsOfLinked(record, statement, context);
  const former = context.others?.get(formerOf(record.removed) ?? '');
  if (former === undefined) return statement;
  const own = { ...statement, resource: withoutAssumedState(record, context) };
  return mergeStatements(stateOf(former, record.resource.id), own, []);
}

/** What follows from how a record stands, once all is known that is said of it. */
export function settleStanding<T extends Resource>(
  record: MappedRecord,
  resource: T,
  standing: Standing | undefined,
): T {
  if (standing?.isRetired !== false) return resource;
  if (resource.resourceType === 'Patient') return standAgain(resource);
  const { place } = standing;
  if (place === undefined) return resource;
  const goesOn = record.isHandedOn === true || formerOf(record.removed) !== undefined;
  // A late message may know the place better than those after it.
  return goesOn || placeIn(record.resource, '').place === place ? inPlace(resource, place) : resource;
}
