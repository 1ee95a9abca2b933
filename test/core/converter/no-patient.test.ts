import { describe, expect, test } from '@jest/globals';
import { convert, ExchangeError } from '../../../src/core/converter/convert.js';

const message = (type: string, ...segments: string[]): string =>
  [`MSH|^~\\&|PAS|RXX|HDE|RXX|20240105090000||${type}|MSG1|P|2.5.1`, ...segments, ''].join('\r');

const issuesOf = (text: string): string[] =>
  convert(text, { format: 'hl7v2' }).issues.map(
    ({ severity, code, location = '' }) => `${severity} ${code} ${location}`,
  );

describe('a message about a patient that names none', () => {
  test.each([
    ['an admission', message('ADT^A01^ADT_A01', 'EVN|A01|20240105085900', 'PV1|1|I')],
    ['a result', message('ORU^R01^ORU_R01', 'OBR|1|P1|F1|1^Test^L', 'OBX|1|NM|1^Test^L||5|g|||||F')],
    ['a request', message('OMG^O19^OMG_O19', 'ORC|NW|P1', 'OBR|1|P1||1^Test^L')],
    ['a letter', message('MDM^T02^MDM_T02', 'EVN|T02|20240105085900', 'TXA|1|CN|TX|||||||||D1')],
    [
      'a person without an identifier',
      message('ADT^A08^ADT_A01', 'EVN|A08|20240105085900', 'PID|1||||Khan^Amira'),
    ],
  ])('is an error with its place: %s', (_case, text) => {
    expect(issuesOf(text)).toContain('error HDE_HL7_NO_PATIENT PID-3');
  });
});

describe('a message that concerns no patient', () => {
  test.each([
    [
      'staff',
      message(
        'MFN^M02^MFN_M02',
        'MFI|PRA||UPD|||NE',
        'MFE|MAD|1||C1234567',
        'STF|C1234567|C1234567|Jones^Ann',
      ),
    ],
    ['places', message('MFN^M05^MFN_M05', 'MFI|LOC||UPD|||NE', 'MFE|MAD|1||W1', 'LOC|W1|Ward 1|N')],
  ])('raises no such issue: %s', (_case, text) => {
    expect(issuesOf(text).filter((issue) => issue.includes('NO_PATIENT'))).toEqual([]);
  });
});

test('input that cannot be read at all is thrown as an ExchangeError that callers can tell', () => {
  expect(() => convert('nonsense', { format: 'hl7v2' })).toThrow(ExchangeError);
});
