import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseHl7v2 } from '../../../../src/core/formats/hl7v2/parse.js';
import type { Hl7Segment } from '../../../../src/core/formats/hl7v2/types.js';
import { admission, anyMessage, everyPlace } from './messages.js';

const segment = (text: string): Hl7Segment => {
  const found = parseHl7v2(`MSH|^~\\&|A\r${text}\r`).segments[1];
  if (found === undefined) throw new Error('the text holds no segment');
  return found;
};

describe('a segment', () => {
  const pid = parseHl7v2(admission).first('PID')!;

  test.each<[string, Parameters<Hl7Segment['raw']>, string]>([
    ['a whole repetition', [3], '9990000018^^^NHS^NH'],
    ['another repetition', [3, 2], 'A123456^^^RXX^MR'],
    ['a component', [3, 2, 4], 'RXX'],
    ['the first component', [3, 1, 1], '9990000018'],
    ['a leaf as sent', [5, 1, 1, 1], 'O\\T\\BRIEN'],
    ['an empty component', [3, 1, 2], ''],
    ['an empty field', [4], ''],
    ['a field beyond the last', [99], ''],
    ['field 0', [0], ''],
    ['a negative field', [-1], ''],
    ['repetition 0', [3, 0], ''],
    ['a repetition beyond the last', [3, 3], ''],
    ['component 0', [3, 1, 0], ''],
    ['a component beyond the last', [3, 1, 6], ''],
    ['a subcomponent beyond the last', [3, 1, 1, 2], ''],
    ['subcomponent 0', [3, 1, 1, 0], ''],
  ])('gives the text of %s', (_, place, expected) => {
    expect(pid.raw(...place)).toBe(expected);
  });

  test('gives values without escapes, component and subcomponent 1 by default', () => {
    expect(pid.value(5)).toBe('O&BRIEN');
    expect(pid.value(5, 1, 2)).toBe('MAEVE');
    expect(pid.value(3, 2)).toBe('A123456');
    expect(parseHl7v2(admission).first('PV1')?.value(3, 1, 3, 2)).toBe('LEFT');
    expect(parseHl7v2(admission).all('OBX')[1]?.value(5)).toBe('line one\nline two');
  });

  test('keeps delete apart from empty', () => {
    expect(pid.raw(5, 1, 3)).toBe('""');
    expect(pid.value(5, 1, 3)).toBe('""');
    expect(pid.isNull(5, 1, 3)).toBe(true);
    expect(pid.isNull(13)).toBe(true);
    expect(pid.isNull(4)).toBe(false);
    expect(pid.isNull(99)).toBe(false);
    expect(segment('PID|""x|x""|"|""""|""^""').isNull(1)).toBe(false);
    expect([2, 3, 4, 5].some((field) => segment('PID|""x|x""|"|""""|""^""').isNull(field))).toBe(false);
    expect(segment('PID|""^""').isNull(1, 1, 2)).toBe(true);
  });

  test.each([
    ['a word', 'Ann', 'Ann'],
    ['nothing', '', ''],
    ['an escape sequence', 'Smith \\T\\ Sons', undefined],
    ['a subcomponent', 'van&der', undefined],
    ['a delete value', '""', undefined],
    ['space around it', ' Ann', undefined],
    ['a letter beyond ASCII at its end', 'René', undefined],
    ['a control character', 'A\u0001n', undefined],
  ])('gives %s as it is, unless there is something to resolve', (_, text, plain) => {
    // The first question that the message is asked: the answer must not be about the place it looks at by itself.
    expect(segment(`PID|1||x^${text}^y`).plain(3, 1, 2)).toBe(plain);
    expect(segment(`PID|1||x^${text}^y`).raw(3, 1, 2)).toBe(text);
  });

  test('counts fields, repetitions and components by their delimiters', () => {
    expect(segment('PID|a||').fieldCount).toBe(3);
    expect(segment('PID|a~~b').repetitions(1)).toBe(3);
    expect(segment('PID|~').repetitions(1)).toBe(2);
    expect(segment('PID|').repetitions(1)).toBe(0);
    expect(segment('PID|a').repetitions(2)).toBe(0);
    expect(segment('PID|a~b^c^').components(1, 2)).toBe(3);
    expect(segment('PID|a~~b').components(1, 2)).toBe(0);
    expect(segment('PID|a').components(1)).toBe(1);
    expect(segment('PID|a').components(1, 2)).toBe(0);
    expect(segment('PID|""').components(1)).toBe(1);
  });

  test('tells repetitions with a value from those of separators and spaces only', () => {
    const populated = (text: string, repetition = 1) => segment(text).isPopulated(1, repetition);
    expect(populated('PID|a')).toBe(true);
    expect(populated('PID|^&^a')).toBe(true);
    expect(populated('PID|""')).toBe(true);
    expect(populated('PID|^^& ~b')).toBe(false);
    expect(populated('PID|^^& ~b', 2)).toBe(true);
    expect(populated('PID|^^& ~b', 3)).toBe(false);
    expect(populated('PID||a')).toBe(false);
    expect(parseHl7v2(admission).msh.isPopulated(1, 1)).toBe(true);
  });

  test('finds every part of a segment that is nearly all delimiters', () => {
    const fields = Array.from({ length: 3000 }, (_, index) => `${index % 10}^~&${index % 7}`);
    const dense = segment(`PID|${fields.join('|')}`);
    expect(dense.fieldCount).toBe(3000);
    for (const [index, field] of fields.entries()) {
      const parts = field.split(/[~^&]/);
      const place = (repetition: number, component: number, subcomponent: number) =>
        dense.raw(index + 1, repetition, component, subcomponent);
      expect([place(1, 1, 1), place(1, 2, 1), place(2, 1, 1), place(2, 1, 2)]).toEqual(parts);
    }
  });

  test('has no span for what is absent or empty', () => {
    expect(pid.spanOf(4)).toBeUndefined();
    expect(pid.spanOf(3, 1, 2)).toBeUndefined();
    expect(pid.spanOf(99)).toBeUndefined();
  });

  test('counts the separator as MSH-1 and never splits MSH-2', () => {
    const { msh, text } = parseHl7v2(admission);
    expect(msh.raw(1)).toBe('|');
    expect(msh.raw(2)).toBe('^~\\&');
    expect(msh.value(2)).toBe('^~\\&');
    expect([msh.repetitions(1), msh.repetitions(2), msh.components(2)]).toEqual([1, 1, 1]);
    expect(msh.raw(2, 2)).toBe('');
    expect(msh.raw(2, 1, 2)).toBe('');
    expect(msh.spanOf(1)).toEqual({ start: 3, end: 4 });
    expect(msh.spanOf(2)).toEqual({ start: 4, end: 8 });
    expect(text.slice(0, 9)).toBe('MSH|^~\\&|');
    expect(msh.value(3)).toBe('PAS');
    expect(msh.value(9, 1, 2)).toBe('A01');
    expect(msh.fieldCount).toBe(16);
  });

  test('answers the same whatever was asked before', () => {
    const line = 'PID|a^b~c&d|e|f^g&h~|~i|';
    const ask = (from: Hl7Segment, field: number) => [
      from.raw(field),
      from.value(field, 2, 1, 2),
      from.fieldCount,
    ];
    const forwards = segment(line);
    const backwards = segment(line);
    const fields = [1, 2, 3, 4, 5];
    const ahead = fields.map((field) => ask(forwards, field));
    const back = [...fields].reverse().map((field) => ask(backwards, field));
    expect(back.reverse()).toEqual(ahead);
  });
});

/** What plain splitting says of a segment; MSH-2 is put out of its way. */
function splitPlainly(text: string): string[][][][] {
  const [, ...fields] = text.split('|');
  const parts = fields.map((field) =>
    field.split('~').map((repetition) => repetition.split('^').map((component) => component.split('&'))),
  );
  return text.startsWith('MSH') ? [[[['|']]], [[['^~\\&']]], ...parts.slice(1)] : parts;
}

/** Everything a segment can be asked about a field, one place beyond each end included. */
function answersOf(found: Hl7Segment, field: number, repetitions: string[][][]): unknown[] {
  return [...repetitions, []].map((components, r) => [
    found.raw(field, r + 1),
    found.components(field, r + 1),
    [...components, []].map((subcomponents, c) => [
      found.raw(field, r + 1, c + 1),
      [...subcomponents, ''].map((_, s) => found.raw(field, r + 1, c + 1, s + 1)),
    ]),
  ]);
}

function expectedOf(repetitions: string[][][]): unknown[] {
  return [...repetitions, []].map((components) => {
    const text = components.map((component) => component.join('&')).join('^');
    return [
      text,
      text === '' ? 0 : components.length,
      [...components, []].map((subcomponents) => [subcomponents.join('&'), [...subcomponents, '']]),
    ];
  });
}

describe('any message', () => {
  test('reads as plain splitting would read it', () => {
    fc.assert(
      fc.property(anyMessage, (text) => {
        const message = parseHl7v2(text);
        const expected: unknown[] = [];
        const answers = message.segments.map((found) => {
          const fields = splitPlainly(message.text.slice(found.span.start, found.span.end));
          expected.push([fields.length, fields.map(expectedOf)]);
          return [found.fieldCount, fields.map((repetitions, i) => answersOf(found, i + 1, repetitions))];
        });
        expect(answers).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test('counts as many repetitions as plain splitting finds, none in an empty field', () => {
    fc.assert(
      fc.property(anyMessage, (text) => {
        const message = parseHl7v2(text);
        for (const found of message.segments.slice(1)) {
          const [, ...fields] = message.text.slice(found.span.start, found.span.end).split('|');
          const expected = fields.map((field) => (field === '' ? 0 : field.split('~').length));
          expect(fields.map((_, i) => found.repetitions(i + 1))).toEqual(expected);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('tells of a field, a repetition and a component whether anything stands in it', () => {
    fc.assert(
      fc.property(anyMessage, (text) => {
        for (const { segment: found, field, repetition, component } of everyPlace(parseHl7v2(text))) {
          expect(found.has(field, repetition, component)).toBe(
            found.raw(field, repetition, component) !== '',
          );
          expect(found.has(field, repetition)).toBe(found.raw(field, repetition) !== '');
        }
      }),
      { numRuns: 200 },
    );
  });

  test('reproduces every raw text from its span, and has none for what is empty', () => {
    fc.assert(
      fc.property(anyMessage, fc.constantFrom(undefined, 1, 2), (text, subcomponent) => {
        const message = parseHl7v2(text);
        const raws: string[] = [];
        const cut: string[] = [];
        for (const { segment: found, field, repetition, component } of everyPlace(message)) {
          for (const part of [undefined, component]) {
            const span = found.spanOf(field, repetition, part, subcomponent);
            raws.push(found.raw(field, repetition, part, subcomponent));
            cut.push(
              span === undefined ? '' : message.text.slice(span.start, span.end) || 'a span of nothing',
            );
          }
        }
        expect(cut).toEqual(raws);
      }),
      { numRuns: 500 },
    );
  });
});
