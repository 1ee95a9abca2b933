import { describe, expect, test } from '@jest/globals';
import { standardDelimiters } from '../../../../src/core/formats/hl7v2/delimiters.js';
import { escape, unescape } from '../../../../src/core/formats/hl7v2/escapes.js';
import { splitBatch } from '../../../../src/core/formats/hl7v2/batch.js';
import { parseHl7v2 } from '../../../../src/core/formats/hl7v2/parse.js';
import type { Hl7Message } from '../../../../src/core/formats/hl7v2/types.js';
import { countCharacters } from '../../../support/character-work.js';

const workOf = countCharacters();

const header = 'MSH|^~\\&|A||||||ADT^A01|1|P|2.4\r';

/** Reads every leaf in the way that a careless caller would. */
function readEverything(message: Hl7Message): void {
  for (const segment of message.segments) {
    message.all(segment.name);
    for (let field = 1; field <= segment.fieldCount; field++) {
      for (let repetition = 1; repetition <= segment.repetitions(field); repetition++) {
        for (let component = 1; component <= segment.components(field, repetition); component++) {
          segment.value(field, repetition, component);
          segment.isNull(field, repetition, component, 2);
        }
      }
    }
  }
}

/** Many of something small; each may cost a little more than its length, but no more when there are more of it. */
const shapes: [string, (n: number) => string][] = [
  ['segments', (n) => 'OBX|1|NM|A^B||7\r'.repeat(n)],
  ['segments without fields', (n) => 'ZZZ\r'.repeat(n)],
  ['segments of two names in turn', (n) => 'OBX|1\rNTE|1\r'.repeat(n)],
  ['lines ended by LF', (n) => 'OBX|1\n'.repeat(n)],
  ['lines ended by CRLF', (n) => 'OBX|1\r\n'.repeat(n)],
  ['lines ended by CR but one', (n) => `${'OBX|1\r'.repeat(n)}OBX|1\n`],
  ['blank lines', (n) => '\r\n \r'.repeat(n)],
  ['fields', (n) => `PID${'|a'.repeat(n)}\r`],
  ['empty fields', (n) => `PID${'|'.repeat(n)}\r`],
  ['repetitions', (n) => `PID|${'a~'.repeat(n)}\r`],
  ['components', (n) => `PID|${'a^'.repeat(n)}\r`],
  ['subcomponents', (n) => `PID|${'a&'.repeat(n)}\r`],
  ['repetitions of components', (n) => `PID|${'a^b&c^~'.repeat(n)}\r`],
  ['characters of one value', (n) => `OBX|1|ED|A||^a^b^Base64^${'QUJD'.repeat(n)}\r`],
  ['escapes', (n) => `OBX|${'\\T\\'.repeat(n)}\r`],
  ['unknown escapes', (n) => `OBX|${'\\Q'.repeat(n)}\r`],
  ['lone escapes in components', (n) => `OBX|${'\\^'.repeat(n)}\r`],
];

describe('the work grows no faster than the input', () => {
  test.each(shapes)('of many %s', (_, shape) => {
    const run = (n: number): number => {
      const text = header + shape(n);
      return workOf(() => {
        readEverything(parseHl7v2(text));
      });
    };
    run(10);
    const small = run(500);
    const large = run(4000);
    expect(small).toBeGreaterThan(500);
    expect(large / small).toBeLessThan(8.5);
  });

  test.each<[string, (text: string) => void]>([
    ['unescape', (text) => unescape(text, standardDelimiters)],
    ['escape', (text) => escape(text, standardDelimiters)],
    ['splitBatch', (text) => [...splitBatch(text)]],
  ])('in %s', (_, action) => {
    const unit = '\\F\\\\Q\\\\X41\\a\\.sp99\\\rMSH|^~\\&|\\Z1\\x|\x1c\r';
    const run = (n: number): number => {
      const text = unit.repeat(n);
      return workOf(() => {
        action(text);
      });
    };
    const small = run(100);
    const large = run(800);
    expect(small).toBeGreaterThan(500);
    expect(large / small).toBeLessThan(8.5);
  });
});

describe('a large message', () => {
  test('with a value of 5 MB and 20,000 segments is looked at only a few times', () => {
    const value = 'QUJDREVG'.repeat(655_360);
    const text = `${header}OBX|1|ED|DOC||^application^pdf^Base64^${value}\r${'OBX|2|NM|A^B^L||7.0|mmol/L\r'.repeat(20_000)}`;
    const cost = workOf(() => {
      const message = parseHl7v2(text);
      expect(message.all('OBX')).toHaveLength(20_001);
      expect(message.first('OBX')?.value(5, 1, 5)).toHaveLength(5_242_880);
      for (const obx of message.all('OBX')) obx.value(5);
    });
    // Unwrapping, CR, LF, field starts, index, value, escapes: once each.
    expect(cost / text.length).toBeLessThan(7);
  });

  test('costs nothing beyond its segments until a field is read', () => {
    const text = `${header}OBX|1|TX|A||${'x|^~&\\'.repeat(100_000)}\r`;
    const cost = workOf(() => {
      expect(parseHl7v2(text).segments).toHaveLength(2);
    });
    // Unwrapping and the native searches for CR and LF.
    expect(cost / text.length).toBeLessThan(3.1);
  });
});
