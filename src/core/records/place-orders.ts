/** Under which ids the orders and prescriptions of a message are stored, or go where they are new. */
import type { Resource } from 'fhir/r4.js';
import type { MappedRecord } from '../mapping/types.js';
import { currentId } from './ids.js';
import { idsBeside } from './order-numbers.js';
import { asksForAnother, codingsOf, isForTheSame } from './ordered.js';
import type { CurrentDocument } from './types.js';

type Documents = ReadonlyMap<string, CurrentDocument>;

/** Finds the place of a record among the ids that are free; undefined where it cannot be told yet. */
type Find = (record: MappedRecord, free: readonly string[]) => string | undefined;

/**
 * The id of the place of each record with a twin, by the id that the message gave it: where the same thing is stored
 * for sure, else where nothing says that it is not. No two records get one place.
 *
 * @param stored current documents by id
 */
export function placesOf(records: readonly MappedRecord[], stored: Documents): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  const fixed = records.filter(({ twin }) => twin === undefined);
  const taken = new Set(fixed.map(({ resource: { resourceType, id } }) => currentId(resourceType, id)));
  const settle = (find: Find): void => {
    for (const record of records) {
      const { resourceType, id } = record.resource;
      const name = currentId(resourceType, id);
      if (record.twin === undefined || places.has(name)) continue;
      const ids = [id, record.twin, ...idsBeside([id, record.twin], resourceType, stored)];
      const place = find(
        record,
        ids.filter((each) => !taken.has(currentId(resourceType, each))),
      );
      if (place === undefined) continue;
      places.set(name, place);
      taken.add(currentId(resourceType, place));
    }
  };
  const at = ({ resourceType }: Resource, id: string) => stored.get(currentId(resourceType, id))?.resource;
  const isThere = (resource: Resource, id: string): boolean => {
    const known = at(resource, id);
    return known !== undefined && isForTheSame(resource, known);
  };
  settle(({ resource }, free) => free.find((id) => id === resource.id && isThere(resource, id)));
  settle(({ resource }, free) => free.find((id) => isThere(resource, id)));
  settle((record, free) => {
    const { resource, twin = '' } = record;
    const goes = isElsewhere(record, at(resource, resource.id), at(resource, twin));
    return goes && free.includes(twin) ? twin : resource.id;
  });
  return places;
}

function isElsewhere(
  { resource, mode }: MappedRecord,
  own: Resource | undefined,
  other: Resource | undefined,
): boolean {
  const isMention = mode === 'create';
  if (own !== undefined && !asksForAnother(resource, own, isMention)) return false;
  if (other !== undefined) return codingsOf(other).length > 0 && !asksForAnother(resource, other, isMention);
  return own !== undefined;
}
