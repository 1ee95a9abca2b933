import { describe, expect, test } from '@jest/globals';
import { ExchangeError } from '../../src/core/errors.js';
import { retryTransient } from '../../src/platform/retry.js';

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
    );
    expect([result, runs, retried.length]).toEqual(['done', 3, 2]);
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
