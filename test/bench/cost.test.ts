import { readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { describe, expect, test } from '@jest/globals';
import { costOf, requestUnitsToBuy, type Standing, totalOf } from '../../bench/cost/model.js';
import { consumption, costPage, prices, sizes } from '../../bench/cost/page.js';
import { standingOf } from '../../bench/cost/standing.js';

const [, trust] = sizes();
const prod = standingOf('prod');
const bill = (standing: Partial<Standing> = {}, messagesPerDay = trust!.messagesPerDay) =>
  costOf(consumption(), { ...trust!, messagesPerDay }, { ...prod, ...standing }, prices());

const partOf = (lines: ReturnType<typeof bill>, part: string) =>
  lines.find((line) => line.part === part)?.monthly;

describe('the cost model', () => {
  test('counts what stands in production', () => {
    expect(prod).toMatchObject({
      isServerless: false,
      regions: 2,
      isPremiumBus: true,
      frontDoors: 1,
      hasDefender: true,
    });
    expect(prod.privateEndpoints).toBeGreaterThan(5);
    expect(prod.alerts).toBeGreaterThan(20);
  });

  test('a trial costs a few pounds a day', () => {
    const idle = { ...trust!, messagesPerDay: 500, readsPerDay: 1000 };
    expect(totalOf(costOf(consumption(), idle, standingOf('dev'), prices())) / 30).toBeLessThan(5);
  });

  test('more messages never cost less', () => {
    const totals = [1000, 10_000, 100_000, 1_000_000].map((messages) => totalOf(bill({}, messages)));
    expect(totals).toEqual([...totals].sort((one, other) => one - other));
  });

  test('a second region doubles what is paid by region', () => {
    const one = partOf(bill({ regions: 1 }), 'Service Bus')!;
    expect(partOf(bill({ regions: 2 }), 'Service Bus')).toBeCloseTo(2 * one);
  });

  test('throughput to buy follows from what is stored, too', () => {
    const quiet = { ...trust!, messagesPerDay: 150_000, peakFactor: 1, readsPerDay: 0 };
    expect(requestUnitsToBuy({ ...consumption(), yearsKept: 10 }, quiet)).toBeGreaterThan(
      requestUnitsToBuy({ ...consumption(), yearsKept: 1 }, quiet),
    );
  });

  test('refuses a price that is missing', () => {
    expect(() => costOf(consumption(), trust!, prod, {})).toThrow('bench/cost/prices.json has no');
  });
});

test('docs/operations/cost.md is up to date (npm run cost)', async () => {
  const file = 'docs/operations/cost.md';
  const page = readFileSync(file, 'utf8');
  expect(page).toBe(await format(costPage(page), { ...(await resolveConfig(file)), filepath: file }));
});
