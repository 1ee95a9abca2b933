/** What each kind of parameter finds and does not, from the value as sent to the resource. */
import { describe, expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { findParameter } from '../../../../src/core/fhir/search/definitions.js';
import { matches } from '../../../../src/core/fhir/search/match.js';
import { parseParameter } from '../../../../src/core/fhir/search/parse-parameter.js';
import { indexResource } from '../../../../src/core/fhir/search-index.js';

const baseUrl = 'https://hde.example/fhir';
const now = '2026-01-01T00:00:00.000Z';

function read(type: string, name: string, value: string) {
  const [code = '', modifier] = name.split(':', 2);
  return parseParameter(findParameter(type, code)!, modifier, value, { baseUrl, now });
}

function finds(type: string, elements: object, name: string, value: string): boolean {
  const result = read(type, name, value);
  if (!result.ok) throw new Error(`${name}=${value}: ${result.error}`);
  const resource = { resourceType: type, id: 'p.1', ...elements } as Resource;
  return matches(
    { fhirId: 'p.1', lastUpdated: '2026-11-25T09:00:00.500Z', index: indexResource(resource) },
    result.value,
  );
}

/** `[name, value, whether it finds]`, about one resource. */
type Rows = [name: string, value: string, found: boolean][];

const about = (title: string, type: string, elements: object, rows: Rows) => {
  describe(title, () => {
    test.each(rows)('%s=%s: %s', (name, value, found) => {
      expect(finds(type, elements, name, value)).toBe(found);
    });
  });
};

about('a moment of summer', 'Observation', { effectiveDateTime: '2025-06-15T00:30:00+01:00' }, [
  ['date', '2025-06-15', true],
  ['date', '2025-06-14', false],
  ['date', 'sa2025-06-14', true],
  ['date', 'lt2025-06-15', false],
  ['date', '2025-06-15T00:30', true],
  ['date', '2025-06-15T00:30Z', false],
]);

// London is 343.5 km from Paris, 213.5 miles of US surveys.
about('near', 'Location', { position: { latitude: 51.5074, longitude: -0.1278 } }, [
  ['near', '48.8566|2.3522|344|km', true],
  ['near', '48.8566|2.3522|344', true],
  ['near', '48.8566|2.3522|343|km', false],
  ['near', '48.8566|2.3522|214|[mi_us]', true],
  ['near', '48.8566|2.3522|213|[mi_us]', false],
  ['near', '48.8566|2.3522|20016', true],
  ['near', '-51.5074|179.8722|20000', false],
  ['near', '-51.5074|179.8722|1e9', true],
  ['near', '51.5074|-0.1278|0', true],
  ['near', '51.50741|-0.1278|0.001', false],
  ['near', '51.50741|-0.1278|0.0012', true],
  ['near', '51.5874|-0.1278', true],
  ['near', '51.6074|-0.1278', false],
  ['near', '51.5874|-0.1278||[mi_us]', true],
  ['near', '0|0|1,51.5|-0.1|3|km', true],
  ['near:missing', 'false', true],
  ['near:missing', 'true', false],
]);
about('near, over the date line and a pole', 'Location', { position: { latitude: 66, longitude: 179.99 } }, [
  ['near', '66|-179.99|1', true],
  ['near', '90|0|2669|km', true],
  ['near', '90|120|2668|km', false],
]);
about('near what has no position', 'Location', { name: 'Ward 7' }, [
  ['near', '0|0|30000', false],
  ['near:missing', 'true', true],
]);
about('near what is no place', 'Location', { position: { latitude: 91, longitude: 0 } }, [
  ['near', '0|0|30000', false],
]);
test.each([
  '51.5',
  '51.5|',
  '|0',
  '91|0',
  '0|180.1',
  '51.5|0|-1',
  '51.5|0|x',
  '51.5|0|1|parsec',
  '51.5|0|1|mi',
  '51.5|0|1|km|',
  '51.5|0|1,',
  'ge51.5|0|1',
])('near=%s is refused with its form', (value) => {
  expect(read('Location', 'near', value)).toMatchObject({
    ok: false,
    error: expect.stringContaining('latitude|longitude|distance|units') as unknown,
  });
});

about(
  'tokens',
  'Observation',
  {
    status: 'final',
    code: {
      coding: [
        { system: 'http://loinc.org', code: '718-7', display: 'Hemoglobin in Blood' },
        { code: 'HB' },
        { system: 'urn:x|y', code: 'a,b' },
      ],
      text: 'Haemoglobin',
    },
    identifier: [
      {
        system: 'urn:a',
        value: 'X1',
        type: { coding: [{ system: 'urn:types', code: 'MR' }], text: 'Hospital number' },
      },
    ],
    meta: { tag: [{ system: 'urn:tags', code: 't' }], profile: ['https://a.test/P|1.0'], source: 'urn:feed' },
  },
  [
    ['status', 'final', true],
    ['status', 'FINAL', true],
    ['status', 'fin', false],
    ['status', '|final', true],
    ['status', 'urn:x|final', false],
    ['status', 'amended,final', true],
    ['status', 'amended,preliminary', false],
    ['code', '718-7', true],
    ['code', 'http://loinc.org|718-7', true],
    ['code', 'http://loinc.org|', true],
    ['code', 'http://other|', false],
    ['code', 'http://loinc.org|HB', false],
    ['code', '|718-7', false],
    ['code', '|hb', true],
    ['code', 'a\\,b', true],
    ['code', 'urn:x\\|y|a\\,b', true],
    ['code', '*|hb', false],
    ['code:not', 'HB', false],
    ['code:not', 'other', true],
    ['code:not', 'other,HB', false],
    ['category:not', 'x', true],
    ['code:text', 'haemo', true],
    ['code:text', 'hemoglobin in', true],
    ['code:text', 'blood', false],
    ['code:missing', 'false', true],
    ['category:missing', 'true', true],
    ['category:missing', 'false', false],
    ['identifier', 'urn:a|x1', true],
    ['identifier:of-type', 'urn:types|MR|X1', true],
    ['identifier:of-type', 'urn:types|NI|X1', false],
    ['identifier:text', 'hospital', true],
    ['_tag', 'urn:tags|t', true],
    ['_profile', 'https://a.test/P', true],
    ['_profile', 'https://a.test/P|1.0', true],
    ['_profile', 'https://a.test/P|2.0', false],
    ['_source', 'urn:feed', true],
    ['_id', 'p.1', true],
    ['_id', 'p.2,p.1', true],
    ['_id', 'p.2', false],
    ['_id', 'no id!', false],
    ['_lastUpdated', '2026-11-25', true],
    ['_lastUpdated', 'gt2026-11-25', false],
    ['_lastUpdated', 'ge2026-11-25T09:00:00Z', true],
    ['_lastUpdated', 'lt2026-11-25T09:00:01Z', true],
  ],
);

about(
  'strings',
  'Patient',
  {
    name: [{ family: "O'Brien-Smith", given: ['Zoë', 'Mary Ann'], text: 'Zoë O’Brien' }],
    address: [{ line: ['1 High Street'], city: 'Leeds', postalCode: 'LS1 1AA' }],
  },
  [
    ['family', 'obrien', true],
    ['family', 'O’BRIEN Smith', true],
    ['family', 'smith', false],
    ['family:contains', 'smith', true],
    ['family:exact', "O'Brien-Smith", true],
    ['family:exact', "o'brien-smith", false],
    ['family:exact', "O'Brien", false],
    ['given', 'zoe', true],
    ['given', 'Mary', true],
    ['given', 'Ann', false],
    ['name', 'zoe,nobody', true],
    ['address', 'ls1', true],
    ['address-city', 'lee', true],
    ['phonetic', 'Zoe', true],
    ['phonetic', 'Zo', true],
    ['phonetic', 'Smyth', true],
    ['phonetic', 'Jones', false],
    ['phonetic', 'Marie Anne', true],
    ['phonetic', 'Marie Jones', false],
    ['family:missing', 'true', false],
    ['address-state:missing', 'true', true],
    ['deceased', 'false', true],
    ['phone:missing', 'true', true],
  ],
);

const dated = (period: object) => ({ effectivePeriod: period });

about('a day', 'Observation', { effectiveDateTime: '2025-06-15' }, [
  ['date', '2025-06-15', true],
  ['date', '2025-06', true],
  ['date', '2025', true],
  ['date', '2025-06-15T10:00:00Z', false],
  ['date', 'ne2025-06-15', false],
  ['date', 'ne2025-06-15T10:00:00Z', true],
  ['date', 'gt2025-06-14', true],
  ['date', 'gt2025-06-15', false],
  ['date', 'gt2025-06-15T10:00:00Z', true],
  ['date', 'ge2025-06-15', true],
  ['date', 'ge2025-06-16', false],
  ['date', 'lt2025-06-16', true],
  ['date', 'lt2025-06-15', false],
  ['date', 'le2025-06-15', true],
  ['date', 'le2025-06-14', false],
  ['date', 'sa2025-06-14', true],
  ['date', 'sa2025-06-15T10:00:00Z', false],
  ['date', 'eb2025-06-16', true],
  ['date', 'eb2025-06-15T10:00:00Z', false],
  ['date', 'ap2025-06-30', true],
  ['date', 'ap2025-09-30', false],
  ['date', 'gt2025-06-14,lt2000', true],
]);

about('a period without an end', 'Observation', dated({ start: '2025-06-15' }), [
  ['date', '2025', false],
  ['date', 'gt2030', true],
  ['date', 'lt2025-06-15', false],
  ['date', 'le2025-06-15', true],
  ['date', 'sa2025-06-14', true],
  ['date', 'eb2030', false],
]);

about('a period', 'Observation', dated({ start: '2025-06-15', end: '2025-06-20' }), [
  ['date', '2025-06', true],
  ['date', '2025-06-17', false],
  ['date', 'gt2025-06-17', true],
  ['date', 'lt2025-06-17', true],
  ['date', 'sa2025-06-17', false],
  ['date', 'eb2025-06-17', false],
  ['date', 'ap2025-06-17', true],
]);

const quantity = (value: object) => ({ code: { coding: [{ code: 'c' }] }, valueQuantity: value });
const mg = { system: 'http://unitsofmeasure.org', code: 'mg', unit: 'milligrams' };

about('a quantity', 'Observation', quantity({ value: 5.4, ...mg }), [
  ['value-quantity', '5.4', true],
  ['value-quantity', '5', true],
  ['value-quantity', '5.40', true],
  ['value-quantity', '5.5', false],
  ['value-quantity', '5.4|http://unitsofmeasure.org|mg', true],
  ['value-quantity', '5.4|http://unitsofmeasure.org|g', false],
  ['value-quantity', '5.4|http://unitsofmeasure.org|', true],
  ['value-quantity', '5.4|urn:units|', false],
  ['value-quantity', '5.4||mg', true],
  ['value-quantity', '5.4||milligrams', true],
  ['value-quantity', '5.4||g', false],
  ['value-quantity', 'ne5.4||mg', false],
  ['value-quantity', 'ne5.5||mg', true],
  ['value-quantity', 'gt5.4', false],
  ['value-quantity', 'gt5.3||mg', true],
  ['value-quantity', 'gt5.3||g', false],
  ['value-quantity', 'ge5.4', true],
  ['value-quantity', 'lt5.4', false],
  ['value-quantity', 'le5.4', true],
  ['value-quantity', 'sa5.39', true],
  ['value-quantity', 'eb5.41', true],
  ['value-quantity', 'ap5.8', true],
  ['value-quantity', 'ap6.5', false],
  ['value-quantity', '1e1,5.4', true],
  ['code-value-quantity', 'c$5.4', true],
  ['code-value-quantity', 'c$gt5.4', false],
  ['code-value-quantity', 'd$5.4', false],
]);

about('less than five', 'Observation', quantity({ value: 5, comparator: '<' }), [
  ['value-quantity', '5', false],
  ['value-quantity', 'lt3', true],
  ['value-quantity', 'gt3', true],
  ['value-quantity', 'gt5', false],
  ['value-quantity', 'eb6', true],
  ['value-quantity', 'eb4', false],
  ['value-quantity', 'sa4', false],
]);

/** By prefix, whether a search for `5.3`, `5.4` and `5.5` finds it. */
const found: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '<': { eq: '---', ne: '+++', gt: '+--', ge: '+--', lt: '+++', le: '+++', sa: '---', eb: '-++' },
  '<=': { eq: '---', ne: '+++', gt: '+--', ge: '++-', lt: '+++', le: '+++', sa: '---', eb: '--+' },
  '>': { eq: '---', ne: '+++', gt: '+++', ge: '+++', lt: '--+', le: '--+', sa: '++-', eb: '---' },
  '>=': { eq: '---', ne: '+++', gt: '+++', ge: '+++', lt: '--+', le: '-++', sa: '+--', eb: '---' },
};

describe.each(Object.entries(found))('of %s 5.4 and what is searched for', (comparator, byPrefix) => {
  test.each(Object.entries(byPrefix))('%s tells what it may be', (prefix, expected) => {
    const held = quantity({ value: 5.4, comparator });
    const outcome = ['5.3', '5.4', '5.5'].map((number) =>
      finds('Observation', held, 'value-quantity', `${prefix}${number}`) ? '+' : '-',
    );
    expect(outcome.join('')).toBe(expected);
  });
});

about('a number', 'ChargeItem', { factorOverride: 100 }, [
  ['factor-override', '100', true],
  ['factor-override', '1e2', true],
  ['factor-override', '100.4', false],
  ['factor-override', 'gt100', false],
  ['factor-override', 'le100', true],
]);

about(
  'references',
  'Observation',
  {
    subject: { reference: 'Patient/p', identifier: { system: 'urn:nhs', value: '1' } },
    encounter: { reference: `${baseUrl}/Encounter/p.e/_history/2` },
    focus: [{ reference: 'urn:uuid:1' }],
    specimen: { reference: '#s' },
    device: { display: 'Somebody' },
    instantiatesCanonical: 'x',
  },
  [
    ['subject', 'p', true],
    ['subject', 'Patient/p', true],
    ['subject', 'Patient/p/_history/3', true],
    ['subject', `${baseUrl}/Patient/p`, true],
    ['subject', 'https://other.test/Patient/p', false],
    ['subject:Patient', 'p', true],
    ['subject:Group', 'p', false],
    ['subject', 'Group/p', false],
    ['patient', 'p', true],
    ['encounter', 'p.e', true],
    ['encounter', 'Encounter/p.e', true],
    ['focus', 'urn:uuid:1', true],
    ['focus', 'Device/1', false],
    ['subject:identifier', 'urn:nhs|1', true],
    ['subject:identifier', 'urn:nhs|2', false],
    ['subject:missing', 'false', true],
    ['performer:missing', 'true', true],
    ['specimen:missing', 'false', true],
    ['specimen:missing', 'true', false],
    ['specimen', 'Specimen/s', false],
    ['device:missing', 'false', true],
  ],
);

about('addresses', 'Questionnaire', { url: 'https://a.test/q/one/two' }, [
  ['url', 'https://a.test/q/one/two', true],
  ['url', 'https://a.test/q/one', false],
  ['url:below', 'https://a.test/q/one', true],
  ['url:below', 'https://a.test/q/one/', true],
  ['url:below', 'https://a.test/q/o', false],
  ['url:above', 'https://a.test/q/one/two/three', true],
  ['url:above', 'https://a.test/q/one', false],
]);

about(
  'components',
  'Observation',
  {
    component: [
      { code: { coding: [{ code: 'sys' }] }, valueQuantity: { value: 120 } },
      { code: { coding: [{ code: 'dia' }] }, valueQuantity: { value: 80 } },
    ],
  },
  [
    ['component-code-value-quantity', 'sys$gt100', true],
    ['component-code-value-quantity', 'dia$gt100', false],
    ['component-code-value-quantity', 'dia$gt100,dia$80', true],
    ['combo-code-value-quantity', 'dia$lt100', true],
  ],
);

about('a postcode', 'Patient', { address: [{ postalCode: 'LS1 4AP' }, { postalCode: 'SW1A1AA' }] }, [
  ['address-postalcode', 'LS1 4AP', true],
  ['address-postalcode', 'ls14ap', true],
  ['address-postalcode', 'SW1A 1AA', true],
  ['address-postalcode', 'sw1a1aa', true],
  ['address-postalcode', 'LS1', true],
  ['address-postalcode', 'LS1 5AP,LS14AP', true],
  ['address-postalcode', 'LS14', false],
  ['address-postalcode', 'LS15AP', false],
  ['address-postalcode:exact', 'LS14AP', false],
]);
