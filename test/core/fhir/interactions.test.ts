import { describe, expect, test } from '@jest/globals';
import { findServedType, matchRoute, servedTypes } from '../../../src/core/fhir/interactions.js';

describe('matchRoute', () => {
  test.each([
    ['metadata', { interaction: 'capabilities', type: '', id: '', versionId: '' }],
    ['Patient', { interaction: 'search-type', type: 'Patient', id: '', versionId: '' }],
    ['Patient/', { interaction: 'search-type', type: 'Patient', id: '', versionId: '' }],
    ['Patient/abc', { interaction: 'read', type: 'Patient', id: 'abc', versionId: '' }],
    ['Patient/abc/_history/2', { interaction: 'vread', type: 'Patient', id: 'abc', versionId: '2' }],
    ['Patient/abc/$everything', { interaction: 'everything', type: 'Patient', id: 'abc', versionId: '' }],
    ['Patient/abc/%24everything', { interaction: 'everything', type: 'Patient', id: 'abc', versionId: '' }],
    ['Observation/abc.x', { interaction: 'read', type: 'Observation', id: 'abc.x', versionId: '' }],
  ])('routes %s', (path, route) => {
    expect(matchRoute(path)).toEqual(route);
  });

  test.each([
    '',
    '/',
    '/Patient',
    'Patient//',
    'Patient//abc',
    'Patient/abc/_history',
    'Patient/abc/_history/',
    'Patient/abc/_history/1/2',
    'Patient/abc/$everything/1',
    'Patient/abc/$other',
    'Patient/%E0%A4%A',
  ])('finds nothing at "%s"', (path) => {
    expect(matchRoute(path)).toBeUndefined();
  });

  test('decodes a segment once, so that an escaped slash makes no new segment', () => {
    expect(matchRoute('Patient/a%2Fb')).toMatchObject({ interaction: 'read', id: 'a/b' });
    expect(matchRoute('Patient/a%252Fb')).toMatchObject({ interaction: 'read', id: 'a%2Fb' });
  });
});

describe('servedTypes', () => {
  test('lists each type once, with its UK Core profile', () => {
    const types = servedTypes.map(({ type }) => type);
    expect(new Set(types).size).toBe(types.length);
    expect([...types].sort()).toEqual([
      'AllergyIntolerance',
      'Condition',
      'DiagnosticReport',
      'Encounter',
      'Location',
      'Observation',
      'Organization',
      'Patient',
      'Practitioner',
      'PractitionerRole',
    ]);
    expect(findServedType('Observation')?.profile).toBe(
      'https://fhir.hl7.org.uk/StructureDefinition/UKCore-Observation',
    );
  });

  test('offers a search by patient exactly for the records about a patient', () => {
    const byPatient = servedTypes.filter(({ searchParameters }) =>
      searchParameters.some(({ name }) => name === 'patient'),
    );
    const about = servedTypes.filter(({ type, scope }) => scope === 'patient' && type !== 'Patient');
    expect(byPatient).toEqual(about);
  });

  test('knows nothing of other types, whatever their name', () => {
    for (const type of ['Medication', 'patient', 'constructor', '__proto__', '']) {
      expect(findServedType(type)).toBeUndefined();
    }
  });
});
