import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { createLimiter, type Limiter, type Turn } from '../../../src/adapters/throttling/limiter.js';

const limits = { mostInFlight: 8, mostWaiting: 4, longestWaitMs: 1_000 };

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

const take = (limiter: Limiter, count: number): Promise<Turn[]> =>
  Promise.all(Array.from({ length: count }, () => limiter.takeTurn()));

/** A round: all that may be under way is, and all of it ends alike. */
async function round(limiter: Limiter, wasSetBack: boolean): Promise<void> {
  for (const turn of await take(limiter, limiter.pressure().limit)) turn.end(wasSetBack);
}

describe('the number of requests under way', () => {
  test('never passes the bound, and whoever comes first has the first turn', async () => {
    const limiter = createLimiter(limits);
    const turns = await take(limiter, 8);
    const begun: string[] = [];
    const later = ['a', 'b'].map(async (name) => {
      const turn = await limiter.takeTurn();
      begun.push(name);
      return turn;
    });
    await Promise.resolve();
    expect([limiter.pressure().inFlight, begun]).toEqual([8, []]);
    turns[0]!.end(false);
    await later[0];
    expect([limiter.pressure().inFlight, begun]).toEqual([8, ['a']]);
  });

  test('falls by a quarter when a round is set back, however many of it are, and not below four', async () => {
    const limiter = createLimiter(limits);
    await round(limiter, true);
    expect(limiter.pressure()).toMatchObject({ limit: 6, setBacks: 8 });
    for (let rounds = 0; rounds < 10; rounds++) await round(limiter, true);
    expect(limiter.pressure().limit).toBe(4);
  });

  test('rises by one in each round that goes well, and not above the bound', async () => {
    const limiter = createLimiter(limits);
    for (let rounds = 0; rounds < 10; rounds++) await round(limiter, true);
    await round(limiter, false);
    await round(limiter, false);
    expect(limiter.pressure().limit).toBe(5);
    for (let rounds = 0; rounds < 20; rounds++) await round(limiter, false);
    expect(limiter.pressure().limit).toBe(8);
  });

  test('stays within the bound whatever ends when', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ begins: fc.boolean(), wasSetBack: fc.boolean() }), { maxLength: 200 }),
        async (steps) => {
          const limiter = createLimiter({ ...limits, mostWaiting: 1_000 });
          const turns: Turn[] = [];
          for (const { begins, wasSetBack } of steps) {
            if (begins) void limiter.takeTurn().then((turn) => turns.push(turn));
            else turns.shift()?.end(wasSetBack);
            await Promise.resolve();
            const { inFlight, limit } = limiter.pressure();
            expect(inFlight).toBeLessThanOrEqual(8);
            expect(limit).toBeGreaterThanOrEqual(4);
          }
          jest.clearAllTimers();
        },
      ),
    );
  });
});

describe('what finds no turn', () => {
  test('is refused when it has waited for as long as it may, and asked to come again', async () => {
    const limiter = createLimiter(limits);
    const [first] = await take(limiter, 8);
    const late = limiter.takeTurn();
    jest.advanceTimersByTime(1_000);
    await expect(late).rejects.toMatchObject({ code: 'HDE_THROTTLED', retryAfterSeconds: 1 });
    // It does not take the turn that comes free later.
    first!.end(false);
    expect(limiter.pressure()).toMatchObject({ inFlight: 7, refused: 1 });
  });

  test('is refused at once when too many wait already', () => {
    const limiter = createLimiter(limits);
    const leave = Array.from({ length: 12 }, () => limiter.enter());
    expect(() => limiter.enter()).toThrow(expect.objectContaining({ code: 'HDE_THROTTLED' }));
    leave[0]!();
    expect(() => limiter.enter()).not.toThrow();
  });

  test('gives its place up when nobody is interested any more', async () => {
    const limiter = createLimiter(limits);
    const [first] = await take(limiter, 8);
    const controller = new AbortController();
    const late = limiter.takeTurn(controller.signal);
    controller.abort(new Error('gone'));
    await expect(late).rejects.toThrow('gone');
    first!.end(false);
    expect(limiter.pressure().inFlight).toBe(7);
  });
});
