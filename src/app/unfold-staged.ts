import { ExchangeError } from '../core/errors.js';
import { countThatFit } from '../core/records/batch-limits.js';
import { unfoldOperations } from '../core/records/stage-records.js';
import type { StagedDocument } from '../core/records/types.js';
import type { RecordStore } from '../ports/record-store.js';
import { pauseBefore } from './pause.js';

/** Others who unfold the same are few, and each of them makes some progress. */
const maxConflicts = 10;
/** Staged documents that are read together. */
const unfoldedTogether = 40;

/**
 * Puts what became of staged records in their place, batch by batch. Anybody may do it, and do it again.
 *
 * @param by the message, or the attempt at a transaction, that has staged them
 * @throws ExchangeError HDE_CONCURRENT_UPDATE
 */
export async function unfoldStaged(
  store: RecordStore,
  partition: string,
  by: string,
  isVisible: (staged: StagedDocument) => boolean,
): Promise<void> {
  for (let conflicts = 0; conflicts < maxConflicts;) {
    const staged = await store.listStaged(partition, by, unfoldedTogether);
    if (staged.length === 0) return;
    const groups = staged.map((stored) => unfoldOperations(stored, isVisible(stored.document)));
    // One record alone that is too large was so before it was staged: the store says it.
    const batch = groups.slice(0, Math.max(1, countThatFit(groups))).flat();
    if ((await store.commit(partition, batch)) === 'committed') continue;
    conflicts += 1;
    await pauseBefore(conflicts);
  }
  throw new ExchangeError('HDE_CONCURRENT_UPDATE');
}
