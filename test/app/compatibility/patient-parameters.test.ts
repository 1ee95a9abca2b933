import { expect, test } from '@jest/globals';
import { toSearchParameters } from '../../../src/app/compatibility/patient-parameters.js';

const translated = (query: string) => toSearchParameters(new URLSearchParams(query));

test.each([
  [
    'family=Okoro&given=Ada&birthdate=ge1980-01-02',
    [
      ['family', 'Okoro'],
      ['given', 'Ada'],
      ['birthdate', 'ge1980-01-02'],
    ],
  ],
  ['family=Okoro&_exact-match=true', [['family:exact', 'Okoro']]],
  ['family=Okoro&_fuzzy-match=TRUE&_history=true', [['phonetic', 'Okoro']]],
  ['family=O,Neill', [['family', 'O\\,Neill']]],
  [
    'identifier=https://fhir.nhs.uk/Id/nhs-number|9990000018',
    [['identifier', 'https://fhir.nhs.uk/Id/nhs-number|9990000018']],
  ],
  [
    'general-practitioner=Y12345',
    [['general-practitioner:identifier', 'https://fhir.nhs.uk/Id/ods-organization-code|Y12345']],
  ],
])('%s', (query, parameters) => {
  expect(translated(query)).toEqual({ ok: true, value: parameters });
});

test.each([
  ['', 'At least one parameter must be provided.'],
  ['_history=true', 'At least one parameter must be provided.'],
  ['family=%20', 'The parameter family must not be empty.'],
  ['family=Okoro&surname=x', 'The parameter surname is not known.'],
  ['family=Okoro&9990000018=x', 'A parameter is not known.'],
  ['family=Okoro&_history=maybe', 'The parameter _history is true or false.'],
  ['family=Okoro&_exact-match=true&_fuzzy-match=true', '_exact-match and _fuzzy-match exclude each other.'],
])('%s is refused', (query, problem) => {
  expect(translated(query)).toEqual({ ok: false, error: [problem] });
});
