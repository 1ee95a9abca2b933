import { describe, expect, test } from '@jest/globals';
import { readJson } from '../../../../src/core/fhir/read-body.js';
import { checkResource } from '../../../../src/core/fhir/write/check-resource.js';

const observation = {
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }], text: 'Heart rate' },
};

/** `Observation.status: is needed`. */
const findings = (resource: unknown): string[] =>
  checkResource(resource).map(({ location = '', detail = '' }) => `${location}: ${detail}`);

test.each<[string, object]>([
  ['a plain resource', observation],
  ['a value of one type', { ...observation, valueQuantity: { value: 1.5, unit: 'mg' } }],
  [
    'an extension of a primitive',
    { ...observation, _status: { extension: [{ url: 'urn:x', valueCode: 'y' }] } },
  ],
  [
    'an extension in the place of a mandatory primitive',
    { resourceType: 'Observation', _status: { extension: [{ url: 'urn:x' }] }, code: { text: 'x' } },
  ],
  [
    'lists of primitives with holes',
    {
      resourceType: 'Patient',
      name: [{ given: ['A', null], _given: [null, { extension: [{ url: 'urn:x', valueString: 'y' }] }] }],
    },
  ],
  ['contained resources', { ...observation, contained: [{ resourceType: 'Patient', id: 'p' }] }],
  ['nested parts', { ...observation, component: [{ code: { text: 'x' }, valueBoolean: false }] }],
  ['a narrative', { ...observation, text: { status: 'generated', div: '<div>x</div>' } }],
  ['a partial date', { resourceType: 'Patient', birthDate: '1970-02' }],
  ['a leap day', { resourceType: 'Patient', birthDate: '2024-02-29' }],
  [
    'a resource in a resource',
    { resourceType: 'Parameters', parameter: [{ name: 'x', resource: observation }] },
  ],
])('%s is well formed', (_, resource) => {
  expect(findings(resource)).toEqual([]);
});

test.each<[string, unknown, string]>([
  ['no type', {}, 'resourceType: a type of resource of FHIR R4'],
  ['a type that is none', { resourceType: 'Patientt' }, 'resourceType: a type of resource of FHIR R4'],
  ['an abstract type', { resourceType: 'DomainResource' }, 'resourceType: a type of resource of FHIR R4'],
  ['a data type', { resourceType: 'HumanName' }, 'resourceType: a type of resource of FHIR R4'],
  ['no object', [], 'resourceType: a type of resource of FHIR R4'],
  [
    'a name of the prototype',
    { ...observation, constructor: 'x' },
    'Observation: constructor is no element of it',
  ],
  ['an unknown element', { ...observation, colour: 'red' }, 'Observation: colour is no element of it'],
  ['a strange name', { ...observation, '9990000018 ': 1 }, 'Observation: no such element'],
  [
    'an element of another type',
    { ...observation, code: { code: 'x' } },
    'Observation.code: code is no element of it',
  ],
  [
    'no mandatory element',
    { resourceType: 'Observation', code: { text: 'x' } },
    'Observation.status: is needed',
  ],
  [
    'no mandatory element deeper down',
    { resourceType: 'Patient', link: [{ type: 'refer' }] },
    'Patient.link[0].other: is needed',
  ],
  [
    'a list for one value',
    { ...observation, status: ['final'] },
    'Observation.status: one value, not a list',
  ],
  [
    'one value for a list',
    { ...observation, category: {} },
    'Observation.category: a list that is not empty',
  ],
  ['an empty list', { ...observation, category: [] }, 'Observation.category: a list that is not empty'],
  [
    'an id alone',
    { ...observation, method: { id: 'a' } },
    'Observation.method: an element that is not empty',
  ],
  [
    'an id beside no value',
    { ...observation, _issued: { id: 'a' } },
    'Observation.issued: an element that is not empty',
  ],
  [
    'an id beside no value of a list',
    { resourceType: 'Patient', name: [{ given: ['A'], _given: [null, { id: 'a' }] }] },
    'Patient.name[0].given[1]: an element that is not empty',
  ],
  [
    'an extension of an attribute',
    { ...observation, extension: [{ url: 'urn:x', _url: { id: 'a' }, valueCode: 'y' }] },
    'Observation.extension[0]: _url is no element of it',
  ],
  ['an empty object', { ...observation, method: {} }, 'Observation.method: an element that is not empty'],
  [
    'a text for an object',
    { ...observation, code: 'x' },
    'Observation.code: an object of the type CodeableConcept',
  ],
  ['an object for a text', { ...observation, status: {} }, 'Observation.status: a value of the type code'],
  ['null', { ...observation, status: null }, 'Observation.status: a value of the type code'],
  [
    'null in a list of objects',
    { ...observation, category: [null] },
    'Observation.category[0]: an object of the type CodeableConcept',
  ],
  [
    'null in a list of texts',
    { resourceType: 'Patient', name: [{ given: [null] }] },
    'Patient.name[0].given[0]: a value of the type string',
  ],
  [
    'null beside no text',
    { resourceType: 'Patient', name: [{ family: 'A', _given: [null] }] },
    'Patient.name[0].given: no _given where nothing extends a value',
  ],
  [
    'nulls alone beside texts',
    { resourceType: 'Patient', name: [{}, { given: ['A', 'B'], _given: [null, null] }] },
    'Patient.name[1].given: no _given where nothing extends a value',
  ],
  [
    'null beside null',
    { resourceType: 'Patient', name: [{ given: [null], _given: [null] }] },
    'Patient.name[0].given[0]: a value of the type string',
  ],
  [
    'null beyond the texts',
    { resourceType: 'Patient', name: [{ given: ['A'], _given: [{ id: 'a' }, null] }] },
    'Patient.name[0].given[1]: an object of the type Element',
  ],
  [
    'two types of value',
    { ...observation, valueString: 'x', valueBoolean: true },
    'Observation.value: one type of value only',
  ],
  ['an extension of an object', { ...observation, _code: {} }, 'Observation: _code is no element of it'],
  [
    'a value in an extension of a primitive',
    { ...observation, _status: 'x' },
    'Observation.status: an object of the type Element',
  ],
  ['an empty text', { ...observation, status: '' }, 'Observation.status: a value of the type code'],
  [
    'a day that is not',
    { resourceType: 'Patient', birthDate: '2026-02-30' },
    'Patient.birthDate: a value of the type date',
  ],
  [
    'a time without a zone',
    { ...observation, issued: '2026-02-03T10:00:00' },
    'Observation.issued: a value of the type instant',
  ],
  [
    'a text for a number',
    { ...observation, valueInteger: '1' },
    'Observation.valueInteger: a value of the type integer',
  ],
  [
    'a fraction for an integer',
    { ...observation, valueInteger: 1.5 },
    'Observation.valueInteger: a value of the type integer',
  ],
  [
    'a text for a boolean',
    { resourceType: 'Patient', active: 'true' },
    'Patient.active: a value of the type boolean',
  ],
  [
    'a control character',
    { ...observation, code: { text: 'a\u0000' } },
    'Observation.code.text: a value of the type string',
  ],
  [
    'half of a character',
    { ...observation, code: { text: 'a\ud800' } },
    'Observation.code.text: a value of the type string',
  ],
  [
    'a character that XML lacks in an address',
    { ...observation, implicitRules: 'urn:a\u0001' },
    'Observation.implicitRules: a value of the type uri',
  ],
  [
    'an extension of a narrative',
    { ...observation, text: { status: 'generated', div: '<div>x</div>', _div: { id: 'a' } } },
    'Observation.text: _div is no element of it',
  ],
  [
    'a faulty contained resource',
    { ...observation, contained: [{ resourceType: 'Patient', x: 1 }] },
    'Observation.contained[0]: x is no element of it',
  ],
])('%s is found', (_, resource, finding) => {
  expect(findings(resource)).toContain(finding);
});

describe('what is told', () => {
  test('is all that is wrong, up to a bound', () => {
    const category = Array.from({ length: 80 }, () => ({ x: 1 }));
    expect(findings({ ...observation, status: 1, category })).toHaveLength(50);
  });

  test('never holds a value', () => {
    const told = JSON.stringify(checkResource({ ...observation, status: '', code: { text: ['secret'] } }));
    expect(told).not.toContain('secret');
  });
});

test('refuses what was given as a part only: the rest would be deleted', () => {
  const tag = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }];
  expect(findings({ ...observation, meta: { tag } })).toEqual([expect.stringMatching(/^meta\.tag: /)]);
  expect(
    findings({ ...observation, meta: { tag: [{ system: 'urn:x', code: 'SUBSETTED' }, null] } }),
  ).not.toContainEqual(expect.stringMatching(/^meta\.tag: the whole/));
});

test.each([
  [40, []],
  [60, [expect.stringMatching(/^resourceType: at most 100 /)]],
])('of %i extensions in one another', (count, found) => {
  const nested = Array.from({ length: count }).reduce<object>(
    (inner) => ({ url: 'urn:x', extension: [inner] }),
    { url: 'urn:x', valueString: 'x' },
  );
  expect(findings({ ...observation, extension: [nested] })).toEqual(found);
});

test('a whole number that was written with a fraction or an exponent is none', () => {
  const read = readJson(
    '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueInteger":1.0,' +
      '"contained":[{"resourceType":"Patient","multipleBirthInteger":1e0,"photo":[{"size":-0,"title":"y"}]}],' +
      '"_status":{"extension":[{"url":"urn:x","valuePositiveInt":1.0e1}]},' +
      '"component":[{"code":{"text":"y"},"valueQuantity":{"value":1.50}},{"code":{"text":"z"},"valueInteger":10}]}',
  );
  if (!read.ok) throw new Error('the text is read');
  const { resource, decimals } = read.value;
  expect(checkResource(resource)).toEqual([]);
  const detail = (type: string) => `a value of the type ${type}, without fraction and exponent`;
  expect(checkResource(resource, decimals).map((issue) => [issue.location, issue.detail])).toEqual([
    ['Observation.valueInteger', detail('integer')],
    ['Observation.contained[0].multipleBirthInteger', detail('integer')],
    ['Observation.contained[0].photo[0].size', detail('unsignedInt')],
    ['Observation.status.extension[0].valuePositiveInt', detail('positiveInt')],
  ]);
});
