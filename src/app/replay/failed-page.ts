/**
 * Messages that failed, tried again: which of them would take effect now, by the pack of their feed or another one, and
 * what they would change; and doing it.
 */
import { ExchangeError, type ErrorCode } from '../../core/errors.js';
import { builtInPacks } from '../../core/mapping/packs/built-in-packs.js';
import { sortPatients } from '../../core/replay/compare-records.js';
import type { RecordChange } from '../../core/records/types.js';
import type { MessageQueue } from '../../ports/message-queue.js';
import { placeOf, type MessageReceipt, type OperatorAction } from '../../ports/message-store.js';
import { toEnvelope } from '../accept-message.js';
import { partitionsOfPeople } from '../../core/records/ids.js';
import {
  normaliseMessage,
  processMessage,
  type NormaliseDependencies,
  type SettledMessage,
} from '../normalise-message.js';
import { takePlace } from '../triage/take-up.js';
import type { AppliedPage } from './apply-replay.js';
import { MissingMessage, withPack, type RebuildDependencies } from './rebuild-circle.js';
import type { ReplayPage, ReplayRequest } from './replay-page.js';
import { createTrial } from './trial.js';

/** As of a replay; `after` is the last message that the page before looked at (`placeOf`). */
export interface FailedRequest extends Pick<ReplayRequest, 'selection' | 'pack' | 'limit'> {
  readonly after?: string;
}

export interface FailedPage extends Omit<ReplayPage, 'continuation'> {
  /** Failed messages that would take effect now. */
  readonly recovered: readonly string[];
  /** Where the next page goes on. */
  readonly after?: string;
}

export interface RecoveredPage extends FailedPage, Pick<AppliedPage, 'changes' | 'kept'> {
  /** Those that something else held up: they are on the queue. */
  readonly queued: readonly string[];
}

/**
 * Tries the failed messages of one page, the oldest first and each after those before it on the page. Writes nothing.
 * Edited copies that wait for the place of their originals are left out: whoever resubmits one decides between two.
 *
 * @throws PackError when the pack that is asked for cannot be used
 */
export async function tryFailedPage(
  deps: RebuildDependencies,
  request: FailedRequest,
  use: (receipt: MessageReceipt) => void = () => undefined,
): Promise<FailedPage> {
  const { selection, pack, limit, after } = request;
  if (pack !== undefined) (deps.packs ?? builtInPacks).find(pack);
  const page = await deps.messages.search(
    { ...selection, status: 'failed' },
    { limit, order: 'oldest', ...(after === undefined ? {} : { continuation: after }) },
  );
  const trial = createTrial(deps);
  const recovered: string[] = [];
  const failures: ReplayPage['failures'][number][] = [];
  const skipped: ReplayPage['skipped'][number][] = [];
  const people = new Set<string>();
  for (const receipt of page.receipts) {
    const { id: messageId } = receipt;
    const outcome = await tryMessage(trial.deps, receipt, pack);
    if (typeof outcome === 'string') skipped.push({ subject: `message/${messageId}`, reason: outcome });
    else if (outcome.errorCode !== undefined) failures.push({ messageId, errorCode: outcome.errorCode });
    else {
      trial.settle(messageId);
      recovered.push(messageId);
      use(receipt);
      for (const partition of partitionsOfPeople(outcome.changes)) people.add(partition);
    }
  }
  const differences = sortPatients(await trial.differences());
  const counts = { messages: page.receipts.length, patients: people.size };
  const next = page.continuation === undefined ? {} : { after: page.continuation };
  return { ...counts, differences, failures, skipped, recovered, ...next };
}

/** What became of a message that was tried. */
interface Recovery {
  readonly changes: readonly RecordChange[];
  /** Why it did not take effect. */
  readonly errorCode?: ErrorCode | undefined;
}

const recoveryOf = ({
  status,
  issues,
  changes,
}: Pick<SettledMessage, 'status' | 'issues' | 'changes'>): Recovery =>
  status === 'normalised'
    ? { changes }
    : {
        changes: [],
        errorCode: issues.find(({ severity }) => severity === 'error')?.code ?? 'HDE_INTERNAL',
      };

async function tryMessage(
  deps: NormaliseDependencies,
  receipt: MessageReceipt,
  pack: string | undefined,
): Promise<Recovery | 'incomplete' | 'undecided'> {
  if (receipt.errorCode === 'HDE_CORRECTION_PENDING') return 'undecided';
  try {
    const feeds = withPack(deps.feeds, receipt.feed, pack);
    return recoveryOf(await processMessage({ ...deps, feeds }, toEnvelope(receipt)));
  } catch (error) {
    if (error instanceof MissingMessage) return 'incomplete';
    // Nobody else writes in a trial, so it is this message that comes to no end: those behind it can be tried all the same.
    if (error instanceof ExchangeError && error.code === 'HDE_CONCURRENT_UPDATE')
      return { changes: [], errorCode: error.code };
    throw error;
  }
}

/** What carrying it out needs besides: a message that has to wait goes on the queue. */
export interface RecoverDependencies extends RebuildDependencies {
  readonly queue: Pick<MessageQueue, 'send'>;
}

/**
 * Takes up the messages of a page that would take effect, and does what they say, as if they had been delivered now: with
 * receipts, so that nothing happens twice, and by the times of their events, so that nothing newer is overwritten. The
 * others stay as they failed.
 *
 * @param action stands in the history of each message that is taken up
 * @param changed is told of records as soon as they have changed, whatever becomes of the page
 */
export async function recoverFailedPage(
  deps: RecoverDependencies,
  request: FailedRequest,
  action: OperatorAction,
  changed: (changes: readonly RecordChange[]) => void = () => undefined,
): Promise<RecoveredPage> {
  const receipts: MessageReceipt[] = [];
  const tried = await tryFailedPage(deps, request, (receipt) => receipts.push(receipt));
  const changes: RecordChange[] = [];
  const recovered: string[] = [];
  const queued: string[] = [];
  const failures = [...tried.failures];
  const skipped = [...tried.skipped];
  for (const receipt of receipts) {
    const { id: messageId } = receipt;
    const outcome = await recover(deps, receipt, request.pack, action);
    if (outcome === 'decided') skipped.push({ subject: `message/${messageId}`, reason: outcome });
    else if (outcome === 'queued') queued.push(messageId);
    else if (outcome.errorCode !== undefined) failures.push({ messageId, errorCode: outcome.errorCode });
    else {
      recovered.push(messageId);
      changes.push(...outcome.changes);
      changed(outcome.changes);
    }
  }
  return { ...tried, failures, skipped, recovered, queued, changes, kept: [] };
}

async function recover(
  deps: RecoverDependencies,
  held: MessageReceipt,
  pack: string | undefined,
  action: OperatorAction,
): Promise<Recovery | 'queued' | 'decided'> {
  const { messages, queue, clock } = deps;
  const isWaiting = (await messages.listEarlier(held.sessionKey, placeOf(held))).length > 0;
  const queuedAt = clock.now().toISOString();
  if (!(await hasPlace(deps, held, action))) return 'decided';
  // The receipt first: once it says accepted, the message cannot be forgotten, whatever becomes of this process.
  const receipt = await messages.transition(held.id, ['failed'], { status: 'accepted', queuedAt, action });
  if (receipt === undefined) return 'decided';
  try {
    // What was accepted before it goes first, by the pack of its feed.
    if (isWaiting) throw new ExchangeError('HDE_MERGE_WAITS');
    const feeds = withPack(deps.feeds, held.feed, pack);
    const settled = await normaliseMessage({ ...deps, feeds }, toEnvelope(receipt));
    return settled.status === 'normalised' || settled.status === 'failed' ? recoveryOf(settled) : 'decided';
  } catch (error) {
    if (!(error instanceof ExchangeError) || error.definition.disposition !== 'retry') throw error;
    await queue.send(toEnvelope(receipt));
    return 'queued';
  }
}

/** Whether an edited copy has, or now takes, the place of its original; so has every other message. */
async function hasPlace(
  deps: RecoverDependencies,
  { id, correctionOf }: MessageReceipt,
  action: OperatorAction,
): Promise<boolean> {
  if (correctionOf === undefined) return true;
  try {
    await takePlace(deps, id, correctionOf, action);
    return true;
  } catch (error) {
    if (error instanceof ExchangeError && error.code === 'HDE_MESSAGE_STATUS') return false;
    throw error;
  }
}
