import { describe, expect, test } from '@jest/globals';
import {
  parseHl7Time,
  toEpoch,
  toFhirDate,
  toFhirDateTime,
  toFhirTime,
  toLatestEpoch,
} from '../../../../src/core/mapping/times/hl7-time.js';

const dateTime = (text: string, zone = 'Europe/London'): string | undefined => {
  const time = parseHl7Time(text);
  return time === undefined ? undefined : toFhirDateTime(time, zone);
};

describe('an HL7 time', () => {
  test.each([
    ['2024', '2024'],
    ['202402', '2024-02'],
    ['20240229', '2024-02-29'],
    ['2024010509', '2024-01-05T09:00:00+00:00'],
    ['202401050907', '2024-01-05T09:07:00+00:00'],
    ['20240105090708', '2024-01-05T09:07:08+00:00'],
    ['20240105090708.5', '2024-01-05T09:07:08.5+00:00'],
    ['20240105090708.1234', '2024-01-05T09:07:08.1234+00:00'],
    ['20240705090708', '2024-07-05T09:07:08+01:00'],
    ['20250402151642+0100', '2025-04-02T15:16:42+01:00'],
    ['20250402151642-0330', '2025-04-02T15:16:42-03:30'],
    ['20250402+0100', '2025-04-02'],
    ['00010101', '0001-01-01'],
    // As ISO 8601 writes it.
    ['20150529130917-04:00', '2015-05-29T13:09:17-04:00'],
    ['1990-05-12', '1990-05-12'],
    ['1990-05', '1990-05'],
    ['2024-01-04T10:00:00Z', '2024-01-04T10:00:00+00:00'],
    ['2024-07-05 11:00:00', '2024-07-05T11:00:00+01:00'],
    ['2024-07-05T11:00+02:00', '2024-07-05T11:00:00+02:00'],
  ])('%s is %s', (text, expected) => {
    expect(dateTime(text)).toBe(expected);
  });

  test.each([
    ['20240230', 'no such day'],
    ['20230229', 'no leap year'],
    ['19000229', 'no leap year'],
    ['20241301', 'no such month'],
    ['20240001', 'month zero'],
    ['20240100', 'day zero'],
    ['2024010524', 'hour 24'],
    ['202401050960', 'minute 60'],
    ['20240105090760', 'second 60'],
    ['20240105090708+1500', 'an offset beyond the earth'],
    ['20240105090708+0160', 'an offset of 60 minutes'],
    ['05/01/2024', 'another format'],
    ['2024-01-05T', 'cut short'],
    ['2024-02-30', 'no such day'],
    ['202', 'half a year'],
    ['20240', 'half a month'],
    ['00000000', 'year zero'],
    ['', 'nothing'],
  ])('%s is none: %s', (text) => {
    expect(parseHl7Time(text)).toBeUndefined();
  });

  test.each([
    ['2024', '2024'],
    ['202402', '2024-02'],
    ['19670106000000', '1967-01-06'],
  ])('%s has the date %s', (text, expected) => {
    const time = parseHl7Time(text);
    expect(time && toFhirDate(time)).toBe(expected);
  });

  test.each([
    ['20240705090708', '2024-07-05T08:07:08.000Z'],
    ['20240705090708.25', '2024-07-05T08:07:08.250Z'],
    ['20240105090708', '2024-01-05T09:07:08.000Z'],
    ['20250402151642-0330', '2025-04-02T18:46:42.000Z'],
    ['2024', '2024-01-01T00:00:00.000Z'],
    ['00500601', '0050-06-01T00:01:00.000Z'],
  ])('%s happened at %s', (text, expected) => {
    const time = parseHl7Time(text);
    if (time === undefined) throw new Error('a time');
    expect(new Date(toEpoch(time, 'Europe/London')).toISOString()).toBe(expected);
  });
});

describe('the latest moment of a time', () => {
  test.each([
    ['2024', '2024-12-31T23:59:59.999Z'],
    ['202402', '2024-02-29T23:59:59.999Z'],
    ['20240705', '2024-07-05T22:59:59.999Z'],
    ['2024070509', '2024-07-05T08:59:59.999Z'],
    ['202407050907', '2024-07-05T08:07:59.999Z'],
    ['20240705090708', '2024-07-05T08:07:08.999Z'],
    ['20240705090708.25', '2024-07-05T08:07:08.259Z'],
    ['20240705090708.1234', '2024-07-05T08:07:08.123Z'],
    ['20241027013000', '2024-10-27T01:30:00.999Z'],
    ['20241027013000+0100', '2024-10-27T00:30:00.999Z'],
    ['2024033101', '2024-03-31T01:59:59.999Z'],
  ])('%s is %s', (text, expected) => {
    const time = parseHl7Time(text);
    if (time === undefined) throw new Error('a time');
    expect(new Date(toLatestEpoch(time, 'Europe/London')).toISOString()).toBe(expected);
  });
});

describe('a time of day', () => {
  test.each([
    ['0907', '09:07:00'],
    ['090708', '09:07:08'],
    ['090708.25', '09:07:08.25'],
    ['2400', undefined],
    ['0960', undefined],
    ['090761', undefined],
    ['9:07', undefined],
  ])('%s is %s', (text, expected) => {
    expect(toFhirTime(text)).toBe(expected);
  });
});
