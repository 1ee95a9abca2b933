import { describe, expect, test } from '@jest/globals';
import type { DiagnosticReport, Observation, ServiceRequest, Specimen } from 'fhir/r4.js';
import type { Conversion } from '../../../../src/core/mapping/types.js';
import { convertText, hl7, patientRecordId, PID, recordsOf, resourceOf, segment } from '../support.js';

const orderId = (identity: string) => patientRecordId('ServiceRequest', identity);
const orc = (fields: Record<number, string>) => segment('ORC', fields);
const obr = (fields: Record<number, string>) =>
  segment('OBR', { 1: '1', 4: 'FBC^Full blood count^L', ...fields });
const all = <T>(conversion: Conversion, type: string): T[] =>
  recordsOf(conversion, type).map(({ resource }) => resource as unknown as T);

describe('a specimen', () => {
  const spm = (fields: Record<number, string>) =>
    segment('SPM', { 1: '1', 4: 'BLD^Blood^HL70487', ...fields });
  const obx = segment('OBX', { 1: '1', 2: 'NM', 3: 'NA', 5: '140', 11: 'F' });
  const specimenId = (identity: string) => patientRecordId('Specimen', identity);

  test('states how it was taken and in which state it came', () => {
    const conversion = convertText(
      hl7(
        'ORU^R01',
        PID,
        obr({ 2: 'P1', 3: 'F1', 25: 'F' }),
        obx,
        spm({
          2: 'S1&LAB^L1',
          8: 'ARM',
          12: '5^mL',
          17: '202401050800',
          18: '202401050900',
          21: 'RH^Hemolysis^HL70490',
          24: 'HEM',
        }),
      ),
    );
    expect(resourceOf<Specimen>(conversion, 'Specimen')).toMatchObject({
      id: specimenId('S1|LAB||'),
      identifier: [{ value: 'S1' }, { value: 'L1' }],
      status: 'unsatisfactory',
      type: { coding: [{ code: 'BLD' }] },
      receivedTime: '2024-01-05T09:00:00+00:00',
      collection: { collectedDateTime: '2024-01-05T08:00:00+00:00', quantity: { value: 5, unit: 'mL' } },
      condition: [{ coding: [{ code: 'HEM' }] }, { coding: [{ code: 'RH' }] }],
      request: [{ reference: `ServiceRequest/${orderId('P1')}` }],
    });
    const specimen = [{ reference: `Specimen/${specimenId('S1|LAB||')}` }];
    expect(resourceOf<DiagnosticReport>(conversion, 'DiagnosticReport').specimen).toEqual(specimen);
    expect(resourceOf<Observation>(conversion, 'Observation').specimen).toEqual(specimen[0]);
  });

  test('between an order and its results takes none of them from the report', () => {
    const conversion = convertText(hl7('ORU^R01', PID, obr({ 3: 'F1', 25: 'F' }), spm({ 2: 'S1' }), obx));
    expect(resourceOf<DiagnosticReport>(conversion, 'DiagnosticReport').result).toHaveLength(1);
  });

  test('keeps a document that follows it in the report', () => {
    const document = segment('OBX', {
      1: '1',
      2: 'ED',
      3: 'PDF',
      5: '^application^pdf^Base64^SGVsbG8=',
      11: 'F',
    });
    const conversion = convertText(
      hl7('ORU^R01', PID, obr({ 3: 'F1', 25: 'F' }), obx, spm({ 2: 'S1' }), document),
    );
    expect(resourceOf<DiagnosticReport>(conversion, 'DiagnosticReport').presentedForm).toEqual([
      { contentType: 'application/pdf', data: 'SGVsbG8=' },
    ]);
    expect(conversion.ledger).toContainEqual({
      source: 'OBX(2)-5[1]',
      fate: 'mapped',
      rule: 'spm-documents',
    });
  });

  test('of two is not said to be the one that was examined', () => {
    const conversion = convertText(
      hl7('ORU^R01', PID, obr({ 3: 'F1' }), obx, spm({ 2: 'S1' }), spm({ 1: '2', 2: 'S2' })),
    );
    expect(resourceOf<DiagnosticReport>(conversion, 'DiagnosticReport').specimen).toHaveLength(2);
    expect(resourceOf(conversion, 'Observation')).not.toHaveProperty('specimen');
  });

  test('goes before its orders in OUL^R22, and ORC after each of them', () => {
    const conversion = convertText(
      hl7(
        'OUL^R22',
        PID,
        spm({ 2: 'S1' }),
        obr({ 4: 'A' }),
        orc({ 1: 'SC', 2: 'P1' }),
        obx,
        spm({ 2: 'S2' }),
        obr({ 4: 'B' }),
        orc({ 1: 'SC', 2: 'P2' }),
        obx,
      ),
    );
    expect(
      all<DiagnosticReport>(conversion, 'DiagnosticReport').map(({ specimen, basedOn }) => [
        specimen?.[0]?.reference,
        basedOn?.[0]?.reference,
      ]),
    ).toEqual([
      [`Specimen/${specimenId('S1')}`, `ServiceRequest/${orderId('P1')}`],
      [`Specimen/${specimenId('S2')}`, `ServiceRequest/${orderId('P2')}`],
    ]);
  });

  test('of old versions is that of OBR-15', () => {
    const conversion = convertText(
      hl7(
        'ORU^R01',
        PID,
        obr({ 3: 'F1', 7: '202401050800', 14: '202401050900', 15: 'SER&Serum&HL70070^^^ARM', 25: 'F' }),
      ),
    );
    expect(resourceOf<Specimen>(conversion, 'Specimen')).toMatchObject({
      type: { coding: [{ code: 'SER', display: 'Serum' }] },
      receivedTime: '2024-01-05T09:00:00+00:00',
      collection: { collectedDateTime: '2024-01-05T08:00:00+00:00', bodySite: { coding: [{ code: 'ARM' }] } },
    });
  });

  test('is none where OBR-15 names a body site alone, which is that of what is ordered', () => {
    const conversion = convertText(
      hl7('ORM^O01', PID, orc({ 1: 'NW', 2: 'P1' }), obr({ 2: 'P1', 15: '^^^HEAD&Head' })),
    );
    expect(all<Specimen>(conversion, 'Specimen')).toEqual([]);
    expect(resourceOf<ServiceRequest>(conversion, 'ServiceRequest').bodySite).toMatchObject([
      { coding: [{ code: 'HEAD', display: 'Head' }] },
    ]);
  });
});
