import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { countBatch, splitBatch } from '../../../../src/core/formats/hl7v2/batch.js';
import { parseHl7v2 } from '../../../../src/core/formats/hl7v2/parse.js';
import { admission, anyMessage, latin1, utf16, utf8 } from './messages.js';

const first = 'MSH|^~\\&|A||||||ADT^A01|1\rPID|1||9990000018\r';
const second = 'MSH|^~\\&|A||||||ADT^A03|2\rPID|1||9990000018\r';
const third = 'MSH|^~\\&|A||||||ADT^A08|3\r';

const file = [
  'FHS|^~\\&|A\r',
  'BHS|^~\\&|A\r',
  first,
  second,
  'BTS|2|morning\r',
  'BHS|^~\\&|A\r',
  third,
  'BTS|1\r',
  'FTS|2\r',
].join('');

describe('splitBatch', () => {
  test.each([
    ['a file with two batches', file, [first, second, third]],
    ['one batch', `BHS|^~\\&\r${first}${second}BTS|2\r`, [first, second]],
    ['a batch without trailers', `FHS|^~\\&\rBHS|^~\\&\r${first}${second}`, [first, second]],
    ['messages without a batch', first + second + third, [first, second, third]],
    ['MLLP frames one after another', `\x0b${first}\x1c\r\x0b${second}\x1c\r`, [first, second]],
    ['frames without the last CR', `\x0b${first}\x1c\x0b${second}\x1c`, [first, second]],
    ['frames around a batch', `\x0bBHS|^~\\&\r${first}BTS|1\r\x1c\r`, [first]],
    ['a byte order mark', `\ufeff${file}`, [first, second, third]],
    ['a batch without messages', 'FHS|^~\\&\rBHS|^~\\&\rBTS|0\rFTS|1\r', []],
    ['nothing', '', []],
    ['blank lines', '\r\n \r\n', []],
    ['a message alone', first, [first]],
    ['a message without a last terminator', 'MSH|^~\\&|A', ['MSH|^~\\&|A']],
    ['other delimiters', `BHS#*+!@\rMSH#*+!@#A\rBTS#1\r`, ['MSH#*+!@#A\r']],
  ])('takes the messages out of %s', (_, input, expected) => {
    expect([...splitBatch(input)]).toEqual(expected);
    expect([...splitBatch(utf8(input))]).toEqual(expected.map(utf8));
  });

  test('keeps the line ends of each message', () => {
    const crlf = file.replaceAll('\r', '\r\n');
    expect([...splitBatch(crlf)]).toEqual(
      [first, second, third].map((text) => text.replaceAll('\r', '\r\n')),
    );
  });

  test('hands out what belongs to no message, so that it can be refused', () => {
    expect([...splitBatch(`PID|1\r${first}`)]).toEqual(['PID|1\r', first]);
    expect([...splitBatch(`BHS|^~\\&\rgarbage\r${first}BTS|1\rPID|2\r`)]).toEqual([
      'garbage\r',
      first,
      'PID|2\r',
    ]);
    expect([...splitBatch(`\x0b${first}\x1c\rPID|2\r`)]).toEqual([first, 'PID|2\r']);
  });

  test.each([
    ['le', true],
    ['le', false],
    ['be', true],
    ['be', false],
  ] as const)('splits UTF-16 (%s, mark %s) into messages that parse', (order, mark) => {
    const messages = [...splitBatch(utf16(file, order, mark))].map((bytes) => parseHl7v2(bytes));
    expect(messages.map(({ msh }) => msh.value(10))).toEqual(['1', '2', '3']);
  });

  test('leaves the character set of each message alone', () => {
    const mixed = Buffer.concat([latin1('MSH|^~\\&|Si\xe2n\r'), utf8('MSH|^~\\&|Siân\r')]);
    expect([...splitBatch(mixed)].map((bytes) => parseHl7v2(bytes).msh.value(3))).toEqual(['Siân', 'Siân']);
  });

  test('gives views of the input, not copies', () => {
    const bytes = utf8(file);
    for (const message of splitBatch(bytes)) expect(message.buffer).toBe(bytes.buffer);
  });

  test('finds any messages again', () => {
    const terminated = anyMessage.map((text) => `${text.trimEnd()}\r`);
    fc.assert(
      fc.property(fc.array(terminated, { maxLength: 5 }), fc.boolean(), (messages, isBatch) => {
        const body = messages.join('');
        const input = isBatch ? `BHS|^~\\&\r${body}BTS|${messages.length}\r` : body;
        expect([...splitBatch(input)]).toEqual(messages);
      }),
    );
  });
});

describe('messages that blank lines part', () => {
  const first = 'MSH|^~\\&|A\rPID|1||1\r';
  const headless = 'OBX|1|NM|K||6.9\r';
  const second = 'MSH|^~\\&|B\rPID|1||2\r';

  test.each([
    ['CR', '\r'],
    ['LF', '\n'],
    ['CRLF', '\r\n'],
  ])('do not take in one that has lost its MSH: %s', (_name, end) => {
    const file = [first, headless, second].join('\r').replaceAll('\r', end);
    const parts = [...splitBatch(file)].map((part) => part.trim().slice(0, 3));
    expect(parts).toEqual(['MSH', 'OBX', 'MSH']);
  });

  test('are whole where blank lines stand between all segments', () => {
    const file = `${first}${second}`.replaceAll('\r', '\r\r');
    expect([...splitBatch(file)]).toHaveLength(2);
  });

  test('are whole where a blank line stands in a message and none between messages', () => {
    expect([...splitBatch(`MSH|^~\\&|A\r\rPID|1||1\r${second}`)]).toHaveLength(2);
  });
});

describe('countBatch', () => {
  test('tells what the trailers state and what there is', () => {
    const expected = { messages: 3, declaredMessages: 3, batches: 2, declaredBatches: 2 };
    expect(countBatch(file)).toEqual(expected);
    expect(countBatch(utf16(file, 'le', true))).toEqual(expected);
  });

  test('shows that a file was cut', () => {
    expect(countBatch(file.replace(second, ''))).toMatchObject({ messages: 2, declaredMessages: 3 });
  });

  test('states nothing where the trailers are blank or missing', () => {
    const expected = { declaredMessages: undefined, declaredBatches: undefined };
    expect(countBatch(admission)).toEqual({ ...expected, messages: 1, batches: 0 });
    expect(countBatch(`BHS|^~\\&\r${first}BTS\rFTS||\r`)).toEqual({ ...expected, messages: 1, batches: 1 });
  });
});
