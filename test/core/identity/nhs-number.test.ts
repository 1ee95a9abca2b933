import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  hasValidCheckDigit,
  normaliseNhsNumber,
  parseNhsNumber,
} from '../../../src/core/identity/nhs-number.js';

describe('an NHS number', () => {
  test.each([
    ['9990000018', '9990000018'],
    ['999 000 0026', '9990000026'],
    ['999-000-0034', '9990000034'],
    [' 9990000042 ', '9990000042'],
  ])('is read from "%s"', (written, number) => {
    expect(parseNhsNumber(written)).toBe(number);
  });

  test.each([
    ['9990000019', 'a wrong check digit'],
    ['999000001', 'nine digits'],
    ['99900000180', 'eleven digits'],
    ['999000001X', 'a letter'],
    ['', 'nothing'],
    ['0000000000', 'the sentinel for no number'],
    ['9999999999', 'the sentinel for several numbers'],
    ['3333333333', 'one digit ten times'],
  ])('is not read from "%s": %s', (written) => {
    expect(parseNhsNumber(written)).toBeUndefined();
  });

  test('is never issued where the check digit would be 10', () => {
    const fitting = Array.from('0123456789').filter((digit) => hasValidCheckDigit(`999000000${digit}`));
    expect(fitting).toEqual([]);
  });

  test('has at most one check digit, and a wrong digit anywhere is noticed', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^\d{9}$/),
        fc.nat(8),
        fc.integer({ min: 1, max: 9 }),
        (nine, at, add) => {
          const fitting = Array.from('0123456789').filter((digit) => hasValidCheckDigit(nine + digit));
          expect(fitting.length).toBeLessThanOrEqual(1);
          const [digit] = fitting;
          if (digit === undefined) return;
          const wrong = Array.from(nine);
          wrong[at] = String((Number(wrong[at]) + add) % 10);
          expect(hasValidCheckDigit(wrong.join('') + digit)).toBe(false);
        },
      ),
    );
  });

  test('is normalised by leaving out spaces and hyphens', () => {
    expect(normaliseNhsNumber(' 999 000-0018')).toBe('9990000018');
  });
});
