import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJsonc } from '../../../local/functions-host/jsonc.js';

describe('JSON with comments', () => {
  test('comments and trailing commas are allowed', () => {
    const text = `// head
    { "a": 1, /* between
      lines */ "b": [1, 2, /* last */ ], // tail
    }`;
    expect(parseJsonc(text, 'x')).toEqual({ a: 1, b: [1, 2] });
  });

  test('comment marks, commas and quotes inside strings stay', () => {
    const text = '{ "url": "http://x/*y*/", "list": ",]", "quote": "\\"//" }';
    expect(parseJsonc(text, 'x')).toEqual({ url: 'http://x/*y*/', list: ',]', quote: '"//' });
  });

  test('a byte order mark is ignored', () => {
    expect(parseJsonc('\uFEFF{}', 'x')).toEqual({});
  });

  test('an error names the source', () => {
    expect(() => parseJsonc('{ "a": }', 'host.json')).toThrow(/^host\.json is not valid JSON: /);
  });

  test('plain JSON means what it always means', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value, null, 2);
        expect(parseJsonc(text, 'x')).toEqual(JSON.parse(text));
      }),
    );
  });
});
