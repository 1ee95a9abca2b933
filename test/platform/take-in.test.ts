/** `POST /ledger/take-in`: for operators of the feed, and in the audit trail. */
import { beforeEach, expect, test } from '@jest/globals';
import { createMemoryMessageStore } from '../../src/adapters/memory/message-store.js';
import { useContainer } from '../../src/platform/container.js';
import { ledgerTakeInRoute } from '../../src/platform/operations.js';
import { acceptBytes, createMemoryExchange } from '../support/exchange.js';
import { openMemoryPlatform, type MemoryPlatform } from '../support/memory-platform.js';
import { aMessage } from '../support/messages.js';
import { aPrincipal } from '../support/principals.js';

let platform: MemoryPlatform;
let messageId: string;

beforeEach(async () => {
  platform = openMemoryPlatform({
    operator: aPrincipal(['operator'], { subject: 'olive', feeds: ['rzz-tie'] }),
    another: aPrincipal(['operator'], { subject: 'oscar', feeds: ['pas'] }),
  });
  const exchange = createMemoryExchange();
  ({ messageId } = await acceptBytes(exchange, aMessage()));
  const restored = { ...exchange, messages: createMemoryMessageStore() };
  useContainer({ ...platform.container, acceptDependencies: () => Promise.resolve(restored) });
});

const take = (as: string) => {
  const body = { feed: 'rzz-tie', messageIds: [messageId, 'another'] };
  return platform.ask(ledgerTakeInRoute, { as, body });
};

test('accepts again what is archived, and stands in the trail before and after', async () => {
  const { status, json } = await take('operator');
  expect([status, json]).toEqual([
    200,
    { takenIn: [messageId], left: [{ messageId: 'another', reason: 'not-archived' }] },
  ]);
  expect(await platform.recorded()).toMatchObject([
    { interaction: 'ledger-take-in', outcome: 'begun', subject: 'olive', records: [] },
    { interaction: 'ledger-take-in', outcome: 'done', records: [`message/${messageId}`] },
  ]);
});

test('is refused for the feed of others', async () => {
  expect((await take('another')).status).toBe(403);
  const { json } = await platform.ask(ledgerTakeInRoute, {
    as: 'another',
    body: { feed: 'pas', messageIds: [messageId] },
  });
  expect(json).not.toHaveProperty('takenIn');
});
