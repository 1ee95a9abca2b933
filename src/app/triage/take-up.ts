/** Puts a message that had failed, or was dismissed, on the queue again. */
import { ExchangeError } from '../../core/errors.js';
import type { MessageReceipt, MessageStatus, OperatorAction } from '../../ports/message-store.js';
import { toEnvelope } from '../accept-message.js';
import { conflictNow, statusConflict } from './status-conflict.js';
import type { TriageDependencies } from './triage-dependencies.js';

/** What operators may decide about: whatever else became of a message, it has taken or will take effect. */
export const open: readonly MessageStatus[] = ['failed', 'dismissed'];

export interface TakenUp {
  readonly receipt: MessageReceipt;
  /** Why it is not on the queue yet; the reconciler puts it there. */
  readonly delayedBy?: ExchangeError;
}

/**
 * Takes up a message as it is. Its receipt comes first: once it says accepted, the message cannot be forgotten.
 *
 * @param from statuses that the message may have
 * @throws ExchangeError HDE_MESSAGE_STATUS when it has another
 */
export async function takeUp(
  { messages, queue, clock }: Pick<TriageDependencies, 'messages' | 'queue' | 'clock'>,
  id: string,
  from: readonly MessageStatus[],
  action?: OperatorAction,
): Promise<TakenUp> {
  const receipt = await messages.transition(id, from, {
    status: 'accepted',
    queuedAt: clock.now().toISOString(),
    ...(action === undefined ? {} : { action }),
  });
  if (receipt === undefined) throw await conflictNow({ messages }, id, from);
  try {
    await queue.send(toEnvelope(receipt));
    return { receipt };
  } catch (error) {
    if (!(error instanceof ExchangeError) || error.definition.disposition !== 'retry') throw error;
    return { receipt, delayedBy: error };
  }
}

/**
 * Gives an edited copy the place of its original, unless it has it: from then on the original cannot be taken up any more.
 *
 * @throws ExchangeError HDE_MESSAGE_STATUS when something else became of the original, or a part of it has taken effect: to
 * that the copy would be a second message
 */
export async function takePlace(
  { messages, records }: Pick<TriageDependencies, 'messages' | 'records'>,
  copyId: string,
  originalId: string,
  action: OperatorAction,
): Promise<void> {
  const isDone = async () => (await messages.get(originalId))?.correctedBy === copyId;
  if (await isDone()) return;
  if ((await records.findEffects([originalId])).size > 0)
    throw new ExchangeError('HDE_MESSAGE_STATUS', {
      detail: 'the original changed records before it failed: resubmit it',
    });
  const change = {
    status: 'corrected',
    correctedBy: copyId,
    action: { ...action, action: 'corrected' },
  } as const;
  if ((await messages.transition(originalId, open, change)) !== undefined || (await isDone())) return;
  throw statusConflict((await messages.get(originalId))?.status, open);
}
