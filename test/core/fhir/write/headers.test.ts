import { expect, test } from '@jest/globals';
import { areMet } from '../../../../src/core/fhir/write/preconditions.js';
import { returnPreference } from '../../../../src/core/fhir/write/preference.js';

test.each<[string | undefined, string | undefined, number | undefined, boolean]>([
  [undefined, undefined, undefined, true],
  [undefined, undefined, 3, true],
  ['W/"3"', undefined, 3, true],
  ['"3"', undefined, 3, true],
  ['3', undefined, 3, true],
  ['W/"1", W/"3"', undefined, 3, true],
  ['*', undefined, 3, true],
  ['*', undefined, undefined, false],
  ['W/"2"', undefined, 3, false],
  ['W/"3"', undefined, undefined, false],
  ['', undefined, 3, false],
  [undefined, '*', undefined, true],
  [undefined, '*', 3, false],
  [undefined, 'W/"3"', 3, false],
  [undefined, 'W/"2"', 3, true],
  ['W/"3"', '*', 3, false],
])('If-Match %s and If-None-Match %s for version %s: %s', (ifMatch, ifNoneMatch, versionId, expected) => {
  expect(areMet({ ifMatch, ifNoneMatch }, versionId)).toBe(expected);
});

test.each([
  [undefined, 'representation'],
  ['return=minimal', 'minimal'],
  ['handling=strict, return=minimal', 'minimal'],
  ['handling=strict; return="OperationOutcome"', 'OperationOutcome'],
  ['RETURN=REPRESENTATION', 'representation'],
  ['return=other', 'representation'],
  ['noreturn=minimal', 'representation'],
])('Prefer: %s gives %s', (prefer, expected) => {
  expect(returnPreference(prefer)).toBe(expected);
});
