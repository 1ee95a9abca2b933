/**
 * Hostile input: `HDE_FUZZ_RUNS` says how often (default 3,000). A failure prints the seed and the shortest input that
 * fast-check found.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { convert } from '../../../src/core/converter/convert.js';
import { ExchangeError } from '../../../src/core/errors.js';
import { dayMessages, messagesFor } from './corpus.js';
import { ukPack } from './support.js';

const RUNS = Number(process.env['HDE_FUZZ_RUNS'] ?? 3000);
/** Far more than the largest of these inputs needs on a slow machine. */
const MILLISECONDS_PER_INPUT = 2000;

/** Messages of every kind that the pack knows: a day of a trust, and one for each map. */
const seeds: readonly string[] = [
  ...dayMessages(15).map(({ text }) => text),
  ...ukPack.maps.flatMap((map) => {
    const [rule] = map.rules;
    const [text] = rule === undefined ? [] : messagesFor(ukPack, map, rule);
    return text === undefined ? [] : [text];
  }),
];

const breakers = fc.constantFrom(
  ...['|', '^', '~', '&', '\\', '\r', '\n', '\x0b', '\x1c\r', '\ufeff', '\u0000', '\ud800', '""', '|""|'],
  ...['\\X00\\', '\\X', '\\.br\\', '\\.sp99\\', '\\T\\', '\\E\\', '__proto__', 'constructor', 'toString'],
  ...['20240230', '99999999999999', '-1', '1e999', 'NaN', '9'.repeat(400), '^'.repeat(500), '~'.repeat(500)],
  ...[
    'MSH|^~\\&|',
    'FHS|^~\\&\r',
    'BTS|9\r',
    '\rOBX|1|SN|A||<^5',
    '\rPID|2||1^^^RXX',
    '\rMRG|""',
    '\rZZZ|x',
    '\rNTE|1||x',
  ],
);

const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.oneof(fc.nat(4), fc.nat(200)),
  insert: fc.oneof(breakers, fc.string({ unit: 'binary', maxLength: 6 })),
});

const damaged = fc
  .tuple(fc.constantFrom(...seeds), fc.array(change, { minLength: 1, maxLength: 8 }))
  .map(([text, changes]) =>
    changes.reduce((result, { at, length, insert }) => {
      const start = Math.floor(at * result.length);
      return result.slice(0, start) + insert + result.slice(start + length);
    }, text),
  );

/** Pieces of two messages in turn: segments under parents where they do not belong. */
const shuffled = fc
  .tuple(fc.constantFrom(...seeds), fc.constantFrom(...seeds), fc.array(fc.nat(60), { maxLength: 30 }))
  .map(([a, b, order]) => {
    const lines = [...a.split('\r'), ...b.split('\r').slice(1)];
    return [lines[0], ...order.map((index) => lines[index % lines.length])].join('\r');
  });

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .uint8Array({ maxLength: 300 })
    .map((tail) => Buffer.concat([Buffer.from('MSH|^~\\&|A|B|||1||ADT^A01|1|P|2.4\rPID|'), tail])),
  damaged.map((text) => new Uint8Array(Buffer.from(text, 'latin1'))),
  damaged.map((text) => new Uint8Array(Buffer.from(text, 'utf16le'))),
);

function endure(input: Uint8Array | string): void {
  const started = performance.now();
  try {
    JSON.stringify(convert(input, { format: 'hl7v2' }));
  } catch (error) {
    if (!(error instanceof ExchangeError)) throw error;
    if (error.code === 'HDE_MAPPING_FAILED' || error.code === 'HDE_INTERNAL') throw error;
  }
  if (performance.now() - started > MILLISECONDS_PER_INPUT) throw new Error('too slow');
}

describe('no input makes the converter do anything but convert or refuse', () => {
  test.each<[string, fc.Arbitrary<Uint8Array | string>, number]>([
    ['damaged messages', damaged, 0.6],
    ['shuffled segments', shuffled, 0.2],
    ['bytes', bytes, 0.2],
  ])(
    '%s',
    (_kind, inputs, share) => {
      fc.assert(
        fc.property(inputs, (input) => {
          endure(input);
        }),
        { numRuns: Math.ceil(RUNS * share) },
      );
    },
    60_000 + RUNS * 10,
  );

  test('memory is linear: what a large message leaves behind is a small multiple of it', () => {
    const [head = ''] = seeds;
    const large = (count: number) => head + 'OBX|1|ST|X^Y||text~text~text||||||F\r'.repeat(count);
    const sizeOf = (count: number) => JSON.stringify(convert(large(count), { format: 'hl7v2' })).length;
    const [small, big] = [sizeOf(500), sizeOf(4000)];
    expect(big / small).toBeLessThan(8.8);
  });
});
