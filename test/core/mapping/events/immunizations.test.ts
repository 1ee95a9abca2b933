import { describe, expect, test } from '@jest/globals';
import type { Immunization } from 'fhir/r4.js';
import {
  convertText,
  hl7,
  patientRecordId,
  PID,
  recordOf,
  recordsOf,
  resourceOf,
  segment,
} from '../support.js';

const RXA = {
  1: '0',
  2: '1',
  3: '20240104',
  5: '39114911000001105^Priorix^SCT',
  6: '0.50',
  7: 'mL^mL^UCUM',
  9: '00^New record^NIP001',
  10: 'C7654321^Strange^Stephen',
  15: 'LOT7',
  16: '20250131',
  17: 'GSK^GlaxoSmithKline^MVX',
  20: 'CP',
};
const vaccination = (changes: Readonly<Record<number, string>>, ...below: string[]) =>
  convertText(hl7('VXU^V04', PID, 'ORC|RE|P1|F1', segment('RXA', { ...RXA, ...changes }), ...below));
const immunizationOf = (changes: Readonly<Record<number, string>>, ...below: string[]) =>
  resourceOf<Immunization>(vaccination(changes, ...below), 'Immunization');

describe('VXU^V04, a vaccination', () => {
  test('is recorded under the number of whoever gave it', () => {
    expect(recordOf(vaccination({}), 'Immunization')).toMatchObject({
      mode: 'replace',
      resource: { id: patientRecordId('Immunization', 'id F1') },
    });
  });

  test('states vaccine, dose, batch, route, site and who gave it', () => {
    expect(immunizationOf({}, 'RXR|IM^Intramuscular^HL70162|LD^Left deltoid^HL70163')).toMatchObject({
      status: 'completed',
      vaccineCode: {
        coding: [{ system: 'http://snomed.info/sct', code: '39114911000001105', display: 'Priorix' }],
      },
      occurrenceDateTime: '2024-01-04',
      primarySource: true,
      doseQuantity: { value: 0.5, unit: 'mL', system: 'http://unitsofmeasure.org', code: 'mL' },
      lotNumber: 'LOT7',
      expirationDate: '2025-01-31',
      manufacturer: { display: 'GlaxoSmithKline' },
      route: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0162', code: 'IM' }] },
      site: { coding: [{ code: 'LD' }] },
      performer: [{ function: { coding: [{ code: 'AP' }] }, actor: { display: 'Stephen Strange' } }],
    });
  });

  test('adds no words to a vaccine that is named', () => {
    expect(immunizationOf({}).vaccineCode.text).toBeUndefined();
  });

  test('takes 999 for an amount that nobody knows', () => {
    expect(immunizationOf({ 6: '999', 7: '' }).doseQuantity).toBeUndefined();
  });

  test.each([
    ['a refusal', { 18: '00^Parental decision^NIP002', 20: 'RE' }, { text: undefined, code: '00' }],
    [
      'a refusal without a status',
      { 18: '00^Parental decision^NIP002', 20: '' },
      { text: undefined, code: '00' },
    ],
    [
      'a refusal that is said to be complete',
      { 18: '00^Parental decision^NIP002', 20: 'CP' },
      { text: undefined, code: '00' },
    ],
    ['no vaccine (CVX 998)', { 5: '998^No vaccine administered^CVX', 20: 'CP' }, { text: 'Not stated' }],
    ['a vaccine not administered', { 20: 'NA' }, { text: 'Not stated' }],
  ])(
    'records %s as not done, with a reason',
    (_name, changes, reason: { text?: string | undefined; code?: string }) => {
      const { status, statusReason } = immunizationOf(changes);
      expect(status).toBe('not-done');
      expect(statusReason?.text).toBe(reason.text);
      expect(statusReason?.coding?.[0]?.code).toBe(reason.code);
    },
  );

  test('gives presumed immunity as the reason where an observation says so', () => {
    const obx = 'OBX|1|CE|59784-9^Disease with presumed immunity^LN|1|38907003^Varicella^SCT||||||F';
    expect(immunizationOf({ 20: 'NA' }, obx).statusReason?.coding?.[0]?.code).toBe('IMMUNE');
  });

  test('marks the same record as an error when it is deleted', () => {
    const conversion = vaccination({ 21: 'D' });
    expect(recordOf(conversion, 'Immunization').resource).toMatchObject({
      id: patientRecordId('Immunization', 'id F1'),
      status: 'entered-in-error',
    });
  });

  test('was given where a field of reasons names only their table', () => {
    expect(immunizationOf({ 18: '^^NIP002' }).status).toBe('completed');
  });

  test('was given in part although the rest was refused', () => {
    expect(immunizationOf({ 18: '00^Parental decision^NIP002', 20: 'PA' })).toMatchObject({
      status: 'completed',
      isSubpotent: true,
    });
  });

  test('never takes a status it does not know for a vaccine that was given', () => {
    const conversion = vaccination({ 20: 'ZZ' });
    expect(resourceOf<Immunization>(conversion, 'Immunization').status).toBe('entered-in-error');
    expect(conversion.issues).toMatchObject([{ location: 'RXA-20[1]' }]);
  });

  test('was not done where its number says so and nothing says otherwise', () => {
    const statusOf = (more: string) =>
      resourceOf<Immunization>(
        convertText(hl7('VXU^V04', PID, 'ORC|RE||9999', `RXA|0|1|20240104||08^HepB^CVX|999${more}`)),
        'Immunization',
      ).status;
    expect(statusOf('')).toBe('not-done');
    expect(statusOf(`${'|'.repeat(14)}CP`)).toBe('completed');
  });

  test('was not done where its order was cancelled and nothing says that it was', () => {
    const statusOf = (control: string, more = '') =>
      resourceOf<Immunization>(
        convertText(hl7('VXU^V04', PID, `ORC|${control}||F1`, `RXA|0|1|20240104||08^HepB^CVX|1${more}`)),
        'Immunization',
      ).status;
    expect(['CA', 'DC', 'HD', 'RE'].map((control) => statusOf(control))).toEqual([
      'not-done',
      'not-done',
      'not-done',
      'completed',
    ]);
    expect(statusOf('CA', `${'|'.repeat(14)}CP`)).toBe('completed');
  });

  test('tells vaccines apart that come without a number, and takes 9999 for none', () => {
    const conversion = convertText(
      hl7(
        'VXU^V04',
        PID,
        'ORC|RE||9999',
        segment('RXA', RXA),
        'ORC|RE||9999',
        segment('RXA', { ...RXA, 3: '20230104' }),
      ),
    );
    expect(recordsOf(conversion, 'Immunization').map(({ resource }) => resource.id)).toEqual(
      ['20240104', '20230104'].map((date) =>
        patientRecordId('Immunization', `39114911000001105|SCT|at ${date}`),
      ),
    );
    expect(resourceOf<Immunization>(vaccination({}), 'Immunization').identifier).toHaveLength(2);
  });

  test('reads funding, eligibility, dose number, series and documents, and keeps reactions as observations', () => {
    const obx = (code: string, type: string, sub: string, value: string) =>
      segment('OBX', { 1: '1', 2: type, 3: `${code}^x^LN`, 4: sub, 5: value, 11: 'F', 14: '20240104' });
    const conversion = vaccination(
      {},
      obx('30963-3', 'CE', '1', 'VXC50^Private^CDCPHINVS'),
      obx('64994-7', 'CE', '2', 'V01^Not eligible^HL70064'),
      obx('30973-2', 'NM', '3', '2'),
      obx('59782-3', 'NM', '3', '3'),
      obx('69764-9', 'CE', '4', 'MMR1^MMR leaflet^L'),
      obx('29768-9', 'TS', '4', '20200101'),
      obx('29769-7', 'TS', '4', '20240104'),
      obx('31044-1', 'CE', '5', '39579001^Anaphylaxis^SCT'),
    );
    const [observation] = recordsOf(conversion, 'Observation');
    expect(recordsOf(conversion, 'Observation')).toHaveLength(1);
    expect(resourceOf(conversion, 'Immunization')).toMatchObject({
      fundingSource: { coding: [{ code: 'VXC50' }] },
      programEligibility: [{ coding: [{ code: 'V01' }] }],
      protocolApplied: [{ doseNumberPositiveInt: 2, seriesDosesPositiveInt: 3 }],
      education: [
        { documentType: 'MMR leaflet', publicationDate: '2020-01-01', presentationDate: '2024-01-04' },
      ],
      reaction: [
        { date: '2024-01-04', detail: { reference: `Observation/${observation?.resource.id ?? ''}` } },
      ],
    });
  });

  test('leaves no field of RXA without an account', () => {
    expect(vaccination({ 4: '20240104', 21: 'A' }).ledger.filter(({ fate }) => fate === 'unmapped')).toEqual(
      [],
    );
  });
});
