/** Why a decision about a message cannot be taken: something else became of it. */
import { ExchangeError } from '../../core/errors.js';
import type { MessageStatus, MessageStore } from '../../ports/message-store.js';

/** HDE_MESSAGE_STATUS that says which status a message has, and which would allow the decision. */
export const statusConflict = (
  status: MessageStatus | undefined,
  wanted: readonly MessageStatus[],
): ExchangeError =>
  new ExchangeError('HDE_MESSAGE_STATUS', {
    location: 'status',
    detail: `${status ?? 'unknown'}, where ${wanted.join(' or ')} is needed`,
  });

/** The same for a message that was changed by somebody else meanwhile: its status is read again. */
export const conflictNow = async (
  { messages }: { readonly messages: MessageStore },
  id: string,
  wanted: readonly MessageStatus[],
): Promise<ExchangeError> => statusConflict((await messages.get(id))?.status, wanted);
