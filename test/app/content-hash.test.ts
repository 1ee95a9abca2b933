import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createContentHash, hashOf } from '../../src/app/content-hash.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const plainHash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Bytes among which segment ends and framing are frequent. */
const noisy = fc
  .array(fc.constantFrom(0x0a, 0x0b, 0x0d, 0x1c, 0x41, 0x42), { maxLength: 60 })
  .map((bytes) => Uint8Array.from(bytes));

describe('the hash of a message', () => {
  test('is that of its segments with CR between them', () => {
    expect(hashOf(bytesOf('MSH|a\rPID|b'))).toBe(plainHash('MSH|a\rPID|b'));
  });

  test.each(['MSH|a\r\nPID|b\r\n', 'MSH|a\nPID|b\n', '\u000bMSH|a\rPID|b\r\u001c\r', 'MSH|a\rPID|b\r\r\r'])(
    'does not depend on what a gateway changes: %j',
    (copy) => {
      expect(hashOf(bytesOf(copy))).toBe(hashOf(bytesOf('MSH|a\rPID|b')));
    },
  );

  test('tells messages with an empty segment apart from those without', () => {
    expect(hashOf(bytesOf('MSH|a\r\rPID|b'))).not.toBe(hashOf(bytesOf('MSH|a\rPID|b')));
  });

  test('is the same in whatever pieces the bytes come', () => {
    fc.assert(
      fc.property(noisy, fc.array(fc.nat(60)), (bytes, cuts) => {
        const hash = createContentHash();
        let start = 0;
        for (const cut of [...cuts, bytes.length].sort((a, b) => a - b)) {
          hash.update(bytes.subarray(start, cut));
          start = Math.max(start, cut);
        }
        expect(hash.digest()).toBe(hashOf(bytes));
      }),
    );
  });
});
