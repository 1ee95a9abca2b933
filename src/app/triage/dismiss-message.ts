import type { Principal } from '../../core/governance/access.js';
import type { MessageReceipt } from '../../ports/message-store.js';
import { findMessage } from './operators.js';
import { actionOf } from './reasons.js';
import { conflictNow } from './status-conflict.js';
import type { TriageDependencies } from './triage-dependencies.js';

/**
 * Marks a failed message as not to be processed. It stays archived and can be found, and resubmitted all the same.
 *
 * @throws ExchangeError HDE_FORBIDDEN, HDE_RECEIPT_NOT_FOUND, HDE_REQUEST_INVALID or HDE_MESSAGE_STATUS
 */
export async function dismissMessage(
  deps: Pick<TriageDependencies, 'messages' | 'clock'>,
  principal: Principal,
  id: string,
  reason: string,
): Promise<MessageReceipt> {
  await findMessage(deps, principal, id);
  const action = actionOf(deps, principal, 'dismissed', reason);
  const dismissed = await deps.messages.transition(id, ['failed'], { status: 'dismissed', action });
  if (dismissed === undefined) throw await conflictNow(deps, id, ['failed']);
  return dismissed;
}
