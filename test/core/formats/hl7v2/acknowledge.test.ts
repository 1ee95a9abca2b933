import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Issue } from '../../../../src/core/errors.js';
import {
  acceptAckWanted,
  type Acknowledgement,
  acknowledgementFor,
  acknowledgementMode,
} from '../../../../src/core/formats/hl7v2/acknowledge.js';
import { parseHl7v2 } from '../../../../src/core/formats/hl7v2/parse.js';
import { readHeaderLeniently } from '../../../../src/core/formats/hl7v2/parse-leniently.js';
import { admission, anyMessage, dense, latin1, utf16, utf8 } from './messages.js';

const accepted: Acknowledgement = {
  code: 'AA',
  controlId: 'ACK42',
  time: new Date('2025-01-02T03:04:05.678Z'),
};

const issues: readonly Issue[] = [
  {
    code: 'HDE_HL7_NO_PATIENT',
    severity: 'error',
    location: 'PID-3[2].1',
    detail: 'an identifier|of the patient',
  },
  { code: 'HDE_HL7_SEGMENT', severity: 'warning', location: 'segment 5' },
  { code: 'HDE_INTERNAL', severity: 'information' },
];

const msh = (version: string, encodingCharacters = '^~\\&') =>
  parseHl7v2(`MSH|${encodingCharacters}|PAS|RXX|HDE|RXY|20250102030405||ADT^A01|M1|P|${version}`).msh;

/** Lines after MSH and MSA. */
const errorLines = (text: string): string[] => text.split('\r').slice(2, -1);

describe('an acknowledgement', () => {
  test('swaps sender and receiver and echoes what identifies the message', () => {
    const { msh: header } = parseHl7v2(
      'MSH|^~\\&|PAS^1.2^ISO|RXX|HDE|RXY~|20250102030405+0000|sec|ADT^A01^ADT_A01|M\\T\\1|T^A|2.5.1^GBR|7||AL|NE|GBR|8859/1~UTF-8',
    );
    expect(acknowledgementFor(header, accepted)).toBe(
      'MSH|^~\\&|HDE|RXY|PAS^1.2^ISO|RXX|20250102030405+0000||ACK^A01^ACK|ACK42|T^A|2.5.1^GBR||||||8859/1\r' +
        'MSA|AA|M\\T\\1\r',
    );
  });

  test('is answered in the delimiters of the sender, with its own values escaped', () => {
    const { msh: header } = parseHl7v2('MSH#*+!@#PAS*1#RXX###20250102##ADT*A01#M1#P#2.4');
    const text = acknowledgementFor(header, { ...accepted, code: 'AE', controlId: 'A#1', text: 'a*b' });
    expect(text).toBe('MSH#*+!@###PAS*1#RXX#20250102030405+0000##ACK*A01*ACK#A!F!1#P#2.4\rMSA#AE#M1#a!S!b\r');
  });

  test('keeps a truncation character that the sender declares', () => {
    const { msh: header } = parseHl7v2('MSH|^~\\&#|PAS||||20250102||ADT^A01|M1|P|2.7');
    expect(acknowledgementFor(header, accepted)).toMatch(/^MSH\|\^~\\&#\|/);
  });

  test('names no trigger where the message has none', () => {
    const { msh: header } = parseHl7v2('MSH|^~\\&|PAS||||20250102||ADT|M1|P|2.1');
    expect(acknowledgementFor(header, accepted).split('|')[8]).toBe('ACK');
  });

  test('is possible without any header', () => {
    expect(acknowledgementFor(undefined, { ...accepted, code: 'AR' })).toBe(
      'MSH|^~\\&|||||20250102030405+0000||ACK|ACK42|P|2.4\rMSA|AR\r',
    );
  });

  test.each(['AA', 'AE', 'AR', 'CA', 'CE', 'CR'] as const)('says %s in MSA-1', (code) => {
    const text = acknowledgementFor(msh('2.4'), { ...accepted, code });
    expect(parseHl7v2(text).first('MSA')?.value(1)).toBe(code);
  });
});

describe('errors from v2.5 on', () => {
  test('are one ERR segment each', () => {
    expect(errorLines(acknowledgementFor(msh('2.5.1'), { ...accepted, code: 'AE', issues }))).toEqual([
      'ERR||PID^1^3^2^1|101^Required field missing^HL70357|E|HDE_HL7_NO_PATIENT||' +
        'PID-3[2].1: an identifier\\F\\of the patient|The message identifies no patient (PID-3).',
      'ERR|||100^Segment sequence error^HL70357|W|HDE_HL7_SEGMENT||' +
        'segment 5|A segment does not begin with a three-character name.',
      'ERR|||207^Application internal error^HL70357|I|HDE_INTERNAL|||' +
        'An unexpected error occurred. Quote the trace id to support.',
    ]);
  });

  test.each([
    ['MSH-2', 'MSH^1^2'],
    ['OBX(3)-5', 'OBX^3^5'],
    ['OBX(3)-5[2]', 'OBX^3^5^2'],
    ['PID-3.4', 'PID^1^3^1^4'],
    ['PID-3.4.2', 'PID^1^3^1^4^2'],
    ['PV1', 'PV1^1'],
    ['Patient.name[0]', ''],
  ])('give %s as ERR-2 %s', (location, expected) => {
    const issue: Issue = { code: 'HDE_HL7_REQUIRED', severity: 'error', location };
    const text = acknowledgementFor(msh('2.6'), { ...accepted, code: 'AE', issues: [issue] });
    expect(parseHl7v2(text).first('ERR')?.raw(2)).toBe(expected);
  });

  test('are told in MSA-3 too until v2.6', () => {
    const statement = (version: string) =>
      parseHl7v2(acknowledgementFor(msh(version), { ...accepted, code: 'AE', issues }))
        .first('MSA')
        ?.raw(3);
    expect(statement('2.6')).toBe('The message identifies no patient (PID-3).');
    expect(statement('2.7')).toBe('');
    expect(statement('2.8.2')).toBe('');
  });
});

describe('errors before v2.5', () => {
  test.each(['2.1', '2.3', '2.3.1', '2.4', '', 'x'])(
    'are repetitions of one ERR-1 (version "%s")',
    (version) => {
      const text = acknowledgementFor(msh(version), { ...accepted, code: 'AE', issues });
      expect(errorLines(text)).toEqual([
        'ERR|PID^1^3^101&Required field missing&HL70357' +
          '~^^^100&Segment sequence error&HL70357' +
          '~^^^207&Application internal error&HL70357',
      ]);
      // There is no ERR-7 that could say the reason.
      expect(parseHl7v2(text).first('MSA')?.value(3)).toBe(
        'The message identifies no patient (PID-3): an identifier|of the patient',
      );
    },
  );

  test('say as much as the declared delimiters allow', () => {
    expect(errorLines(acknowledgementFor(msh('2.3', '^~\\'), { ...accepted, code: 'AE', issues }))).toEqual([
      'ERR|PID^1^3^101~^^^100~^^^207',
    ]);
    expect(errorLines(acknowledgementFor(msh('2.3', '^'), { ...accepted, code: 'AE', issues }))).toEqual([
      'ERR|PID^1^3^101',
    ]);
  });

  test('are absent where there are none', () => {
    expect(errorLines(acknowledgementFor(msh('2.4'), accepted))).toEqual([]);
    expect(errorLines(acknowledgementFor(msh('2.5'), accepted))).toEqual([]);
  });

  test('are told in the given text where there is one', () => {
    const text = acknowledgementFor(msh('2.4'), { ...accepted, code: 'AE', issues, text: 'Try\nlater' });
    expect(parseHl7v2(text).first('MSA')?.value(3)).toBe('Try\nlater');
  });
});

describe('acknowledgement mode', () => {
  const header = (accept: string, application: string) =>
    parseHl7v2(`MSH|^~\\&|A|B|C|D|20250102||ADT^A01|1|P|2.4|||${accept}|${application}`).msh;

  test.each([
    ['', '', 'original'],
    ['""', '""', 'original'],
    ['AL', '', 'enhanced'],
    ['', 'NE', 'enhanced'],
    ['AL', 'NE', 'enhanced'],
  ])('MSH-15 "%s" and MSH-16 "%s" mean %s mode', (accept, application, mode) => {
    expect(acknowledgementMode(header(accept, application))).toBe(mode);
  });

  test.each([
    ['AL', true, true],
    ['NE', false, false],
    ['SU', true, false],
    ['ER', false, true],
    ['er ', false, true],
    ['', false, false],
    ['""', false, false],
    ['XX', true, true],
  ])('MSH-15 "%s" wants an answer to success: %s, to an error: %s', (accept, success, error) => {
    expect(acceptAckWanted(header(accept, 'NE'), true)).toBe(success);
    expect(acceptAckWanted(header(accept, 'NE'), false)).toBe(error);
  });
});

describe('readHeaderLeniently', () => {
  test.each([
    ['a good message', utf8(admission)],
    ['text', admission],
    ['a framed message with a mark', utf8(`\x0b\ufeff${admission}\x1c\r`)],
    ['UTF-16', utf16(admission, 'le', true)],
    ['UTF-16 that is cut', utf16(admission, 'be', false).subarray(0, -1)],
    ['bytes that do not fit MSH-18', latin1(admission.replace('AL|NE', 'AL|NE||UTF-8|\xe2'))],
    ['a later segment without a name', `${admission}garbage`],
    ['something before MSH', `EVN|A01\r${admission}`],
    ['a batch', `FHS|^~\\&\rBHS|^~\\&\r${admission}`],
    ['only the beginning', utf8(admission).subarray(0, 90)],
  ])('reads MSH of %s', (_, input) => {
    const header = readHeaderLeniently(input);
    expect([3, 4, 5, 10, 12].map((field) => header?.value(field))).toEqual([
      'PAS',
      'RXX',
      'HDE',
      'MSG00001',
      '2.4',
    ]);
    expect(header?.occurrence).toBe(1);
  });

  test.each([
    ['nothing', ''],
    ['JSON', '{}'],
    ['MSH without separator', 'MSH'],
    ['MSH as part of a word', 'xMSH|'],
  ])('finds nothing in %s', (_, input) => {
    expect(readHeaderLeniently(input)).toBeUndefined();
    expect(readHeaderLeniently(utf8(input))).toBeUndefined();
  });

  test('makes do with the usual delimiters where the declared ones are unusable', () => {
    const header = readHeaderLeniently('MSH||PAS^1|RXX|||20250102||ADT^A01|M1|P|2.4');
    expect(acknowledgementFor(header, { ...accepted, code: 'AR' })).toBe(
      'MSH|^~\\&|||PAS|RXX|20250102030405+0000||ACK^A01^ACK|ACK42|P|2.4\rMSA|AR|M1\r',
    );
    const caret = readHeaderLeniently('MSH^^^PAS|X^RXX^^^20250102^^ADT^M1^P^2.4');
    expect(caret?.value(4)).toBe('PAS|X');
    expect(acknowledgementFor(caret, { ...accepted, code: 'AR' })).toContain('|PAS\\F\\X');
  });

  test('lets any input be answered with a message that parses', () => {
    const text = fc
      .tuple(fc.constantFrom('', 'MSH', 'MSH|', 'MSH|^~\\&|', 'MSH#*'), dense('\r\n\0\x0b'))
      .map((parts) => parts.join(''));
    const input = fc.oneof(
      text,
      text.map(utf8),
      text.map(latin1Safe),
      fc.uint8Array(),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(input, (sent) => {
        const header = readHeaderLeniently(sent);
        const answer = acknowledgementFor(header, { ...accepted, code: 'AR', issues, text: 'a|b^c\r' });
        const parsed = parseHl7v2(answer);
        expect(parsed.segments.slice(0, 2).map(({ name }) => name)).toEqual(['MSH', 'MSA']);
        expect(parsed.msh.raw(10)).toBe('ACK42');
        expect(parsed.first('MSA')?.raw(1)).toBe('AR');
      }),
      { numRuns: 1000 },
    );
  });

  test('reads what the parser reads', () => {
    fc.assert(
      fc.property(anyMessage, (sent) => {
        const { msh: parsed } = parseHl7v2(sent);
        const header = readHeaderLeniently(sent);
        expect(acknowledgementFor(header, accepted)).toBe(acknowledgementFor(parsed, accepted));
      }),
    );
  });
});

function latin1Safe(text: string): Uint8Array {
  return latin1(text.replaceAll(/[^\0-\xff]/g, '\xe9'));
}
