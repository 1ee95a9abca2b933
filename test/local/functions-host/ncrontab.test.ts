import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseSchedule } from '../../../local/functions-host/ncrontab.js';

const next = (schedule: string, after: string) => parseSchedule(schedule).next(new Date(after)).toISOString();

describe('timer schedules', () => {
  test.each([
    ['*/2 * * * * *', '2026-11-20T09:30:00.500Z', '2026-11-20T09:30:02.000Z'],
    ['0 */5 * * * *', '2026-11-20T09:30:00Z', '2026-11-20T09:35:00.000Z'],
    ['0 30 9 * * MON-FRI', '2026-11-20T09:30:00Z', '2026-11-23T09:30:00.000Z'],
    ['0 30 9 * * 1-5', '2026-11-20T09:29:59.999Z', '2026-11-20T09:30:00.000Z'],
    ['0 0 0 1 */3 *', '2026-11-20T09:30:00Z', '2027-01-01T00:00:00.000Z'],
    ['0 0 0 29 2 *', '2026-03-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['0 0 0 29 2 Sun', '2072-03-01T00:00:00Z', '2088-02-29T00:00:00.000Z'],
    ['0 0 12 13 * Friday', '2026-11-20T00:00:00Z', '2027-08-13T12:00:00.000Z'],
    ['0 0 8 1 jan,July *', '2026-01-01T08:00:00Z', '2026-07-01T08:00:00.000Z'],
    ['10/20 * * * * *', '2026-11-20T09:30:10Z', '2026-11-20T09:30:30.000Z'],
    ['0 5-20/5 3 * * *', '2026-11-20T03:10:00Z', '2026-11-20T03:15:00.000Z'],
    ['0 0 23 31 12 *', '2026-12-31T23:00:00Z', '2027-12-31T23:00:00.000Z'],
  ])('%s after %s is %s', (schedule, after, expected) => {
    expect(next(schedule, after)).toBe(expected);
  });

  test('five fields have no seconds', () => {
    expect(next('*/15 * * * *', '2026-11-20T09:31:10Z')).toBe('2026-11-20T09:45:00.000Z');
  });

  test('a time span is an interval', () => {
    expect(next('01:30:00', '2026-11-20T09:31:10.250Z')).toBe('2026-11-20T11:01:10.250Z');
  });

  test('day and day of week must both match', () => {
    expect(next('0 0 0 1 * MON', '2026-11-20T00:00:00Z')).toBe('2027-02-01T00:00:00.000Z');
  });

  test.each([
    ['* * *', /six \(or five\) fields/],
    ['60 * * * * *', /'60' is no valid second/],
    ['* * 24 * * *', /'24' is no valid hour/],
    ['* * * 0 * *', /'0' is no valid day/],
    ['* * * * 13 *', /'13' is no valid month/],
    ['* * * * foo *', /'foo' is no valid month/],
    ['* * * * * 7', /'7' is no valid day of week/],
    ['* * * * * funday', /'funday' is no valid day of week/],
    ['5-1 * * * * *', /'5-1' is no valid second/],
    ['*/0 * * * * *', /no valid second/],
    ['1, * * * * *', /no valid second/],
    ['0 0 0 30 2 *', /never occurs/],
    ['00:00:00', /longer than zero/],
    ['', /six \(or five\) fields/],
  ])('%s is refused', (schedule, message) => {
    expect(() => parseSchedule(schedule)).toThrow(message);
  });

  test('the next occurrence lies after the moment, matches, and none lies between', () => {
    const moment = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
    const field = (low: number, high: number) =>
      fc.uniqueArray(fc.integer({ min: low, max: high }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(moment, field(0, 59), field(0, 59), field(0, 23), (after, seconds, minutes, hours) => {
        const at = parseSchedule(`${seconds.join(',')} ${minutes.join(',')} ${hours.join(',')} * * *`).next(
          after,
        );
        expect(at.getTime()).toBeGreaterThan(after.getTime());
        expect(
          [seconds, minutes, hours].map((set, i) =>
            set.includes([at.getUTCSeconds(), at.getUTCMinutes(), at.getUTCHours()][i]!),
          ),
        ).toEqual([true, true, true]);
        const candidates = hours
          .flatMap((hour) =>
            minutes.flatMap((minute) => seconds.map((second) => [hour, minute, second] as const)),
          )
          .flatMap(([hour, minute, second]) =>
            [0, 1].map((day) => {
              const candidate = new Date(after);
              candidate.setUTCDate(candidate.getUTCDate() + day);
              return candidate.setUTCHours(hour, minute, second, 0);
            }),
          )
          .filter((candidate) => candidate > after.getTime());
        expect(at.getTime()).toBe(Math.min(...candidates));
      }),
    );
  });
});
