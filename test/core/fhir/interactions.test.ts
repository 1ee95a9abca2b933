import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import {
  allowedMethods,
  findServedType,
  matchRoute,
  servedTypes,
} from '../../../src/core/fhir/interactions.js';
import { patientParameterOf } from '../../../src/core/fhir/search/terms.js';

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
    expect(matchRoute('GET', path)).toEqual(route);
  });

  test.each([
    '',
    '/',
    '/Patient',
    'Patient//',
    'Patient//abc',
    'Patient/abc/_history/1/2',
    'Patient/abc/$everything/1',
    'Patient/abc/$other',
    'Patient/%E0%A4%A',
  ])('finds nothing at "%s"', (path) => {
    expect(matchRoute('GET', path)).toBeUndefined();
  });

  test.each([
    ['POST', 'Patient', 'create'],
    ['PUT', 'Patient/abc', 'update'],
    ['PATCH', 'Patient/abc', 'patch'],
    ['DELETE', 'Patient/abc', 'delete'],
    ['GET', 'Patient/abc/_history', 'history-instance'],
    ['GET', 'Patient/_history', 'history-type'],
    ['HEAD', 'Patient/abc', 'read'],
    ['POST', 'Patient/_search', 'search-type'],
    ['GET', 'Patient/abc/Observation', 'search-compartment'],
    ['POST', 'Patient/abc/Observation/_search', 'search-compartment'],
  ])('routes %s %s to %s', (method, path, interaction) => {
    expect(matchRoute(method, path)).toMatchObject({ interaction });
  });

  test('says which methods an address takes', () => {
    expect(allowedMethods('metadata')).toEqual(['GET', 'HEAD']);
    expect(allowedMethods('Patient')).toEqual(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
    expect(allowedMethods('')).toEqual(['POST']);
    expect(allowedMethods('Patient/_search')).toEqual(['POST']);
    expect(allowedMethods('Patient/abc/Observation')).toEqual(['GET', 'HEAD']);
    expect(allowedMethods('nothing/at/all')).toEqual([]);
  });

  test('decodes a segment once, so that an escaped slash makes no new segment', () => {
    expect(matchRoute('GET', 'Patient/a%2Fb')).toMatchObject({ interaction: 'read', id: 'a/b' });
    expect(matchRoute('GET', 'Patient/a%252Fb')).toMatchObject({ interaction: 'read', id: 'a%2Fb' });
  });
});

describe('servedTypes', () => {
  test('lists each type once, with its UK Core profile', () => {
    const types = servedTypes.map(({ type }) => type);
    expect(new Set(types).size).toBe(types.length);
    for (const { type, profile = `UKCore-${type}` } of servedTypes) expect(profile).toMatch(`UKCore-${type}`);
    expect(findServedType('Observation')?.profile).toBe(
      'https://fhir.hl7.org.uk/StructureDefinition/UKCore-Observation',
    );
  });

  test('serves every type of record that the packs make', async () => {
    const page = await readFile('docs/reference/record-ids.md', 'utf8');
    const types = [...page.matchAll(/^\| ([A-Z][A-Za-z]+) /gm)].map(([, type = '']) => type);
    expect(types.length).toBeGreaterThan(20);
    for (const type of types.filter((name) => name !== 'Record'))
      expect(findServedType(type)?.type).toBe(type);
  });

  test('offers a search by patient exactly for the records about a patient', () => {
    for (const { type, scope } of servedTypes)
      expect([type, patientParameterOf(type) !== undefined]).toEqual([
        type,
        scope === 'patient' && type !== 'Patient',
      ]);
  });

  test('knows nothing of other types, whatever their name', () => {
    for (const type of ['Medication', 'patient', 'constructor', '__proto__', '']) {
      expect(findServedType(type)).toBeUndefined();
    }
  });
});
