import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findSyntaxError } from '../../src/core/json-syntax.js';
import { findJsonFaults, maxJsonDepth, maxJsonValues, scanJson } from '../../src/core/scan-json.js';

describe('keys that occur twice', () => {
  test.each([
    ['{"a":1,"a":2}', [{ key: 'a', line: 1, column: 8, path: [] }]],
    ['{\n  "a": {"b": 1},\n  "a": 2\n}', [{ key: 'a', line: 3, column: 3, path: [] }]],
    ['[{"a":1},{"x":[{"b":1,"\\u0062":2}]}]', [{ key: 'b', line: 1, column: 23, path: [1, 'x', 0] }]],
    ['{"a\\\\":1,"b":"\\\\\\"","a\\\\":2}', [{ key: 'a\\', line: 1, column: 21, path: [] }]],
    ['{"a":{"c":1},"b":{"c":1}}', []],
    ['{"a":"a","b":"{\\"a\\":1,\\"a\\":2}"}', []],
    ['["a","a"]', []],
  ])('in %s', (text, expected) => {
    const keys = expected.map((each) => ({ kind: 'repeated-key', ...each }));
    expect([...findJsonFaults(text)]).toEqual(keys);
  });

  test('are never found in what was written from an object', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const found = [...findJsonFaults(JSON.stringify(value, null, 2))];
        expect(found.filter(({ kind }) => kind === 'repeated-key')).toEqual([]);
      }),
    );
  });
});

describe('numbers as written', () => {
  test.each([
    ['1.50', ['1.50']],
    ['[1.0,1e2,0.10,-0,12345678901234567890]', ['1.0', '1e2', '0.10', '-0', '12345678901234567890']],
    ['[1,1.5,-3,0,0.001,1e+21]', []],
    ['{"1.50":"1.50 \\" 2.0"}', []],
  ])('in %s', (text, expected) => {
    const texts = [...scanJson(text)].map((found) => (found.kind === 'number' ? found.text : found.kind));
    expect(texts).toEqual(expected);
  });

  test('are found with the keys and positions that lead to them', () => {
    const found = [...scanJson('{"a":[{"b":true},{"b":[0,2.0]}],"c":1.0}')];
    expect(found).toEqual([
      { kind: 'number', text: '2.0', path: ['a', 1, 'b', 1] },
      { kind: 'number', text: '1.0', path: ['c'] },
    ]);
  });

  test('are never found in what was written from numbers', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect([...scanJson(JSON.stringify(value))].filter(({ kind }) => kind === 'number')).toEqual([]);
      }),
    );
  });
});

describe('keys that JavaScript has a meaning for', () => {
  test.each([
    ['{"a":{"__proto__":1}}', { key: '__proto__', column: 7, path: ['a'] }],
    ['[{"\\u005f_proto__":1}]', { key: '__proto__', column: 3, path: [0] }],
    ['{"constructor":1}', { key: 'constructor', column: 2, path: [] }],
    ['{"prototype":1}', { key: 'prototype', column: 2, path: [] }],
  ])('in %s', (text, expected) => {
    expect([...findJsonFaults(text)]).toEqual([{ kind: 'reserved-key', line: 1, ...expected }]);
  });

  test('may be values', () => {
    expect([...findJsonFaults('{"a":"__proto__","b":["constructor"]}')]).toEqual([]);
  });
});

test('values are counted to a limit, and what exceeds it is named once', () => {
  const list = (length: number) => `[${Array(length).fill('0').join()}]`;
  expect([...scanJson(list(maxJsonValues))]).toEqual([]);
  expect([...scanJson(list(maxJsonValues + 5))]).toMatchObject([{ kind: 'too-many' }]);
});

test('nesting is followed to a limit, and what exceeds it is named once', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  expect([...scanJson(nested(maxJsonDepth))]).toEqual([]);
  expect([...scanJson(nested(100_000))]).toEqual([{ kind: 'too-deep', line: 1, column: maxJsonDepth + 1 }]);
});

describe('the place where a text ceases to be JSON', () => {
  test.each([
    ['', 1, 1],
    ['{"a":}', 1, 6],
    ['{"a":1', 1, 7],
    ['{a:1}', 1, 2],
    ['[1,]', 1, 4],
    ['{"a":1,}', 1, 8],
    ['{\n  "a": nope\n}', 2, 8],
    ['{"a":1}\n{', 2, 1],
    ['[1}', 1, 3],
    ['{"a" 1}', 1, 6],
    ['[01]', 1, 2],
    ['["a\nb"]', 1, 2],
    ['["\\x"]', 1, 2],
    ['["a', 1, 2],
    [']', 1, 1],
  ])('%j: line %d, column %d', (text, line, column) => {
    expect(() => JSON.parse(text) as unknown).toThrow();
    expect(findSyntaxError(text)).toEqual({ line, column });
  });

  test('is the end of a text that was cut within a list of short words', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(true, false, null), { minLength: 1 }), fc.nat(), (list, at) => {
        const text = JSON.stringify(list);
        const cut = text.slice(0, at % text.length);
        const word = /[a-z]*$/.exec(cut)?.[0] ?? '';
        const isWhole = ['true', 'false', 'null', ''].includes(word);
        expect(findSyntaxError(cut).column - 1).toBe(cut.length - (isWhole ? 0 : word.length));
      }),
    );
  });
});
