import { describe, expect, test } from '@jest/globals';
import { ExchangeError, type ErrorCode } from '../../src/core/errors.js';
import { retryTransient } from '../../src/platform/retry.js';
import { createFakeTiming } from '../support/fake-timing.js';

describe('work that fails', () => {
  test('for a reason that passes is repeated until it succeeds', async () => {
    let runs = 0;
    const retried: unknown[] = [];
    const result = await retryTransient(
      () =>
        ++runs < 3
          ? Promise.reject(new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE'))
          : Promise.resolve('done'),
      (error) => retried.push(error),
      createFakeTiming(),
    );
    expect([result, runs, retried.length]).toEqual(['done', 3, 2]);
  });

  test.each<[ErrorCode, number, number]>([
    // A session that waits for others takes their place meanwhile.
    ['HDE_MERGE_WAITS', 15, 25],
    ['HDE_CONCURRENT_UPDATE', 15, 25],
    // Nothing can be done for a message while a service is away: it must not use up its deliveries.
    ['HDE_DEPENDENCY_UNAVAILABLE', 160, 180],
    ['HDE_THROTTLED', 160, 180],
  ])('with %s is repeated for between %d and %d seconds', async (code, least, most) => {
    const timing = createFakeTiming();
    const error = new ExchangeError(code);
    await expect(
      retryTransient(
        () => Promise.reject(error),
        () => undefined,
        timing,
      ),
    ).rejects.toBe(error);
    expect(timing.now() / 1000).toBeGreaterThan(least);
    expect(timing.now() / 1000).toBeLessThanOrEqual(most);
  });

  test('because a service is busy is not repeated before it wants that', async () => {
    const timing = createFakeTiming(0);
    let runs = 0;
    await retryTransient(
      () =>
        ++runs < 3
          ? Promise.reject(new ExchangeError('HDE_THROTTLED', { retryAfterSeconds: 7 }))
          : Promise.resolve(),
      () => undefined,
      timing,
    );
    expect(timing.slept).toEqual([7_000, 7_000]);
  });

  test.each([
    ['an unexpected error', new TypeError('bug')],
    ['an error that no repetition cures', new ExchangeError('HDE_HL7_NO_PATIENT')],
    ['an internal error', new ExchangeError('HDE_INTERNAL')],
  ])('with %s is not repeated', async (_, error) => {
    let runs = 0;
    const work = () => {
      runs++;
      return Promise.reject(error);
    };
    await expect(retryTransient(work, () => undefined)).rejects.toBe(error);
    expect(runs).toBe(1);
  });
});
