import { changeEventId, partitionOf, partitionsOfPeople, receiptId } from '../../core/records/ids.js';
import type { MessageReceipt } from '../../ports/message-store.js';
import type { RecordStore } from '../../ports/record-store.js';

/**
 * Whether each partition of people that the message changed holds its proof: its receipt or, where it changed what had
 * moved there (docs/adr/0008), the event of that, which is in one batch with the change.
 */
export async function isStored(
  records: Pick<RecordStore, 'load'>,
  { id, changes }: Pick<MessageReceipt, 'id' | 'changes'>,
): Promise<boolean> {
  const holds = async (partition: string, proof: string) =>
    (await records.load(partition, [proof])).has(proof);
  for (const partition of partitionsOfPeople(changes)) {
    if (await holds(partition, receiptId(id))) continue;
    const change = changes.find((each) => partitionOf(each.id) === partition);
    if (change === undefined || !(await holds(partition, changeEventId(id, change)))) return false;
  }
  return true;
}
