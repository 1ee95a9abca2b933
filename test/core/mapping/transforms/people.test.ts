/** Names, addresses, numbers and languages of people, as senders write them. */
import { describe, expect, test } from '@jest/globals';
import { transformed } from '../support.js';

describe('contactPoint', () => {
  const pointOf = (xtn: string) => transformed('contactPoint(TelecomUse, TelecomSystem, home)', xtn).value;

  test.each([
    ['(01202)555123', { value: '(01202)555123', system: 'phone', use: 'home' }],
    ['^PRN^PH^^44^1202^555123', { value: '+44 1202 555123', system: 'phone', use: 'home' }],
    ['^PRN^PH^^+44^1202^555123^21', { value: '+44 1202 555123 X21', system: 'phone', use: 'home' }],
    ['^NET^Internet^a@example.org', { value: 'a@example.org', system: 'email', use: 'home' }],
    ['a@example.org', { value: 'a@example.org', system: 'email', use: 'home' }],
    ['^WPN^PH^a@example.org', { value: 'a@example.org', system: 'email', use: 'work' }],
    ['^PRN^CP^5555^^^07700900000', { value: '07700900000', system: 'phone', use: 'mobile' }],
    ['07700900000^PRS', { value: '07700900000', system: 'phone', use: 'mobile' }],
    ['^WPN^FX^^^^^^^^^01134960002', { value: '01134960002', system: 'fax', use: 'work' }],
    // Not where the standard has it, but surely a number.
    ['^^CP^07700900000', { value: '07700900000', system: 'phone', use: 'mobile' }],
    ['^PRN^PH^^^^^^^(056)7725633', { value: '(056)7725633', system: 'phone', use: 'home' }],
    [
      '01134960000^PRN^PH^^^^^^^^^^20200101^20210101^^^^2',
      {
        value: '01134960000',
        system: 'phone',
        use: 'home',
        period: { start: '2020-01-01', end: '2021-01-01' },
        rank: 2,
      },
    ],
  ])('reads %s', (xtn, point) => {
    expect(pointOf(xtn)).toEqual(point);
  });

  test.each(['^PRN^PH^^44', '^PRN^PH^HOME', '^PRN^PH^^^^^^Ring after 5 or 01134960000'])(
    'is nothing without a number: %s',
    (xtn) => {
      expect(pointOf(xtn)).toBeUndefined();
    },
  );

  test('is no number that has text beside it', () => {
    expect(pointOf('^PRN^PH^^^^^^12')).toBeUndefined();
  });
});

describe('numberBesideEmail', () => {
  const numberOf = (xtn: string) => transformed('numberBesideEmail(TelecomUse, home)', xtn).value;

  test.each([
    ['01134960000^^^a@example.org', { value: '01134960000', system: 'phone', use: 'home' }],
    ['01134960000^WPN^PH^a@example.org', { value: '01134960000', system: 'phone', use: 'work' }],
    [
      '^NET^Internet^a@example.org^44^113^4960000',
      { value: '+44 113 4960000', system: 'phone', use: 'home' },
    ],
  ])('reads %s', (xtn, point) => {
    expect(numberOf(xtn)).toEqual(point);
  });

  test.each([
    '01134960000',
    '^NET^Internet^a@example.org',
    'a@example.org^NET^Internet^a@example.org',
    '^^^5555',
  ])('is nothing in %s, which states one means', (xtn) => {
    expect(numberOf(xtn)).toBeUndefined();
  });
});

describe('address', () => {
  const addressOf = (xad: string) => transformed('address(AddressUse, AddressType, uk)', xad).value;

  test('has a period in XAD-12, or in XAD-13 and XAD-14', () => {
    const period = { start: '2020-01-01', end: '2021-01-01' };
    expect(addressOf('1 Mill Lane^^^^^^^^^^^20200101&20210101')).toEqual({ line: ['1 Mill Lane'], period });
    expect(addressOf('1 Mill Lane^^^^^^^^^^^^20200101^20210101')).toEqual({ line: ['1 Mill Lane'], period });
  });

  test('takes the name of the county where a code stands before it', () => {
    expect(addressOf('1 Mill Lane^^^^^^^^&Kent')).toEqual({ line: ['1 Mill Lane'], district: 'Kent' });
    expect(addressOf('1 Mill Lane^^^^^^^^Tyne & Wear')).toEqual({
      line: ['1 Mill Lane'],
      district: 'Tyne & Wear',
    });
  });
});

describe('humanName', () => {
  test('has a period in XPN-10 where it has none in XPN-12 and XPN-13', () => {
    expect(transformed('humanName(NameUse)', 'Khan^Amira^^^^^M^^^20000101&20100101').value).toEqual({
      family: 'Khan',
      given: ['Amira'],
      use: 'maiden',
      period: { start: '2000-01-01', end: '2010-01-01' },
    });
  });
});

describe('conceptBy', () => {
  test('keeps the code that it translates where nothing else says what was sent', () => {
    expect(transformed('conceptBy(MaritalStatus)', 'A').value).toMatchObject({
      coding: [{ code: 'L' }],
      text: 'A',
    });
    expect(transformed('conceptBy(MaritalStatus)', 'M').value).toEqual({
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus',
          code: 'M',
          display: 'Married',
        },
      ],
    });
  });
});

describe('remove', () => {
  test('asks for a part of the element only, where one is named', () => {
    const { conversion } = transformed('remove(coding[code=x])', 'any');
    const [record] = conversion.records;
    expect(record?.removed).toEqual(['value.coding[code=x]']);
  });
});
