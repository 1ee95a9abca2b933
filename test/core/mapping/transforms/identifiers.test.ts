import { describe, expect, test } from '@jest/globals';
import type { Patient } from 'fhir/r4.js';
import { convertText, hl7, resourceOf, transformed } from '../support.js';

const TYPES = 'http://terminology.hl7.org/CodeSystem/v2-0203';
const type = (code: string) => ({ coding: [{ system: TYPES, code }] });
const NHS = 'https://fhir.nhs.uk/Id/nhs-number';

const verified = {
  url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus',
  valueCodeableConcept: {
    coding: [
      {
        system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland',
        code: '01',
        display: 'Number present and verified',
      },
    ],
  },
};

describe('identifier', () => {
  test.each([
    [
      '12345^^^RXX^AN^^20200101^2021',
      {
        type: type('VN'),
        system: 'https://rxx.nhs.uk/id/mrn',
        value: '12345',
        period: { start: '2020-01-01', end: '2021' },
        assigner: { display: 'RXX' },
      },
    ],
    ['12345', { type: type('VN'), system: 'https://rxx.nhs.uk/id/visit', value: '12345' }],
    ['^^^RXX', undefined],
  ])('makes of "%s" %j', (field, expected) => {
    expect(transformed('identifier(visit, VN)', field).value).toEqual(expected);
  });
});

describe('entityIdentifier', () => {
  test.each([
    ['F1', { type: type('FILL'), system: 'https://rxx.nhs.uk/id/order', value: 'F1' }],
    ['F1^LAB', { type: type('FILL'), system: 'https://rxx.nhs.uk/id/order/lab', value: 'F1' }],
    ['F1^LAB^2.16.840.1^ISO', { type: type('FILL'), system: 'urn:oid:2.16.840.1', value: 'F1' }],
    ['^LAB', undefined],
  ])('makes of "%s" %j', (field, expected) => {
    expect(transformed('entityIdentifier(order, FILL)', field).value).toEqual(expected);
  });
});

describe('patientIdentifier', () => {
  const using = 'patientIdentifier(NhsNumberStatus, IdentifierType, MR)';

  test.each([
    [
      'A1^^^RXX',
      { type: type('MR'), system: 'https://rxx.nhs.uk/id/mrn', value: 'A1', assigner: { display: 'RXX' } },
    ],
    [
      'A1^^^RXX^PI',
      { type: type('PI'), system: 'https://rxx.nhs.uk/id/mrn', value: 'A1', assigner: { display: 'RXX' } },
    ],
    ['A1^^^^HOSP', { type: type('MR'), system: 'https://rxx.nhs.uk/id/patient', value: 'A1' }],
    [
      'A1^^^^clinic no',
      { type: { text: 'clinic no' }, system: 'https://rxx.nhs.uk/id/patient', value: 'A1' },
    ],
    ['999 000 0018^^^NHS^NH', { system: NHS, value: '9990000018' }],
    // Seen and kept, but in no system, so that nothing can match it.
    ['9990000019^^^NHS^NH', { type: type('NH'), value: '9990000019', assigner: { display: 'NHS' } }],
    ['9990000019^^^NHS', { type: type('NH'), value: '9990000019', assigner: { display: 'NHS' } }],
  ])('makes of "%s" %j', (field, expected) => {
    expect(transformed(using, field).value).toEqual(expected);
  });

  test.each([
    ['PID-32', `PID|1||9990000018^^^NHS^NH${'|'.repeat(29)}US~NSTS01`, []],
    ['ZU1-27', 'PID|1||9990000018^^^NHS^NH', [`ZU1${'|'.repeat(27)}01`]],
  ])('takes the verification status from %s', (field, pid, more) => {
    const conversion = convertText(hl7('ADT^A28', pid, ...more));
    const [identifier] = resourceOf<Patient>(conversion, 'Patient').identifier ?? [];
    expect(identifier).toEqual({ system: NHS, value: '9990000018', extension: [verified] });
    expect(conversion.records[0]?.lineage).toContainEqual(
      expect.objectContaining({
        element: 'Patient.identifier[0].extension[0].valueCodeableConcept.coding[0].code',
        source: field === 'PID-32' ? 'PID-32[2].1' : 'ZU1-27[1].1',
      }),
    );
  });
});

describe('the other identifier fields of PID', () => {
  const identifiers = (pid: string) => {
    const conversion = convertText(hl7('ADT^A28', pid));
    const values = resourceOf<Patient>(conversion, 'Patient').identifier?.map(({ value }) => value);
    const fates = conversion.ledger
      .filter(({ source }) => ['PID-2[1]', 'PID-4[1]', 'PID-19[1]'].includes(source))
      .map(({ source, fate }) => `${source} ${fate}`);
    return { values, fates };
  };

  test('add what PID-3 does not say', () => {
    expect(identifiers('PID|1|X9|A1^^^RXX|T7')).toEqual({
      values: ['A1', 'X9', 'T7'],
      fates: ['PID-2[1] mapped', 'PID-4[1] mapped'],
    });
  });

  test('repeat nothing that PID-3 says', () => {
    expect(identifiers('PID|1|A1^^^RXX|A1^^^RXX')).toEqual({ values: ['A1'], fates: ['PID-2[1] ignored'] });
    expect(identifiers(`PID|1||9990000018^^^NHS^NH${'|'.repeat(16)}999 000 0018`)).toEqual({
      values: ['9990000018'],
      fates: ['PID-19[1] ignored'],
    });
  });

  test('give what is called an NHS number, with its trace status', () => {
    expect(identifiers('PID|1|999 000 0018^^^NHS^NH|A1^^^RXX')).toEqual({
      values: ['A1', '9990000018'],
      fates: ['PID-2[1] mapped'],
    });
    const conversion = convertText(
      hl7('ADT^A28', `PID|1|9990000018^^^NHS^NH|A1^^^RXX${'|'.repeat(29)}NSTS01`),
    );
    const [, number] = resourceOf<Patient>(conversion, 'Patient').identifier ?? [];
    expect(number).toEqual({ system: NHS, value: '9990000018', extension: [verified] });
  });

  test.each([
    ['another', '9990000026^^^NHS^NH', 'PID-2[1] unmapped'],
    ['the same', '999 000 0018^^^NHS^NH', 'PID-2[1] ignored'],
    ['none', '123^^^NHS^NH', 'PID-2[1] unmapped'],
  ])('give no NHS number beside that of PID-3: %s', (_case, number, fate) => {
    const given = identifiers(`PID|1|${number}|A1^^^RXX~9990000018^^^NHS^NH`);
    expect(given).toEqual({ values: ['A1', '9990000018'], fates: [fate] });
  });

  test('give an NHS number in PID-19', () => {
    expect(identifiers(`PID|1||A1^^^RXX${'|'.repeat(16)}9990000018`)).toEqual({
      values: ['A1', '9990000018'],
      fates: ['PID-19[1] mapped'],
    });
  });

  test('leave a different NHS number in PID-19 unmapped', () => {
    expect(identifiers(`PID|1||9990000018^^^NHS^NH${'|'.repeat(16)}9990000026`)).toEqual({
      values: ['9990000018'],
      fates: ['PID-19[1] unmapped'],
    });
  });
});
