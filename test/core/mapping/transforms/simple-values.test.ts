import { describe, expect, test } from '@jest/globals';
import { transformed } from '../support.js';

describe('simple transforms', () => {
  test.each([
    ['text', 'plain', 'plain'],
    ['text', ' padded ', 'padded'],
    ['text', 'a\\T\\b\\S\\c', 'a&b^c'],
    ['text', 'not & escaped', 'not & escaped'],
    ['text', 'not ^escaped^', 'not^escaped'],
    ['text', '^', undefined],
    ['text', '   ', undefined],
    ['constant(final)', 'x', 'final'],
    ['constant(true)', 'x', true],
    ['constant(false)', 'x', false],
    ['conceptOf(https://example.org, a)', 'x', { coding: [{ system: 'https://example.org', code: 'a' }] }],
    ['code(AdministrativeSex)', 'F', 'female'],
    ['code(AdministrativeSex)', 'f', 'female'],
    ['code(AdministrativeSex)', '1', 'male'],
    ['code(AdministrativeSex)', 'F^Female', 'female'],
    ['code(AdministrativeSex)', '7^Female', 'female'],
    ['code(AdministrativeSex)', '^Male', 'male'],
    ['codeIfKnown(AllergyType)', 'MC', undefined],
    ['flag(YesNo)', 'Y', true],
    ['flag(YesNo)', 'N', false],
    ['positiveInt', '2', 2],
    ['positiveInt', '007', 7],
    ['date', '19670106000000', '1967-01-06'],
    // Filled up with zeros.
    ['date', '19800000', '1980'],
    ['date', '19800600', '1980-06'],
    ['dateTime', '20240600000000', '2024-06'],
    ['dateTime', '202407050907', '2024-07-05T09:07:00+01:00'],
    ['dateTime', '202407', '2024-07'],
    ['instant', '202407050907', '2024-07-05T09:07:00+01:00'],
    ['time', '0907', '09:07:00'],
    ['birthTime', '196701061530', '1967-01-06T15:30:00+00:00'],
    ['birthTime', '19670106000000', undefined],
    ['birthTime', '19670106', undefined],
  ])('%s makes of "%s" %j', (using, field, expected) => {
    const { value, conversion } = transformed(using, field);
    expect(value).toEqual(expected);
    expect(conversion.issues).toEqual([]);
  });

  test.each([
    ['code(AdministrativeSex)', 'Q', 'a code that the table AdministrativeSex knows', 'ZZT-1[1]'],
    ['flag(YesNo)', 'MAYBE', 'a code that the table YesNo knows', 'ZZT-1[1]'],
    ['positiveInt', '0', 'a whole number above zero', 'ZZT-1[1]'],
    ['positiveInt', '1.5', 'a whole number above zero', 'ZZT-1[1]'],
    ['date', '20240230', 'a time of the calendar (YYYYMMDD[HHMM[SS]])', 'ZZT-1[1].1'],
    ['date', '20240005', 'a time of the calendar (YYYYMMDD[HHMM[SS]])', 'ZZT-1[1].1'],
    ['dateTime', '202406000900', 'a time of the calendar (YYYYMMDD[HHMM[SS]])', 'ZZT-1[1].1'],
    ['date', '00000000', 'a time of the calendar (YYYYMMDD[HHMM[SS]])', 'ZZT-1[1].1'],
    ['dateTime', 'yesterday', 'a time of the calendar (YYYYMMDD[HHMM[SS]])', 'ZZT-1[1].1'],
    ['instant', '20240705', 'a time of at least hours', 'ZZT-1[1]'],
    ['time', '9 am', 'a time of day (HHMM[SS])', 'ZZT-1[1]'],
  ])('%s reports "%s", leaves it out and accounts for it', (using, field, detail, location) => {
    const { value, conversion, lineage } = transformed(using, field);
    expect(value).toBeUndefined();
    expect(lineage).toEqual([]);
    expect(conversion.issues).toEqual([{ code: 'HDE_HL7_DATA_TYPE', severity: 'warning', location, detail }]);
    expect(conversion.ledger).toContainEqual({ source: 'ZZT-1[1]', fate: 'unmapped' });
  });

  test.each([
    ['text', 'a\\T\\b', ['Basic.value <- a\\T\\b']],
    ['code(AdministrativeSex)', 'F^Female', ['Basic.value <- F']],
    ['dateTime', '20240705', ['Basic.value <- 20240705']],
    ['constant(x)', 'given', ['Basic.value <- given']],
  ])('%s traces its value to the source', (using, field, lineage) => {
    expect(transformed(using, field).lineage).toEqual(lineage);
  });
});
