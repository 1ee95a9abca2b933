/** Operators decide about a message that a worker still holds, at every moment of its work. */
import { describe, expect, test } from '@jest/globals';
import { balanceReceipts } from '../../../src/app/ledger/balance-feed.js';
import { normaliseMessage } from '../../../src/app/normalise-message.js';
import { recordDeadLetter } from '../../../src/app/record-dead-letter.js';
import { correctMessage } from '../../../src/app/triage/correct-message.js';
import { dismissMessage } from '../../../src/app/triage/dismiss-message.js';
import { resubmitMessage } from '../../../src/app/triage/resubmit-messages.js';
import type { MessageEnvelope } from '../../../src/ports/message-queue.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../../support/exchange.js';
import { sampleFeed } from '../../support/feeds.js';
import { aMessage } from '../../support/messages.js';
import { watched } from '../../support/watched.js';
import { hl7v2TextOf, operator, processQueue } from './triage-exchange.js';

const admission = aMessage({ controlId: 'C1' });
const merge = aMessage({ controlId: 'C1', type: 'ADT^A40', more: ['MRG|M2^^^RZZ^MR'] });
const messages = [
  ['one person', admission],
  ['two people', merge],
] as const;

/** One delivery, with something done before its n-th call of a store. */
async function deliver(
  exchange: MemoryExchange,
  envelope: MessageEnvelope,
  between: (call: number, name: string) => Promise<void>,
): Promise<string[]> {
  const calls: string[] = [];
  const before = async (name: string) => {
    calls.push(name);
    await between(calls.length - 1, name);
  };
  const { archive, messages, records, identities } = exchange;
  await normaliseMessage(
    {
      ...exchange,
      archive: watched(archive, before),
      messages: watched(messages, before),
      records: watched(records, before),
      identities: watched(identities, before),
    },
    envelope,
  );
  return calls;
}

async function callsOf(bytes: Uint8Array): Promise<string[]> {
  const exchange = createMemoryExchange();
  return deliver(exchange, await acceptBytes(exchange, bytes), () => Promise.resolve());
}

type Decide = (exchange: MemoryExchange, id: string, bytes: Uint8Array) => Promise<unknown>;

const edited = (bytes: Uint8Array) => hl7v2TextOf(bytes).replace('Okoro', 'Okafor');
const decisions: readonly (readonly [string, Decide])[] = [
  ['dismisses', (exchange, id) => dismissMessage(exchange, operator, id, 'It was sent by mistake')],
  [
    'corrects',
    (exchange, id, bytes) =>
      correctMessage(exchange, operator, id, { text: edited(bytes), reason: 'A slip of the pen' }).catch(
        (error: unknown) => {
          // Refused where it took effect: the copy would be a second message.
          expect(error).toMatchObject({ code: 'HDE_MESSAGE_STATUS' });
        },
      ),
  ],
  ['resubmits', (exchange, id) => resubmitMessage(exchange, operator, id)],
];

/** Its deliveries are used up before one call of the worker, and an operator decides before the same or a later one. */
async function race(bytes: Uint8Array, decide: Decide, usedUpAt: number, decidedAt: number) {
  const exchange = createMemoryExchange();
  const envelope = await acceptBytes(exchange, bytes);
  await deliver(exchange, envelope, async (call) => {
    if (call === usedUpAt) await recordDeadLetter(exchange, envelope);
    if (call === decidedAt) await decide(exchange, envelope.messageId, bytes);
  });
  await processQueue(exchange, 1);
  const { messageId } = envelope;
  const receipt = (await exchange.messages.get(messageId))!;
  const { status } = receipt;
  const tookEffect = (await exchange.records.findEffects([messageId])).has(messageId);
  const { differences } = await balanceReceipts(
    exchange,
    { feed: sampleFeed.id, from: '2000-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' },
    { limit: 10 },
  );
  const named = differences.some((each) => each.messageId === messageId && each.problem === 'took-effect');
  const copy = receipt.correctedBy ?? '';
  return { status, tookEffect, named, copied: (await exchange.records.findEffects([copy])).has(copy) };
}

describe.each(messages)('a message about %s that a worker holds', (_, bytes) => {
  test.each(decisions)(
    'takes effect exactly when its receipt says so, or the ledger names it, when an operator %s it',
    async (decision, decide) => {
      const calls = await callsOf(bytes);
      for (let usedUpAt = 1; usedUpAt < calls.length; usedUpAt++) {
        for (let decidedAt = usedUpAt; decidedAt < calls.length; decidedAt++) {
          const end = await race(bytes, decide, usedUpAt, decidedAt);
          const context = `${decision} at ${decidedAt} ${calls[decidedAt]}, used up at ${usedUpAt}`;
          const agrees = end.tookEffect === (end.status === 'normalised');
          expect([context, agrees || end.named]).toEqual([context, true]);
          expect([context, end.named]).toEqual([context, end.tookEffect && end.status !== 'normalised']);
          expect([context, end.copied]).toEqual([context, end.status === 'corrected']);
          // The last question about its status stands right before the batch that makes it take effect.
          if (usedUpAt <= calls.indexOf('commit') - 1 && decision !== 'resubmits')
            expect([context, end.tookEffect]).toEqual([context, false]);
        }
      }
    },
  );
});
