import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeText } from '../../../../src/core/formats/hl7v2/charset.js';
import { parseHl7v2 } from '../../../../src/core/formats/hl7v2/parse.js';
import { latin1, utf16, utf8 } from './messages.js';

const message = (charset: string, name: string): string =>
  `MSH|^~\\&|A|B|C|D|20250102||ADT^A01|1|P|2.4||||||${charset}\rPID|1||9990000018||${name}\r`;

const nameOf = (bytes: Uint8Array): string => parseHl7v2(bytes).first('PID')?.value(5) ?? '';

const encodingRefused = expect.objectContaining({ code: 'HDE_HL7_ENCODING', location: 'MSH-18' });

describe('MSH-18', () => {
  test.each([
    'UNICODE UTF-8',
    'UTF-8',
    'utf8',
    'UNICODE',
    'UNICODE UTF-8~8859/1',
    '',
    'ASCII',
    'ISO IR6',
    'KLINGON',
  ])('"%s" lets valid UTF-8 be read as such', (charset) => {
    expect(nameOf(utf8(message(charset, 'Siân O’Dowd 😀')))).toBe('Siân O’Dowd 😀');
  });

  test.each([
    '8859/1',
    'ISO-8859-1',
    '8859-1',
    'windows-1252',
    'CP1252',
    'ISO IR100',
    '8859/1~UNICODE UTF-8',
  ])('"%s" makes the bytes windows-1252, even when they are valid UTF-8 too', (charset) => {
    expect(nameOf(latin1(message(charset, 'Si\xe2n O\x92Dowd \x80')))).toBe('Siân O’Dowd €');
    expect(nameOf(latin1(message(charset, 'Si\xc3\xa2n')))).toBe('SiÃ¢n');
  });

  test.each(['', 'ASCII', 'US-ASCII'])(
    '"%s" lets bytes that are not UTF-8 be read as windows-1252',
    (charset) => {
      expect(nameOf(latin1(message(charset, 'Si\xe2n O\x92Dowd')))).toBe('Siân O’Dowd');
    },
  );

  test.each([
    ['8859/14', 'G\xf0yneth', 'Gŵyneth'],
    ['8859/15', '\xa4', '€'],
    ['8859/2', '\xa3\xf3d\xbc', 'Łódź'],
    ['8859/5', '\xb8\xd2\xd0\xdd', 'Иван'],
  ])('"%s" names that part of ISO 8859', (charset, sent, expected) => {
    expect(nameOf(latin1(message(charset, sent)))).toBe(expected);
  });

  test.each([
    ['UNICODE UTF-8', 'Si\xe2n'],
    ['UNICODE', 'Si\xe2n'],
    ['UNICODE UTF-16', 'Si\xe2n'],
    ['8859/3', '\xa5'],
    ['KLINGON', 'Si\xe2n'],
  ])('"%s" refuses bytes that it cannot mean', (charset, sent) => {
    expect(() => nameOf(latin1(message(charset, sent)))).toThrow(encodingRefused);
  });

  test('is not asked about text', () => {
    expect(parseHl7v2(message('8859/1', 'Siân Ł')).first('PID')?.value(5)).toBe('Siân Ł');
  });

  test('is found with the delimiters of the message', () => {
    const text = 'MSH#*+!@#A#B#C#D#20250102##ADT*A01#1#P#2.4######8859/1+UTF-8\rPID#Si\xe2n';
    expect(parseHl7v2(latin1(text)).first('PID')?.value(1)).toBe('Siân');
  });
});

describe('UTF-16', () => {
  test.each([
    ['little-endian with mark', 'le', true],
    ['big-endian with mark', 'be', true],
    ['little-endian without mark', 'le', false],
    ['big-endian without mark', 'be', false],
  ] as const)('is recognised: %s, framed or not, whatever MSH-18 says', (_, order, mark) => {
    for (const charset of ['UNICODE UTF-16', 'UNICODE', '', '8859/1']) {
      const bytes = utf16(message(charset, 'Siân Ł 😀'), order, mark);
      expect(nameOf(bytes)).toBe('Siân Ł 😀');
      expect(nameOf(Uint8Array.of(0x0b, ...bytes, 0x1c, 0x0d))).toBe('Siân Ł 😀');
    }
  });

  test('may end in the character that looks like an end block', () => {
    const text = 'MSH|^~\\&|A|\u0d1c';
    expect(parseHl7v2(utf16(text, 'le', true)).msh.value(4)).toBe('\u0d1c');
  });

  test('is refused with half a character or an unpaired surrogate', () => {
    const bytes = utf16(message('', 'x'), 'le', true);
    expect(() => parseHl7v2(bytes.subarray(0, -1))).toThrow(encodingRefused);
    expect(() => parseHl7v2(utf16(message('', '\ud800'), 'le', true))).toThrow(encodingRefused);
  });
});

describe('a byte order mark of UTF-8', () => {
  const marked = (bytes: Uint8Array) => Uint8Array.of(0xef, 0xbb, 0xbf, ...bytes);

  test('outweighs MSH-18', () => {
    expect(nameOf(marked(utf8(message('8859/1', 'Siân'))))).toBe('Siân');
  });

  test('before other bytes is refused', () => {
    expect(() => nameOf(marked(latin1(message('8859/1', 'Si\xe2n'))))).toThrow(encodingRefused);
  });
});

describe('byteOffset', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '€', '😀', '\r'), maxLength: 3000 });

  test.each([
    ['UTF-8', 'utf-8', (sent: string) => utf8(sent)],
    ['framed UTF-8 with a mark', 'utf-8', (sent: string) => Uint8Array.of(0x0b, ...utf8(`\ufeff${sent}`))],
    ['UTF-16 with a mark', 'utf-16le', (sent: string) => utf16(sent, 'le', true)],
    ['big-endian UTF-16', 'utf-16be', (sent: string) => utf16(sent, 'be', false)],
  ])('leads back into the input: %s', (_, charset, encode) => {
    fc.assert(
      fc.property(text, fc.nat(), (body, choice) => {
        const sent = `MSH|^~\\&|UNICODE|${body.replaceAll('\r', '')}|é`;
        const input = encode(sent);
        const parsed = parseHl7v2(input);
        const characters = Array.from(parsed.text);
        const position = characters.slice(0, choice % (characters.length + 1)).join('').length;
        const tail = new TextDecoder(charset).decode(input.subarray(parsed.byteOffset(position)));
        expect(tail).toBe(parsed.text.slice(position));
      }),
      { numRuns: 100 },
    );
  });

  test('is the position itself in ASCII and single-byte text', () => {
    const parsed = parseHl7v2(latin1(message('8859/1', 'Si\xe2n')));
    const span = parsed.first('PID')?.spanOf(5);
    expect(parsed.byteOffset(span?.end ?? 0)).toBe(span?.end);
    expect(parseHl7v2(utf8('\x0bMSH|^~\\&|A\x1c\r')).byteOffset(9)).toBe(10);
  });

  test('counts text input as UTF-8', () => {
    expect(parseHl7v2('\x0b\ufeffMSH|^~\\&|é|b').byteOffset(11)).toBe(1 + 3 + 12);
  });

  test('stays within the input', () => {
    const parsed = parseHl7v2(utf8('MSH|^~\\&|é'));
    expect([parsed.byteOffset(-5), parsed.byteOffset(1e9)]).toEqual([0, 11]);
  });
});

describe('encodeText', () => {
  test.each([
    ['UNICODE UTF-8', 'é€Ł', [0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xc5, 0x81]],
    ['', 'é', [0xc3, 0xa9]],
    ['KLINGON', 'é', [0xc3, 0xa9]],
    ['8859/1', 'é€Ł😀', [0xe9, 0x80, 0x3f, 0x3f]],
    ['8859/15', 'é€', [0xe9, 0xa4]],
  ])('writes what MSH-18 "%s" declares', (charset, text, bytes) => {
    expect([...encodeText(text, charset)]).toEqual(bytes);
  });
});
