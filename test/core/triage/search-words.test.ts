import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { actionWords, issueWords, searchWords } from '../../../src/core/triage/search-words.js';

test.each([
  ['HDE_HL7_NO_PATIENT', ['hde', 'hl7', 'no', 'patient']],
  ['PID-3[2].1', ['pid', '3', '2', '1']],
  ['Rule, rule: RULE!', ['rule']],
  ['Großbuchstaben der Müllers', ['großbuchstaben', 'der', 'müllers']],
  [' ... ', []],
])('%s has the words %j', (text, words) => {
  expect(searchWords(text)).toEqual(words);
});

test('an issue is found by its code, place, expectation and text', () => {
  const words = issueWords([
    { code: 'HDE_HL7_DATA_TYPE', severity: 'error', location: 'PID-7', detail: 'a date' },
  ]);
  expect(words).toEqual(expect.arrayContaining(['hde', 'type', 'pid', '7', 'date', 'value', 'field']));
});

test('a text is found by any part of itself', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), fc.string({ maxLength: 50 }), (before, part) => {
      const words = new Set(searchWords(`${before} ${part}`));
      expect(searchWords(part).every((word) => words.has(word))).toBe(true);
    }),
  );
});

test('a very long text gives the index a bounded number of words', () => {
  const text = Array.from({ length: 5000 }, (_, i) => `word${i}`).join(' ');
  expect(searchWords(text)).toHaveLength(500);
});

test('each action of a history gives its own words, however much was written before', () => {
  const reason = (from: number) => Array.from({ length: 400 }, (_, i) => `word${from + i}`).join(' ');
  const history = [{ reason: reason(0), failedWith: 'HDE_HL7_NO_PATIENT' }, { reason: reason(300) }, {}];
  expect(actionWords(history)).toHaveLength(704);
});
