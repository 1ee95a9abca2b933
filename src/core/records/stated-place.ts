/**
 * Where visits were said to have their patient, and when: a visit that moves goes on in the bed that was stated last, also
 * where that is told after the move.
 */
import type { Encounter, EncounterLocation, Resource } from 'fhir/r4.js';
import type { CurrentDocument, Standing } from './types.js';

/** A place that was stated (`Location/<id>`), and when. Empty where nobody stated any. */
export type StatedPlace = Pick<Standing, 'place' | 'placeSince'>;

/** Of a visit, its locations. */
export const locationsOf = (resource: Resource): readonly EncounterLocation[] =>
  resource.resourceType === 'Encounter' ? ((resource as Partial<Encounter>).location ?? []) : [];

const referenceOf = ({ location }: EncounterLocation): string | undefined => location.reference;

/** Where a statement has the patient now, as said at a time. */
export function placeIn(resource: Resource, at: string): StatedPlace {
  const active = locationsOf(resource).find(({ status }) => status === 'active');
  const place = active === undefined ? undefined : referenceOf(active);
  return place === undefined ? {} : { place, placeSince: at };
}

/**
 * What was stated of the place. Where no move has concerned the record it counts from its latest event, but from no later
 * than the move.
 *
 * @param eventTime of the move
 */
export function placeOf(document: CurrentDocument | undefined, eventTime: string): StatedPlace {
  const { place, placeSince } = document?.standing ?? {};
  if (place !== undefined && placeSince !== undefined) return { place, placeSince };
  if (document === undefined || document.standing?.isRetired === true) return {};
  return placeIn(document.resource, document.eventTime < eventTime ? document.eventTime : eventTime);
}

/** The later of two, the second one if both are of the same time. */
export const laterPlace = (one: StatedPlace, other: StatedPlace): StatedPlace =>
  other.place !== undefined && (other.placeSince ?? '') >= (one.placeSince ?? '') ? other : one;

/** What a message that may mean a time as late as this says of the place, where that is later than what is known. */
export const newerPlace = (known: StatedPlace, said: StatedPlace, latest: string): StatedPlace =>
  said.place !== undefined && latest >= (known.placeSince ?? '') ? said : known;

/** A visit with its patient in one place: in all others they are no more. */
export function inPlace<T extends Resource>(visit: T, place: string): T {
  const locations = locationsOf(visit);
  if (!locations.some((each) => referenceOf(each) === place)) return visit;
  const location = locations.map((each): EncounterLocation => {
    const isThere = referenceOf(each) === place;
    const from = isThere ? 'completed' : 'active';
    return each.status === from ? { ...each, status: isThere ? 'active' : 'completed' } : each;
  });
  return { ...visit, location };
}
