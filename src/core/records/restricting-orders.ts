/** What an order or prescription restricts (ORC-28) is restricted in all that comes of it, whichever message says so. */
import type { Coding, Identifier, Reference, Resource } from 'fhir/r4.js';
import type { LineageEntry, MappedRecord } from '../mapping/types.js';
import { currentId, nameOf } from './ids.js';
import { labelsOf, missingFrom, withLabels } from './labels.js';
import { idsBeside } from './order-numbers.js';
import { isOrder } from './order-states.js';
import { isReport } from './result-status.js';
import type { CurrentDocument } from './types.js';

/** Ids of the documents of prescriptions by which something was dispensed or given. */
export const idsOfPrescriptions = (records: readonly MappedRecord[]): readonly string[] => [
  ...new Set(
    records.flatMap(({ prescription }) =>
      prescription === undefined ? [] : [currentId('MedicationRequest', prescription)],
    ),
  ),
];

/**
 * What an order restricts is restricted in all that comes of it, also where the message does not say so: in reports and
 * their results, and in what is dispensed or given.
 *
 * @param stored current documents by id, among them those of the orders and prescriptions
 */
export function labelledByOrders(
  records: readonly MappedRecord[],
  stored: ReadonlyMap<string, CurrentDocument>,
): readonly MappedRecord[] {
  const restricting: Restricting = new Map();
  for (const record of records) {
    for (const id of ordersOf(record, stored)) {
      const order = stored.get(id);
      if (order === undefined || labelsOf(order.resource).length === 0) continue;
      const [, , rule] = order.lineage.rows.find(([element]) => element.startsWith('meta.security[')) ?? [];
      const reason = rule === undefined ? undefined : { resource: '', element: '', rule };
      note(restricting, record.resource, { labels: labelsOf(order.resource), reason });
    }
  }
  return restricting.size === 0 ? records : records.map((record) => restrictedBy(restricting, record));
}

/**
 * Of a message that restricts an order and one with what came of it, at the same moment, neither sees the other: both write
 * the order, or the patient where a prescription is not known yet, so that one of them finds that it comes second.
 *
 * @param stored as for `labelledByOrders`
 */
export function guardedByOrders(
  records: readonly MappedRecord[],
  stored: ReadonlyMap<string, CurrentDocument>,
): readonly MappedRecord[] {
  const orders = new Map<string, CurrentDocument>();
  let isUnknown = false;
  for (const record of records) {
    const known = ordersOf(record, stored).flatMap((id) => stored.get(id) ?? []);
    for (const document of known) orders.set(document.id, document);
    isUnknown ||= record.prescription === undefined ? isNewRestriction(record, stored) : known.length === 0;
  }
  if (orders.size === 0 && !isUnknown) return records;
  const named = new Set(records.map(documentIdOf));
  const others = [...orders.values()].filter(({ id }) => !named.has(id)).map(bareRecord);
  const isGuarding = (record: MappedRecord): boolean =>
    orders.has(documentIdOf(record)) || (isUnknown && record.resource.resourceType === 'Patient');
  return [...records, ...others].map((record) =>
    isGuarding(record) ? { ...record, isGuard: true } : record,
  );
}

const documentIdOf = ({ resource: { resourceType, id } }: MappedRecord): string =>
  currentId(resourceType, id);

/** Whether a prescription is restricted before anything else is known of it. */
const isNewRestriction = (record: MappedRecord, stored: ReadonlyMap<string, CurrentDocument>): boolean =>
  record.resource.resourceType === 'MedicationRequest' &&
  labelsOf(record.resource).length > 0 &&
  !stored.has(documentIdOf(record));

/** What one order restricts, and where it says so. */
interface Restriction {
  readonly labels: readonly Coding[];
  readonly reason: LineageEntry | undefined;
}

/** By reference, what the orders of a record restrict: a report may be of several, each for a reason of its own. */
type Restricting = Map<string, Restriction[]>;

function note(restricting: Restricting, made: Resource, restriction: Restriction): void {
  for (const name of namesOf(made)) restricting.set(name, [...(restricting.get(name) ?? []), restriction]);
}

const restrictedBy = (restricting: Restricting, record: MappedRecord): MappedRecord =>
  (restricting.get(nameOf(record.resource)) ?? []).reduce(
    (known, { labels, reason }) => withLabels(known, labels, reason),
    record,
  );

/** Ids of the documents of the orders that a record came of: of several prescriptions under its number it may be any. */
function ordersOf(
  { resource, prescription }: MappedRecord,
  stored: ReadonlyMap<string, CurrentDocument>,
): readonly string[] {
  const type = 'MedicationRequest';
  if (prescription !== undefined)
    return [prescription, ...idsBeside([prescription], type, stored)].map((id) => currentId(type, id));
  const basedOn = isReport(resource) ? (resource.basedOn ?? []) : [];
  return basedOn.map(({ reference = '' }) => documentOf(reference));
}

/** A record, and the results of a report, by reference. */
const namesOf = (resource: Resource): readonly string[] => [
  nameOf(resource),
  ...((isReport(resource) ? resource.result : undefined) ?? []).map(({ reference = '' }) => reference),
];

/** Orders and prescriptions that a message restricts, and that were stored without that, or not at all: their outcome may be. */
export const restrictedSince = (
  records: readonly MappedRecord[],
  stored: ReadonlyMap<string, CurrentDocument>,
): readonly MappedRecord[] =>
  records.filter(({ resource }) => {
    if (!isOrder(resource)) return false;
    const known = stored.get(currentId(resource.resourceType, resource.id));
    return missingFrom(known === undefined ? [] : labelsOf(known.resource), labelsOf(resource)).length > 0;
  });

/** Of stored records those that came of some orders, by what they say themselves. */
export const whatCame = (
  orders: readonly MappedRecord[],
  made: readonly CurrentDocument[],
): readonly CurrentDocument[] =>
  made.filter(({ resource }) => orders.some((order) => cameOf(resource, order.resource)));

/** Ids of the documents of the results of a report. */
export const idsOfResults = ({ resource }: CurrentDocument): readonly string[] =>
  namesOf(resource).slice(1).map(documentOf);

/**
 * Restricts what came of orders before they were restricted, or before their messages arrived.
 *
 * @param made current documents of what came of them: reports (`whatCame`) with their results, and what was given
 */
export function restrictEarlier(
  orders: readonly MappedRecord[],
  records: readonly MappedRecord[],
  made: readonly CurrentDocument[],
): readonly MappedRecord[] {
  const restricting: Restricting = new Map();
  for (const order of orders) {
    const reason = order.lineage.find(({ element }) => element.includes('.meta.security'));
    const restriction = { labels: labelsOf(order.resource), reason };
    for (const { resource } of whatCame([order], made)) note(restricting, resource, restriction);
  }
  const named = new Set(records.map(({ resource }) => nameOf(resource)));
  const unnamed = made.filter(
    ({ resource }) => !named.has(nameOf(resource)) && restricting.has(nameOf(resource)),
  );
  return [...records, ...unnamed.map(bareRecord)].map((record) => restrictedBy(restricting, record));
}

/** A record of which a message says nothing. */
const bareRecord = ({ partition, resourceType, fhirId }: CurrentDocument): MappedRecord => ({
  partition,
  resource: { resourceType, id: fhirId },
  mode: 'create',
  removed: [],
  lineage: [],
});

/** What a record says it came of: the record of an order, or the number that the placer gave a prescription. */
interface Outcome {
  readonly basedOn?: readonly Reference[];
  readonly authorizingPrescription?: readonly Reference[];
  readonly request?: Reference;
}

function cameOf(resource: Resource, order: Resource): boolean {
  const { basedOn = [], authorizingPrescription = [], request } = resource as Outcome;
  const { identifier: numbers = [] } = order as { readonly identifier?: readonly Identifier[] };
  const placed = numbers.filter(({ type }) => type?.coding?.some(({ code }) => code === 'PLAC') === true);
  const isNumbered = (number: Identifier): boolean =>
    order.resourceType === 'MedicationRequest' &&
    placed.some(({ system, value }) => system === number.system && value === number.value);
  return [...basedOn, ...authorizingPrescription, ...(request === undefined ? [] : [request])].some(
    ({ reference, identifier }) =>
      reference === nameOf(order) || (identifier !== undefined && isNumbered(identifier)),
  );
}

/** `Observation/1` as the id of its document. */
function documentOf(reference: string): string {
  const [type = '', id = ''] = reference.split('/');
  return currentId(type, id);
}
