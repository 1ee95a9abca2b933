/** An admission of which the sender says little, or something that is no value. */
import { describe, expect, test } from '@jest/globals';
import type { Patient } from 'fhir/r4.js';
import { convertText, hl7, patientRecordId, recordOf, recordsOf, resourceOf, segment } from '../support.js';

describe('what an admission may leave out', () => {
  test('is left out of the patient', () => {
    const patient = resourceOf<Patient>(convertText(hl7('ADT^A01', 'PID|1||A1^^^RXX^MR')), 'Patient');
    expect(Object.keys(patient).sort()).toEqual([
      'active',
      'id',
      'identifier',
      'managingOrganization',
      'meta',
      'resourceType',
    ]);
  });

  test('is deleted where the sender says so', () => {
    const deleted = { 3: 'A1^^^RXX^MR', 5: '""', 7: '""', 8: '""', 11: '""', 13: '""', 16: '""', 29: '""' };
    const record = recordOf(convertText(hl7('ADT^A31', segment('PID', deleted))), 'Patient');
    expect(record.removed).toEqual([
      'name[use=official]',
      'name[rule=pid-5-called-by]',
      'telecom[rule=pid-13-telecom]',
      'telecom[rule=pid-13-number]',
      'gender',
      'birthDate',
      '_birthDate.extension[url=http://hl7.org/fhir/StructureDefinition/patient-birthTime]',
      'deceasedDateTime',
      'extension[url=https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeathNotificationStatus]',
      'address',
      'maritalStatus',
    ]);
  });

  test.each([
    ['PV1-50', {}, { 50: 'V50' }, 'V50'],
    ['PID-18', { 18: 'ACC9' }, {}, 'ACC9'],
    ['PV1-44, for want of a number', {}, { 44: '20240105' }, 'at 20240105'],
  ])('is taken for the visit from %s', (_field, pid, pv1, identity) => {
    const conversion = convertText(
      hl7('ADT^A01', segment('PID', { 3: 'A1^^^RXX^MR', ...pid }), segment('PV1', { 2: 'I', ...pv1 })),
    );
    expect(recordOf(conversion, 'Encounter').resource.id).toBe(patientRecordId('Encounter', identity));
  });

  test('is a visit of its own where nothing tells it from others, and reports that', () => {
    const convertUnnumbered = (text: string) => convertText(text.replace('PID|', 'PID|1||A1^^^RXX^MR'));
    const conversion = convertUnnumbered(hl7('ADT^A01', 'PID|', 'PV1|1|I|WARD7'));
    expect(recordOf(conversion, 'Encounter').resource.id).toBe(
      patientRecordId('Encounter', 'event 20240105085900'),
    );
    expect(conversion.issues).toEqual([
      {
        code: 'HDE_HL7_REQUIRED',
        severity: 'warning',
        location: 'PV1-19',
        detail: 'a visit number, without which other messages about the visit cannot meet this record',
      },
    ]);
    const later = convertUnnumbered(
      hl7('ADT^A01', 'PID|', 'PV1|1|I|WARD7').replace('20240105085900', '20240106085900'),
    );
    expect(recordOf(later, 'Encounter').resource.id).not.toBe(recordOf(conversion, 'Encounter').resource.id);
  });

  test.each(['ADT^A08', 'ADT^A28', 'ADT^A31', 'ORU^R01'])(
    'in %s is no visit where PV1 states nothing but a class',
    (type) => {
      const conversion = convertText(hl7(type, 'PID|1||A1^^^RXX^MR', 'PV1|1|O'));
      expect(recordsOf(conversion, 'Encounter')).toEqual([]);
      expect(conversion.issues).toEqual([]);
    },
  );

  test('in a result is not recorded without a number, and reported', () => {
    const conversion = convertText(hl7('ORU^R01', 'PID|1||A1^^^RXX^MR', 'PV1|1|O|WARD7'));
    expect(recordsOf(conversion, 'Encounter')).toEqual([]);
    expect(conversion.issues).toMatchObject([{ code: 'HDE_HL7_REQUIRED', location: 'PV1-19' }]);
    expect(conversion.ledger).toContainEqual({ source: 'PV1-3[1]', fate: 'unmapped' });
  });
});
