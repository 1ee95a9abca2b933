import { describe, expect, test } from '@jest/globals';
import { ExchangeError } from '../../../../src/core/errors.js';
import { parseHl7v2 } from '../../../../src/core/formats/hl7v2/parse.js';
import { admission, admissionSegments, utf8 } from './messages.js';

/** The error of an input, as code and location. */
function refusalOf(input: Uint8Array | string): { code: string; location: string | undefined } {
  try {
    parseHl7v2(input);
  } catch (error) {
    if (error instanceof ExchangeError) return { code: error.code, location: error.location };
    throw error;
  }
  throw new Error('the input was accepted');
}

describe('segments', () => {
  test('are found in order, with names, indices, occurrences and spans', () => {
    const message = parseHl7v2(admission);
    expect(message.segments.map(({ name, index, occurrence }) => [name, index, occurrence])).toEqual([
      ['MSH', 0, 1],
      ['EVN', 1, 1],
      ['PID', 2, 1],
      ['PV1', 3, 1],
      ['OBX', 4, 1],
      ['OBX', 5, 2],
      ['ZU1', 6, 1],
    ]);
    expect(message.segments.map(({ span }) => message.text.slice(span.start, span.end))).toEqual(
      admissionSegments,
    );
    expect(message.msh).toBe(message.segments[0]);
  });

  test('are looked up by name', () => {
    const message = parseHl7v2(admission);
    expect(message.first('OBX')).toBe(message.segments[4]);
    expect(message.all('OBX')).toEqual([message.segments[4], message.segments[5]]);
    expect(message.first('NK1')).toBeUndefined();
    expect(message.all('NK1')).toEqual([]);
  });

  test.each([
    ['CR', '\r'],
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR with blank lines', '\r\r \t\r'],
    ['CRLF doubled', '\r\n\r\n'],
  ])('may end with %s, the last one also with nothing', (_, end) => {
    for (const text of [admissionSegments.join(end), admissionSegments.join(end) + end]) {
      const { segments, text: decoded } = parseHl7v2(utf8(text));
      expect(segments.map(({ span }) => decoded.slice(span.start, span.end))).toEqual(admissionSegments);
    }
  });

  test('may end each in its own way within one message', () => {
    const ends = ['\r', '\n', '\r\n', '\r', '\n\n', '\n\r', ''];
    const message = parseHl7v2(admissionSegments.map((line, i) => line + (ends[i] ?? '')).join(''));
    expect(message.segments.map(({ name }) => name)).toEqual([
      'MSH',
      'EVN',
      'PID',
      'PV1',
      'OBX',
      'OBX',
      'ZU1',
    ]);
  });

  test('may have no field at all', () => {
    const message = parseHl7v2('MSH|^~\\&\rPV2\rPID|');
    expect(message.segments.map(({ name, fieldCount }) => [name, fieldCount])).toEqual([
      ['MSH', 2],
      ['PV2', 0],
      ['PID', 1],
    ]);
  });

  test.each([
    ['blanks before MSH', `\r\n  ${admission}`],
    ['NUL padding', `${admission}\0\0\0`],
    ['an MLLP frame', `\x0b${admission}\x1c\r`],
    ['a final 0x1C without its frame', `${admission}\x1c`],
    ['an MLLP frame without the last CR', `\x0b${admission}\x1c`],
    ['a byte order mark', `\ufeff${admission}`],
    ['a byte order mark inside a frame', `\x0b\ufeff${admission}\x1c\r\n`],
  ])('survive %s', (_, input) => {
    for (const message of [parseHl7v2(input), parseHl7v2(utf8(input))]) {
      expect(message.segments).toHaveLength(7);
      expect(message.text.replaceAll(/^\s+|[\s\0]+$/g, '')).toBe(admission.trim());
    }
  });

  test('keep an end block in the middle of a message as text', () => {
    expect(parseHl7v2('MSH|^~\\&|a\x1cb\r').msh.raw(3)).toBe('a\x1cb');
  });

  test.each(['2.1', '2.2', '2.3', '2.3.1', '2.4', '2.5', '2.5.1', '2.6', '2.7', '2.8', '2.8.2', '9', ''])(
    'are read whatever MSH-12 says: "%s"',
    (version) => {
      const message = parseHl7v2(`MSH|^~\\&|A|B|C|D|20250102||ADT^A01|1|P|${version}\rPID|1`);
      expect(message.msh.value(12)).toBe(version);
      expect(message.first('PID')?.value(1)).toBe('1');
    },
  );
});

describe('delimiters', () => {
  test.each([
    ['the usual ones', 'MSH|^~\\&|A', ['|', '^', '~', '\\', '&', '']],
    ['others', 'MSH#*+!@#A', ['#', '*', '+', '!', '@', '']],
    ['a truncation character', 'MSH|^~\\&#|A', ['|', '^', '~', '\\', '&', '#']],
    ['no subcomponent', 'MSH|^~\\|A', ['|', '^', '~', '\\', '', '']],
    ['only a component', 'MSH|^|A', ['|', '^', '', '', '', '']],
    ['a doubled backslash', 'MSH|^~\\\\&|A', ['|', '^', '~', '\\', '&', '']],
    ['trailing blanks', 'MSH|^~\\& |A', ['|', '^', '~', '\\', '&', '']],
    ['nothing after them', 'MSH|^~\\&', ['|', '^', '~', '\\', '&', '']],
    ['a line end after them', 'MSH|^~\\&\rPID|1', ['|', '^', '~', '\\', '&', '']],
  ])('are read: %s', (_, text, [field, component, repetition, escape, subcomponent, truncation]) => {
    expect(parseHl7v2(text).delimiters).toEqual({
      field,
      component,
      repetition,
      escape,
      subcomponent,
      truncation,
    });
  });

  test('that are unusual separate as the usual ones do', () => {
    const pid = parseHl7v2('MSH#*+!@#A\rPID#1##9990000018***NHS*NH+A1***R@X#!F!').first('PID');
    expect(pid?.value(3)).toBe('9990000018');
    expect(pid?.value(3, 2, 4, 2)).toBe('X');
    expect(pid?.value(4)).toBe('#');
  });

  test('that are not declared separate nothing', () => {
    const pid = parseHl7v2('MSH|^|A\rPID|a~b&c\\T\\^d').first('PID');
    expect(pid?.repetitions(1)).toBe(1);
    expect(pid?.value(1)).toBe('a~b&c\\T\\');
    expect(pid?.value(1, 1, 2)).toBe('d');
  });

  test.each([
    ['MSH', 'MSH-1'],
    ['MSH\rPID|1', 'MSH-1'],
    ['MSHX^~\\&X', 'MSH-1'],
    ['MSH ^~\\& A', 'MSH-1'],
    ['MSH"^~\\&"A', 'MSH-1'],
    ['MSH\u00a6^~\\&\u00a6A', 'MSH-1'],
    ['MSH|', 'MSH-2'],
    ['MSH||A', 'MSH-2'],
    ['MSH|\rPID|1', 'MSH-2'],
    ['MSH|^^\\&|A', 'MSH-2'],
    ['MSH|^~a&|A', 'MSH-2'],
    ['MSH|^~\\&amp;|A', 'MSH-2'],
    ['MSH|^~\\&#!|A', 'MSH-2'],
    ['MSH|^ \\&|A', 'MSH-2'],
    ['MSH|^~\\&PAS', 'MSH-2'],
  ])('that cannot be used are refused: %j', (text, location) => {
    expect(refusalOf(text)).toEqual({ code: 'HDE_HL7_DELIMITERS', location });
  });
});

describe('refusals', () => {
  test.each([
    ['nothing', ''],
    ['blank lines', ' \r\n\t'],
    ['an empty frame', '\x0b\x1c\r'],
    ['a byte order mark alone', '\ufeff'],
    ['zero bytes', '\0\0\0'],
  ])('an input of %s is empty', (_, input) => {
    expect(refusalOf(input)).toEqual({ code: 'HDE_PAYLOAD_EMPTY', location: 'segment 1' });
    expect(refusalOf(utf8(input))).toEqual({ code: 'HDE_PAYLOAD_EMPTY', location: 'segment 1' });
  });

  test.each([
    ['another segment', 'PID|1\rMSH|^~\\&|A'],
    ['a batch header', 'BHS|^~\\&|A\rMSH|^~\\&|A'],
    ['JSON', '{"resourceType":"Patient"}'],
    ['a lower-case name', 'msh|^~\\&|A'],
  ])('an input that begins with %s has no MSH', (_, input) => {
    expect(refusalOf(input)).toEqual({ code: 'HDE_HL7_NO_MSH', location: 'segment 1' });
  });

  test.each([
    ['a line break in a field', `${admission}second line of a note`, 'segment 8'],
    ['a name in lower case', 'MSH|^~\\&|A\r\rpid|1', 'segment 2'],
    ['a name of two characters', 'MSH|^~\\&|A\rPV|1', 'segment 2'],
    ['a name that begins with a digit', 'MSH|^~\\&|A\r1PV|1', 'segment 2'],
    ['another separator', 'MSH|^~\\&|A\rPID#1', 'segment 2'],
    ['blanks before a name', 'MSH|^~\\&|A\rEVN|1\r PID|1', 'segment 3'],
    ['a second message', `${admission}${admission}`, 'segment 8'],
  ])('%s is refused with the number of the segment', (_, input, location) => {
    expect(refusalOf(input)).toEqual({ code: 'HDE_HL7_SEGMENT', location });
  });

  test('say nothing of what the message holds', () => {
    for (const input of ['SECRET', 'MSH|SECRET|SECRET', 'MSHSECRET', `${admission}SECRET|9990000018`]) {
      try {
        parseHl7v2(input);
        throw new Error('the input was accepted');
      } catch (error) {
        expect(error).toBeInstanceOf(ExchangeError);
        const { message, detail, location } = error as ExchangeError;
        expect([message, detail, location].join()).not.toMatch(/SECRET|999/);
      }
    }
  });
});

test('a blank in place of the escape character means that there is none', () => {
  const message = parseHl7v2('MSH|^~ &|A|B\\C\rPID|1||1^2&3\r');
  expect(message.delimiters.escape).toBe('');
  expect(message.msh.value(4)).toBe('B\\C');
  expect(message.first('PID')?.value(3, 1, 2, 2)).toBe('3');
});
