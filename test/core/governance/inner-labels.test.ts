import { expect, test } from '@jest/globals';
import { faultsOfInnerLabels } from '../../../src/core/governance/inner-labels.js';

const restricted = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };
const sensitive = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' };
const inline = (valueCoding?: object) => ({
  extension: [
    {
      url: 'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label',
      ...(valueCoding && { valueCoding }),
    },
  ],
});
const contained = [
  { resourceType: 'Practitioner', id: 'x' },
  { resourceType: 'Specimen', id: 'y', meta: { security: [sensitive] } },
];

const placesIn = (fields: object) =>
  faultsOfInnerLabels({ resourceType: 'Observation', ...fields }).map(({ location }) => location);

test.each<[string, object, string[]]>([
  ['of a contained resource', { contained }, ['Observation.contained[1]']],
  ['of a value', { _valueString: inline(sensitive) }, ['Observation.valueString.extension[0]']],
  [
    'of a part',
    { component: [{}, { code: { coding: [inline(restricted)] } }] },
    ['Observation.component[1].code.coding[0].extension[0]'],
  ],
  ['that is none', { code: inline() }, ['Observation.code.extension[0]']],
  [
    'of another kind than that of the record',
    { meta: { security: [sensitive] }, code: inline(restricted) },
    ['Observation.code.extension[0]'],
  ],
])('a label %s is a fault with its place', (_, fields, places) => {
  expect(placesIn(fields)).toEqual(places);
});

test.each<[string, object]>([
  ['labels of the record alone', { meta: { security: [restricted, sensitive] } }],
  ['what the record is labelled as', { meta: { security: [sensitive] }, contained, code: inline(sensitive) }],
  ['a label that holds back nothing', { code: inline({ ...restricted, code: 'N' }) }],
  ['other extensions', { extension: [{ url: 'urn:x', valueCoding: sensitive }], contained: [null, 'x'] }],
])('%s are none', (_, fields) => {
  expect(placesIn(fields)).toEqual([]);
});
