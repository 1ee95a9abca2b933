import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Json, Value } from '../../../../local/cosmos/json.js';
import { likeToRegExp } from '../../../../local/cosmos/sql/like.js';
import { planNeed, planQuery } from '../../../../local/cosmos/sql/plan.js';
import { prepareQuery } from '../../../../local/cosmos/sql/prepare.js';
import { SqlError } from '../../../../local/cosmos/sql/sql-error.js';
import { canonicalText, compareValues, equalValues } from '../../../../local/cosmos/sql/values.js';

const noParameters = { parameters: new Map<string, Value>() };
const valueOf = (expression: string, document: Json = null): Json | undefined =>
  prepareQuery(`SELECT VALUE ${expression} FROM c`).rowsOf(document, noParameters)[0];

const json = fc.jsonValue() as fc.Arbitrary<Json>;

describe('values', () => {
  test('have a total order that agrees with equality', () => {
    fc.assert(
      fc.property(json, json, json, (a, b, c) => {
        expect(Math.sign(compareValues(a, b))).toBe(-Math.sign(compareValues(b, a)) + 0);
        expect(compareValues(a, b) === 0).toBe(equalValues(a, b));
        if (compareValues(a, b) <= 0 && compareValues(b, c) <= 0) {
          expect(compareValues(a, c)).toBeLessThanOrEqual(0);
        }
      }),
    );
  });

  test('are equal whatever the order of their properties', () => {
    expect(equalValues({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 })).toBe(true);
    expect(canonicalText({ b: 1, a: undefined as never })).toBe('{"a":undefined,"b":1}');
  });
});

describe('three-valued logic', () => {
  const outcomes = { true: true, false: false, missing: undefined };
  test.each([
    ['true AND c.x', undefined],
    ['false AND c.x', false],
    ['c.x AND false', false],
    ['true OR c.x', true],
    ['c.x OR true', true],
    ['false OR c.x', undefined],
    ['NOT c.x', undefined],
    ['c.x = 1', undefined],
    ['c.x != 1', undefined],
    ['c.x IN (1)', undefined],
    ["1 = '1'", outcomes.false],
    ["1 != '1'", outcomes.true],
    ["1 < '2'", outcomes.missing],
    ['null < 1', outcomes.missing],
    ['null = null', outcomes.true],
  ])('%s is %p', (expression, expected) => {
    expect(valueOf(expression, {})).toBe(expected);
  });
});

describe('functions', () => {
  test.each<[string, Json | undefined]>([
    ["LEFT('abc', 2)", 'ab'],
    ["RIGHT('abc', 2)", 'bc'],
    ["RIGHT('abc', 0)", ''],
    ["SUBSTRING('abc', 1, 9)", 'bc'],
    ["REPLICATE('ab', 3)", 'ababab'],
    ["REPLICATE('ab', 100000)", undefined],
    ["STRINGTONUMBER(' 4.5 ')", 4.5],
    ["STRINGTONUMBER('x')", undefined],
    ["STRINGTOARRAY('[1]')", [1]],
    ["STRINGTOOBJECT('[1]')", undefined],
    ["STRINGSPLIT('a,b', ',')", ['a', 'b']],
    ['ROUND(-2.5)', -3],
    ['ARRAY_SLICE([1, 2, 3], -2, 1)', [2]],
    ['SETUNION([1, 2], [2, 3])', [1, 2, 3]],
    ['SETINTERSECT([1, 2, 2], [2, 3])', [2]],
    ['CHOOSE(2, 10, 20)', 20],
    ["IIF(1 = 1, 'y', 'n')", 'y'],
    ['LOWER(5)', undefined],
    ['IS_OBJECT({})', true],
    ['IS_PRIMITIVE([])', false],
    ["DATETIMEPART('yyyy', '2026-03-04T05:06:07Z')", 2026],
    ["DATETIMEPART('parsec', '2026-03-04T05:06:07Z')", undefined],
    ["DATETIMEADD('hh', 25, '2026-01-01T00:00:00Z')", '2026-01-02T01:00:00.0000000Z'],
    ["DATETIMETOTIMESTAMP('1970-01-01T00:00:01Z')", 1000],
    ["TICKSTODATETIME(DATETIMETOTICKS('2026-01-01T00:00:00Z'))", '2026-01-01T00:00:00.0000000Z'],
    ['TIMESTAMPTODATETIME(1e300)', undefined],
  ])('%s is %p', (expression, expected) => {
    expect(valueOf(expression)).toEqual(expected);
  });

  test('refuse a regular expression that is none', () => {
    expect(() => valueOf("REGEXMATCH('a', '(')")).toThrow(SqlError);
  });

  test('refuse to divide by zero', () => {
    expect(() => valueOf('1 / 0')).toThrow(expect.objectContaining({ code: '4001' }));
  });

  test('read own properties only', () => {
    expect(valueOf('c.constructor', {})).toBeUndefined();
    expect(valueOf('c["__proto__"]', {})).toBeUndefined();
  });
});

describe('LIKE', () => {
  test.each([
    ['a%', 'abc', true],
    ['a_c', 'abc', true],
    ['a_c', 'abbc', false],
    ['[a-c]x', 'bx', true],
    ['[^a-c]x', 'bx', false],
    ['50.%', '50x', false],
    ['%\n%', 'a\nb', true],
  ])('%p and %p', (pattern, text, expected) => {
    expect(likeToRegExp(pattern).test(text)).toBe(expected);
  });

  test('takes a pattern without wildcards literally', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const quoted = text.replace(/[%_[!]/g, '!$&');
        expect(likeToRegExp(quoted, '!').test(text)).toBe(true);
        expect(likeToRegExp(quoted, '!').test(`${text}x`)).toBe(false);
      }),
    );
  });
});

describe('aggregates', () => {
  const documents: Json[] = [{ k: 'a', n: 1 }, { k: 'a', n: 2 }, { k: 'b' }, { k: 'b', n: 'text' }];
  const folded = (sql: string): readonly Json[] => prepareQuery(sql).folded(documents, noParameters);

  test('skip missing values and are undefined over values of a wrong type', () => {
    expect(folded('SELECT VALUE COUNT(c.n) FROM c')).toEqual([3]);
    expect(folded('SELECT VALUE SUM(c.n) FROM c')).toEqual([]);
    expect(folded('SELECT c.k, SUM(c.n) AS s FROM c GROUP BY c.k')).toEqual([{ k: 'a', s: 3 }, { k: 'b' }]);
    expect(folded('SELECT VALUE MAX(c.n) FROM c')).toEqual(['text']);
  });

  test('may be combined within one partition', () => {
    expect(folded('SELECT VALUE COUNT(1) * 10 FROM c')).toEqual([40]);
    expect(folded('SELECT VALUE {n: COUNT(1), low: MIN(c.n)} FROM c')).toEqual([{ n: 4, low: 1 }]);
  });
});

describe('query plans', () => {
  const planOf = (sql: string, values: Record<string, Value> = {}) => {
    const { query, limits } = prepareQuery(sql);
    return planQuery(query, limits(new Map(Object.entries(values)))).queryInfo;
  };

  test('leave a plain query as it is', () => {
    expect(planNeed(prepareQuery('SELECT c.a FROM c WHERE c.b = 1').query)).toBe('none');
    expect(planOf('SELECT c.a FROM c')).toMatchObject({ rewrittenQuery: '', hasSelectValue: false });
  });

  test('ask each range for sort keys, payload and identity', () => {
    expect(planOf('SELECT c.a AS x FROM c WHERE c.b = 1 ORDER BY c.n DESC')).toMatchObject({
      orderBy: ['Descending'],
      orderByExpressions: ['c.n'],
      rewrittenQuery:
        'SELECT c._rid, [{"item": c.n}] AS orderByItems, {"x": c.a} AS payload FROM c ' +
        'WHERE (c.b = 1) AND ({documentdb-formattableorderbyquery-filter}) ORDER BY c.n DESC',
    });
  });

  test('bind limits, and ask each range for all rows that may be skipped', () => {
    const plan = planOf('SELECT * FROM c ORDER BY c.n OFFSET @o LIMIT 5', { '@o': 20 });
    expect(plan).toMatchObject({ offset: 20, limit: 5, top: null });
    expect(plan.rewrittenQuery).toMatch(/ OFFSET 0 LIMIT 25$/);
    expect(planOf('SELECT TOP 3 * FROM c').top).toBe(3);
  });

  test('ask each range for mergeable parts of an aggregate', () => {
    expect(planOf('SELECT VALUE AVG(c.n) FROM c')).toMatchObject({
      aggregates: ['Average'],
      rewrittenQuery: 'SELECT VALUE [{"item": {"sum": SUM(c.n), "count": COUNT(c.n)}}] FROM c',
    });
    expect(planOf('SELECT c.k, COUNT(1) AS n FROM c GROUP BY c.k')).toMatchObject({
      groupByExpressions: ['c.k'],
      groupByAliases: ['k', 'n'],
      groupByAliasToAggregateType: { k: null, n: 'Count' },
      rewrittenQuery:
        'SELECT [{"item": c.k}] AS groupByItems, {"k": c.k, "n": {"item": COUNT(1)}} AS payload FROM c GROUP BY c.k',
    });
  });

  test('refuse what cannot be merged', () => {
    expect(() => planOf('SELECT VALUE COUNT(1) * 2 FROM c')).toThrow(SqlError);
  });

  test('are queries that the endpoint itself can run', () => {
    for (const sql of [
      'SELECT * FROM c ORDER BY c.n',
      'SELECT VALUE MAX(c.n) FROM c',
      'SELECT c.k, AVG(c.n) AS a, MIN(c.n) AS m FROM c GROUP BY c.k',
      'SELECT VALUE c.n FROM c OFFSET 1 LIMIT 2',
    ]) {
      const rewritten = planOf(sql).rewrittenQuery.replace(
        '{documentdb-formattableorderbyquery-filter}',
        'true',
      );
      expect(() => prepareQuery(rewritten)).not.toThrow();
    }
  });
});
