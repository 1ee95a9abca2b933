/** Which days the nightly account looks at: none is left out, and none looked at twice. */
import { beforeEach, expect, test } from '@jest/globals';
import { createMemoryAccountStore } from '../../../src/adapters/memory/account-store.js';
import { balanceDays } from '../../../src/app/ledger/balance-days.js';
import { createMemoryExchange } from '../../support/exchange.js';
import { sampleFeed } from '../../support/feeds.js';

let accounts: ReturnType<typeof createMemoryAccountStore>;

beforeEach(() => {
  accounts = createMemoryAccountStore();
});

/** The days that a night looks at. @param fails whether the account of a day cannot be had */
async function night(now: string, fails: (day: string) => boolean = () => false): Promise<string[]> {
  const exchange = createMemoryExchange();
  const search: typeof exchange.messages.search = (asked, page) =>
    fails(asked.from?.slice(0, 10) ?? '')
      ? Promise.reject(new Error('away'))
      : exchange.messages.search(asked, page);
  const clock = { now: () => new Date(now) };
  const days: string[] = [];
  await balanceDays(
    { ...exchange, clock, accounts, messages: { ...exchange.messages, search } },
    sampleFeed.id,
    (day) => days.push(day),
  ).catch((error: unknown) => {
    days.push(String(error));
  });
  return days;
}

test('of a feed that was never looked at, the day before', async () => {
  expect(await night('2026-03-29T02:30:00.000Z')).toEqual(['2026-03-28']);
});

test('each day once, and not before its messages are overdue', async () => {
  expect(await night('2026-03-29T00:59:59.000Z')).toEqual(['2026-03-27']);
  expect(await night('2026-03-29T01:00:00.000Z')).toEqual(['2026-03-28']);
  expect(await night('2026-03-29T02:30:00.000Z')).toEqual([]);
});

test('days whose night did not come are looked at in the next one', async () => {
  await night('2026-03-29T02:30:00.000Z');
  expect(await night('2026-04-01T02:30:00.000Z')).toEqual(['2026-03-29', '2026-03-30', '2026-03-31']);
});

test('a night that breaks off leaves the rest to the next one, the first night too', async () => {
  expect(await night('2026-03-29T02:30:00.000Z', () => true)).toEqual(['Error: away']);
  expect(await night('2026-03-30T02:30:00.000Z', (day) => day === '2026-03-29')).toEqual([
    '2026-03-28',
    'Error: away',
  ]);
  expect(await night('2026-03-31T02:30:00.000Z')).toEqual(['2026-03-29', '2026-03-30']);
});

test('after more than a week, the last seven days', async () => {
  await night('2026-03-01T02:30:00.000Z');
  const days = await night('2026-04-01T02:30:00.000Z');
  expect([days.length, days.at(0), days.at(-1)]).toEqual([7, '2026-03-25', '2026-03-31']);
});
