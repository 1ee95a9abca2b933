import { describe, expect, test } from '@jest/globals';
import { transformed } from '../support.js';

const LOCAL = 'https://rxx.nhs.uk/id/code';

describe('concept', () => {
  test.each([
    [
      '44054006^Diabetes^SCT',
      { coding: [{ system: 'http://snomed.info/sct', code: '44054006', display: 'Diabetes' }] },
    ],
    [
      'GLU^Glucose^L^2345-7^Glucose [Mass]^LN^^2.7^Fasting glucose',
      {
        coding: [
          { system: LOCAL, code: 'GLU', display: 'Glucose' },
          { system: 'http://loinc.org', version: '2.7', code: '2345-7', display: 'Glucose [Mass]' },
        ],
        text: 'Fasting glucose',
      },
    ],
    ['GLU', { coding: [{ system: LOCAL, code: 'GLU' }] }],
    ['GLU^^WinPath', { coding: [{ system: `${LOCAL}/winpath`, code: 'GLU' }] }],
    ['M^^HL70001', { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0001', code: 'M' }] }],
    ['M^^2.16.840.1', { coding: [{ system: 'urn:oid:2.16.840.1', code: 'M' }] }],
    ['M^^https://example.org/s', { coding: [{ system: 'https://example.org/s', code: 'M' }] }],
    ['^Chest pain', { text: 'Chest pain' }],
    ['chest  pain', { text: 'chest  pain' }],
    ['^^^B^Bee^L', { coding: [{ system: LOCAL, code: 'B', display: 'Bee' }] }],
    ['^^SCT', undefined],
    ['""', undefined],
  ])('makes of "%s" %j', (field, expected) => {
    expect(transformed('concept', field).value).toEqual(expected);
  });

  test('traces each coding where it stands', () => {
    expect(transformed('concept', 'GLU^Glucose^L^2345-7^^LN').lineage).toEqual([
      'Basic.value.coding[0].system <- L',
      'Basic.value.coding[0].code <- GLU',
      'Basic.value.coding[0].display <- Glucose',
      'Basic.value.coding[1].system <- LN',
      'Basic.value.coding[1].code <- 2345-7',
    ]);
  });
});

describe('concepts by table', () => {
  const MARITAL = 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus';

  test.each([
    ['conceptBy(MaritalStatus)', 'M', { coding: [{ system: MARITAL, code: 'M', display: 'Married' }] }],
    [
      'conceptBy(MaritalStatus)',
      'S^Single',
      { coding: [{ system: MARITAL, code: 'S', display: 'Never Married' }], text: 'Single' },
    ],
    [
      'conceptBy(MaritalStatus)',
      'P',
      {
        coding: [
          {
            system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-PersonMaritalStatusEngland',
            code: 'P',
            display: 'Separated',
          },
        ],
      },
    ],
    ['conceptBy(MaritalStatus)', 'Q^Quite', { coding: [{ system: LOCAL, code: 'Q', display: 'Quite' }] }],
    ['conceptIfKnown(MaritalStatus)', 'Q', undefined],
    [
      'codingBy(PatientClass)',
      'I',
      {
        system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
        code: 'IMP',
        display: 'inpatient encounter',
      },
    ],
    [
      'codingBy(PatientClass)',
      'W',
      { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PRENC', display: 'pre-admission' },
    ],
    ['codingBy(PatientClass)', 'Q', { system: LOCAL, code: 'Q' }],
  ])('%s makes of "%s" %j', (using, field, expected) => {
    expect(transformed(using, field).value).toEqual(expected);
  });
});
