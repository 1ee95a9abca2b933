import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ExchangeError } from '../../src/core/errors.js';
import { createRateLimiter, networkOf, type RateLimiter } from '../../src/platform/rate-limit.js';

/** Undefined when a request goes on, else after how many seconds it shall come again. */
function waitOf(limiter: RateLimiter, client: string): number | undefined {
  try {
    limiter.demand(client);
    return undefined;
  } catch (error) {
    const { code, retryAfterSeconds } = error as ExchangeError;
    expect(code).toBe('HDE_RATE_LIMITED');
    return retryAfterSeconds;
  }
}

describe('a client', () => {
  test('has a minute of requests at once, then as many as come in, and is told when', () => {
    let now = 0;
    const limiter = createRateLimiter(6, () => now);
    const many = Array.from({ length: 7 }, () => waitOf(limiter, 'a'));
    expect(many).toEqual([...Array<undefined>(6).fill(undefined), 10]);
    now = 9_999;
    expect(waitOf(limiter, 'a')).toBe(1);
    now = 10_000;
    expect([waitOf(limiter, 'a'), waitOf(limiter, 'a')]).toEqual([undefined, 10]);
  });

  test('takes nothing from others', () => {
    const limiter = createRateLimiter(2, () => 0);
    for (let count = 0; count < 10; count += 1) waitOf(limiter, 'a');
    expect([waitOf(limiter, 'b'), waitOf(limiter, 'b'), waitOf(limiter, 'b')]).toEqual([
      ...[undefined, undefined],
      30,
    ]);
  });

  test('never gets more than the limit and what came in since, and always what it was told to wait for', () => {
    const arrivals = fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), arrivals, (perMinute, pauses) => {
        let now = 0;
        const limiter = createRateLimiter(perMinute, () => now);
        let taken = 0;
        for (const pause of pauses) {
          now += pause;
          const wait = waitOf(limiter, 'a');
          if (wait === undefined) taken += 1;
          else {
            now += wait * 1000;
            expect(waitOf(limiter, 'a')).toBeUndefined();
            taken += 1;
          }
          expect(taken).toBeLessThanOrEqual(perMinute + (now * perMinute) / 60_000 + 1e-6);
        }
      }),
    );
  });
});

test('as many clients are remembered as are allowed, those of late', () => {
  const limiter = createRateLimiter(1, () => 0, 2);
  expect([waitOf(limiter, 'a'), waitOf(limiter, 'b')]).toEqual([undefined, undefined]);
  expect(waitOf(limiter, 'a')).toBe(60);
  waitOf(limiter, 'c');
  expect(waitOf(limiter, 'a')).toBe(60);
  expect(waitOf(limiter, 'b')).toBeUndefined();
});

test.each([
  [null, undefined],
  ['', undefined],
  ['unknown', undefined],
  ['203.0.113.9', '203.0.113'],
  ['203.0.113.9:50123', '203.0.113'],
  ['198.51.100.1, 203.0.113.9:50123', '203.0.113'],
  ['::ffff:203.0.113.9', '203.0.113'],
  ['2001:DB8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['[2001:db8::5]:443', '2001:db8:0:0'],
  ['2001:db8:1:2::', '2001:db8:1:2'],
  ['::1', '0:0:0:0'],
])('the network of %j is %j', (forwarded, network) => {
  expect(networkOf(forwarded)).toBe(network);
});
