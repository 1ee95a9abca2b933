import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { offsetMinutes } from '../../../../src/core/mapping/times/time-zone.js';

const at = (text: string): number => Date.parse(`${text}Z`);

describe('the offset of a wall clock', () => {
  test.each([
    ['2024-01-05T12:00:00', 'Europe/London', 0],
    ['2024-07-05T12:00:00', 'Europe/London', 60],
    ['2024-03-31T00:59:59', 'Europe/London', 0],
    // The hour that is skipped counts from before the change.
    ['2024-03-31T01:30:00', 'Europe/London', 0],
    ['2024-03-31T02:00:00', 'Europe/London', 60],
    // The hour that is repeated is taken as its first pass.
    ['2024-10-27T01:30:00', 'Europe/London', 60],
    ['2024-10-27T02:00:00', 'Europe/London', 0],
    // Britain kept summer time all year round from 1968 to 1971.
    ['1970-01-05T12:00:00', 'Europe/London', 60],
    ['1995-10-22T12:00:00', 'Europe/London', 0],
    ['2024-07-05T12:00:00', 'Europe/Gibraltar', 120],
    ['2024-07-05T12:00:00', 'UTC', 0],
    ['2024-07-05T12:00:00', 'America/New_York', -240],
    ['2024-11-03T01:30:00', 'America/New_York', -240],
    ['2024-03-10T02:30:00', 'America/New_York', -300],
    ['2024-07-05T12:00:00', 'Asia/Kolkata', 330],
  ])('at %s in %s is %i minutes', (text, zone, minutes) => {
    expect(offsetMinutes(at(text), zone)).toBe(minutes);
  });

  test.each([
    ['2024-10-27T00:59:59', 'Europe/London', 60],
    ['2024-10-27T01:00:00', 'Europe/London', 0],
    ['2024-10-27T01:59:59', 'Europe/London', 0],
    ['2024-10-27T02:30:00', 'Europe/Gibraltar', 60],
    ['2024-11-03T01:30:00', 'America/New_York', -300],
    ['2024-07-05T12:00:00', 'America/New_York', -240],
    // The hour that is skipped has one meaning only.
    ['2024-03-31T01:30:00', 'Europe/London', 0],
  ])('at the second pass of %s in %s is %i minutes', (text, zone, minutes) => {
    expect(offsetMinutes(at(text), zone, 'second')).toBe(minutes);
  });

  test.each(['Europe/London', 'Europe/Dublin', 'Europe/Gibraltar', 'Europe/Jersey'])(
    'by rule in %s agrees with the time zone data',
    (zone) => {
      const format = new Intl.DateTimeFormat('en-CA', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
      });
      const reading = (instant: number): number => {
        const part = Object.fromEntries(
          format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
        );
        return Date.UTC(part['year']!, part['month']! - 1, part['day'], part['hour'], part['minute']);
      };
      fc.assert(
        fc.property(fc.integer({ min: at('1997-01-01') / 6e4, max: at('2037-12-31') / 6e4 }), (minute) => {
          const instant = minute * 6e4;
          const local = reading(instant);
          const found = local - offsetMinutes(local, zone) * 6e4;
          // The second pass of a repeated hour is read as the first one.
          expect([instant, instant - 36e5]).toContain(found);
          expect(reading(found)).toBe(local);
        }),
        { numRuns: 500 },
      );
    },
  );
});
