import { ExchangeError } from '../../core/errors.js';
import { currentId } from '../../core/records/ids.js';
import { planEventOfWrites, type WriteContext, type WritePlan } from '../../core/records/plan-write.js';
import { currentDocuments, overStages } from '../../core/records/stage-records.js';
import type { CommitOperation, LatestDocument, Stored } from '../../core/records/types.js';
import type { RecordStore } from '../../ports/record-store.js';
import { pauseBefore } from '../pause.js';
import { loadSettled } from '../staged-messages.js';
import type { WriteDependencies, Writer } from './write-dependencies.js';

/** Whoever loses this often meets a fault or a crowd, and is told so. */
const maxAttempts = 20;

/** The record that is written. */
export interface WritePlace {
  readonly type: string;
  readonly id: string;
  readonly partition: string;
}

/** A write of which all is known that can be known before what stands is loaded. */
export interface PreparedWrite {
  readonly place: WritePlace;
  /**
   * The plan for what stands under the id; it may throw what refuses the write. Undefined when the write was prepared for
   * something that stands no longer: it is to be prepared anew.
   */
  readonly decide: (
    before: Stored<LatestDocument> | undefined,
    context: WriteContext,
  ) => WritePlan | undefined;
}

/**
 * Writes one record: whenever another writer comes first, what stands is read and decided on again. What a large message
 * or a transaction has staged of the record is met as messages do (docs/adr/0009, 0013).
 *
 * @returns undefined when there is nothing to be done
 * @throws ExchangeError HDE_CONCURRENT_UPDATE when others come first again and again
 */
export async function writeRecord(
  deps: WriteDependencies,
  writer: Writer,
  prepare: () => Promise<PreparedWrite | undefined>,
): Promise<WritePlan | undefined> {
  let prepared = await prepare();
  if (prepared === undefined) return undefined;
  return deps.inTurn([prepared.place.partition], async () => {
    for (let count = 1; prepared !== undefined && count <= maxAttempts; count++) {
      const { type, id, partition } = prepared.place;
      const documentId = currentId(type, id);
      const { loaded, stages } = await loadSettled(deps.records, partition, [documentId]);
      const context = contextOf(deps, writer);
      const plan = prepared.decide(currentDocuments(loaded).get(documentId), context);
      if (plan !== undefined) {
        const event = planEventOfWrites(partition, [plan], context);
        const operations = overStages([...plan.operations, ...event], loaded, stages);
        if ((await commitWithEvent(deps.records, partition, operations, event)) === 'committed') return plan;
      }
      await pauseBefore(count);
      if (plan === undefined) prepared = await prepare();
    }
    if (prepared === undefined) return undefined;
    throw new ExchangeError('HDE_CONCURRENT_UPDATE');
  });
}

/**
 * Commits what a request writes in one batch. A batch that was done is answered as one that lost, or not at all, where it
 * was repeated on its way: what it wrote would be decided on again, over itself. Its event is of this request alone, and so
 * proves that it was done.
 *
 * @param event the part of the operations that tells of them; where nothing changes there is none, and it may all be done again
 * @throws what the store throws, unless the event is there
 */
export async function commitWithEvent(
  store: RecordStore,
  partition: string,
  operations: readonly CommitOperation[],
  event: readonly CommitOperation[],
): Promise<'committed' | 'conflict'> {
  try {
    if ((await store.commit(partition, operations)) === 'committed') return 'committed';
  } catch (error) {
    // Where it is not found it may still be on its way.
    if (await isStored(store, partition, event).catch(() => false)) return 'committed';
    throw error;
  }
  return (await isStored(store, partition, event)) ? 'committed' : 'conflict';
}

async function isStored(
  store: RecordStore,
  partition: string,
  event: readonly CommitOperation[],
): Promise<boolean> {
  const ids = event.map(({ document }) => document.id);
  return ids.length > 0 && (await store.load(partition, ids)).size > 0;
}

/** The facts about a write that happens now. */
export const contextOf = (
  { clock }: WriteDependencies,
  { requestId, client, access, traceparent }: Writer,
): WriteContext => ({
  requestId,
  client,
  organisation: access.asker.principal.organisation,
  now: clock.now().toISOString(),
  ...(traceparent === undefined ? {} : { traceparent }),
});
