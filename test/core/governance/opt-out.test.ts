import { expect, test } from '@jest/globals';
import { answerAt, isOptedOut, readOptOutAnswer } from '../../../src/core/governance/opt-out.js';

const asked = ['9990000018', '9990000026', '9990000034'];

test.each<[string, string | undefined, readonly string[]]>([
  ['lists who may be used', '9990000018,\r\n9990000034,\r\n', ['9990000018', '9990000034']],
  ['lists nobody', '\r\n', []],
  ['is empty', '', []],
  ['is missing', undefined, []],
  ['is cut short in a line', '9990000018,\r\n99900000', []],
  ['is cut short after a number', '9990000018,\r\n9990000026', []],
  ['ends before the last line ends', '9990000018,\r\n9990000026,', []],
  ['lists somebody who was not asked about', '9990000018,\r\n9990000042,\r\n', []],
  ['is something else', '{"error": 1}\n', []],
])('whoever is not in an answer that %s has opted out', (_, answer, usable) => {
  const answers = readOptOutAnswer(asked, answer);
  expect([...answers.keys()]).toEqual(asked);
  expect(asked.filter((number) => !isOptedOut(answers.get(number)))).toEqual(usable);
});

test('without an answer somebody has opted out', () => {
  expect(isOptedOut(undefined)).toBe(true);
});

test.each([
  ['just given', 0, 'may-be-used'],
  ['of seven days', 7 * 86_400_000, 'may-be-used'],
  ['older than the policy wants', 7 * 86_400_000 + 1, undefined],
  ['of an unknown age', NaN, undefined],
])('an answer that is %s counts, or is missing', (_, age, answer) => {
  const now = Date.parse('2026-06-15T12:00:00.000Z');
  const at = Number.isNaN(age) ? 'some day' : new Date(now - age).toISOString();
  expect(answerAt({ answer: 'may-be-used', at }, now, { days: 7 })).toBe(answer);
  expect(answerAt(undefined, now, { days: 7 })).toBeUndefined();
});
