import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDecimal } from '../../../../src/core/mapping/transforms/numbers.js';

describe('a decimal number', () => {
  test.each([
    ['7', { value: 7 }],
    ['7.1', { value: 7.1 }],
    ['-0.5', { value: -0.5 }],
    ['+3', { value: 3 }],
    ['007', { value: 7 }],
    ['.5', { value: 0.5 }],
    ['7.0', { value: 7, precision: 1 }],
    ['4.10', { value: 4.1, precision: 2 }],
    ['100', { value: 100 }],
    ['0', { value: 0 }],
    ['0.00', { value: 0, precision: 2 }],
    ['-0', { value: 0 }],
    ['7.', { value: 7 }],
    ['0.0000001', { value: 1e-7, precision: 7 }],
    ['1000000000000000000000', { value: 1e21 }],
  ])('%s is %j', (text, expected) => {
    expect(parseDecimal(text)).toEqual(expected);
  });

  test.each(['', 'NEG', '1,000', '1e5', '5-6', '--5', '0.12345678901234567890', '12345678901234567891'])(
    '%s is none, or has more digits than JSON keeps',
    (text) => {
      expect(parseDecimal(text)).toBeUndefined();
    },
  );

  test('of up to fifteen digits has a precision only where JSON would show another number of decimals', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }), fc.nat(14), (digits, decimals) => {
        const all = digits.toString().padStart(decimals + 1, '0');
        const written =
          decimals === 0 ? all : `${all.slice(0, all.length - decimals)}.${all.slice(-decimals)}`;
        const isShown = JSON.stringify(Number(written)) === written;
        expect(parseDecimal(written)?.value).toBe(Number(written));
        if (isShown) expect(parseDecimal(written)).not.toHaveProperty('precision');
        else expect(parseDecimal(written)).toBeDefined();
      }),
    );
  });

  test('keeps every digit that was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: -99_999, max: 99_999 }), fc.nat(6), (digits, decimals) => {
        const written = (digits / 10 ** decimals).toFixed(decimals);
        const read = parseDecimal(written);
        const again =
          read && (read.precision === undefined ? String(read.value) : read.value.toFixed(read.precision));
        expect(again).toBe(written.replace(/^-(0(\.0+)?)$/, '$1'));
      }),
    );
  });
});
