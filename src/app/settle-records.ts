/** What only the store can tell about the records of a message, before they are committed. */
import type { MappedRecord } from '../core/mapping/types.js';
import { aboutAllergies, settleAllergies } from '../core/records/settle-allergies.js';
import { idsToSettle, settleNumbers, settleStates, type Settled } from '../core/records/settle-orders.js';
import type { CurrentDocument } from '../core/records/types.js';
import { pagesOf } from '../ports/pages.js';
import type { RecordStore } from '../ports/record-store.js';

/**
 * Finds out which stored orders a message means, and what its allergies contradict. Doing it again after the message
 * took effect gives the same, since each record then meets itself.
 */
export async function settleRecords(store: RecordStore, records: readonly MappedRecord[]): Promise<Settled> {
  const { records: named, issues } = settleNumbers(records, await loadAll(store, idsToSettle(records)));
  const states = named.filter(({ isState }) => isState === true);
  const orders = await listAll(store, partitionsOf(states), ['ServiceRequest', 'MedicationRequest']);
  const settled = settleStates(named, orders);
  if (!aboutAllergies(settled)) return { records: settled, issues };
  const allergic = settled.filter(({ resource }) => resource.resourceType === 'AllergyIntolerance');
  const stored = await listAll(store, partitionsOf(allergic), ['AllergyIntolerance']);
  const agreed = settleAllergies(settled, stored);
  return { records: agreed.records, issues: [...issues, ...agreed.issues] };
}

const partitionsOf = (records: readonly MappedRecord[]): ReadonlySet<string> =>
  new Set(records.map(({ partition }) => partition));

async function loadAll(
  store: RecordStore,
  ids: ReadonlyMap<string, readonly string[]>,
): Promise<ReadonlyMap<string, CurrentDocument>> {
  const found = new Map<string, CurrentDocument>();
  for (const [partition, wanted] of ids) {
    for (const [id, document] of await store.loadCurrent(partition, [...new Set(wanted)]))
      found.set(id, document);
  }
  return found;
}

const pageSize = 200;

async function listAll(
  store: RecordStore,
  partitions: ReadonlySet<string>,
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
