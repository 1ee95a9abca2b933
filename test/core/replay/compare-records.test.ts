import { describe, expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import {
  comparePatient,
  compareRecord,
  severityOf,
  sortPatients,
} from '../../../src/core/replay/compare-records.js';

const record = (resourceType: string, id: string, content: object = {}): Resource => ({
  resourceType,
  id,
  ...content,
});

describe('comparing a record', () => {
  test('finds nothing where only the store differs', () => {
    const stored = record('Patient', 'p', { meta: { versionId: '3', lastUpdated: 'then' }, active: true });
    const replayed = record('Patient', 'p', { active: true, meta: { versionId: '1', lastUpdated: 'now' } });
    expect(compareRecord(stored, replayed)).toBeUndefined();
  });

  test('names the elements that would be lost, changed and gained', () => {
    const stored = record('Patient', 'p', { gender: 'female', birthDate: '1980', meta: { security: ['R'] } });
    const replayed = record('Patient', 'p', { gender: 'male', active: true });
    expect(compareRecord(stored, replayed)).toEqual({
      resourceType: 'Patient',
      id: 'p',
      difference: 'changed',
      elements: [
        { name: 'active', difference: 'gained' },
        { name: 'birthDate', difference: 'lost' },
        { name: 'gender', difference: 'changed' },
        { name: 'meta', difference: 'lost' },
      ],
    });
  });

  test.each([
    ['lost', record('Condition', 'c'), undefined],
    ['gained', undefined, record('Condition', 'c')],
  ])('calls a whole record %s', (difference, stored, replayed) => {
    expect(compareRecord(stored, replayed)).toEqual({
      resourceType: 'Condition',
      id: 'c',
      difference,
      elements: [],
    });
  });
});

describe('the order of differences', () => {
  const stored = [
    record('AllergyIntolerance', 'lost'),
    record('Condition', 'lost'),
    record('Observation', 'changed', { status: 'final' }),
    record('Patient', 'p', { identifier: [{ value: '1' }], name: [{ family: 'A' }] }),
    record('Encounter', 'e', { status: 'finished', length: 1 }),
    record('Location', 'l', { name: 'A' }),
  ];
  const replayed = [
    record('Procedure', 'gained'),
    record('Location', 'l', { name: 'B' }),
    record('Encounter', 'e', { status: 'finished' }),
    record('Observation', 'changed', { status: 'preliminary' }),
    record('Patient', 'p', { identifier: [{ value: '2' }], name: [{ family: 'A' }] }),
  ];

  test('begins with a lost allergy, then identifiers, then results', () => {
    const { records = [] } = comparePatient('Patient/p', stored, replayed) ?? {};
    expect(records.map(({ resourceType }) => resourceType)).toEqual([
      'AllergyIntolerance',
      'Patient',
      'Observation',
      'Condition',
      'Encounter',
      'Location',
      'Procedure',
    ]);
    expect(records.map(severityOf)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test('puts whoever loses most first', () => {
    const gains = comparePatient('Patient/a', [], [record('Condition', 'c')])!;
    const loses = comparePatient('Patient/b', [record('AllergyIntolerance', 'x')], [])!;
    expect(sortPatients([gains, loses]).map(({ subject }) => subject)).toEqual(['Patient/b', 'Patient/a']);
  });

  test('leaves out whoever stays the same', () => {
    expect(comparePatient('Patient/p', stored, stored)).toBeUndefined();
  });
});
