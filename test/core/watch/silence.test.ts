import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chanceOfAtMost, hoursToCompare, isSilent } from '../../../src/core/watch/silence.js';

describe('silence', () => {
  test.each([
    [0, [200, 180, 220, 190], true],
    [0, [20, 18, 22, 19], true],
    [40, [200, 180, 220, 190], true],
    [150, [200, 180, 220, 190], false],
    [0, [3, 5, 4, 6], false],
    [0, [0, 0, 0, 0], false],
    [0, [0, 200, 0, 0], false],
    [0, [0, 200, 210, 190], true],
    [0, [500], false],
    [0, [], false],
    [900, [200, 180, 220, 190], false],
  ])('%d messages after %j: %s', (received, before, expected) => {
    expect(isSilent(received, before)).toBe(expected);
  });

  test('is no matter of the order of the weeks, and never begins with more messages', () => {
    const weeks = fc.array(fc.nat(5_000), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(weeks, fc.nat(5_000), (before, received) => {
        expect(isSilent(received, [...before].reverse())).toBe(isSilent(received, before));
        if (!isSilent(received, before)) expect(isSilent(received + 1, before)).toBe(false);
      }),
    );
  });
});

describe('the chance of at most so many arrivals', () => {
  test.each([
    [0, 1, Math.exp(-1)],
    [1, 2, 3 * Math.exp(-2)],
    [2, 3, 8.5 * Math.exp(-3)],
    [0, 0, 1],
    [0, 5_000, 0],
  ])('%d at a rate of %d is %d', (arrivals, rate, chance) => {
    expect(chanceOfAtMost(arrivals, rate)).toBeCloseTo(chance, 12);
  });
});

test('an hour is compared with the same hour of the four weeks before', () => {
  const { last, before } = hoursToCompare(new Date('2026-03-30T12:34:56.000Z'));
  expect(last).toEqual({ from: '2026-03-30T11:00:00.000Z', to: '2026-03-30T12:00:00.000Z' });
  expect(before.map(({ from }) => from)).toEqual([
    '2026-03-23T11:00:00.000Z',
    '2026-03-16T11:00:00.000Z',
    '2026-03-09T11:00:00.000Z',
    '2026-03-02T11:00:00.000Z',
  ]);
});
