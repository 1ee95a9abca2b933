import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isBase64 } from '../../src/core/base64.js';

test('knows what was encoded', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
      expect(isBase64(Buffer.from(bytes).toString('base64'))).toBe(true);
    }),
  );
});

test.each(['', 'A', 'AA', 'AAA', 'A===', '====', 'AA=A', 'AAA=AAAA', 'AA-_', 'AAA\n', 'AA A', 'ÄÄÄÄ'])(
  '%j is none',
  (text) => {
    expect(isBase64(text)).toBe(false);
  },
);

test('reads a document of 40 MB', () => {
  expect(isBase64('A'.repeat(40_000_000))).toBe(true);
});
