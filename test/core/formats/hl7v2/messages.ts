/** Synthetic messages and arbitraries shared by the HL7 v2 tests. */
import fc from 'fast-check';
import type { Hl7Message } from '../../../../src/core/formats/hl7v2/types.js';

/** An admission of a synthetic patient, one segment an item. */
export const admissionSegments: readonly string[] = [
  'MSH|^~\\&|PAS|RXX|HDE|RXY|20250102030405||ADT^A01^ADT_A01|MSG00001|P|2.4|||AL|NE',
  'EVN|A01|20250102030400',
  'PID|1||9990000018^^^NHS^NH~A123456^^^RXX^MR||O\\T\\BRIEN^MAEVE^""^^MS||19800229|2|||1 HIGH ST^^LEEDS^^LS1 1AA||""',
  'PV1|1|I|WARD7^BAY2^BED1&LEFT^RXX',
  'OBX|1|NM|8867-4^Heart rate^LN||72|/min',
  'OBX|2|ST|NOTE^^L||line one\\.br\\line two~second',
  'ZU1|20250101||x',
];

export const admission = `${admissionSegments.join('\r')}\r`;

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export const latin1 = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

export const utf16 = (text: string, order: 'le' | 'be', mark: boolean): Uint8Array => {
  const bytes = Buffer.from((mark ? '\ufeff' : '') + text, 'utf16le');
  return new Uint8Array(order === 'le' ? bytes : bytes.swap16());
};

/** Text dense in everything that has a meaning in HL7. */
export const dense = (extra = ''): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from(`|^~\\&#"AZ09.bé€😀XFSTRE ${extra}`)), maxLength: 60 });

/** A message that parses: standard delimiters, legal names, hostile fields, any line ends. */
export const anyMessage: fc.Arbitrary<string> = fc
  .tuple(
    dense(),
    fc.array(fc.tuple(fc.constantFrom('PID', 'OBX', 'ZU1', 'A01'), dense()), { maxLength: 8 }),
    fc.constantFrom('\r', '\n', '\r\n', '\r\r', '\n \r'),
    fc.boolean(),
  )
  .map(([header, segments, end, isTerminated]) => {
    const lines = [`MSH|^~\\&|${header}`, ...segments.map(([name, fields]) => `${name}|${fields}`)];
    return lines.join(end) + (isTerminated ? end : '');
  });

/** Every leaf position of a message and one beyond each end. */
export function* everyPlace(message: Hl7Message) {
  for (const segment of message.segments) {
    for (let field = 0; field <= segment.fieldCount + 1; field++) {
      for (let repetition = 1; repetition <= segment.repetitions(field) + 1; repetition++) {
        for (let component = 1; component <= segment.components(field, repetition) + 1; component++) {
          yield { segment, field, repetition, component };
        }
      }
    }
  }
}
