/** An exchange in memory with an operator and messages that fail. */
import type { Principal } from '../../../src/core/governance/access.js';
import { acceptMessage } from '../../../src/app/accept-message.js';
import { wholeBody } from '../../../src/app/receive-body.js';
import { normaliseMessage } from '../../../src/app/normalise-message.js';
import type { MessageReceipt } from '../../../src/ports/message-store.js';
import type { MemoryExchange } from '../../support/exchange.js';
import { sampleFeed } from '../../support/feeds.js';
import { aMessage, type MessageParts } from '../../support/messages.js';
import { aPrincipal } from '../../support/principals.js';

export const operator: Principal = aPrincipal(['operator'], { subject: 'olive', feeds: ['rzz-tie'] });

/** A message without a patient, which the exchange refuses. */
export const poisonText = (parts: MessageParts = {}): string =>
  new TextDecoder().decode(aMessage(parts)).replace(/PID\|1\|\|[^|]*/, 'PID|1||');

export async function accept(exchange: MemoryExchange, text: string | Uint8Array): Promise<MessageReceipt> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return (await acceptMessage(exchange, { feed: sampleFeed, body: wholeBody(bytes), contentType: '' }))
    .receipt;
}

/** Processes what is on the queue, each message once. */
export async function processQueue(exchange: MemoryExchange, from = 0): Promise<void> {
  for (const envelope of exchange.queue.sent.slice(from)) await normaliseMessage(exchange, envelope);
}

/** A message that is accepted and then fails, because its mapping has a fault that a later try does not meet. */
export async function failLater(exchange: MemoryExchange, parts: MessageParts = {}): Promise<MessageReceipt> {
  const { id } = await accept(exchange, aMessage(parts));
  const archive = { ...exchange.archive, get: () => Promise.resolve(aMessage({ type: 'QRY^A19' })) };
  await normaliseMessage({ ...exchange, archive }, exchange.queue.sent.at(-1)!);
  return (await exchange.messages.get(id))!;
}

export const hl7v2TextOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
