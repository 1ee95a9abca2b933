import { expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { keptDecimals } from '../../../src/core/fhir/decimals.js';

const of = (...values: readonly number[]): Resource =>
  ({
    resourceType: 'Observation',
    component: values.map((value) => ({ valueQuantity: { value } })),
  }) as Resource;

test('of items that moved nobody knows how their numbers were written', () => {
  const decimals = {
    '/valueQuantity/value': '7.0',
    '/component/0/valueQuantity/value': '1.50',
    '/component/1/valueQuantity/value': '5.0',
  };
  expect(keptDecimals(decimals, of(1.5, 5, 5), of(1.5, 7))).toEqual({
    '/valueQuantity/value': '7.0',
    '/component/0/valueQuantity/value': '1.50',
  });
});
