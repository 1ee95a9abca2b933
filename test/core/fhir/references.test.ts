import { describe, expect, test } from '@jest/globals';
import { isFhirId, parseReference, referencesIn } from '../../../src/core/fhir/references.js';

const baseUrl = 'https://hde.example/fhir';

describe('parseReference', () => {
  test.each([
    'Organization/o1',
    'Organization/o1/_history/2',
    `${baseUrl}/Organization/o1`,
    `${baseUrl}/Organization/o1/_history/2`,
  ])('reads %s', (reference) => {
    expect(parseReference(reference, baseUrl)).toEqual({ type: 'Organization', id: 'o1' });
  });

  test.each([
    '',
    '#o1',
    'o1',
    'organization/o1',
    'Organization/',
    'Organization/o_1',
    'Organization/o1/extra',
    'urn:uuid:7f3a2f8e-0000-4000-8000-000000000000',
    'https://other.example/fhir/Organization/o1',
    'https://hde.example/fhirs/Organization/o1',
    'Organization?identifier=1',
  ])('leaves "%s" alone', (reference) => {
    expect(parseReference(reference, baseUrl)).toBeUndefined();
  });
});

describe('referencesIn', () => {
  test('finds references at any depth, in order', () => {
    const resource = {
      resourceType: 'Encounter',
      subject: { reference: 'Patient/p' },
      participant: [{ individual: { reference: 'Practitioner/a' } }, { individual: { display: 'none' } }],
      contained: [{ resourceType: 'Location', managingOrganization: { reference: 'Organization/o' } }],
    };
    expect(referencesIn(resource)).toEqual(['Patient/p', 'Practitioner/a', 'Organization/o']);
  });

  test('finds none in a resource without references', () => {
    expect(referencesIn({ resourceType: 'Patient', id: 'p' })).toEqual([]);
  });
});

test('an id has 1 to 64 letters, digits, hyphens and dots', () => {
  for (const id of ['a', 'A-1.b', 'x'.repeat(64)]) expect(isFhirId(id)).toBe(true);
  for (const id of ['', 'x'.repeat(65), 'a_b', 'a/b', 'a b', 'é', 'a\n']) expect(isFhirId(id)).toBe(false);
});
