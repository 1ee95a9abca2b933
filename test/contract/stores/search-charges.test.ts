/** What a search of receipts costs: it depends on what is found, not on how many receipts there are. */
import type { Container } from '@azure/cosmos';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { containerOf, openCosmos } from '../../../src/adapters/cosmos/connect.js';
import { createCosmosMessageStore } from '../../../src/adapters/cosmos/message-store.js';
import { provisionCosmos } from '../../../src/adapters/cosmos/provision.js';
import type { MessageSearch, MessageStore } from '../../../src/ports/message-store.js';
import { startCosmosEndpoint } from '../../../local/cosmos/server.js';
import { aReceipt } from '../../support/receipts.js';

let endpoint: Awaited<ReturnType<typeof startCosmosEndpoint>>;
let container: Container;
let store: MessageStore;
let charges: number[] = [];

/** The container, with the charge of each query noted. */
function metered(real: Container): Container {
  const query: typeof real.items.query = (...args: Parameters<typeof real.items.query>) => {
    const iterator = real.items.query(...args);
    const fetchAll = iterator.fetchAll.bind(iterator);
    iterator.fetchAll = async () => {
      const answer = await fetchAll();
      charges.push(answer.requestCharge);
      return answer;
    };
    return iterator;
  };
  const items = Object.assign(Object.create(real.items) as typeof real.items, { query });
  return Object.create(real, { items: { value: items } }) as Container;
}

beforeAll(async () => {
  endpoint = await startCosmosEndpoint({ port: 0, ranges: 3 });
  const client = await openCosmos({
    kind: 'connection-string',
    connectionString: endpoint.connectionString,
  });
  await provisionCosmos(client);
  container = metered(containerOf(client, 'messages'));
  store = createCosmosMessageStore(container);
  await fill(0, 500);
}, 60_000);

afterAll(() => endpoint.close());

/** Receipts of one feed, a failed one in ten. */
async function fill(from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += 50) {
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const number = start + index;
        const receivedAt = new Date(Date.UTC(2026, 0, 1) + number * 60_000).toISOString();
        const failed = number % 10 === 0;
        await store.create(
          aReceipt({
            id: `m${number}`,
            receivedAt,
            controlId: `C${number}`,
            subjects: [`s${number}`],
            ...(failed
              ? {
                  status: 'failed',
                  errorCode: 'HDE_MAPPING_FAILED',
                  issues: [{ code: 'HDE_MAPPING_FAILED', severity: 'error' }],
                }
              : { status: 'normalised' }),
          }),
        );
      }),
    );
  }
}

async function chargeOf(search: Partial<MessageSearch>): Promise<number> {
  charges = [];
  const page = await store.search({ feeds: ['rzz-tie'], ...search }, { limit: 10, order: 'newest' });
  expect(page.receipts.length).toBeGreaterThan(0);
  return charges.reduce((sum, charge) => sum + charge, 0);
}

const searches: Readonly<Record<string, Partial<MessageSearch>>> = {
  feed: {},
  'feeds of an operator': { feeds: ['rzz-tie', 'other'] },
  status: { status: 'failed' },
  'window and status': { status: 'failed', from: '2026-01-01T00:30:00.000Z', to: '2026-01-01T01:00:00.000Z' },
  type: { messageType: 'ADT^A01' },
  'error code': { errorCode: 'HDE_MAPPING_FAILED' },
  'control id': { controlId: 'C42' },
  patient: { subjects: ['s7'] },
  words: { words: ['mapping', 'failed'] },
};

test('a search costs the same among 500 and among 4,000 messages', async () => {
  const before: Record<string, number> = {};
  for (const [name, search] of Object.entries(searches)) before[name] = await chargeOf(search);
  await fill(500, 4000);
  for (const [name, search] of Object.entries(searches)) {
    const after = await chargeOf(search);
    // Each range sends a page of its own, of documents of slightly other sizes.
    expect({ name, grows: after > (before[name] ?? 0) * 1.1 }).toEqual({ name, grows: false });
    expect(after).toBeLessThan(15);
  }
}, 120_000);

test('a search that the index does not serve would cost with the number of messages', async () => {
  charges = [];
  await container.items
    .query({ query: 'SELECT TOP 10 * FROM c WHERE c.size = 11 ORDER BY c.arrival DESC' })
    .fetchAll();
  expect(charges[0]).toBeGreaterThan(100);
});
