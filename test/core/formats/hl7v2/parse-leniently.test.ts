import { expect, test } from '@jest/globals';
import { parseLeniently } from '../../../../src/core/formats/hl7v2/parse-leniently.js';
import { latin1, utf16, utf8 } from './messages.js';

const header = 'MSH|^~\\&|PAS|RXX|HDE|HDE|20250102||ADT^A01|M1|P|2.4';
const people = ['PID|1||A1^^^RXX', 'MRG|B2^^^RXX'];

test.each([
  ['lines that are no segments', [people[0], 'NTE|1||first', 'second', people[1]]],
  ['lines with other separators', ['PID#1', people[0], 'PIDX|1', people[1]]],
  ['another message', [...people, 'MSH|^~\\&|PAS', 'PID|1||C3^^^RXX']],
  ['nothing else', people],
])('reads the segments that are asked for beside %s', (_, lines) => {
  for (const end of ['\r', '\n', '\r\n']) {
    const text = [header, 'EVN|A01', ...lines].join(end);
    for (const input of [text, utf8(text), utf16(text, 'le', true), utf8(`\x0b${text}\x1c\r`)]) {
      const message = parseLeniently(input, ['PID', 'MRG']);
      expect(message?.segments.map(({ name }) => name)).toEqual(['MSH', 'PID', 'MRG']);
      expect(message?.first('PID')?.value(3, 1, 1)).toBe('A1');
      expect(message?.first('MRG')?.value(1, 1, 1)).toBe('B2');
    }
  }
});

test('reads bytes that do not fit their character set', () => {
  const message = parseLeniently(latin1(`${header}||||||UTF-8\rPID|1||A1||M\xfcller`), ['PID']);
  expect(message?.first('PID')?.value(5)).toBe('M\xfcller');
});
