import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { capacityOf, headroomOf, type Limits } from '../../bench/capacity/model.js';
import { deployments, limits } from '../../bench/capacity/page.js';
import { seeded } from '../../bench/capacity/random.js';
import { type Busy, simulate } from '../../bench/capacity/simulate.js';
import { Workers } from '../../bench/capacity/workers.js';
import { consumption } from '../../bench/cost/page.js';

const load: Busy = {
  messagesPerSecond: 50,
  people: 10_000,
  workers: 64,
  secondsPerMessage: 0.25,
  requestUnitsPerMessage: 100,
  partitions: 4,
  seconds: 60,
};

describe('the simulation', () => {
  test('is the same in every run', () => {
    expect(simulate(load)).toEqual(simulate(load));
  });

  test('sends what it is asked to send, and uses as many workers as that takes (Little)', () => {
    const { messagesPerSecond, workersUsed } = simulate({ ...load, seconds: 600 });
    expect(messagesPerSecond).toBeGreaterThan(45);
    expect(messagesPerSecond).toBeLessThan(55);
    // Mean time under way: 0.25 of the median for most, four times for one in twenty.
    expect(workersUsed).toBeCloseTo((messagesPerSecond * 0.25 * 1.15) / 64, 1);
  });

  test('waits grow when workers are too few', () => {
    expect(simulate({ ...load, workers: 8 }).p95).toBeGreaterThan(10 * simulate(load).p95);
  });

  test('messages about one person wait for each other, however many workers there are', () => {
    const crowd = simulate({ ...load, workers: 10_000 });
    const one = simulate({ ...load, workers: 10_000, people: 1 });
    expect(one.p95).toBeGreaterThan(20 * crowd.p95);
  });

  test('partitions share what is written', () => {
    const one = simulate({ ...load, partitions: 1 });
    const sixteen = simulate({ ...load, partitions: 16 });
    expect(one.busiestPartition).toBeCloseTo(one.messagesPerSecond * 100, -3);
    expect(sixteen.busiestPartition).toBeLessThan(one.busiestPartition / 8);
    expect(sixteen.busiestSecond).toBeGreaterThan(sixteen.busiestPartition);
  });

  test('the first free worker takes the next message', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 6 }),
        (times, count) => {
          const workers = new Workers(count);
          const free = new Array<number>(count).fill(0);
          for (const time of times) {
            free.sort((one, other) => one - other);
            free[0] = free[0]! + time;
            expect(workers.run(0, time)).toBe(free[0]);
          }
        },
      ),
    );
  });

  test('numbers by chance fill the range evenly', () => {
    const random = seeded(7);
    const tenths = new Array<number>(10).fill(0);
    for (let index = 0; index < 10_000; index += 1) tenths[Math.floor(random() * 10)]! += 1;
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

describe('which limit comes first', () => {
  const [, trust] = deployments();
  const first = (change: Partial<Limits>, bought = trust!.bought) =>
    capacityOf(trust!, consumption(), { ...limits(), ...change }, bought).uses[0]?.limit;

  test.each([
    ['Service Bus, units bought', { messagesPerSecondPerUnit: 0.4 }],
    ['Raw archive, requests', { blobRequestsPerSecond: 10 }],
    ['Gateway, units bought', { gatewayRequestsPerSecondPerUnit: 5 }],
    ['Logs', { logGigabytesPerDay: 0.1 }],
    ['Cosmos DB, container without asking', { requestUnitsPerContainer: 1000 }],
    ['Cosmos DB, busiest partition', { gigabytesPerPartition: 0.05, burstRequestUnitsPerPartition: 100_000 }],
  ])('%s, if it is low', (limit, change) => {
    expect(first(change)).toBe(limit);
  });

  test('workers, if there are few', () => {
    expect(first({}, { ...trust!.bought, instances: 0.0625 })).toBe('Workers');
  });

  test('a deployment takes as much as its first limit allows, and no more', () => {
    const { times } = headroomOf(trust!, consumption(), limits(), trust!.bought);
    const at = (share: number) =>
      capacityOf(
        { ...trust!, messagesPerDay: trust!.messagesPerDay * share, readsPerDay: trust!.readsPerDay * share },
        consumption(),
        limits(),
        trust!.bought,
      ).uses[0]!.used;
    expect(at(times * 0.9)).toBeLessThan(1);
    expect(at(times * 1.3)).toBeGreaterThan(1);
  });

  test('a country is more than one deployment takes; a trust is not', () => {
    const takes = new Map(
      deployments().map((one) => [one.name, headroomOf(one, consumption(), limits(), one.bought).times]),
    );
    expect(takes.get('a country')).toBeLessThan(1);
    expect(takes.get('one trust')).toBeGreaterThan(1);
  });
});
