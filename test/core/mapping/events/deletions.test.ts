import { describe, expect, test } from '@jest/globals';
import type { Patient } from 'fhir/r4.js';
import { mergeResources } from '../../../../src/core/records/merge.js';
import { convertText, hl7, recordOf, segment } from '../support.js';

/** What an update deletes and says of the patient, and the fate of a field. */
function update(pid: Record<number, string>, pd1: Record<number, string> = { 1: '' }) {
  const conversion = convertText(
    hl7('ADT^A31', segment('PID', { 3: 'A1^^^RXX^MR', ...pid }), segment('PD1', pd1)),
  );
  const { removed, resource } = recordOf(conversion, 'Patient');
  return {
    removed,
    patient: resource as Patient,
    fateOf: (source: string) => conversion.ledger.find((entry) => entry.source === source)?.fate,
  };
}

describe('"" in one of several fields of a list', () => {
  test.each([
    [13, 'telecom[use=home]'],
    [14, 'telecom[use=work]'],
    [5, 'name[use=official]'],
    [9, 'name[use=nickname]'],
  ])('of PID-%i deletes %s only', (field, selector) => {
    const { removed, fateOf } = update({ [field]: '""' });
    expect(removed).toEqual([selector]);
    expect(fateOf(`PID-${field}[1]`)).toBe('mapped');
  });

  test.each([
    [3, 'Organization', '""', 'G5612908^Jones^Ann', 'Practitioner'],
    [4, 'Practitioner', 'SURGERY^^A81001', '""', 'Organization'],
  ])('of PD1-%i deletes the %s only', (field, deleted, practice, doctor, kept) => {
    const { removed, patient, fateOf } = update({}, { 3: practice, 4: doctor });
    expect(removed).toEqual([`generalPractitioner[type=${deleted}]`]);
    expect(patient.generalPractitioner?.map(({ type }) => type)).toEqual([kept]);
    expect(fateOf(`PD1-${field}[1]`)).toBe('mapped');
  });

  test('leaves what another field states in the same message', () => {
    const { removed, patient } = update({ 13: '01134960000', 14: '""' });
    expect(removed).toEqual(['telecom[use=work]']);
    expect(patient.telecom).toEqual([{ value: '01134960000', system: 'phone', use: 'home' }]);
  });

  test('takes effect on what is stored', () => {
    const { patient } = update(
      { 5: 'Khan^Amira', 9: 'Kay^Mimi^^^^^N', 13: '01134960000', 14: '01134960001' },
      { 3: 'SURGERY^^A81001', 4: 'G5612908^Jones^Ann' },
    );
    const change = update({ 5: 'Khan^Amira', 9: '""', 14: '""' }, { 4: '""' });
    const merged = mergeResources(patient, change.patient, change.removed).resource as Patient;
    expect(merged.name?.map(({ use }) => use)).toEqual(['official']);
    expect(merged.telecom?.map(({ use }) => use)).toEqual(['home']);
    expect(merged.generalPractitioner?.map(({ type }) => type)).toEqual(['Organization']);
  });

  test('that determines no use deletes nothing, and the ledger says so', () => {
    const { removed, fateOf } = update({ 40: '""' });
    expect(removed).toEqual([]);
    expect(fateOf('PID-40[1]')).toBe('unmapped');
  });
});

describe('"" in PID-30', () => {
  test('takes back the death, however it was stated', () => {
    const { removed, fateOf } = update({ 30: '""' });
    expect(removed).toEqual(['deceasedBoolean', 'deceasedDateTime']);
    expect(fateOf('PID-30[1]')).toBe('mapped');
  });

  test('deletes no time of death that the message states', () => {
    const { removed, patient } = update({ 29: '20240104', 30: '""' });
    expect(removed).toEqual([]);
    expect(patient.deceasedDateTime).toBe('2024-01-04');
  });
});
