import { ExchangeError } from '../core/errors.js';
import { mayDo, type Principal } from '../core/governance/access.js';
import type { MessageReceipt, MessageStore } from '../ports/message-store.js';

/** The receipt of one message. That of another feed does not exist for senders and operators: ids must not be probed. */
export async function readReceipt(
  { messages }: { readonly messages: MessageStore },
  principal: Principal,
  id: string,
): Promise<MessageReceipt> {
  const receipt = await messages.get(id);
  if (receipt === undefined || !mayDo(principal, { kind: 'read-receipt', feed: receipt.feed })) {
    throw new ExchangeError('HDE_RECEIPT_NOT_FOUND');
  }
  return receipt;
}
