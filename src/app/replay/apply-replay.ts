/** Carries a replay out, page by page. Doing a page again changes nothing more, so a run that breaks off goes on anywhere. */
import { createHash } from 'node:crypto';
import { ExchangeError } from '../../core/errors.js';
import { builtInPacks } from '../../core/mapping/packs/built-in-packs.js';
import { fitsOneBatch } from '../../core/records/batch-limits.js';
import { currentId } from '../../core/records/ids.js';
import type { CurrentDocument, RecordChange, Stored } from '../../core/records/types.js';
import type { RecordDifference } from '../../core/replay/compare-records.js';
import { planReplacement, type ReplacementPlan } from '../../core/replay/plan-replacement.js';
import type { RecordStore } from '../../ports/record-store.js';
import type { RebuildDependencies } from './rebuild-circle.js';
import type { Circle } from './circle.js';
import {
  isSelected,
  replayPage,
  type ReplayedCircle,
  type ReplayPage,
  type ReplayRequest,
} from './replay-page.js';

export interface AppliedPage extends ReplayPage {
  /** Records that were written anew or for the first time. */
  readonly changes: readonly RecordChange[];
  /** Records that their messages no longer state: they stay as they are, for somebody to decide. */
  readonly kept: readonly string[];
}

/**
 * Replaces what differs. Whoever is changed by another message meanwhile is left as they are by then: the page ends
 * with HDE_CONCURRENT_UPDATE and can be asked for again. People of whom a message would fail are not touched.
 *
 * @param runId names the run in the events that consumers get
 * @param changed is told of records as soon as they have changed, whatever becomes of the page
 */
export async function applyReplay(
  deps: RebuildDependencies,
  request: ReplayRequest,
  runId: string,
  changed: (changes: readonly RecordChange[]) => void = () => undefined,
): Promise<AppliedPage> {
  const changes: RecordChange[] = [];
  const kept: string[] = [];
  const tooLarge: string[] = [];
  const tell = (made: readonly RecordChange[]) => {
    changes.push(...made);
    changed(made);
  };
  const page = await replayPage(deps, request, async (replayed) => {
    if (replayed.failures.length > 0) return;
    // First: where this breaks off, the next replay goes on with it, and does not take back what was replaced.
    await notePack(deps, replayed.circle, request);
    for (const { subject, records } of replayed.differences) {
      const partition = subject.slice(subject.indexOf('/') + 1);
      kept.push(...records.filter(({ difference }) => difference === 'lost').map(nameOf));
      const stated = records.filter(({ difference }) => difference !== 'lost');
      for (let start = 0; start < stated.length; start += recordsPerBatch) {
        const part = stated.slice(start, start + recordsPerBatch);
        tooLarge.push(...(await replace(deps, replayed, { partition, records: part, runId, tell })));
      }
    }
  });
  const skipped = tooLarge.map((subject) => ({ subject, reason: 'too-large' as const }));
  return { ...page, skipped: [...page.skipped, ...skipped], changes, kept };
}

/** The next replay starts from what this one has read, whichever messages it selects. */
async function notePack(
  { messages, packs = builtInPacks, feeds }: RebuildDependencies,
  circle: Circle,
  { selection, pack }: ReplayRequest,
): Promise<void> {
  for (const { receipt, pack: before } of circle.messages) {
    if (!isSelected(receipt, selection)) continue;
    const { reference } = packs.find(pack ?? feeds.get(receipt.feed)?.pack ?? before.name);
    if (reference.name !== before.name || reference.version !== before.version)
      await messages.update(receipt.id, { pack: reference });
  }
}

const nameOf = ({ resourceType, id }: RecordDifference): string => `${resourceType}/${id}`;

/** A record costs two of the hundred operations of a batch. */
const recordsPerBatch = 40;

/** Records of one partition that are to be replaced. */
interface Replacement {
  readonly partition: string;
  readonly records: readonly RecordDifference[];
  readonly runId: string;
  readonly tell: (made: readonly RecordChange[]) => void;
}

/** Replaces records in as few batches as hold them. @returns those that are too large for one by themselves */
async function replace(
  deps: RebuildDependencies,
  replayed: ReplayedCircle,
  replacement: Replacement,
): Promise<readonly string[]> {
  const { partition, records, tell } = replacement;
  const plan = await planOf(deps, replayed, replacement);
  if (!fitsOneBatch(plan.operations)) {
    if (records.length === 1) return records.map(nameOf);
    const half = Math.ceil(records.length / 2);
    const [one, other] = [records.slice(0, half), records.slice(half)];
    const first = await replace(deps, replayed, { ...replacement, records: one });
    return [...first, ...(await replace(deps, replayed, { ...replacement, records: other }))];
  }
  if (plan.operations.length === 0) return [];
  const outcome = await deps.records.commit(partition, plan.operations);
  if (outcome === 'conflict') throw new ExchangeError('HDE_CONCURRENT_UPDATE');
  tell(plan.changes);
  return [];
}

async function planOf(
  deps: RebuildDependencies,
  { compared }: ReplayedCircle,
  { partition, records, runId }: Replacement,
): Promise<ReplacementPlan> {
  const { made = [], stored: before = [] } = compared.get(partition) ?? {};
  const ids = records.map(({ resourceType, id }) => currentId(resourceType, id));
  const stored = await loadUnchanged(deps.records, partition, ids, before);
  // What is replaced once more, under the same name of a run, is another event.
  const versions = ids.map((id) => `${id} ${stored.get(id)?.document.versionId ?? 0}`);
  const now = deps.clock.now().toISOString();
  const replayId = `replay-${createHash('sha256')
    .update(`${runId} ${partition} ${versions.join(' ')}`)
    .digest('hex')
    .slice(0, 32)}`;
  const anew = new Map(made.map((document) => [document.id, document]));
  const feed = anew.get(ids[0] ?? '')?.source.feed ?? '';
  return planReplacement(partition, records, stored, anew, { replayId, feed, now });
}

/** The documents to replace. @throws ExchangeError HDE_CONCURRENT_UPDATE when one is not as it was compared */
async function loadUnchanged(
  records: RecordStore,
  partition: string,
  ids: readonly string[],
  compared: readonly CurrentDocument[],
): Promise<Map<string, Stored<CurrentDocument>>> {
  const before = new Map(compared.map((document) => [document.id, document]));
  const stored = new Map<string, Stored<CurrentDocument>>();
  for (const [id, { document, etag }] of await records.load(partition, ids)) {
    if (document.kind !== 'resource') continue;
    const known = before.get(id);
    if (known?.versionId !== document.versionId || known.eventTime !== document.eventTime)
      throw new ExchangeError('HDE_CONCURRENT_UPDATE');
    stored.set(id, { document, etag });
  }
  return stored;
}
