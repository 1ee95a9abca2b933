/** The nightly account: each feed by itself, and an end that somebody may wait for. */
import type * as Functions from '@azure/functions';
import { beforeEach, expect, test } from '@jest/globals';
import { createRequire } from 'node:module';
import { createMemoryAccountStore } from '../../src/adapters/memory/account-store.js';
import { ExchangeError } from '../../src/core/errors.js';
import { useContainer } from '../../src/platform/container.js';
import { balanceHandler } from '../../src/platform/watch.js';
import { createMemoryExchange, type MemoryExchange } from '../support/exchange.js';
import { sampleFeed } from '../support/feeds.js';
import { openMemoryPlatform } from '../support/memory-platform.js';

const { InvocationContext } = createRequire(import.meta.url)('@azure/functions') as typeof Functions;

let exchange: MemoryExchange;
let logged: { readonly event: string; readonly feed?: string; readonly cause?: string }[];
let context: Functions.InvocationContext;

beforeEach(() => {
  exchange = createMemoryExchange();
  const accounts = createMemoryAccountStore();
  const { container } = openMemoryPlatform({});
  useContainer({
    ...container,
    config: { ...container.config, feeds: new Map(['a', 'b'].map((id) => [id, { ...sampleFeed, id }])) },
    normaliseDependencies: () => Promise.resolve(exchange),
    queueView: () => Promise.resolve(exchange.queue),
    accounts: () => Promise.resolve(accounts),
  });
  logged = [];
  const logHandler = (_level: unknown, text: unknown) =>
    logged.push(JSON.parse(String(text)) as { event: string });
  context = new InvocationContext({ functionName: 'balance-ledger', logHandler });
});

test('says when all feeds are balanced', async () => {
  await balanceHandler(undefined, context);
  expect(logged.map(({ event, feed }) => [event, feed])).toEqual([
    ['ledger-balanced', 'a'],
    ['ledger-balanced', 'b'],
    ['ledger-finished', undefined],
  ]);
});

test('goes on with the others where one cannot be balanced, and does not say that it came to its end', async () => {
  const { archive } = exchange;
  const list: typeof archive.list = (prefix, page) =>
    prefix.startsWith('a/') ? Promise.reject(new ExchangeError('HDE_THROTTLED')) : archive.list(prefix, page);
  exchange = { ...exchange, archive: { ...archive, list } };
  await expect(balanceHandler(undefined, context)).rejects.toThrow(AggregateError);
  expect(logged).toEqual([
    { event: 'ledger-unfinished', feed: 'a', cause: expect.stringMatching(/HDE_THROTTLED/) },
    { event: 'ledger-balanced', feed: 'b', day: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/), count: 0 },
  ]);
});
