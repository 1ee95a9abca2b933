/** What nobody may guess bit by bit is never compared with `===`: the lint rule that says so does find it. */
import { expect, test } from '@jest/globals';
import { Linter } from 'eslint';
// @ts-expect-error: a module without types
import { hastyComparisons } from '../../tools/hasty-comparisons.mjs';

const findingsOf = (code: string): number =>
  new Linter().verify(code, {
    rules: { 'no-restricted-syntax': ['error', ...(hastyComparisons as string[])] },
  }).length;

test.each([
  "createHmac('sha256', key).update(text).digest('hex') === given",
  'given !== signatureOf(text, key)',
  'seal.mac === given',
  'expectedHmac !== given',
  'certificate.thumbprint === registered',
])('a comparison that tells by its haste is found: %s', (code) => {
  expect(findingsOf(code)).toBe(1);
});

test.each([
  'timingSafeEqual(mac, given)',
  'mac === undefined',
  'signature.length !== 32',
  'subject === other',
])('what tells nothing is not: %s', (code) => {
  expect(findingsOf(code)).toBe(0);
});
