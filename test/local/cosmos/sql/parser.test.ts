import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseQuery } from '../../../../local/cosmos/sql/parser.js';
import { prepareQuery } from '../../../../local/cosmos/sql/prepare.js';
import { SqlError } from '../../../../local/cosmos/sql/sql-error.js';
import type { Expression } from '../../../../local/cosmos/sql/syntax.js';

function errorOf(sql: string): SqlError {
  try {
    prepareQuery(sql);
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
  throw new Error(`The query was accepted: ${sql}`);
}

const constantOf = (text: string): Expression => {
  const { selection } = parseQuery(`SELECT VALUE ${text}`);
  if (selection.kind !== 'value') throw new Error('not a value');
  return selection.value.expression;
};

describe('parseQuery', () => {
  test('reads every clause and keeps the text of the parts that plans quote', () => {
    const query = parseQuery(
      'SELECT DISTINCT TOP 5 c.a AS x, c["b"] FROM root c JOIN i IN c.items WHERE c.a > 1 ' +
        'GROUP BY c.a, c.b',
    );
    expect(query).toMatchObject({
      distinct: true,
      top: { kind: 'literal', value: 5 },
      fromText: 'FROM root c JOIN i IN c.items',
      where: { text: 'c.a > 1' },
      groupBy: [{ text: 'c.a' }, { text: 'c.b' }],
      from: { alias: 'c', iterates: false },
      joins: [{ alias: 'i', iterates: true }],
    });
  });

  test('reads sort order and limits', () => {
    const query = parseQuery('select * from c order by c.a desc, c.b offset @o limit 10');
    expect(query.orderBy.map(({ text, direction }) => [text, direction])).toEqual([
      ['c.a', 'descending'],
      ['c.b', 'ascending'],
    ]);
    expect(query.offset).toEqual({ kind: 'parameter', name: '@o' });
    expect(query.textBeforeOffset).toBe('select * from c order by c.a desc, c.b');
  });

  test.each<[string, unknown]>([
    ["'it\\'s \\u00e9'", "it's é"],
    ['"double"', 'double'],
    ['0x1F', 31],
    ['1.5e3', 1500],
    ['.5', 0.5],
    ['true', true],
    ['null', null],
  ])('reads the literal %s', (text, value) => {
    expect(constantOf(text)).toEqual({ kind: 'literal', value });
  });

  test.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['-2 - -3', 1],
    ['7 % 4 + 10 / 4', 5.5],
    ['6 & 3 | 8', 10],
    ['1 << 4 >> 2', 4],
    ["'a' || 'b' || 'c'", 'abc'],
    ['1 = 1 AND NOT 2 > 3 OR false', true],
    ['true OR false AND false', true],
    ['undefined ?? null ?? 1', null],
    ['1 > 2 ? 3 : 2 > 1 ? 4 : 5', 4],
    ['2 BETWEEN 1 AND 3 AND 5 NOT IN (1, 2)', true],
  ])('binds operators as the language says: %s', (text, expected) => {
    const rows = prepareQuery(`SELECT VALUE ${text}`).folded([], { parameters: new Map() });
    expect(rows).toEqual([expected]);
  });

  test('lets keywords be property names, and comments end with their line', () => {
    expect(() => parseQuery('SELECT c.value, c.order, c.top -- all of it\nFROM c')).not.toThrow();
  });

  test.each([
    ['SELECT * FROM c WHERE', 'SC1001', { start: 21, end: 21 }],
    ['SELEC * FROM c', 'SC1001', { start: 0, end: 5 }],
    ['SELECT * FROM c;', 'SC1010', { start: 15, end: 16 }],
    ["SELECT * FROM c WHERE c.a = 'open", 'SC1010', { start: 28, end: 29 }],
    ['SELECT /* x */ * FROM c', 'SC1010', { start: 7, end: 8 }],
    ['SELECT * FROM c WHERE d.x = 1', 'SC2001', { start: 22, end: 23 }],
    ['SELECT NOPE(1)', 'SC2005', { start: 7, end: 11 }],
    ['SELECT ABS(1, 2)', 'SC2050', { start: 7, end: 10 }],
  ])('tells where %p goes wrong', (sql, code, location) => {
    expect(errorOf(sql)).toMatchObject({ code, location });
  });

  test.each([
    ['', 'SC1002'],
    ['SELECT c.a AS x, c.b AS x FROM c', 'SC2022'],
    ['SELECT c.a, COUNT(1) AS n FROM c', 'SC2103'],
    ['SELECT c.a, COUNT(1) AS n FROM c GROUP BY c.b', 'SC2103'],
    ['SELECT COUNT(1) AS n FROM c GROUP BY c.a ORDER BY c.a', 'SC2103'],
    ['SELECT * FROM c WHERE COUNT(1) > 1', 'SC2102'],
    ['SELECT * FROM c JOIN i IN c.items', 'SC2040'],
    ['SELECT *', 'SC2040'],
    ['SELECT TOP 1 * FROM c OFFSET 1 LIMIT 1', 'SC2060'],
    [`SELECT VALUE ${'('.repeat(5000)}1${')'.repeat(5000)}`, 'SC1009'],
    [`SELECT VALUE 1${' + 1'.repeat(100_000)}`, 'SC1009'],
  ])('refuses %.60s', (sql, code) => {
    expect(errorOf(sql).code).toBe(code);
  });

  test('answers any text with a query or an SqlError, never with anything else', () => {
    const words =
      'SELECT,FROM,WHERE,c,.,a,*,(,),[,],{,},:,1,"x",@p,AND,IN,NOT,VALUE,ORDER,BY,=,?,GROUP,COUNT'.split(',');
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom(...words), { maxLength: 20 }).map((parts) => `SELECT ${parts.join(' ')}`),
    );
    fc.assert(
      fc.property(text, (sql) => {
        try {
          prepareQuery(sql);
        } catch (error) {
          expect(error).toBeInstanceOf(SqlError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
