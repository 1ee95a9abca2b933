/**
 * Which stored order or prescription a message means. One number may stand for several services or medicines, and an
 * order control alone (HL7 v2.5.1 section 4.5.1) says what became of a number, not of what: only the store can tell.
 */
import type { Identifier, Resource } from 'fhir/r4.js';
import type { Issue } from '../errors.js';
import type { LineageEntry, MappedRecord } from '../mapping/types.js';
import { currentId } from './ids.js';
import { withNumbers } from './order-numbers.js';
import { isOver, stateIn, statementOf } from './order-states.js';
import { asksForAnother } from './ordered.js';
import { placesOf } from './place-orders.js';
import type { CurrentDocument } from './types.js';

interface Order {
  readonly status?: string;
  readonly identifier?: readonly Identifier[];
}

export interface Settled {
  readonly records: readonly MappedRecord[];
  readonly issues: readonly Issue[];
}

/**
 * Moves each order to the id under which the same service or medicine is stored: something else under the number of a
 * stored one is an order of its own. Its end where it is not stored is reported, as it may be the stored one in the words
 * of another, and so is another medicine, which takes the place of the stored one. All are told what is known of their
 * numbers.
 *
 * @param stored current documents by id
 */
export function settleNumbers(
  records: readonly MappedRecord[],
  stored: ReadonlyMap<string, CurrentDocument>,
): Settled {
  const moved = new Map<string, string>();
  const beside = new Map<Resource, Resource>();
  const places = placesOf(records, stored);
  for (const { resource, twin } of records) {
    const { resourceType, id } = resource;
    const place = places.get(currentId(resourceType, id));
    if (twin === undefined || place === undefined) continue;
    if (place !== id) moved.set(`${resourceType}/${id}`, `${resourceType}/${place}`);
    const neighbour = stored.get(currentId(resourceType, place === id ? twin : id))?.resource;
    if (!stored.has(currentId(resourceType, place)) && neighbour !== undefined)
      beside.set(resource, neighbour);
  }
  const settled = moved.size === 0 ? records : records.map((record) => renamed(record, moved));
  const named = new Set(settled.map(({ resource }) => resource.id));
  const issues = [...beside].flatMap(
    ([resource, neighbour]) => doubtBeside(resource, neighbour, named.has(neighbour.id ?? '')) ?? [],
  );
  return { records: withNumbers(joined(settled), stored), issues };
}

/**
 * What is doubtful about a record that is new beside a stored one of its number.
 *
 * @param isNamed whether the message states that one, too
 */
function doubtBeside(resource: Resource, neighbour: Resource, isNamed: boolean): Issue | undefined {
  if (!asksForAnother(resource, neighbour)) return undefined;
  const { status } = resource as Order;
  if (status !== 'completed' && isOver(status)) return UNMET;
  return resource.resourceType === 'MedicationRequest' && !isNamed ? OTHER : undefined;
}

const UNMET: Issue = {
  code: 'HDE_HL7_REQUIRED',
  severity: 'warning',
  location: 'ORC-2',
  detail: 'what is stored under this number: the end of something else leaves it as it was',
};

const OTHER: Issue = {
  ...UNMET,
  detail: 'a number of its own: the stored prescription of this number was for another medicine',
};

/** The first of several records of one thing holds; a message that names it twice says no more of it. */
function joined(records: readonly MappedRecord[]): readonly MappedRecord[] {
  const known = new Set<string>();
  const once = records.filter(({ resource: { resourceType, id } }) => {
    const name = `${resourceType}/${id}`;
    return !known.has(name) && known.add(name);
  });
  return once.length === records.length ? records : once;
}

/** A record and all that refers to others, under new names. */
function renamed(record: MappedRecord, names: ReadonlyMap<string, string>): MappedRecord {
  const { resource, lineage } = record;
  const text = JSON.stringify(resource).replace(
    /"reference":"([^"]+)"/g,
    (_, name: string) => `"reference":${JSON.stringify(names.get(name) ?? name)}`,
  );
  const changed = JSON.parse(text) as typeof resource;
  const name = names.get(`${resource.resourceType}/${resource.id}`);
  if (name === undefined) return { ...record, resource: changed };
  const id = name.slice(name.indexOf('/') + 1);
  return {
    ...record,
    resource: { ...changed, id },
    twin: resource.id,
    lineage: lineage.map((entry): LineageEntry => ({ ...entry, resource: name })),
  };
}

/**
 * Gives what became of a number to every stored order and prescription of it. Where none is stored, the order is kept
 * as far as it is known, since it may come later.
 *
 * @param orders all stored orders and prescriptions of the person
 */
export function settleStates(
  records: readonly MappedRecord[],
  orders: readonly CurrentDocument[],
): readonly MappedRecord[] {
  const settled = records.flatMap((record) => {
    if (record.isState !== true) return [record];
    const meant = orders.filter(({ resource }) => haveCommonNumber(record.resource, resource));
    return meant.length === 0 ? [record] : meant.map((document) => asStateOf(record, document));
  });
  return joined(settled);
}

/**
 * Placers and fillers number by themselves: a number of the one says nothing about the same number of the other. Of
 * several numbers the first is that of the order; the others may be those of what it was sent with.
 */
function haveCommonNumber(state: Resource, order: Resource): boolean {
  const [placed] = numbersOf(state, 'PLAC');
  const [filled] = numbersOf(state, 'FILL');
  const [type, number = ''] = placed === undefined ? ['FILL' as const, filled] : ['PLAC' as const, placed];
  return numbersOf(order, type).includes(number);
}

const numbersOf = (resource: Resource, type: 'PLAC' | 'FILL'): string[] =>
  ((resource as Order).identifier ?? [])
    .filter(
      (each) => each.value !== undefined && each.type?.coding?.some(({ code }) => code === type) === true,
    )
    .map(({ system = '', value = '' }) => `${system}|${value}`);

/**
 * A state as one of a stored order. Its numbers are those of the order it was sent for, and where it says nothing of the
 * state the order stays as it is.
 */
function asStateOf(record: MappedRecord, { resourceType, fhirId }: CurrentDocument): MappedRecord {
  const { resource, lineage } = record;
  const name = `${resourceType}/${fhirId}`;
  const { identifier, status: stated, ...rest } = resource as typeof resource & Order;
  const status = stated === 'unknown' ? undefined : stated;
  const isAlike = resource.resourceType === resourceType;
  const told = status === undefined ? {} : { status: stateIn(resourceType, status) };
  const { meta } = resource;
  // Of another kind of request only the state and who may see it are told: nothing else of it is called alike.
  const security = meta?.security === undefined ? {} : { meta: { security: meta.security } };
  const content = isAlike ? { ...rest, ...told } : { ...security, ...told };
  const statement = statementOf({ ...record, mode: 'merge' });
  const type = resource.resourceType;
  const isTold = (element: string): boolean =>
    isAlike
      ? !element.startsWith(`${type}.identifier`)
      : element === `${type}.status` || element.startsWith(`${type}.meta.security`);
  return {
    ...record,
    resource: { ...content, resourceType, id: fhirId },
    mode: 'merge',
    // Remembered in the sender's word: each record of the number, whatever its type, puts it in its own.
    number: { told: statement === undefined ? [] : [statement], known: [] },
    removed: isAlike ? record.removed : [],
    lineage: lineage
      .filter(({ element }) => isTold(element))
      .map((entry): LineageEntry => ({
        ...entry,
        resource: name,
        element: `${resourceType}${entry.element.slice(entry.element.indexOf('.'))}`,
      })),
  };
}
