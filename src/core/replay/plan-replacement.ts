/** Replaces what is stored by what a replay made of the same messages. */
import { currentId } from '../records/ids.js';
import { asVersion, succeed } from '../records/versions.js';
import type {
  CommitOperation,
  CurrentDocument,
  EventDocument,
  RecordChange,
  Stored,
} from '../records/types.js';
import type { RecordDifference } from './compare-records.js';

export interface ReplacementContext {
  /** Id of the replay, unique for the partition and each run. */
  readonly replayId: string;
  readonly feed: string;
  /** ISO instant of the commit. */
  readonly now: string;
}

export interface ReplacementPlan {
  readonly operations: readonly CommitOperation[];
  readonly changes: readonly RecordChange[];
}

/**
 * Plans the records of one partition that differ. What the messages no longer state stays as it is: a replay never
 * takes a record away, it only names it.
 *
 * @param stored current documents by id, as loaded just before
 * @param replayed what the replay made of them, by id
 */
export function planReplacement(
  partition: string,
  differences: readonly RecordDifference[],
  stored: ReadonlyMap<string, Stored<CurrentDocument>>,
  replayed: ReadonlyMap<string, CurrentDocument>,
  context: ReplacementContext,
): ReplacementPlan {
  const operations: CommitOperation[] = [];
  const changes: RecordChange[] = [];
  for (const { resourceType, id } of differences) {
    const made = replayed.get(currentId(resourceType, id));
    if (made === undefined) continue;
    const held = stored.get(made.id);
    const versionId = (held?.document.versionId ?? 0) + 1;
    const document = asVersion(made, versionId, context.now);
    if (held === undefined) operations.push({ kind: 'create', document });
    else operations.push(...succeed(held, document));
    changes.push({ resourceType, id, versionId, change: held === undefined ? 'created' : 'updated' });
  }
  if (changes.length > 0)
    operations.push({ kind: 'create', document: replayEvent(partition, changes, context) });
  return { operations, changes };
}

const replayEvent = (
  partition: string,
  changes: readonly RecordChange[],
  { replayId, feed, now }: ReplacementContext,
): EventDocument => ({
  id: `event:${replayId}`,
  kind: 'event',
  partition,
  messageId: replayId,
  feed,
  messageType: 'replay',
  eventTime: now,
  lastUpdated: now,
  changes,
});
