import { describe, expect, test } from '@jest/globals';
import { formatPostcode } from '../../../../src/core/mapping/transforms/addresses.js';
import { transformed } from '../support.js';

describe('humanName', () => {
  test.each([
    ['Khan^Amira', { use: 'official', family: 'Khan', given: ['Amira'] }],
    [
      'Khan^Amira^Jane^Jr^Mrs^PhD^L',
      { family: 'Khan', given: ['Amira', 'Jane'], prefix: ['Mrs'], suffix: ['Jr', 'PhD'], use: 'official' },
    ],
    ['Khan^Amira^^^^^PREFERRED', { family: 'Khan', given: ['Amira'], use: 'usual' }],
    ['Khan^Amira^^^^^M', { family: 'Khan', given: ['Amira'], use: 'maiden' }],
    ['Khan^Amira^^^^^ZZ', { family: 'Khan', given: ['Amira'] }],
    ['^Amira', { use: 'official', given: ['Amira'] }],
    ['Khan^""', { use: 'official', family: 'Khan' }],
    [
      'van Dam&van&Dam',
      {
        use: 'official',
        family: 'van Dam',
        _family: {
          extension: [
            { url: 'http://hl7.org/fhir/StructureDefinition/humanname-own-prefix', valueString: 'van' },
            { url: 'http://hl7.org/fhir/StructureDefinition/humanname-own-name', valueString: 'Dam' },
          ],
        },
      },
    ],
    [
      'Khan^Amira^^^^^L^^^^^20200101^202012',
      { family: 'Khan', given: ['Amira'], use: 'official', period: { start: '2020-01-01', end: '2020-12' } },
    ],
    [
      '&van&Dam^Ann',
      {
        use: 'official',
        family: 'van Dam',
        given: ['Ann'],
        _family: {
          extension: [
            { url: 'http://hl7.org/fhir/StructureDefinition/humanname-own-prefix', valueString: 'van' },
            { url: 'http://hl7.org/fhir/StructureDefinition/humanname-own-name', valueString: 'Dam' },
          ],
        },
      },
    ],
    ['^^^^', undefined],
    ['""', undefined],
  ])('makes of "%s" %j', (field, expected) => {
    expect(transformed('humanName(NameUse, official)', field).value).toEqual(expected);
  });

  test('traces every part', () => {
    expect(transformed('humanName(NameUse)', 'O\\T\\Neil^Amira^Jane^^Mrs^^L').lineage).toEqual([
      'Basic.value.family <- O\\T\\Neil',
      'Basic.value.given[0] <- Amira',
      'Basic.value.given[1] <- Jane',
      'Basic.value.prefix[0] <- Mrs',
      'Basic.value.use <- L',
    ]);
  });
});

describe('address', () => {
  test.each([
    [
      '12 Mill Lane^Oldtown^Leeds^West Yorkshire^ls11aa^GBR^H',
      {
        line: ['12 Mill Lane', 'Oldtown'],
        city: 'Leeds',
        district: 'West Yorkshire',
        postalCode: 'LS1 1AA',
        country: 'GBR',
        use: 'home',
      },
    ],
    // The street name and the house number are said once.
    ['1 Mill Lane&Mill Lane&1^^Leeds', { line: ['1 Mill Lane'], city: 'Leeds' }],
    ['Flat 2&Mill Lane&11^^Leeds', { line: ['Flat 2', 'Mill Lane', '11'], city: 'Leeds' }],
    ['^^Leeds^Kent^^^M^^Surrey', { city: 'Leeds', district: 'Surrey', state: 'Kent', type: 'postal' }],
    ['x^^^^^^HOME', { line: ['x'], use: 'home' }],
    ['^^^^ZZ99 3VZ', { postalCode: 'ZZ99 3VZ' }],
    ['x^^^^^^^^^^^^20200101^20201231', { line: ['x'], period: { start: '2020-01-01', end: '2020-12-31' } }],
    ['^^^^^^H', undefined],
  ])('makes of "%s" %j', (field, expected) => {
    expect(transformed('address(AddressUse, AddressType, uk)', field).value).toEqual(expected);
  });

  test('keeps states where there are any', () => {
    expect(transformed('address(AddressUse, AddressType)', '^^Ann Arbor^MI').value).toEqual({
      city: 'Ann Arbor',
      state: 'MI',
    });
  });

  test.each([
    ['sw1a1aa', 'SW1A 1AA'],
    ['M1 1AE', 'M1 1AE'],
    ['EC1A  1BB', 'EC1A 1BB'],
    ['90210', '90210'],
  ])('writes the postcode %s as %s', (sent, expected) => {
    expect(formatPostcode(sent)).toBe(expected);
  });
});

describe('contactPoint', () => {
  test.each([
    ['01134960000', { value: '01134960000', system: 'phone', use: 'home' }],
    ['01134960000^WPN^PH', { value: '01134960000', system: 'phone', use: 'work' }],
    ['07700900123^PRN^CP', { value: '07700900123', system: 'phone', use: 'mobile' }],
    ['^NET^Internet^a.khan@example.org', { value: 'a.khan@example.org', system: 'email', use: 'home' }],
    ['a.khan@example.org', { value: 'a.khan@example.org', system: 'email', use: 'home' }],
    ['^^FX^^44^113^4960001', { value: '+44 113 4960001', system: 'fax', use: 'home' }],
    ['^^PH^^^0113^4960001^12', { value: '0113 4960001 X12', system: 'phone', use: 'home' }],
    ['^^^^^^^^^^^0113 496 0002', { value: '0113 496 0002', system: 'phone', use: 'home' }],
    ['0113^ASN', { value: '0113', system: 'phone' }],
    ['^PRN^PH', undefined],
  ])('makes of "%s" %j', (field, expected) => {
    expect(transformed('contactPoint(TelecomUse, TelecomSystem, home)', field).value).toEqual(expected);
  });
});
