import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { BicepSyntaxError } from '../../../tools/bicep/ast.js';
import { parseBicep } from '../../../tools/bicep/parse/parse.js';

const valueOf = (source: string): unknown => {
  const [statement] = parseBicep(`var x = ${source}`).statements;
  return statement?.kind === 'var' ? withoutPlaces(statement.value) : undefined;
};

/** A syntax tree without lines and columns. */
function withoutPlaces(tree: unknown): unknown {
  return JSON.parse(JSON.stringify(tree), (key, value: unknown) =>
    key === 'line' || key === 'column' ? undefined : value,
  ) as unknown;
}

describe('the parser', () => {
  test('binds operators as Bicep does', () => {
    expect(valueOf('a ?? b == 1 ? !c.d : e[0]')).toEqual({
      kind: 'conditional',
      condition: {
        kind: 'binary',
        operator: '??',
        left: { kind: 'name', name: 'a' },
        right: {
          kind: 'binary',
          operator: '==',
          left: { kind: 'name', name: 'b' },
          right: { kind: 'integer', value: 1 },
        },
      },
      then: {
        kind: 'unary',
        operator: '!',
        operand: { kind: 'property', of: { kind: 'name', name: 'c' }, name: 'd', safe: false },
      },
      otherwise: {
        kind: 'index',
        of: { kind: 'name', name: 'e' },
        index: { kind: 'integer', value: 0 },
        safe: false,
      },
    });
  });

  test('reads interpolated texts with braces and texts inside', () => {
    expect(valueOf("'a${ { b: 'c' }.b }\\u{1F600}${d}'")).toMatchObject({
      kind: 'interpolation',
      texts: ['a', '😀', ''],
      expressions: [{ kind: 'property' }, { kind: 'name', name: 'd' }],
    });
  });

  test('tells the place of what it cannot read', () => {
    const broken = () => parseBicep("param a string\nvar b = 'open\n");
    expect(broken).toThrow(BicepSyntaxError);
    expect(broken).toThrow('unterminated string at 2:14');
    expect(() => parseBicep('var a = [1 2]')).toThrow("expected a new line, ',' or ']', found '2' at 1:12");
    expect(() => parseBicep('resource a')).toThrow('expected an expression, found the end at 1:11');
    expect(() => parseBicep('/* never closed')).toThrow('unterminated comment at 1:1');
  });

  test.each([
    ["import { a as b } from './types.bicep'", 'import'],
    ["import * as types from './types.bicep'", 'import'],
    ["type size = 'small' | 'large'", 'type'],
    ['@minLength(1)\ntype x = {\n  a: string\n  *: int[]?\n}', 'type'],
    ['func f(a string, b int) string => a', 'func'],
    ["using './main.bicep'", 'using'],
    ['using none', 'using'],
    ["resource a 'X/y@1' existing = { name: 'a' }", 'resource'],
    ["module m './m.bicep' = [for (a, i) in b: if (a.c) { name: a }]", 'module'],
    ["param p resourceInput<'A/b@1'>.properties", 'param'],
    ['var a = map(b, (c, d) => {\n ...c\n e: d\n})', 'var'],
    ['var a = b\n  ? c\n  : d', 'var'],
    ["var a = '''\nline ' one\n'''", 'var'],
  ])('reads %j', (source, kind) => {
    expect(parseBicep(source).statements.map((statement) => statement.kind)).toEqual([kind]);
  });

  test('notes the rules that are turned off for a line', () => {
    expect(parseBicep('#disable-next-line rule-a rule-b\nvar a = 1').disabled.get(2)).toEqual([
      'rule-a',
      'rule-b',
    ]);
  });
});

test('every Bicep file of the project can be read', () => {
  const files = readdirSync('infra', { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => /\.bicep(param)?$/.test(name))) {
    const path = join('infra', file);
    expect(() => parseBicep(readFileSync(path, 'utf8'))).not.toThrow();
  }
});
