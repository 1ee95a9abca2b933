import { ExchangeError } from '../../core/errors.js';
import { currentId } from '../../core/records/ids.js';
import type { WriteContext, WritePlan } from '../../core/records/plan-write.js';
import { currentDocuments, overStages } from '../../core/records/stage-records.js';
import type { LatestDocument, Stored } from '../../core/records/types.js';
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

/**
 * Writes one record: whenever another writer comes first, what stands is read and decided on again. What a large message
 * has staged of the record is met as messages do (docs/adr/0009).
 *
 * @param decide the plan for what stands under the id; it may throw what refuses the write
 * @throws ExchangeError HDE_CONCURRENT_UPDATE when others come first again and again
 */
export async function writeRecord(
  deps: WriteDependencies,
  { type, id, partition }: WritePlace,
  writer: Writer,
  decide: (before: Stored<LatestDocument> | undefined, context: WriteContext) => WritePlan,
): Promise<WritePlan> {
  const documentId = currentId(type, id);
  for (let count = 1; count <= maxAttempts; count++) {
    const { loaded, stages } = await loadSettled(deps.records, partition, [documentId]);
    const plan = decide(currentDocuments(loaded).get(documentId), contextOf(deps, writer));
    const operations = overStages(plan.operations, loaded, stages);
    if ((await deps.records.commit(partition, operations)) === 'committed') return plan;
  }
  throw new ExchangeError('HDE_CONCURRENT_UPDATE');
}

const contextOf = (
  { clock }: WriteDependencies,
  { requestId, client, traceparent }: Writer,
): WriteContext => ({
  requestId,
  client,
  now: clock.now().toISOString(),
  ...(traceparent === undefined ? {} : { traceparent }),
});
