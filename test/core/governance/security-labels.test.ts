import { expect, test } from '@jest/globals';
import { labelsOf } from '../../../src/core/governance/security-labels.js';

const confidentiality = (code: string) => ({
  system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
  code,
});
const actCode = (code: string) => ({ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code });

test.each<[string, unknown, readonly string[]]>([
  ['no labels', undefined, []],
  ['an empty list', [], []],
  ['normal and below', ['U', 'L', 'M', 'N'].map(confidentiality), []],
  ['R', [confidentiality('R')], ['restricted']],
  ['r, as some write it', [confidentiality(' r ')], ['restricted']],
  ['V', [confidentiality('V')], ['very-restricted']],
  ['what PDS has taken away', [confidentiality('REDACTED')], ['very-restricted']],
  ['a level that is not known', [confidentiality('X')], ['very-restricted']],
  ['R without a system', [{ code: 'R' }], ['restricted']],
  ...[
    ...['http://hl7.org/fhir/v3/Confidentiality', 'urn:oid:2.16.840.1.113883.5.25'],
    ...['https://terminology.hl7.org/CodeSystem/v3-Confidentiality', `${confidentiality('').system}/`],
    'https://www.hl7.org/fhir/valueset-security-labels.html',
  ].map((system): [string, unknown, readonly string[]] => [
    `R of ${system}`,
    [{ system, code: 'R' }],
    ['restricted'],
  ]),
  ['R of what is no system', [{ system: 1, code: 'R' }], ['restricted']],
  [
    'a kind of sensitive information of STU3 or by its OID',
    [
      { system: 'http://hl7.org/fhir/v3/ActCode', code: 'NOPAT' },
      { system: 'urn:oid:2.16.840.1.113883.5.4', code: 'HIV' },
    ],
    ['not-for-patient', 'sensitive'],
  ],
  ['a code of a system with a longer OID', [{ system: 'urn:oid:2.16.840.1.113883.5.256', code: 'R' }], []],
  ['a kind of sensitive information', [actCode('HIV'), actCode('PSY')], ['sensitive']],
  ['not for the patient', [actCode('NOPAT'), actCode('TBOO')], ['not-for-patient']],
  ['SENSITIVE without a system', [{ code: 'SENSITIVE' }], ['sensitive']],
  [
    'codes of other systems',
    [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }],
    [],
  ],
  ['several', [confidentiality('V'), actCode('NOPAT')], ['very-restricted', 'not-for-patient']],
  ['what is no list', { code: 'U' }, ['restricted']],
  ['what is no coding', [null, 'U', 7, [], { display: 'Unrestricted' }, { code: 1 }], ['restricted']],
])('%s in meta.security', (_, security, expected) => {
  expect(labelsOf(security)).toEqual(expected);
});
