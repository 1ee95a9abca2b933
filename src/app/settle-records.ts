/** What only the store can tell about the records of a message, before they are committed. */
import type { MappedRecord } from '../core/mapping/types.js';
import { aboutAllergies, settleAllergies } from '../core/records/settle-allergies.js';
import { idsOfEnded, withEnds } from '../core/records/end-results.js';
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
  const { records: named, issues } = settleNumbers(records, new Map([...known, ...others]));
  const hasStates = named.some(({ isState }) => isState === true);
  const orders = hasStates
    ? await listRecords(store, [partition], ['ServiceRequest', 'MedicationRequest'])
    : [];
  const reports = await loadSome(store, partition, idsOfEnded(named));
  const settled = withEnds(settleStates(named, orders), (id) => reports.get(id));
  if (!aboutAllergies(settled)) return { records: settled, issues };
  const stored = await listRecords(store, [partition], ['AllergyIntolerance']);
  const agreed = settleAllergies(settled, [...stored, ...linked]);
  return { records: agreed.records, issues: [...issues, ...agreed.issues] };
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
