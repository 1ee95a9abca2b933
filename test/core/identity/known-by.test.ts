import { expect, test } from '@jest/globals';
import type { Patient } from 'fhir/r4.js';
import { isKnownBy, isOwnedBy } from '../../../src/core/identity/known-by.js';
import { NHS_NUMBER_SYSTEM as system } from '../../../src/core/identity/nhs-number.js';

const value = '9990000042';
const status = (code: string) => ({
  url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus',
  valueCodeableConcept: { coding: [{ code }] },
});
const aPatient = (identifier: object): Patient => ({
  resourceType: 'Patient',
  identifier: [{ system, value, ...identifier }],
});

test.each([
  ['of which nothing more is said', {}, true, true],
  ['that was verified', { extension: [status('01')] }, true, true],
  ['that was not traced', { extension: [status('02')] }, true, false],
  ['of which a trace found another', { extension: [{ url: 'urn:x' }, status('04')] }, true, false],
  ['that they had once', { use: 'old', extension: [status('01')] }, false, false],
  ['of another system', { system: 'urn:x' }, false, false],
])('a number %s', (_, identifier, isKnown, isOwned) => {
  const patient = aPatient(identifier);
  expect(isKnownBy(patient, { system, value })).toBe(isKnown);
  expect(isOwnedBy(patient, { system, value })).toBe(isOwned);
});

test('nobody has a number who is no record, or has none', () => {
  for (const patient of [undefined, { resourceType: 'Patient' } as Patient])
    expect(isOwnedBy(patient, { system, value })).toBe(false);
});
