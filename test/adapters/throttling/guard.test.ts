import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ExchangeError } from '../../../src/core/errors.js';
import { createGuard, type Setback } from '../../../src/adapters/throttling/guard.js';
import { defaultLimits } from '../../../src/adapters/throttling/limiter.js';
import { withPatience } from '../../../src/adapters/throttling/patience.js';
import { delayAfter } from '../../../src/adapters/throttling/repetition.js';
import { createFakeTiming } from '../../support/fake-timing.js';

const busy = { kind: 'throttled', mayRepeat: true, retryAfterMs: 200 } as const;

/** A dependency that sets the first requests back, and what it was asked. */
function dependency(setbacks: number, setback: Setback = busy) {
  const timing = createFakeTiming();
  const guard = createGuard('Test', defaultLimits, timing);
  let requests = 0;
  const failure = new Error('set back');
  const run = () =>
    guard.run(
      () => (++requests <= setbacks ? Promise.reject(failure) : Promise.resolve('done')),
      (error) => (error === failure ? setback : undefined),
    );
  return { run, guard, timing, failure, requests: () => requests };
}

describe('a request that is set back', () => {
  test('is made again, never before the service wants it', async () => {
    const { run, timing, requests } = dependency(3);
    expect(await run()).toBe('done');
    expect(requests()).toBe(4);
    expect(timing.slept).toHaveLength(3);
    expect(Math.min(...timing.slept)).toBeGreaterThanOrEqual(200);
  });

  test('is made at most ten times, and ends with the hint of the service', async () => {
    const { run, requests, failure, guard } = dependency(Infinity, { ...busy, retryAfterMs: 1_200 });
    await expect(run()).rejects.toMatchObject({
      code: 'HDE_THROTTLED',
      retryAfterSeconds: 2,
      cause: failure,
    });
    expect(requests()).toBeLessThanOrEqual(10);
    expect(guard.pressure()).toMatchObject({ inFlight: 0, waiting: 0, setBacks: requests() });
  });

  test('is not made again when that would be too late', async () => {
    const { run, timing, requests } = dependency(Infinity, { ...busy, retryAfterMs: 9_000 });
    await expect(run()).rejects.toMatchObject({ code: 'HDE_THROTTLED', retryAfterSeconds: 9 });
    expect(requests()).toBe(2);
    expect(timing.now()).toBeLessThanOrEqual(15_000);
  });

  test('is not made again when it may have been done', async () => {
    const { run, requests } = dependency(1, { kind: 'unavailable', mayRepeat: false });
    await expect(run()).rejects.toMatchObject({
      code: 'HDE_DEPENDENCY_UNAVAILABLE',
      detail: 'Test',
      retryAfterSeconds: 5,
    });
    expect(requests()).toBe(1);
  });

  test('holds no turn while it waits for its next attempt', async () => {
    const timing = createFakeTiming();
    const guard = createGuard('Test', { ...defaultLimits, mostInFlight: 1 }, timing);
    const seen: number[] = [];
    timing.onSleep = () => seen.push(guard.pressure().inFlight);
    let requests = 0;
    await guard.run(
      () => (++requests < 3 ? Promise.reject(new Error('busy')) : Promise.resolve()),
      () => busy,
    );
    expect(seen).toEqual([0, 0]);
  });
});

describe('a request that somebody waits for', () => {
  const patience = 4_000;
  const outcome = (work: Promise<unknown>) => work.then(String, (error: unknown) => codeOf(error));
  const codeOf = (error: unknown) => (error instanceof ExchangeError ? error.code : String(error));

  test('is made again only as long as they wait', async () => {
    const { run, timing, requests } = dependency(Infinity);
    await expect(withPatience(patience, run, timing)).rejects.toMatchObject({ code: 'HDE_THROTTLED' });
    expect(requests()).toBeGreaterThan(2);
    expect(timing.now()).toBeLessThanOrEqual(patience);
  });

  test('shares their patience with those before it, at whichever dependency', async () => {
    const { run, timing, requests } = dependency(Infinity);
    const other = createGuard('Other', defaultLimits, timing);
    let asked = 0;
    const refused = () =>
      other.run(
        () => Promise.reject(new Error(`busy ${++asked}`)),
        () => ({ ...busy, retryAfterMs: 3_900 }),
      );
    const all = async () => [await outcome(refused()), await outcome(run()), await outcome(run())];
    expect(await withPatience(patience, all, timing)).toEqual(Array(3).fill('HDE_THROTTLED'));
    expect([asked, requests()]).toEqual([2, 2]);
    expect(timing.now()).toBeLessThanOrEqual(patience);
  });

  test('costs no patience while others wait, too', async () => {
    const { run, timing, requests } = dependency(40, { ...busy, retryAfterMs: 1_000 });
    // All sleep through the same time.
    let now = 0;
    const sleepers = new Set<() => void>();
    timing.now = () => now;
    timing.sleep = async () => {
      await new Promise<void>((resolve) => {
        sleepers.add(resolve);
        if (sleepers.size < 20) return;
        now += 1_000;
        for (const wake of sleepers) wake();
        sleepers.clear();
      });
    };
    const all = () => Promise.all(Array.from({ length: 20 }, run));
    expect(await withPatience(patience, all, timing)).toEqual(Array(20).fill('done'));
    expect(requests()).toBe(60);
  });

  test('and that hangs lets them go, and begins nothing more', async () => {
    let answer = (): void => undefined;
    const guard = createGuard('Test', { ...defaultLimits, mostInFlight: 1 });
    const begun: string[] = [];
    const ask = (name: string) => () =>
      guard.run(
        () => {
          begun.push(name);
          return new Promise<void>((resolve) => (answer = resolve));
        },
        () => undefined,
      );
    const [hangs, waits] = await Promise.allSettled([
      withPatience(40, ask('hangs')),
      withPatience(20, ask('waits')),
    ]);
    const unavailable = { code: 'HDE_DEPENDENCY_UNAVAILABLE', detail: 'Test', retryAfterSeconds: 5 };
    expect(hangs).toMatchObject({ status: 'rejected', reason: unavailable });
    expect(waits).toMatchObject({ status: 'rejected', reason: unavailable });
    expect(guard.pressure()).toMatchObject({ inFlight: 1, waiting: 0 });
    answer();
    await new Promise(setImmediate);
    expect(begun).toEqual(['hangs']);
    expect(guard.pressure()).toMatchObject({ inFlight: 0, waiting: 0 });
  });

  test('that succeeds costs no patience, however long it takes', async () => {
    const { run, timing } = dependency(1);
    const slow = async () => {
      await timing.sleep(60_000);
      return run();
    };
    expect(await withPatience(patience, slow, timing)).toBe('done');
  });
});

test('a failure that says nothing of the health of a service is thrown as it is', async () => {
  const guard = createGuard('Test');
  const conflict = new Error('conflict');
  await expect(
    guard.run(
      () => Promise.reject(conflict),
      () => undefined,
    ),
  ).rejects.toBe(conflict);
  expect(guard.pressure()).toMatchObject({ inFlight: 0, waiting: 0, setBacks: 0, limit: 64 });
});

test('delays grow up to their bound, spread over all of their range, and follow the hint', () => {
  const repetition = { mostAttempts: 10, firstDelayMs: 50, longestDelayMs: 5_000, longestMs: 15_000 };
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: undefined }),
      (attempt, random, retryAfterMs) => {
        const delay = delayAfter(repetition, attempt, { retryAfterMs }, random);
        const beyond = delay - (retryAfterMs ?? 0);
        expect(beyond).toBeCloseTo(random * Math.min(50 * 2 ** (attempt - 1), 5_000), 5);
      },
    ),
  );
});
