/** What only the store can tell about the records of a message, before they are committed. */
import type { MappedRecord } from '../core/mapping/types.js';
import { aboutAllergies, settleAllergies } from '../core/records/settle-allergies.js';
import { idsOfEnded, withEnds } from '../core/records/end-results.js';
import {
  guardedByOrders,
  idsOfPrescriptions,
  idsOfResults,
  labelledByOrders,
  restrictEarlier,
  restrictedSince,
  whatCame,
} from '../core/records/restricting-orders.js';
import { idsNamed, idsToSettle } from '../core/records/order-numbers.js';
import { settleNumbers, settleStates, type Settled } from '../core/records/settle-orders.js';
import type { CurrentDocument } from '../core/records/types.js';
import { pagesOf } from '../ports/pages.js';
import type { RecordStore } from '../ports/record-store.js';

/**
 * Finds out which stored orders the records of one partition mean, which results end with a report, and what its allergies
 * contradict. Doing it again after the message took effect gives the same, since each record then meets itself.
 *
 * @param linked allergies and negations under other numbers of the person
 */
export async function settleRecords(
  store: RecordStore,
  partition: string,
  records: readonly MappedRecord[],
  linked: readonly CurrentDocument[],
): Promise<Settled> {
  const known = await loadSome(store, partition, idsToSettle(records));
  const others = await loadSome(store, partition, idsNamed(known));
  const stored = new Map([...known, ...others]);
  const { records: numbered, issues } = settleNumbers(records, stored);
  const hasStates = numbered.some(({ isState }) => isState === true);
  const orders = hasStates
    ? await listRecords(store, [partition], ['ServiceRequest', 'MedicationRequest'])
    : [];
  const reports = await loadSome(store, partition, idsOfEnded(numbered));
  const complete = withEnds(settleStates(numbered, orders), (id) => reports.get(id));
  const ordered = new Map([...stored, ...orders.map((document) => [document.id, document] as const)]);
  const settled = await restrict(store, partition, complete, ordered);
  if (!aboutAllergies(settled)) return { records: settled, issues };
  const allergies = await listRecords(store, [partition], ['AllergyIntolerance']);
  const agreed = settleAllergies(settled, [...allergies, ...linked]);
  return { records: agreed.records, issues: [...issues, ...agreed.issues] };
}

const WHAT_COMES = ['DiagnosticReport', 'MedicationAdministration', 'MedicationDispense'];

/** Restricts what comes, and came, of orders and prescriptions as they are. @param ordered those that are known, by id */
async function restrict(
  store: RecordStore,
  partition: string,
  records: readonly MappedRecord[],
  ordered: ReadonlyMap<string, CurrentDocument>,
): Promise<readonly MappedRecord[]> {
  const prescriptions = await loadSome(store, partition, idsOfPrescriptions(records));
  const others = await loadSome(store, partition, idsNamed(prescriptions));
  const known = new Map([...ordered, ...prescriptions, ...others]);
  const labelled = guardedByOrders(labelledByOrders(records, known), known);
  const orders = restrictedSince(labelled, known);
  if (orders.length === 0) return labelled;
  const made = await listRecords(store, [partition], WHAT_COMES);
  const came = whatCame(orders, made);
  const results = await loadSome(store, partition, came.flatMap(idsOfResults));
  return restrictEarlier(orders, labelled, [...came, ...results.values()]);
}

const loadSome = async (
  store: RecordStore,
  partition: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, CurrentDocument>> =>
  ids.length === 0 ? new Map() : store.loadCurrent(partition, ids);

const pageSize = 200;

/** All current records of some types in some partitions. */
export async function listRecords(
  store: RecordStore,
  partitions: Iterable<string>,
  types: readonly string[],
): Promise<CurrentDocument[]> {
  const found: CurrentDocument[] = [];
  for (const partition of partitions) {
    for (const type of types) {
      const pages = pagesOf((from) => store.listPartition(partition, type, { limit: pageSize, ...from }));
      for await (const { documents } of pages) found.push(...documents);
    }
  }
  return found;
}
