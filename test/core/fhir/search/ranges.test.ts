import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { dateRangeOf, numberRangeOf, spanOf } from '../../../../src/core/fhir/search/ranges.js';

describe('dateRangeOf', () => {
  test.each([
    ['2013', '2013-01-01T00:00:00.000Z', '2013-12-31T23:59:59.999Z'],
    ['2013-01', '2013-01-01T00:00:00.000Z', '2013-01-31T23:59:59.999Z'],
    ['2012-02', '2012-02-01T00:00:00.000Z', '2012-02-29T23:59:59.999Z'],
    ['1900-02', '1900-02-01T00:00:00.000Z', '1900-02-28T23:59:59.999Z'],
    ['2000-02-29', '2000-02-29T00:00:00.000Z', '2000-02-29T23:59:59.999Z'],
    ['2013-01-14T10:20', '2013-01-14T10:20:00.000Z', '2013-01-14T10:20:59.999Z'],
    ['2013-01-14T10:20:30', '2013-01-14T10:20:30.000Z', '2013-01-14T10:20:30.999Z'],
    ['2013-01-14T10:20:30.5Z', '2013-01-14T10:20:30.500Z', '2013-01-14T10:20:30.599Z'],
    ['2013-01-14T10:20:30.123456Z', '2013-01-14T10:20:30.123Z', '2013-01-14T10:20:30.123Z'],
    ['2013-07-01T00:30:00+01:00', '2013-06-30T23:30:00.000Z', '2013-06-30T23:30:00.999Z'],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.000Z', '2016-12-31T23:59:59.999Z'],
    ['9999-12-31T23:30:00-01:00', '9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['0001-01-01', '0001-01-01T00:01:00.000Z', '0001-01-02T00:00:59.999Z'],
    // British Summer Time begins at 01:00 UTC on 30 March 2025 and ends at 01:00 UTC on 26 October.
    ['2025-03-29', '2025-03-29T00:00:00.000Z', '2025-03-29T23:59:59.999Z'],
    ['2025-03-30', '2025-03-30T00:00:00.000Z', '2025-03-30T22:59:59.999Z'],
    ['2025-06-15', '2025-06-14T23:00:00.000Z', '2025-06-15T22:59:59.999Z'],
    ['2025-10-26', '2025-10-25T23:00:00.000Z', '2025-10-26T23:59:59.999Z'],
    ['2025-06', '2025-05-31T23:00:00.000Z', '2025-06-30T22:59:59.999Z'],
    ['2025', '2025-01-01T00:00:00.000Z', '2025-12-31T23:59:59.999Z'],
    ['2025-06-15T00:30', '2025-06-14T23:30:00.000Z', '2025-06-14T23:30:59.999Z'],
    ['2025-03-30T01:30', '2025-03-30T01:30:00.000Z', '2025-03-30T01:30:59.999Z'],
    ['2025-10-26T01:30', '2025-10-26T00:30:00.000Z', '2025-10-26T01:30:59.999Z'],
    // All of it was an hour ahead of UTC.
    ['1970', '1969-12-31T23:00:00.000Z', '1970-12-31T22:59:59.999Z'],
  ])('%s is from %s to %s', (text, lo, hi) => {
    expect(dateRangeOf(text)).toEqual({ lo, hi });
  });

  test.each([
    '',
    'yesterday',
    '13',
    '2013-1',
    '2013-00',
    '2013-13',
    '2013-02-29',
    '2013-04-31',
    '2013-01-00',
    '2013-01-14T24:00:00Z',
    '2013-01-14T10:60:00Z',
    '2013-01-14T10:20:61Z',
    '2013-01-14T10',
    '2013-01-14Z',
    '2013-01-14T10:20:30+25:00',
    ' 2013',
  ])('%j is no date', (text) => {
    expect(dateRangeOf(text)).toBeUndefined();
  });

  test('agrees with Date about every moment', () => {
    const minutes = fc.integer({ min: -14 * 60, max: 14 * 60 });
    const moment = fc.date({
      min: new Date('1800-01-01T00:00:00Z'),
      max: new Date('2200-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(moment, minutes, (date, offset) => {
        const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
        const [hours, rest] = [Math.trunc(Math.abs(offset) / 60), Math.abs(offset) % 60];
        const zone = `${offset < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
        expect(dateRangeOf(`${local}${zone}`)).toEqual({ lo: date.toISOString(), hi: date.toISOString() });
      }),
    );
  });

  test('a day begins and ends when the clocks of London show midnight', () => {
    const clock = new Intl.DateTimeFormat('sv', {
      ...{ timeZone: 'Europe/London', dateStyle: 'short', timeStyle: 'medium' },
    });
    const moment = fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(moment, (date) => {
        const day = date.toISOString().slice(0, 10);
        const { lo, hi } = dateRangeOf(day)!;
        expect([lo, hi].map((end) => clock.format(new Date(end)))).toEqual([
          `${day} 00:00:00`,
          `${day} 23:59:59`,
        ]);
      }),
    );
  });

  test('covers, the less exactly it is written, the more', () => {
    const moment = fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(moment, (date) => {
        const text = date.toISOString().slice(0, -1);
        let inner = dateRangeOf(text);
        for (const length of [22, 21, 19, 16, 10, 7, 4]) {
          const outer = dateRangeOf(text.slice(0, length));
          expect(outer!.lo <= inner!.lo && inner!.hi <= outer!.hi).toBe(true);
          inner = outer;
        }
      }),
    );
  });
});

test('a span is from the first to the last moment', () => {
  const [a, b] = [dateRangeOf('2013')!, dateRangeOf('2012-05')!];
  expect(spanOf([a, b])).toEqual({ lo: b.lo, hi: a.hi });
  expect(spanOf([])).toBeUndefined();
});

describe('numberRangeOf', () => {
  test.each([
    ['100', 100, 99.5, 100.5],
    ['100.00', 100, 99.995, 100.005],
    ['1e2', 100, 95, 105],
    ['1.00e2', 100, 99.5, 100.5],
    ['5.40e-3', 0.0054, 0.005395, 0.005405],
    ['1.0E+2', 100, 95, 105],
    ['5.4', 5.4, 5.35, 5.45],
    ['-5.4', -5.4, -5.45, -5.35],
    ['0', 0, -0.5, 0.5],
    ['-0', 0, -0.5, 0.5],
    ['0.1', 0.1, 0.05, 0.15],
    ['1000000000000000000', 1e18, 1e18, 1e18 + 128],
  ])('%s is from %d: %d to %d', (text, value, lo, hi) => {
    expect(numberRangeOf(text)).toEqual({ value, lo, hi });
  });

  test.each(['', 'x', '1.', '.5', '+1', '1e400', 'NaN', 'Infinity', '1,5', ' 1', '0x10'])(
    '%j is no number',
    (text) => {
      expect(numberRangeOf(text)).toBeUndefined();
    },
  );

  test('holds the number between bounds that JSON can carry', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const range = numberRangeOf(String(value))!;
        // The upper bound is not within.
        expect(range.lo <= value && (value < range.hi || value === Number.MAX_VALUE)).toBe(true);
        expect(JSON.parse(JSON.stringify(range))).toEqual(range);
      }),
    );
  });
});
