import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { upperCase } from '../../src/core/upper-case.js';

test('texts in capitals are what toUpperCase makes of them', () => {
  const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme-ascii' }));
  fc.assert(fc.property(texts, (text) => upperCase(text) === text.toUpperCase()));
  for (const text of ['', 'ABC 1', 'abc', '`{', 'straße', 'ÿ', 'ﬁ'])
    expect(upperCase(text)).toBe(text.toUpperCase());
});
