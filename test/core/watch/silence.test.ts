import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  chanceOfAtMost,
  ENOUGH_TO_MISS,
  isSilent,
  lastHour,
  sameTimeBefore,
  silenceSince,
} from '../../../src/core/watch/silence.js';

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
    [0, [500, 500], false],
    [0, [500, 500, 500], true],
    [0, [], false],
    [900, [200, 180, 220, 190], false],
  ])('%d messages after %j: %s', (received, before, expected) => {
    expect(isSilent(received, before)).toBe(expected);
  });

  test('is no matter of the order of the weeks, and never begins with more messages', () => {
    const weeks = fc.array(fc.nat(5_000), { minLength: 3, maxLength: 4 });
    fc.assert(
      fc.property(weeks, fc.nat(5_000), (before, received) => {
        expect(isSilent(received, [...before].reverse())).toBe(isSilent(received, before));
        if (!isSilent(received, before)) expect(isSilent(received + 1, before)).toBe(false);
      }),
    );
  });
});

test('as many as are enough to miss are the fewest', () => {
  const weeks = (usual: number) => [usual, usual, usual, usual];
  expect(isSilent(0, weeks(ENOUGH_TO_MISS))).toBe(true);
  expect(isSilent(0, weeks(ENOUGH_TO_MISS - 1))).toBe(false);
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

const monday = lastHour(new Date('2026-03-30T12:34:56.000Z'));

/** Where the earlier weeks begin and end, without seconds. */
const weeksOf = (...[period, zone, before, holidays]: Parameters<typeof sameTimeBefore>) =>
  sameTimeBefore(period, zone, before, holidays).map((pieces) =>
    pieces.map(({ from, to }) => `${from.slice(0, 16)}/${to.slice(0, 16)}`).join(' '),
  );

describe('the same time before', () => {
  test('is the same hour of four weeks by the clock on the wall, also after it was changed', () => {
    expect(monday).toEqual({ from: '2026-03-30T11:00:00.000Z', to: '2026-03-30T12:00:00.000Z' });
    expect(weeksOf(monday, 'Europe/London', monday.from, 'as-they-are')).toEqual([
      '2026-03-23T12:00/2026-03-23T13:00',
      '2026-03-16T12:00/2026-03-16T13:00',
      '2026-03-09T12:00/2026-03-09T13:00',
      '2026-03-02T12:00/2026-03-02T13:00',
    ]);
    expect(weeksOf(monday, 'UTC', monday.from, 'as-they-are')[0]).toBe('2026-03-23T11:00/2026-03-23T12:00');
  });

  test.each([
    ['in autumn', '2026-10-26T09:05:00.000Z', '2026-10-19T07:00/2026-10-19T08:00'],
    [
      'in the hour before the clock goes forward',
      '2026-03-29T01:05:00.000Z',
      '2026-03-22T00:00/2026-03-22T01:00',
    ],
    ['in the hour after it', '2026-03-29T02:05:00.000Z', '2026-03-22T02:00/2026-03-22T03:00'],
    ['in the first of two hours', '2026-10-25T01:05:00.000Z', '2026-10-18T00:00/2026-10-18T01:00'],
    ['in the second of them', '2026-10-25T02:05:00.000Z', '2026-10-18T00:00/2026-10-18T01:00'],
    ['in winter', '2026-01-15T12:05:00.000Z', '2026-01-08T11:00/2026-01-08T12:00'],
  ])('is an hour %s', (_when, now, expected) => {
    const hour = lastHour(new Date(now));
    expect(weeksOf(hour, 'Europe/London', hour.from, 'as-they-are')[0]).toBe(expected);
  });

  test('lies before the silence, however long it has lasted', () => {
    const silence = silenceSince('2026-03-10T09:10:00.000Z', monday);
    expect(silence).toEqual({ from: '2026-03-23T12:00:00.000Z', to: monday.to });
    const [latest] = weeksOf(silence, 'UTC', '2026-03-10T09:10:00.000Z', 'as-they-are');
    expect(latest).toBe('2026-03-02T12:00/2026-03-09T12:00');
  });

  test('takes earlier Sundays for bank holidays', () => {
    // From Thursday evening to Tuesday: Good Friday is the 3rd of April, Easter Monday the 6th.
    const easter = { from: '2026-04-02T19:00:00.000Z', to: '2026-04-07T08:00:00.000Z' };
    expect(weeksOf(easter, 'UTC', easter.from, 'as-sundays')[0]).toBe(
      [
        '2026-03-26T19:00/2026-03-27T00:00',
        '2026-03-22T00:00/2026-03-23T00:00',
        '2026-03-28T00:00/2026-03-30T00:00',
        '2026-03-29T00:00/2026-03-30T00:00',
        '2026-03-31T00:00/2026-03-31T08:00',
      ].join(' '),
    );
    expect(weeksOf(monday, 'UTC', monday.from, 'as-sundays')).toEqual(
      weeksOf(monday, 'UTC', monday.from, 'as-they-are'),
    );
  });
});

test('a silence is counted in full hours, from the hour after the last message', () => {
  expect(silenceSince('2026-03-30T09:10:00.000Z', monday).from).toBe('2026-03-30T10:00:00.000Z');
  expect(silenceSince('2026-03-30T10:59:59.999Z', monday)).toEqual(monday);
});
