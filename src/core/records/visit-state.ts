/** The state of a visit or account, which goes on where it moves to another number or patient. */
import type { EncounterLocation, Resource } from 'fhir/r4.js';
import { formerOf } from '../mapping/succession.js';
import type { MappedRecord } from '../mapping/types.js';
import { labelsOf } from './labels.js';
import { locationsOf, placeOf, type StatedPlace } from './stated-place.js';
import { isStated, laterStatus, statedOf, statusOf, type StatedStatus } from './stated-status.js';
import { mergeStatements, omit, type StandingContext, type Statement } from './statement.js';
import type { CurrentDocument } from './types.js';

/** Messages that move an account say nothing of its state: what is known of it counts. */
export function withoutAssumedState(
  { resource, removed }: MappedRecord,
  { others }: StandingContext,
): Resource & { id: string } {
  const isKnown = resource.resourceType === 'Account' && others?.has(formerOf(removed) ?? '') === true;
  return isKnown ? omit(resource, ['status']) : resource;
}

/** What belongs to one record of a visit: its numbers and patient, and what else was filed under it. */
const OWN = [
  'id',
  'meta',
  'identifier',
  'subject',
  'partOf',
  'diagnosis',
  'basedOn',
  'appointment',
  'account',
  'text',
];

/** What is said of a record without what belongs to that one alone. */
export const withoutOwn = <T extends Resource>(resource: T): T => omit(resource, OWN);

/** What goes on when the visit or account does under another number or at another patient. */
export function stateOf({ resource, lineage, standing }: CurrentDocument, id: string): Statement {
  const isRetired = standing?.isRetired === true;
  const labels = labelsOf(resource);
  const left = isRetired ? [...OWN, 'status', 'location'] : OWN;
  // Where the patient was last: of a retired record they have left every place.
  const last = isRetired ? locationsOf(resource).filter((each) => isAt(each, standing.place)) : [];
  const state = {
    // A class that stands for one that nobody stated is none.
    ...omit(resource, isStated(lineage, 'class') ? left : [...left, 'class']),
    ...(isRetired && standing.status !== undefined ? { status: standing.status } : {}),
    ...(last.length === 0 ? {} : { location: last }),
    ...(labels.length === 0 ? {} : { meta: { security: [...labels] } }),
    id,
  };
  return { resource: state, lineage };
}

/** The record that another goes on from. Said again after the visit has gone, nothing of what is left there is newer. */
export function sourceOf(
  { removed }: MappedRecord,
  stored: CurrentDocument | undefined,
  { others }: StandingContext,
): CurrentDocument | undefined {
  const former = others?.get(formerOf(removed) ?? '');
  const hasGone = stored !== undefined && stored.standing?.isRetired !== true;
  return former?.standing?.isRetired === true && hasGone ? undefined : former;
}

/** The stored record, which goes on from the former one: whichever says the newer thing holds. */
export function takeUp(record: MappedRecord, stored: CurrentDocument, context: StandingContext): Statement {
  const isRetired = stored.standing?.isRetired === true;
  const { lineage } = stored;
  const isOwn = !isRetired && isStated(lineage, 'status');
  const own = { resource: omit(stored.resource, isOwn ? ['partOf'] : ['partOf', 'status']), lineage };
  const source = sourceOf(record, stored, context);
  const state =
    source === undefined ? own : inOrder(own, source, isRetired || source.eventTime > stored.eventTime);
  const { status } = laterStatus(statedOf(stored, context), statedOf(source, context));
  const known = status ?? statusOf(state.resource) ?? (isRetired ? undefined : statusOf(stored.resource));
  if (known === undefined || known === statusOf(state.resource)) return state;
  const resource: Resource & { status: string } = { ...state.resource, status: known };
  return { ...state, resource };
}

function inOrder(own: Statement, former: CurrentDocument, isNewer: boolean): Statement {
  const state = stateOf(former, own.resource.id ?? '');
  return isNewer ? mergeStatements(own, state, []) : mergeStatements(state, own, []);
}

const isAt = ({ location }: EncounterLocation, place: string | undefined): boolean =>
  place !== undefined && location.reference === place;

/** Where the former record had the patient when it was retired: nothing that was said of it later. */
export function placeBefore({ removed }: MappedRecord, context: StandingContext): StatedPlace {
  const former = context.others?.get(formerOf(removed) ?? '');
  const stated = placeOf(former, context.eventTime);
  const isLater = former?.standing?.isRetired === true && (stated.placeSince ?? '') > former.standing.since;
  return isLater ? {} : stated;
}

/** The status that the former record had when it was retired: nothing that was said of it later. */
export function statedBefore({ removed }: MappedRecord, context: StandingContext): StatedStatus {
  const former = context.others?.get(formerOf(removed) ?? '');
  const stated = statedOf(former, context);
  const isLater = former?.standing?.isRetired === true && (stated.statusSince ?? '') > former.standing.since;
  return isLater ? {} : stated;
}
