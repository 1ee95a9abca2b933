import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ExchangeError } from '../../../../src/core/errors.js';
import { countBatch, splitBatch } from '../../../../src/core/formats/hl7v2/batch.js';
import { parseHl7v2 } from '../../../../src/core/formats/hl7v2/parse.js';
import { writeHl7v2 } from '../../../../src/core/formats/hl7v2/write.js';
import { admission, anyMessage, everyPlace, utf16, utf8 } from './messages.js';

const codes = [
  'HDE_HL7_NO_MSH',
  'HDE_HL7_DELIMITERS',
  'HDE_HL7_ENCODING',
  'HDE_HL7_SEGMENT',
  'HDE_PAYLOAD_EMPTY',
];

/** Parses, reads every place and writes again; any failure but a registered refusal escapes. */
function endure(input: Uint8Array | string): 'accepted' | 'refused' {
  try {
    const message = parseHl7v2(input);
    for (const { segment, field, repetition, component } of everyPlace(message)) {
      segment.value(field, repetition, component);
      segment.isNull(field, repetition, component, 2);
      message.byteOffset(segment.spanOf(field, repetition)?.end ?? 0);
    }
    const written = writeHl7v2(message);
    if (typeof input !== 'string' && !Buffer.from(input).equals(written))
      throw new Error('other bytes were written');
    return 'accepted';
  } catch (error) {
    if (!(error instanceof ExchangeError)) throw error;
    expect(codes).toContain(error.code);
    expect(error.location).toMatch(/^(?:MSH-(?:1|2|18)|segment \d+)$/);
    return 'refused';
  }
}

/** One change to bytes: cut, remove, repeat or replace a part. */
const mutation = fc.record({
  at: fc.nat(),
  length: fc.integer({ min: 0, max: 12 }),
  insert: fc.oneof(
    fc.uint8Array({ maxLength: 6 }),
    fc.constantFrom('\r', '\n', '|', '^~\\&', 'MSH|', '\x0b', '\x1c\r', '\ufeff', '""', '\\', '\0').map(utf8),
  ),
});

function mutate(
  bytes: Uint8Array,
  mutations: readonly { at: number; length: number; insert: Uint8Array }[],
): Uint8Array {
  let result = bytes;
  for (const { at, length, insert } of mutations) {
    const start = at % (result.length + 1);
    result = Buffer.concat([result.subarray(0, start), insert, result.subarray(start + length)]);
  }
  return new Uint8Array(result);
}

const seeds = fc.oneof(
  fc.constantFrom(utf8(admission), utf16(admission, 'le', true), utf16(admission, 'be', false)),
  anyMessage.map(utf8),
);

describe('no input makes the parser do anything but parse or refuse', () => {
  test.each<[string, fc.Arbitrary<Uint8Array | string>]>([
    ['bytes', fc.uint8Array({ maxLength: 200 })],
    [
      'bytes after MSH',
      fc.uint8Array({ maxLength: 200 }).map((tail) => Uint8Array.of(0x4d, 0x53, 0x48, ...tail)),
    ],
    [
      'bytes after a header',
      fc.uint8Array({ maxLength: 200 }).map((tail) => Uint8Array.of(...utf8('MSH|^~\\&|'), ...tail)),
    ],
    ['text', fc.string({ unit: 'binary', maxLength: 200 })],
    [
      'UTF-16 units',
      fc.uint16Array({ maxLength: 100 }).map((units) => String.fromCharCode(0x4d, 0x53, 0x48, ...units)),
    ],
  ])('random %s', (_, inputs) => {
    fc.assert(
      fc.property(inputs, (input) => {
        endure(input);
      }),
      { numRuns: 2000 },
    );
  });

  test('damaged messages', () => {
    fc.assert(
      fc.property(seeds, fc.array(mutation, { minLength: 1, maxLength: 4 }), (bytes, mutations) => {
        endure(mutate(bytes, mutations));
      }),
      { numRuns: 3000 },
    );
  });

  test('undamaged messages are accepted', () => {
    fc.assert(
      fc.property(seeds, (bytes) => {
        expect(endure(bytes)).toBe('accepted');
      }),
      { numRuns: 200 },
    );
  });

  test('views of larger buffers are read within their bounds', () => {
    const bytes = utf8(`xx${admission}yy`);
    const message = parseHl7v2(bytes.subarray(2, bytes.length - 2));
    expect(message.text).toBe(admission);
  });
});

describe('no input makes the splitter lose anything', () => {
  const withoutBlanks = (text: string): string => text.replaceAll(/[\0-\x20\ufeff]/g, '');

  test('but batch segments', () => {
    const unit = fc.constantFrom(
      'MSH|^~\\&|',
      'PID|1',
      'x',
      '\r',
      '\n',
      '\x0b',
      '\x1c',
      ' ',
      '\ufeff',
      '\r\x1c\r',
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 20 }), (parts) => {
        const text = parts.join('');
        expect(withoutBlanks([...splitBatch(text)].join(''))).toBe(withoutBlanks(text));
      }),
      { numRuns: 1000 },
    );
  });

  test('and bytes are split like text', () => {
    const unit = fc.constantFrom('MSH|', 'BTS|2', 'BHS|^~\\&', 'é', '\r', '\x0b', '\x1c', 'FTS', '\ufeff');
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 20 }), (parts) => {
        const text = parts.join('');
        expect([...splitBatch(utf8(text))]).toEqual([...splitBatch(text)].map(utf8));
        expect(countBatch(utf8(text))).toEqual(countBatch(text));
      }),
      { numRuns: 500 },
    );
  });

  test('whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const piece of splitBatch(bytes)) endure(piece);
      }),
      { numRuns: 1000 },
    );
  });
});
