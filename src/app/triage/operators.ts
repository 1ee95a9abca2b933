/** Who may look at messages and decide about them: operators, for the feeds that their token names. */
import { ExchangeError } from '../../core/errors.js';
import { demandRole, mayDo, type Principal } from '../../core/governance/access.js';
import type { MessageReceipt, MessageStore } from '../../ports/message-store.js';

/**
 * The feeds of an operator, at least one.
 *
 * @throws ExchangeError HDE_FORBIDDEN for everybody else
 */
export function feedsOfOperator(principal: Principal): readonly string[] {
  demandRole(principal, 'operator');
  const feeds = principal.feeds.filter((feed) => mayDo(principal, { kind: 'triage', feed }));
  if (feeds.length === 0)
    throw new ExchangeError('HDE_FORBIDDEN', { detail: 'needs the role feed:<id> of at least one feed' });
  return feeds;
}

/**
 * The message of an operator's feed. One of another feed does not exist for them: ids must not be probed.
 *
 * @throws ExchangeError HDE_FORBIDDEN or HDE_RECEIPT_NOT_FOUND
 */
export async function findMessage(
  { messages }: { readonly messages: MessageStore },
  principal: Principal,
  id: string,
): Promise<MessageReceipt> {
  const feeds = feedsOfOperator(principal);
  const receipt = await messages.get(id);
  if (receipt === undefined || !feeds.includes(receipt.feed))
    throw new ExchangeError('HDE_RECEIPT_NOT_FOUND');
  return receipt;
}
