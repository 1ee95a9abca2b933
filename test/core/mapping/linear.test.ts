import { describe, expect, test } from '@jest/globals';
import type { Bundle } from 'fhir/r4.js';
import { convert } from '../../../src/core/converter/convert.js';
import { countCharacters } from '../../support/character-work.js';

const countWork = countCharacters();

const header =
  'MSH|^~\\&|LAB|RXX|||20260214112207||ORU^R01|1|P|2.4\rPID|1||A1^^^RXX^MR||Doe^Jo\rPV1|1|I|||||||||||||||||V1\r';
const order = 'OBR|1|P1|F1|FBC^Full blood count^L|||20260214094000||||||||||||||||||F\r';

const workOf = (text: string): number =>
  countWork(() => {
    convert(text, { format: 'hl7v2' });
  });

const shapes: [string, (n: number) => string][] = [
  ['results of one order', (n) => order + lines(n, (i) => `OBX|${i}|NM|C${i}^Test^L||7.0|mmol/L|3-8|N|||F`)],
  ['results of one code', (n) => order + lines(n, (i) => `OBX|${i}|NM|HB^Test^L||7|g/L||||||F`)],
  [
    'results of one code, each at its time',
    (n) => order + lines(n, (i) => `OBX|${i}|NM|HB^Test^L||7|g/L||||||F|||2026021409${10_000 + i}`),
  ],
  [
    'coded results of one code',
    (n) => order + lines(n, (i) => `OBX|${i}|CE|ORG^Growth^L||O${i}^Organism^L||||||F`),
  ],
  ['orders', (n) => lines(n, (i) => `OBR|${i}|P${i}|F${i}|FBC^Full blood count^L|||20260214094000`)],
  ['notes', (n) => `${order}OBX|1|NM|HB^Test^L||7|g/L||||||F\r${lines(n, (i) => `NTE|${i}||Line ${i}`)}`],
  ['lines of a text', (n) => `${order}OBX|1|TX|TXT^Text^L||${'line~'.repeat(n)}||||||F\r`],
  ['allergies', (n) => lines(n, (i) => `AL1|${i}|DA|D${i}^Drug^L|SV|Rash`)],
  ['identifiers', (n) => `PID|2||${lines(n, (i) => `B${i}^^^RXX^MR`).replaceAll('\r', '~')}\r`],
  ['segments without a rule', (n) => lines(n, (i) => `ZZZ|${i}|a^b`)],
];

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => `${line(index + 1)}\r`).join('');
}

describe('the work of a conversion grows no faster than the message', () => {
  test.each(shapes)('of many %s', (_, shape) => {
    workOf(header + shape(10));
    const small = workOf(header + shape(250));
    const large = workOf(header + shape(2000));
    expect(small).toBeGreaterThan(500);
    // Eight times as much, and a little for longer numbers.
    expect(large / small).toBeLessThan(10);
  });
});

describe('a large message', () => {
  test('with a document of 5 MB is looked at only a few times', () => {
    const document = 'QUJDREVG'.repeat(655_360);
    const text = `${header}${order}OBX|1|ED|DOC^Letter^L||^application^pdf^Base64^${document}||||||F\r`;
    expect(workOf(text) / text.length).toBeLessThan(25);
  });

  test('of 20,000 segments is converted whole', () => {
    const text = header + order + lines(20_000, (i) => `OBX|${i}|NM|C${i}^Test^L||7.0|mmol/L|||||F`);
    let bundle: Bundle | undefined;
    const work = countWork(() => {
      ({ bundle } = convert(text, { format: 'hl7v2' }));
    });
    expect(work / 20_000).toBeLessThan(10_000);
    const results = bundle?.entry?.filter(({ resource }) => resource?.resourceType === 'Observation');
    expect(results).toHaveLength(20_000);
  });
});
