import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { effectivePartitionKey, murmurHash128 } from '../../../local/cosmos/murmur.js';
import { divideHashSpace, rangeIndexOf } from '../../../local/cosmos/storage/ranges.js';

const hex = (text: string): string =>
  murmurHash128(Buffer.from(text))
    .map((half) => half.toString(16).padStart(16, '0'))
    .join('');

describe('murmurHash128', () => {
  test.each([
    ['', '00000000000000000000000000000000'],
    ['hello', 'cbd8a7b341bd9b025b1e906a48ae1d19'],
    ['The quick brown fox jumps over the lazy dog', 'e34bbc7bbc071b6c7a433ca9c49a9347'],
  ])('agrees with the published values for %p', (text, expected) => {
    expect(hex(text)).toBe(expected);
  });
});

const keyPart = fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constant(null), fc.constant(undefined));

describe('effectivePartitionKey', () => {
  test('is 32 hexadecimal digits per level, below 40', () => {
    fc.assert(
      fc.property(fc.array(keyPart, { minLength: 1, maxLength: 3 }), (parts) => {
        const levels = effectivePartitionKey(parts).match(/.{32}/g) ?? [];
        expect(levels).toHaveLength(parts.length);
        for (const level of levels) expect(level).toMatch(/^[0-3][0-9A-F]{31}$/);
      }),
    );
  });

  test('tells text, numbers, booleans, null and missing apart', () => {
    const parts = ['1', 1, true, false, null, undefined, 'true', 'null', ''];
    expect(new Set(parts.map((part) => effectivePartitionKey([part]))).size).toBe(parts.length);
  });

  test('of a hierarchical key begins with that of its prefix', () => {
    expect(effectivePartitionKey(['t', 'p']).startsWith(effectivePartitionKey(['t']))).toBe(true);
  });
});

describe('divideHashSpace', () => {
  test('puts every key into the range whose bounds hold it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16 }), keyPart, (count, part) => {
        const ranges = divideHashSpace(count);
        const epk = effectivePartitionKey([part]);
        const range = ranges[rangeIndexOf(ranges, epk)];
        expect(range !== undefined && epk >= range.min && epk < range.max).toBe(true);
      }),
    );
  });
});
