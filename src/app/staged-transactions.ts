/** What becomes of transactions that no atomic batch holds, for all who meet what they have staged (docs/adr/0013). */
import { ExchangeError } from '../core/errors.js';
import { decisionId } from '../core/records/ids.js';
import { type Attempt, planDecision } from '../core/records/stage-records.js';
import type { DecisionDocument } from '../core/records/types.js';
import type { RecordStore } from '../ports/record-store.js';
import { sleep } from './pause.js';
import { unfoldStaged } from './unfold-staged.js';

/** How often, and after how many milliseconds, a transaction that is under way is asked for before it counts as dead. */
const patience = { times: 40, every: 50 };

/**
 * Settles what a transaction has staged in a partition: one that is committed is unfolded, of one that is aborted what was
 * there before counts. One that is not decided yet is waited for; then whoever meets it aborts it, since its process may
 * have ended.
 *
 * @returns whether it was unfolded, so that documents must be loaded anew
 */
export async function settleTransaction(
  store: RecordStore,
  partition: string,
  transaction: Attempt,
): Promise<boolean> {
  const outcome = (await awaitDecision(store, transaction)) ?? (await abort(store, transaction));
  if (outcome === 'committed') await unfoldTransaction(store, partition, transaction.attempt);
  return outcome === 'committed';
}

/** Puts what a transaction that is committed made of its records in their place. */
export const unfoldTransaction = (store: RecordStore, partition: string, attempt: string): Promise<void> =>
  unfoldStaged(store, partition, attempt, () => true);

/** Unfolds a transaction wherever it has staged something: who committed it may not have come to that. */
export async function finishTransaction(
  store: RecordStore,
  { attempt, outcome, partitions }: DecisionDocument,
): Promise<void> {
  if (outcome !== 'committed') return;
  for (const partition of partitions) {
    // A replica that is behind shows nothing of what was staged there: it would stay.
    await store.catchUp(partition);
    await unfoldTransaction(store, partition, attempt);
  }
}

/** What was decided on a transaction; undefined while nothing is. */
export async function readDecision(
  store: RecordStore,
  { attempt, decidedIn }: Attempt,
): Promise<DecisionDocument['outcome'] | undefined> {
  const id = decisionId(attempt);
  const document = (await store.load(decidedIn, [id])).get(id)?.document;
  return document?.kind === 'decision' ? document.outcome : undefined;
}

/** Aborts a transaction, unless it is decided; says what is decided. */
export async function abort(store: RecordStore, transaction: Attempt): Promise<DecisionDocument['outcome']> {
  const { attempt, decidedIn } = transaction;
  const decision = { partition: decidedIn, partitions: [], outcome: 'aborted' } as const;
  if ((await store.commit(decidedIn, [planDecision(attempt, decision)])) === 'committed') return 'aborted';
  const decided = await readDecision(store, transaction);
  if (decided === undefined) throw new ExchangeError('HDE_CONCURRENT_UPDATE');
  return decided;
}

async function awaitDecision(
  store: RecordStore,
  transaction: Attempt,
): Promise<DecisionDocument['outcome'] | undefined> {
  for (let count = 1; count <= patience.times; count++) {
    const decided = await readDecision(store, transaction);
    if (decided !== undefined) return decided;
    await sleep(patience.every);
  }
  return undefined;
}
