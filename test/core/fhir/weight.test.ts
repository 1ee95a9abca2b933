import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { weightOf } from '../../../src/core/fhir/weight.js';

test('what is large weighs about what it has as JSON', () => {
  const large = 'x'.repeat(1_000_000);
  for (const value of [large, { data: large }, [{ content: [{ attachment: { data: large } }] }, 1, null]])
    expect(weightOf(value) / JSON.stringify(value).length).toBeCloseTo(1, 3);
});

test('nothing weighs less than its texts, and all that has values weighs something', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (value, text) => {
      expect(weightOf(value)).toBeGreaterThan(0);
      expect(weightOf([value, text])).toBeGreaterThan(weightOf(value) + text.length);
    }),
  );
});
