/** What Cosmos DB answers in trouble, over the wire: one request of each kind, and each answer it may meet. */
import { CosmosClient } from '@azure/cosmos';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startHttpProxy, type HttpLink, type Refusal } from '../../../chaos/faults/http-proxy.js';
import { refuseAsCosmos } from '../../../chaos/faults/refusals.js';
import { createRandom } from '../../../chaos/random.js';
import { startCosmosEndpoint } from '../../../local/cosmos/server.js';
import { containerOf, openCosmos } from '../../../src/adapters/cosmos/connect.js';
import { createCosmosMessageStore } from '../../../src/adapters/cosmos/message-store.js';
import { provisionCosmos } from '../../../src/adapters/cosmos/provision.js';
import { createCosmosRecordStore } from '../../../src/adapters/cosmos/record-store.js';
import { patienceOfCallers, withPatience } from '../../../src/adapters/throttling/patience.js';
import { createGuard, type Guard } from '../../../src/adapters/throttling/guard.js';
import { defaultLimits } from '../../../src/adapters/throttling/limiter.js';
import { acceptMessage } from '../../../src/app/accept-message.js';
import { createBacklogGate } from '../../../src/app/backlog.js';
import { wholeBody } from '../../../src/app/receive-body.js';
import type { CommitOperation } from '../../../src/core/records/types.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import type { MessageStore } from '../../../src/ports/message-store.js';
import { createMemoryExchange } from '../../support/exchange.js';
import { sampleFeed } from '../../support/feeds.js';
import { aMessage } from '../../support/messages.js';
import { createFakeTiming, type FakeTiming } from '../../support/fake-timing.js';
import { aReceipt } from '../../support/receipts.js';

let link: HttpLink;
let accountKey: string;
let close: () => Promise<void>;
let guard: Guard;
let timing: FakeTiming;
let records: RecordStore;
let messages: MessageStore;

/** The next requests that change or ask for a document meet this, and what they meet. */
let trouble: { times: number; status: number | 'cut' | 'silent'; hintMs?: number } = {
  times: 0,
  status: 429,
};
let met = 0;

function refusal(): Refusal {
  const { status, hintMs } = trouble;
  const headers = { 'content-type': 'application/json', 'x-ms-substatus': '0' };
  return {
    status: Number(status),
    headers: hintMs === undefined ? headers : { ...headers, 'x-ms-retry-after-ms': String(hintMs) },
    body: JSON.stringify({ code: 'Trouble', message: 'Not now.' }),
  };
}

beforeAll(async () => {
  const endpoint = await startCosmosEndpoint({ port: 0, ranges: 3 });
  link = await startHttpProxy({
    port: 0,
    target: Number(/127\.0\.0\.1:(\d+)/.exec(endpoint.connectionString)?.[1]),
    random: createRandom('throttling'),
    faultShare: 1,
    refuse: refusal,
    choose: (_, request) => {
      if (trouble.times === 0 || !(request.url ?? '').includes('/docs')) return undefined;
      trouble.times -= 1;
      met += 1;
      if (trouble.status === 'silent') return 'silent';
      return trouble.status === 'cut' ? 'answer-cut' : 'throttled';
    },
  });
  accountKey = /AccountKey=([^;]+)/.exec(endpoint.connectionString)?.[1] ?? '';
  const connectionString = endpoint.connectionString.replace(/(127\.0\.0\.1:)\d+/, `$1${link.port}`);
  timing = createFakeTiming();
  guard = createGuard('Cosmos DB', defaultLimits, timing);
  const client = await openCosmos({ kind: 'connection-string', connectionString }, guard);
  await provisionCosmos(client);
  records = createCosmosRecordStore(containerOf(client, 'records'));
  messages = createCosmosMessageStore(containerOf(client, 'messages'));
  close = async () => {
    client.dispose();
    await link.close();
    await endpoint.close();
  };
  await messages.create(aReceipt({ id: 'known' }));
}, 60_000);

afterAll(() => close());

beforeEach(() => {
  met = 0;
  timing.slept.length = 0;
});

let number = 0;
const aBatch = (partition: string): CommitOperation[] => [
  {
    kind: 'create',
    document: {
      id: `receipt:${partition}`,
      kind: 'receipt',
      partition,
      source: { messageId: partition, feed: 'rzz-tie', pack: { name: 'p', version: '1.0.0' } },
      eventTime: '2026-03-29T10:00:00.000Z',
      lastUpdated: '2026-03-29T10:00:00.000Z',
      changes: [],
    },
  },
];

/** One request of each kind, and what it gives. */
const requests: Record<string, { isRead: boolean; make: () => Promise<unknown>; gives: unknown }> = {
  'a read': { isRead: true, make: async () => (await messages.get('known'))?.id, gives: 'known' },
  'a query': { isRead: true, make: () => messages.listUnfinished('2000-01-01', 5), gives: [] },
  'a creation': {
    isRead: false,
    make: async () => (await messages.create(aReceipt({ id: `new-${number++}` }))).created,
    gives: true,
  },
  'a patch': {
    isRead: false,
    make: () => messages.update('known', { requeued: 1 }, { duplicates: 1 }),
    gives: undefined,
  },
  'a replacement': {
    isRead: false,
    make: async () => (await messages.transition('known', ['accepted'], { status: 'accepted' }))?.status,
    gives: 'accepted',
  },
  'a batch': {
    isRead: false,
    make: () => {
      const partition = `p${number++}`;
      return records.commit(partition, aBatch(partition));
    },
    gives: 'committed',
  },
};
const named = Object.entries(requests).map(([name, request]) => ({ name, ...request }));
/** A replacement reads first; what is in trouble then is the read. */
const writes = named.filter(({ isRead, name }) => !isRead && name !== 'a replacement');

describe.each(named)('$name', ({ make, gives }) => {
  test.each([429, 449])(
    'that is refused with %d is made again after the time it was told',
    async (status) => {
      trouble = { times: 2, status, hintMs: 70 };
      expect(await make()).toEqual(gives);
      expect(met).toBe(2);
      expect(timing.slept.every((ms) => ms >= 70)).toBe(true);
    },
  );

  test('that is always refused fails as throttled, with the hint, after ten attempts at most', async () => {
    trouble = { times: Infinity, status: 429, hintMs: 2_500 };
    await expect(make()).rejects.toMatchObject({ code: 'HDE_THROTTLED', retryAfterSeconds: 3 });
    trouble = { times: 0, status: 429 };
    // A query asks twice at a time, for its plan, too.
    expect(met).toBeGreaterThan(1);
    expect(met).toBeLessThanOrEqual(20);
  });
});

const troubles = [408, 410, 500, 503, 504, 'cut'] as const;

describe.each(named.filter(({ isRead }) => isRead))('$name', ({ make, gives }) => {
  test.each(troubles)('that meets %p is made again', async (status) => {
    trouble = { times: 2, status };
    expect(await make()).toEqual(gives);
    expect(met).toBe(2);
  });
});

describe.each(writes)('$name', ({ make }) => {
  test.each(troubles)('that meets %p is not made again, since it may have been done', async (status) => {
    trouble = { times: Infinity, status };
    await expect(make()).rejects.toMatchObject({ code: 'HDE_DEPENDENCY_UNAVAILABLE', detail: 'Cosmos DB' });
    trouble = { times: 0, status };
    expect(met).toBe(1);
  });
});

describe('while everything is refused', () => {
  const slept = () => timing.slept.reduce((sum, ms) => sum + ms, 0);
  const waitedFor = (work: () => Promise<unknown>) => withPatience(patienceOfCallers, work, timing);

  beforeEach(() => {
    trouble = { times: Infinity, status: 429, hintMs: 400 };
  });
  afterEach(() => {
    trouble = { times: 0, status: 429 };
  });

  test('a sender hears within seconds, after few attempts, when to come again', async () => {
    const exchange = createMemoryExchange();
    const backlog = createBacklogGate({ messages, clock: exchange.clock }, 10);
    const body = wholeBody(Buffer.from(aMessage({ controlId: 'refused', mrn: 'T1', nhsNumber: '' })));
    const accept = () =>
      acceptMessage({ ...exchange, messages, backlog }, { feed: sampleFeed, body, contentType: '' });
    await expect(waitedFor(accept)).rejects.toMatchObject({ code: 'HDE_THROTTLED', retryAfterSeconds: 1 });
    expect(slept()).toBeLessThanOrEqual(patienceOfCallers);
    expect(met).toBeGreaterThan(1);
    expect(met).toBeLessThanOrEqual(10);
  });

  test('so does a client of the FHIR API, whose requests share one patience', async () => {
    const reads = async () => {
      await records.readCurrent('Patient', 'p.1').catch(() => undefined);
      const before = met;
      await expect(records.readCurrent('Patient', 'p.2')).rejects.toMatchObject({ code: 'HDE_THROTTLED' });
      // The first one waited for nearly as long as anybody does.
      expect(met - before).toBeLessThanOrEqual(3);
    };
    await waitedFor(reads);
    expect(slept()).toBeLessThanOrEqual(patienceOfCallers);
  });

  test('work that nobody waits for goes on for longer', async () => {
    await expect(messages.get('known')).rejects.toMatchObject({ code: 'HDE_THROTTLED' });
    expect(slept()).toBeGreaterThan(patienceOfCallers);
  });
});

test('a batch that is larger than the service takes says so', async () => {
  trouble = { times: 1, status: 413 };
  await expect(records.commit('large', aBatch('large'))).rejects.toMatchObject({
    code: 'HDE_MESSAGE_TOO_LARGE',
  });
});

test('the client by itself hides why a batch failed: the day it does not, the plugin may go', async () => {
  const port = link.port;
  const client = new CosmosClient({ endpoint: `http://127.0.0.1:${port}`, key: 'a2V5' });
  try {
    const batch = client.database('hde').container('records').items.batch([], 'p');
    await expect(batch).rejects.toMatchObject({ message: expect.stringMatching(/^Batch request error/) });
  } finally {
    client.dispose();
  }
});

test('requests under way stay within their bound, however many want to be', async () => {
  const narrow = await startHttpProxy({
    port: 0,
    target: link.port,
    random: createRandom('narrow'),
    faultShare: 0.3,
    refuse: refuseAsCosmos,
    choose: () => 'throttled',
  });
  const limits = { ...defaultLimits, mostInFlight: 5 };
  const client = await openCosmos(
    {
      kind: 'connection-string',
      connectionString: `AccountEndpoint=http://127.0.0.1:${narrow.port}/;AccountKey=${accountKey};`,
    },
    createGuard('Cosmos DB', limits),
  );
  try {
    const store = createCosmosMessageStore(containerOf(client, 'messages'));
    const answers = await Promise.all(Array.from({ length: 100 }, () => store.get('known')));
    expect(answers.every((receipt) => receipt?.id === 'known')).toBe(true);
    expect(narrow.counts['throttled']).toBeGreaterThan(0);
    expect(narrow.mostInFlight).toBeLessThanOrEqual(5);
  } finally {
    client.dispose();
    await narrow.close();
  }
});

// Last, since what hangs keeps its turn until the client gives it up.
test.each(named)('$name that is never answered lets whoever waits for it go', async ({ make }) => {
  trouble = { times: Infinity, status: 'silent' };
  const began = performance.now();
  await expect(withPatience(200, make)).rejects.toMatchObject({
    ...{ code: 'HDE_DEPENDENCY_UNAVAILABLE', detail: 'Cosmos DB', retryAfterSeconds: 5 },
  });
  trouble = { times: 0, status: 429 };
  // The client itself would wait for ten seconds.
  expect(performance.now() - began).toBeLessThan(5_000);
});
