/** Writes that take effect together, or not at all, in one partition or in several (docs/adr/0013). */
import { compareText } from '../../../core/compare-text.js';
import { ExchangeError } from '../../../core/errors.js';
import { countThatFit, fitsOneBatch } from '../../../core/records/batch-limits.js';
import { currentId } from '../../../core/records/ids.js';
import { planEventOfWrites, type WriteContext, type WritePlan } from '../../../core/records/plan-write.js';
import {
  currentDocuments,
  overStages,
  planDecision,
  stageOperations,
  type Attempt,
  type Stager,
} from '../../../core/records/stage-records.js';
import type { CommitOperation } from '../../../core/records/types.js';
import type { RecordStore } from '../../../ports/record-store.js';
import { pauseBefore } from '../../pause.js';
import { loadSettled, type Settled } from '../../staged-messages.js';
import { abort, readDecision, unfoldTransaction } from '../../staged-transactions.js';
import { unfoldStaged } from '../../unfold-staged.js';
import type { WriteDependencies, Writer } from '../write-dependencies.js';
import { commitWithEvent, contextOf, type PreparedWrite } from '../write-record.js';

/** Whoever loses this often meets a fault or a crowd, and is told so. */
const maxAttempts = 20;
/** Other writers come between the reading and the staging of a record as often. */
const maxConflicts = 20;
/** Records that are loaded together; more do not fit one batch. */
const loadedTogether = 90;

/** What each write did. */
export type CommittedWrites = ReadonlyMap<PreparedWrite, WritePlan>;

/** An attempt that others have thwarted: `stale` when the writes must be prepared anew before the next one. */
type Thwarted = 'conflict' | 'stale';

/**
 * Commits writes of different records together: in one batch where they are of one partition and fit it, else staged in
 * every partition and made visible by one decision.
 *
 * @param prepare prepares all of them, for what stands
 * @throws ExchangeError HDE_CONCURRENT_UPDATE when others come first again and again, and whatever refuses one of the writes
 */
export async function commitWrites<T>(
  deps: WriteDependencies,
  writer: Writer,
  prepare: () => Promise<{ readonly writes: readonly PreparedWrite[]; readonly result: T }>,
): Promise<{ readonly plans: CommittedWrites; readonly result: T }> {
  let prepared = await prepare();
  const partitions = [...new Set(prepared.writes.map(({ place }) => place.partition))];
  return deps.inTurn(partitions, async () => {
    for (let count = 1; count <= maxAttempts; count++) {
      const outcome = await attempt(deps, writer, prepared.writes, count);
      if (typeof outcome !== 'string') return { plans: outcome, result: prepared.result };
      await pauseBefore(count);
      if (outcome === 'stale') prepared = await prepare();
    }
    throw new ExchangeError('HDE_CONCURRENT_UPDATE');
  });
}

async function attempt(
  deps: WriteDependencies,
  writer: Writer,
  writes: readonly PreparedWrite[],
  count: number,
): Promise<CommittedWrites | Thwarted> {
  // In this order everywhere, so that no two transactions wait for each other.
  const sorted = [...writes].sort((left, right) => compareText(keyOf(left), keyOf(right)));
  const [first] = sorted;
  if (first === undefined) return new Map();
  const context = contextOf(deps, writer);
  const { partition } = first.place;
  const isOnePartition = sorted.every(({ place }) => place.partition === partition);
  if (isOnePartition && sorted.length <= loadedTogether) {
    const outcome = await commitAtOnce(deps.records, partition, sorted, context);
    if (outcome !== 'too large') return outcome;
  }
  const transaction = { attempt: `${writer.requestId}-${count}`, decidedIn: partition };
  return commitStaged(deps.records, transaction, sorted, context);
}

const keyOf = ({ place: { partition, type, id } }: PreparedWrite): string =>
  `${partition} ${currentId(type, id)}`;

const idOf = ({ place: { type, id } }: PreparedWrite): string => currentId(type, id);

/** Each once: several conditional creates may have found one record. */
const idsOf = (writes: readonly PreparedWrite[]): string[] => [...new Set(writes.map(idOf))];

async function commitAtOnce(
  store: RecordStore,
  partition: string,
  writes: readonly PreparedWrite[],
  context: WriteContext,
): Promise<CommittedWrites | Thwarted | 'too large'> {
  const { loaded, stages } = await loadSettled(store, partition, idsOf(writes));
  const current = currentDocuments(loaded);
  const plans = new Map<PreparedWrite, WritePlan>();
  for (const write of writes) {
    const plan = write.decide(current.get(idOf(write)), context);
    if (plan === undefined) return 'stale';
    plans.set(write, plan);
  }
  const planned = [...plans.values()];
  const changes = planned.flatMap(({ operations }) => operations);
  const event = planEventOfWrites(partition, planned, context);
  const operations = overStages([...changes, ...event], loaded, stages);
  if (!fitsOneBatch(operations)) return 'too large';
  return (await commitWithEvent(store, partition, operations, event)) === 'committed' ? plans : 'conflict';
}

/** What an attempt has done so far. */
interface Staging {
  readonly transaction: Attempt;
  readonly context: WriteContext;
  readonly plans: Map<PreparedWrite, WritePlan>;
  /** Where it may have staged something. */
  readonly partitions: Set<string>;
}

async function commitStaged(
  store: RecordStore,
  transaction: Attempt,
  writes: readonly PreparedWrite[],
  context: WriteContext,
): Promise<CommittedWrites | Thwarted> {
  const staging: Staging = { transaction, context, plans: new Map(), partitions: new Set() };
  try {
    const outcome = await stageAndDecide(store, staging, writes);
    if (outcome !== 'committed') {
      await giveUp(store, staging);
      return outcome;
    }
  } catch (error) {
    // Of a decision that nobody confirmed it is not known whether it was made: the one that stands counts.
    if ((await giveUp(store, staging)) !== 'committed') throw error;
  }
  await unfoldAll(store, staging);
  return staging.plans;
}

async function stageAndDecide(
  store: RecordStore,
  staging: Staging,
  writes: readonly PreparedWrite[],
): Promise<'committed' | Thwarted> {
  for (let next = 0; next < writes.length;) {
    const partition = writes[next]?.place.partition ?? '';
    const part = writes
      .slice(next, next + loadedTogether)
      .filter(({ place }) => place.partition === partition);
    const outcome = await stagePart(store, staging, partition, part);
    if (outcome !== 'staged') return outcome;
    next += part.length;
  }
  return decide(store, staging);
}

/** Stages records of one partition: as many at once as fit. */
async function stagePart(
  store: RecordStore,
  { transaction, context, plans, partitions }: Staging,
  partition: string,
  part: readonly PreparedWrite[],
): Promise<'staged' | Thwarted> {
  const { attempt: messageId, decidedIn } = transaction;
  let waiting = part;
  for (let conflicts = 0; waiting.length > 0;) {
    const settled = await loadSettled(store, partition, idsOf(waiting), messageId);
    const planned = planStaging(waiting, settled, context, { messageId, stage: 1, decidedIn });
    if (planned === undefined) return 'stale';
    const groups = planned.map(({ operations }) => operations);
    const count = Math.max(1, countThatFit(groups, settled.stages.size));
    const batch = overStages(groups.slice(0, count).flat(), settled.loaded, settled.stages, messageId);
    partitions.add(partition);
    if ((await store.commit(partition, batch)) === 'committed') {
      for (const { write, plan } of planned.slice(0, count)) plans.set(write, plan);
      waiting = waiting.slice(count);
    } else {
      conflicts += 1;
      if (conflicts > maxConflicts) return 'conflict';
      await pauseBefore(conflicts);
    }
  }
  return 'staged';
}

interface PlannedStaging {
  readonly write: PreparedWrite;
  readonly plan: WritePlan;
  readonly operations: readonly CommitOperation[];
}

/** Undefined when one of the writes must be prepared anew. */
function planStaging(
  writes: readonly PreparedWrite[],
  { loaded }: Settled,
  context: WriteContext,
  stager: Stager,
): PlannedStaging[] | undefined {
  const current = currentDocuments(loaded);
  const planned: PlannedStaging[] = [];
  for (const write of writes) {
    const plan = write.decide(current.get(idOf(write)), context);
    if (plan === undefined) return undefined;
    planned.push({ write, plan, operations: stageOperations(plan.operations, loaded, stager) });
  }
  return planned;
}

/** Makes all that is staged visible at once, with the event that tells of it. */
async function decide(
  store: RecordStore,
  { transaction, context, plans, partitions }: Staging,
): Promise<'committed' | 'conflict'> {
  const { attempt: name, decidedIn } = transaction;
  const decision = { partition: decidedIn, partitions: [...partitions], outcome: 'committed' } as const;
  const event = planEventOfWrites(decidedIn, [...plans.values()], context);
  const outcome = await store.commit(decidedIn, [planDecision(name, decision), ...event]);
  if (outcome === 'committed') return 'committed';
  return (await readDecision(store, transaction)) === 'committed' ? 'committed' : 'conflict';
}

/**
 * Aborts what is not decided, and drops what was staged. What cannot be done now is done by whoever meets it.
 *
 * @returns what is decided, if that is known
 */
async function giveUp(
  store: RecordStore,
  { transaction, partitions }: Staging,
): Promise<'committed' | 'aborted' | undefined> {
  if (partitions.size === 0) return 'aborted';
  try {
    const decided = await abort(store, transaction);
    if (decided === 'aborted')
      for (const partition of partitions)
        await unfoldStaged(store, partition, transaction.attempt, () => false);
    return decided;
  } catch {
    return undefined;
  }
}

/** The transaction is committed, whatever happens here: who writes next, or publishes its event, goes on. */
async function unfoldAll(store: RecordStore, { transaction, partitions }: Staging): Promise<void> {
  try {
    for (const partition of partitions) await unfoldTransaction(store, partition, transaction.attempt);
  } catch {
    // Readers see what was decided already.
  }
}
