import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseHl7v2 } from '../../../../src/core/formats/hl7v2/parse.js';
import {
  contentOf,
  delimiterFields,
  writeHl7v2,
  writeSegments,
} from '../../../../src/core/formats/hl7v2/write.js';
import { admission, anyMessage, latin1, utf16, utf8 } from './messages.js';

/** Ways in which a message may arrive; the text must be writable in them. */
const wires: [string, (text: string) => Uint8Array][] = [
  ['UTF-8', utf8],
  ['UTF-8 with a mark', (text) => utf8(`\ufeff${text}`)],
  ['framed UTF-8', (text) => utf8(`\x0b${text}\x1c\r`)],
  ['framed UTF-8 with a mark and a line feed', (text) => utf8(`\x0b\ufeff${text}\x1c\r\n`)],
  ['UTF-8 that ends in a lone end block', (text) => utf8(`${text}\x1c`)],
  ['UTF-16', (text) => utf16(text, 'le', true)],
  ['big-endian UTF-16 without mark', (text) => utf16(text, 'be', false)],
  ['framed UTF-16', (text) => Uint8Array.of(0x0b, ...utf16(text, 'le', true), 0x1c, 0x0d)],
];

describe('writeHl7v2', () => {
  test.each(wires)('gives back the bytes of any message: %s', (_, encode) => {
    fc.assert(
      fc.property(anyMessage, (text) => {
        const bytes = encode(text);
        expect(Buffer.from(bytes).equals(writeHl7v2(parseHl7v2(bytes)))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test.each(['', 'ASCII', '8859/1', 'windows-1252', '8859/2', '8859/15'])(
    'gives back any bytes in the character set "%s"',
    (charset) => {
      const bytes = fc.uint8Array({ maxLength: 50 }).map((body) => body.filter((byte) => byte > 0x20));
      fc.assert(
        fc.property(bytes, (body) => {
          const message = Buffer.concat([
            latin1(`MSH|^~\\&|A||||||||||||||||${charset}|`),
            body,
            latin1('\rPID|1\r'),
          ]);
          expect(message.equals(writeHl7v2(parseHl7v2(message)))).toBe(true);
        }),
        { numRuns: 200 },
      );
    },
  );

  test('writes text input as UTF-8', () => {
    const text = '\x0b\ufeffMSH|^~\\&|Siân 😀\r\n\r\nPID|1\x1c\r';
    expect(Buffer.from(writeHl7v2(parseHl7v2(text))).toString('utf8')).toBe(text);
  });
});

describe('writeSegments', () => {
  test('writes text as it is and joins parts with the delimiters', () => {
    const text = writeSegments([
      { name: 'MSH', fields: ['|', '^~\\&', 'A', '', [['ADT', 'A01']]] },
      { name: 'PID', fields: ['1', '', [['1', '', '', ['NHS', '2.16']], 'A^B'], ['x', 'y']] },
      { name: 'PV2', fields: [] },
    ]);
    expect(text).toBe('MSH|^~\\&|A||ADT^A01\rPID|1||1^^^NHS&2.16~A^B|x~y\rPV2\r');
  });

  test('writes with the delimiters of the message', () => {
    const delimiters = {
      field: '#',
      component: '*',
      repetition: '+',
      escape: '!',
      subcomponent: '@',
      truncation: '$',
    };
    const segments = [
      { name: 'MSH', fields: [...delimiterFields(delimiters), 'A'] },
      { name: 'PID', fields: [[[['a', 'b'], 'c'], 'd']] },
    ];
    expect(writeSegments(segments, delimiters)).toBe('MSH#*+!@$#A\rPID#a@b*c+d\r');
  });

  test('rebuilds any message from what its segments say, with CR after each', () => {
    fc.assert(
      fc.property(anyMessage, (text) => {
        const message = parseHl7v2(text);
        const expected = message.segments
          .map(({ span }) => `${message.text.slice(span.start, span.end)}\r`)
          .join('');
        const content = message.segments.map((segment) => contentOf(segment, message.delimiters));
        expect(writeSegments(content, message.delimiters)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  test('lets one field be changed and leaves the rest as it was', () => {
    const message = parseHl7v2(admission);
    const content = message.segments.map((segment) => {
      const { name, fields } = contentOf(segment, message.delimiters);
      return { name, fields: name === 'EVN' ? fields.with(0, 'A08') : fields };
    });
    expect(writeSegments(content, message.delimiters)).toBe(admission.replace('EVN|A01', 'EVN|A08'));
  });
});
