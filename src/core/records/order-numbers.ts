/**
 * What orders and prescriptions of one number share. What was said of the number alone holds for all of them, and of the
 * medicines under a number one may have taken the place of another.
 */
import type { MappedRecord, OrderEvent, OrderNumber } from '../mapping/types.js';
import { currentId } from './ids.js';
import { eventsOf, isOrder, isPlaceholder, statementOf } from './order-states.js';
import type { CurrentDocument } from './types.js';

type Documents = ReadonlyMap<string, CurrentDocument>;

const OTHER_TYPE: Readonly<Record<string, string>> = {
  MedicationRequest: 'ServiceRequest',
  ServiceRequest: 'MedicationRequest',
};

/** Ids of the documents by which orders and prescriptions are known: what has their number. */
export function idsToSettle(records: readonly MappedRecord[]): readonly string[] {
  const ids = records.flatMap(({ resource: { resourceType, id }, twin, kin }) => [
    ...(twin === undefined && kin === undefined ? [] : [currentId(resourceType, id)]),
    ...(twin === undefined ? [] : [currentId(resourceType, twin)]),
    ...(kin === undefined ? [] : [currentId(OTHER_TYPE[resourceType] ?? '', kin)]),
  ]);
  return [...new Set(ids)];
}

/** Ids of the documents that stored ones name as prescriptions of the same number. */
export function idsNamed(stored: Documents): readonly string[] {
  const ids = [...stored.values()].flatMap((document) =>
    isOrder(document.resource) ? namedBy(document).map((id) => currentId(document.resourceType, id)) : [],
  );
  return [...new Set(ids)].filter((id) => !stored.has(id));
}

/** Ids of what stored orders of some ids name as prescriptions of the same number. */
export const idsBeside = (
  ids: readonly string[],
  resourceType: string,
  stored: Documents,
): readonly string[] =>
  ids.flatMap((id) => {
    const document = stored.get(currentId(resourceType, id));
    return document === undefined ? [] : namedBy(document);
  });

const namedBy = (document: CurrentDocument): readonly string[] =>
  eventsOf(document).flatMap(({ of }) => of ?? []);

/**
 * Tells each order and prescription what is known of its number, and adds those that are stored under it and concerned.
 *
 * @param stored current documents by id
 */
export function withNumbers(records: readonly MappedRecord[], stored: Documents): readonly MappedRecord[] {
  const groups = new Map<string, MappedRecord[]>();
  for (const record of records) {
    if (record.kin === undefined || record.isState === true) continue;
    const group = groups.get(record.kin);
    if (group === undefined) groups.set(record.kin, [record]);
    else group.push(record);
  }
  if (groups.size === 0) return records;
  const named = new Set(records.map(({ resource }) => resource.id));
  const concerned = [...groups.values()].flatMap((group) => concernedBy(group, stored));
  const numbered = records.map((record) => {
    const group = record.isState === true ? undefined : groups.get(record.kin ?? '');
    return group === undefined ? record : { ...record, number: numberOf(record, group, stored) };
  });
  return [...numbered, ...concerned.filter(({ resource }) => !named.has(resource.id))];
}

const isPrescription = ({ resource }: MappedRecord): boolean => resource.resourceType === 'MedicationRequest';

/** What a message states of a number: of services each by itself, of medicines all together. */
const toldOf = (group: readonly MappedRecord[]): OrderNumber['told'] =>
  group.flatMap((record) => statementOf(record) ?? []);

function numberOf(record: MappedRecord, group: readonly MappedRecord[], stored: Documents): OrderNumber {
  const { resourceType, id } = record.resource;
  const told = toldOf(isPrescription(record) ? group : [record]);
  if (stored.has(currentId(resourceType, id))) return { told, known: [] };
  const { siblings, kin } = relatives(group, stored);
  const own = siblings.flatMap(eventsOf).filter(({ kind }) => kind !== 'given-way');
  const known = [
    ...(isPrescription(record) ? own : own.filter(isOfNumber)),
    ...(kin ?? []).filter(isOfNumber),
  ];
  return { told, known };
}

const isOfNumber = ({ of, kind }: OrderEvent): boolean => of === undefined && kind === 'stated';

interface Relatives {
  /** Stored records of the same type and number. */
  readonly siblings: readonly CurrentDocument[];
  /** What was said of the first of the other type. */
  readonly kin: readonly OrderEvent[] | undefined;
}

function relatives(group: readonly MappedRecord[], stored: Documents): Relatives {
  const ids = new Set<string>();
  for (const { resource, twin } of group) {
    const own = [resource.id, twin ?? resource.id];
    for (const id of [...own, ...idsBeside(own, resource.resourceType, stored)])
      ids.add(currentId(resource.resourceType, id));
  }
  const kin = kinOf(group, stored);
  return {
    siblings: [...ids].flatMap((id) => stored.get(id) ?? []),
    kin: kin === undefined ? undefined : eventsOf(kin),
  };
}

function kinOf([record]: readonly MappedRecord[], stored: Documents): CurrentDocument | undefined {
  if (record?.kin === undefined) return undefined;
  return stored.get(currentId(OTHER_TYPE[record.resource.resourceType] ?? '', record.kin));
}

/** Stored prescriptions whose place may be taken, and what gives way to an order that is known at last. */
function concernedBy(group: readonly MappedRecord[], stored: Documents): readonly MappedRecord[] {
  const [first] = group;
  if (first === undefined) return [];
  const told = toldOf(group);
  const others = isPrescription(first) && told.length > 0 ? relatives(group, stored).siblings : [];
  const kin = kinOf(group, stored);
  const givesWay =
    kin !== undefined && isPlaceholder(kin) && kin.events?.some(({ kind }) => kind === 'given-way') !== true;
  return [
    ...others.map((document) => concern(document, told)),
    ...(givesWay ? [concern(kin, [{ kind: 'given-way' }])] : []),
  ];
}

function concern(
  { partition, resourceType, fhirId }: CurrentDocument,
  told: OrderNumber['told'],
): MappedRecord {
  const resource = { resourceType, id: fhirId };
  return { partition, resource, mode: 'link', removed: [], lineage: [], number: { told, known: [] } };
}
