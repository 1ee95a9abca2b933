import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findRepeatedKeys } from '../../src/platform/repeated-keys.js';

describe('keys that occur twice', () => {
  test.each([
    ['{"a":1,"a":2}', [{ key: 'a', line: 1, column: 8, path: [] }]],
    ['{\n  "a": {"b": 1},\n  "a": 2\n}', [{ key: 'a', line: 3, column: 3, path: [] }]],
    ['[{"a":1},{"x":[{"b":1,"\\u0062":2}]}]', [{ key: 'b', line: 1, column: 23, path: [1, 'x', 0] }]],
    ['{"a":{"c":1},"b":{"c":1}}', []],
    ['{"a":"a","b":"{\\"a\\":1,\\"a\\":2}"}', []],
    ['["a","a"]', []],
  ])('in %s', (text, expected) => {
    expect(findRepeatedKeys(text)).toEqual(expected);
  });

  test('are never found in what was written from an object', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(findRepeatedKeys(JSON.stringify(value, null, 2))).toEqual([]);
      }),
    );
  });
});
