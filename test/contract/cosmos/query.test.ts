import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Container, FeedOptions, JSONValue } from '@azure/cosmos';
import type { TestAccount } from './test-account.js';
import { openTestAccount, querySpec, refusalStatus, resumeAt, tokenOf } from './test-account.js';

let account: TestAccount;
let container: Container;

const statuses = ['active', 'closed', 'Error'];
const statusOf = (n: number): string => statuses[n % 3 === 0 ? 0 : n % 4 === 0 ? 1 : 2]!;
const documents = Array.from({ length: 60 }, (_, n) => ({
  id: `d${String(n).padStart(2, '0')}`,
  tenant: `t${n % 3}`,
  resourceType: n % 2 === 1 ? 'Patient' : 'Observation',
  n,
  status: statusOf(n),
  meta: {
    lastUpdated: new Date(1.7e12 + n * 1e6).toISOString(),
    tag: [{ system: 's', code: `c${n % 5}` }],
  },
  identifier: [
    { system: 'nhs', value: String(9_990_000_000 + n) },
    { system: 'mrn', value: `M${n}` },
  ],
  tags: [`x${n % 2}`, `y${n % 3}`],
  ...(n % 10 === 0 ? { opt: null } : n % 7 === 0 ? {} : { opt: `v${n % 4}` }),
}));

beforeAll(async () => {
  account = await openTestAccount();
  container = await account.createContainer({
    indexingPolicy: {
      indexingMode: 'consistent',
      automatic: true,
      includedPaths: [{ path: '/*' }],
      excludedPaths: [],
      compositeIndexes: [
        [
          { path: '/status', order: 'ascending' },
          { path: '/n', order: 'descending' },
        ],
      ],
    },
  });
  for (const document of documents) await container.items.create(document);
});
afterAll(() => account.close());

async function query<T = JSONValue>(
  sql: string,
  values: Record<string, JSONValue> = {},
  options: FeedOptions = {},
): Promise<T[]> {
  return (await container.items.query<T>(querySpec(sql, values), options).fetchAll()).resources;
}

const numbers = (sql: string, values: Record<string, JSONValue> = {}, options: FeedOptions = {}) =>
  query<number>(sql, values, options);
const ascending = (list: number[]): number[] => [...list].sort((left, right) => left - right);

describe('filters', () => {
  test('select everything across partitions, or within one', async () => {
    expect(await query('SELECT * FROM c')).toHaveLength(60);
    const inside = await query<{ tenant: string }>('SELECT * FROM c', {}, { partitionKey: 't1' });
    expect(inside).toHaveLength(20);
    expect(new Set(inside.map(({ tenant }) => tenant))).toEqual(new Set(['t1']));
  });

  test('compare nested properties with parameters', async () => {
    const sql = 'SELECT c.id, c.n FROM c WHERE c.meta.lastUpdated >= @from AND c.resourceType = @type';
    const found = await query<{ n: number }>(sql, {
      from: new Date(1.7e12 + 50e6).toISOString(),
      type: 'Patient',
    });
    expect(ascending(found.map(({ n }) => n))).toEqual([51, 53, 55, 57, 59]);
  });

  test('use array elements, IN, NOT and BETWEEN', async () => {
    const sql =
      "SELECT VALUE c.n FROM c WHERE c.identifier[0].system = 'nhs' AND c.n IN (1, 2, 3) AND NOT (c.n = 2) " +
      'AND c.n BETWEEN 0 AND 10 AND c.n NOT IN (11) AND c.n NOT BETWEEN 20 AND 30';
    expect(ascending(await numbers(sql))).toEqual([1, 3]);
  });

  test('search arrays by value, by part of an object, and in a given list', async () => {
    expect(await query("SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(c.tags, 'x1')")).toHaveLength(30);
    const partial =
      "SELECT VALUE c.n FROM c WHERE ARRAY_CONTAINS(c.identifier, {system: 'nhs', value: @v}, true)";
    expect(await numbers(partial, { v: '9990000007' })).toEqual([7]);
    const listed = await numbers('SELECT VALUE c.n FROM c WHERE ARRAY_CONTAINS(@list, c.n)', {
      list: [1, 5, 77],
    });
    expect(ascending(listed)).toEqual([1, 5]);
    const any = "SELECT VALUE c.n FROM c WHERE ARRAY_CONTAINS_ANY(c.tags, ['x1', 'zz']) AND c.n < 4";
    expect(ascending(await numbers(any))).toEqual([1, 3]);
  });

  test('test for the existence of elements with a subquery', async () => {
    const sql =
      'SELECT VALUE c.n FROM c WHERE EXISTS(' +
      "SELECT VALUE i FROM i IN c.identifier WHERE i.system = 'mrn' AND i['value'] = 'M8')";
    expect(await numbers(sql)).toEqual([8]);
  });

  test('compare types strictly, and nothing with what is missing', async () => {
    expect(await query("SELECT VALUE c.n FROM c WHERE c.n = '1'")).toEqual([]);
    expect(await query('SELECT VALUE c.n FROM c WHERE c.missing != 1')).toEqual([]);
    expect(await query('SELECT VALUE c.n FROM c WHERE NOT (c.missing = 1)')).toEqual([]);
  });

  test('take a parameter that is not given as undefined', async () => {
    expect(await query('SELECT VALUE c.n FROM c WHERE c.n = @absent')).toEqual([]);
  });

  test('match text with LIKE, regular expressions and without case', async () => {
    const like = await numbers("SELECT VALUE c.n FROM c WHERE c.status LIKE 'Err%'");
    const expected = documents.filter(({ status }) => status === 'Error').map(({ n }) => n);
    expect(ascending(like)).toEqual(expected);
    for (const filter of [
      "StringEquals(c.status, 'ERROR', true)",
      "STARTSWITH(c.status, 'ERR', true)",
      "CONTAINS(c.status, 'RRO', true)",
      "RegexMatch(c.status, '^err', 'i')",
      "c.status LIKE '_rr[n-p]r'",
      "c.status LIKE 'E!rror' ESCAPE '!'",
    ]) {
      expect(ascending(await numbers(`SELECT VALUE c.n FROM c WHERE ${filter}`))).toEqual(expected);
    }
  });

  test('combine text functions', async () => {
    const sql =
      "SELECT VALUE c.n FROM c WHERE STARTSWITH(c.identifier[1]['value'], 'M1') " +
      "AND CONTAINS(LOWER(c.status), 'r') AND ENDSWITH(UPPER(c.resourceType), 'NT')";
    const expected = documents.filter(
      ({ n, status, resourceType }) =>
        `M${n}`.startsWith('M1') && status === 'Error' && resourceType === 'Patient',
    );
    expect(ascending(await numbers(sql))).toEqual(expected.map(({ n }) => n));
  });
});

describe('joins', () => {
  test('pair a document with its elements', async () => {
    const sql =
      "SELECT c.id, i['value'] AS v FROM c JOIN i IN c.identifier WHERE i.system = 'mrn' AND c.n < 3";
    const found = await query<{ v: string }>(sql);
    expect(found.map(({ v }) => v).sort()).toEqual(['M0', 'M1', 'M2']);
  });

  test('multiply', async () => {
    expect(await numbers('SELECT VALUE COUNT(1) FROM c JOIN i IN c.identifier JOIN t IN c.tags')).toEqual([
      240,
    ]);
  });

  test('take a subquery as their source', async () => {
    const sql =
      "SELECT VALUE COUNT(1) FROM c JOIN (SELECT VALUE i FROM i IN c.identifier WHERE i.system = 'mrn') m";
    expect(await numbers(sql)).toEqual([60]);
  });
});

describe('order and limits', () => {
  const upTo = (from: number, to: number): number[] =>
    Array.from({ length: to - from }, (_, at) => from + at);

  test('sort by one property across partitions', async () => {
    expect(await numbers('SELECT VALUE c.n FROM c ORDER BY c.n DESC')).toEqual(upTo(0, 60).reverse());
  });

  test('sort by two properties with a composite index', async () => {
    const found = await query<{ status: string; n: number }>(
      'SELECT c.status, c.n FROM c ORDER BY c.status ASC, c.n DESC',
    );
    const expected = documents
      .map(({ status, n }) => ({ status, n }))
      .sort((left, right) =>
        left.status === right.status ? right.n - left.n : left.status < right.status ? -1 : 1,
      );
    expect(found).toEqual(expected);
  });

  test('deliver sorted pages of the wanted size', async () => {
    const pages: number[][] = [];
    const iterator = container.items.query<number>('SELECT VALUE c.n FROM c ORDER BY c.n', {
      maxItemCount: 7,
    });
    for await (const { resources } of iterator.getAsyncIterator()) pages.push(resources);
    expect(pages.flat()).toEqual(upTo(0, 60));
    expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(7);
  });

  test('skip and limit, also by parameters', async () => {
    expect(await numbers('SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 10 LIMIT 5')).toEqual(upTo(10, 15));
    const sql = 'SELECT VALUE c.n FROM c ORDER BY c.n OFFSET @o LIMIT @l';
    expect(await numbers(sql, { o: 10, l: 2 })).toEqual([10, 11]);
    expect(await numbers(sql, { o: 3, l: 2 }, { partitionKey: 't1' })).toEqual([10, 13]);
    expect(await query('SELECT VALUE c.n FROM c OFFSET 55 LIMIT 10')).toHaveLength(5);
  });

  test('take the top, also by a parameter', async () => {
    expect(await numbers('SELECT TOP 3 VALUE c.n FROM c ORDER BY c.n DESC')).toEqual([59, 58, 57]);
    expect(await query('SELECT TOP @n c.id FROM c', { n: 4 })).toHaveLength(4);
  });

  test('sort missing, null, text in that order within a partition', async () => {
    const sql = 'SELECT c.opt FROM c ORDER BY c.opt';
    const found = await query<{ opt?: string | null }>(sql, {}, { partitionKey: 't0' });
    const kinds = found.map(({ opt }) => (opt === undefined ? 'missing' : opt === null ? 'null' : 'text'));
    expect(kinds).toEqual([...kinds].sort());
    expect(new Set(kinds)).toEqual(new Set(['missing', 'null', 'text']));
  });
});

describe('aggregates and distinct values', () => {
  test('fold single values', async () => {
    expect(await query("SELECT VALUE COUNT(1) FROM c WHERE c.resourceType = 'Patient'")).toEqual([30]);
    expect(await query('SELECT VALUE SUM(c.n) FROM c')).toEqual([1770]);
    expect(await query('SELECT VALUE MIN(c.n) FROM c')).toEqual([0]);
    expect(await query('SELECT VALUE MAX(c.n) FROM c')).toEqual([59]);
    expect(await query('SELECT VALUE AVG(c.n) FROM c')).toEqual([29.5]);
  });

  test('name a count, across partitions and within one', async () => {
    expect(await query('SELECT COUNT(1) AS n FROM c')).toEqual([{ n: 60 }]);
    expect(await query('SELECT COUNT(1) AS n FROM c', {}, { partitionKey: 't0' })).toEqual([{ n: 20 }]);
  });

  test('count nothing as zero', async () => {
    expect(await query("SELECT VALUE COUNT(1) FROM c WHERE c.status = 'none'")).toEqual([0]);
  });

  test('group by a property', async () => {
    const found = await query<{ resourceType: string }>(
      'SELECT c.resourceType, COUNT(1) AS n, SUM(c.n) AS s, AVG(c.n) AS a FROM c GROUP BY c.resourceType',
    );
    expect(found.sort((left, right) => (left.resourceType < right.resourceType ? -1 : 1))).toEqual([
      { resourceType: 'Observation', n: 30, s: 870, a: 29 },
      { resourceType: 'Patient', n: 30, s: 900, a: 30 },
    ]);
  });

  test('group by two properties', async () => {
    const found = await query<{ tenant: string; status: string; n: number; m: number }>(
      'SELECT c.tenant, c.status, COUNT(1) AS n, MAX(c.n) AS m FROM c WHERE c.n >= 0 GROUP BY c.tenant, c.status',
    );
    for (const { tenant, status, n, m } of found) {
      const members = documents.filter(
        (document) => document.tenant === tenant && document.status === status,
      );
      expect([n, m]).toEqual([members.length, members.at(-1)?.n]);
    }
    expect(found.reduce((total, { n }) => total + n, 0)).toBe(60);
  });

  test('group single values', async () => {
    expect(await query('SELECT VALUE COUNT(1) FROM c GROUP BY c.tenant')).toEqual([20, 20, 20]);
  });

  test('drop duplicates', async () => {
    const values = await query<string>('SELECT DISTINCT VALUE c.status FROM c');
    expect(values.sort()).toEqual(['Error', 'active', 'closed']);
    const ordered = await query('SELECT DISTINCT VALUE c.tenant FROM c ORDER BY c.tenant');
    expect(ordered).toEqual(['t0', 't1', 't2']);
    expect(await query('SELECT DISTINCT c.tenant, c.resourceType FROM c')).toHaveLength(6);
  });
});

describe('projections', () => {
  test('compute with missing values, conditions and text', async () => {
    const sql =
      "SELECT c.n, (c.opt ?? 'none') AS o, (c.n > 30 ? 'high' : 'low') AS h, c.id || '-x' AS joined FROM c " +
      'WHERE IS_DEFINED(c.opt) AND NOT IS_NULL(c.opt) AND c.n = 31';
    expect(await query(sql)).toEqual([{ n: 31, o: 'v3', h: 'high', joined: 'd31-x' }]);
  });

  test('build objects and arrays, in which a missing element is null', async () => {
    expect(await query('SELECT {a: c.n, b: [c.id, c.missing]} AS o FROM c WHERE c.n = 1')).toEqual([
      { o: { a: 1, b: ['d01', null] } },
    ]);
  });

  test('leave out missing properties and keep null', async () => {
    expect(await query('SELECT c.n, c.opt, c.missing FROM c WHERE c.n = 10')).toEqual([{ n: 10, opt: null }]);
  });

  test('name what has no name', async () => {
    expect(await query('SELECT c.n + 1, c.n * 2 FROM c WHERE c.n = 4')).toEqual([{ $1: 5, $2: 8 }]);
  });

  test('collect a subquery into an array, or take its only value', async () => {
    const array =
      "SELECT c.id, ARRAY(SELECT VALUE i['value'] FROM i IN c.identifier WHERE i.system = 'nhs') AS nhs " +
      'FROM c WHERE c.n = 2';
    expect(await query(array)).toEqual([{ id: 'd02', nhs: ['9990000002'] }]);
    const scalar = 'SELECT c.id, (SELECT VALUE COUNT(1) FROM i IN c.identifier) AS k FROM c WHERE c.n = 2';
    expect(await query(scalar)).toEqual([{ id: 'd02', k: 2 }]);
  });

  test('call functions of text, arrays and numbers', async () => {
    const sql =
      "SELECT ARRAY_LENGTH(c.tags) AS l, ROUND(1.5) AS r, SUBSTRING(c.id, 0, 1) AS s, INDEX_OF(c.id, '0') AS i, " +
      "REPLACE(c.id, 'd', 'e') AS p, TRIM(' a ') AS t, CONCAT(c.id, 'z') AS k, ARRAY_SLICE(c.tags, 1) AS z " +
      'FROM c WHERE c.n = 1';
    expect(await query(sql)).toEqual([{ l: 2, r: 2, s: 'd', i: 1, p: 'e01', t: 'a', k: 'd01z', z: ['y1'] }]);
  });

  test('calculate with dates', async () => {
    const sql =
      "SELECT DateTimeDiff('day', '2026-01-01T00:00:00Z', '2026-01-03T00:00:00Z') AS d, " +
      "DateTimeAdd('mm', 1, '2026-01-01T00:00:00.0000000Z') AS m, IS_STRING(GetCurrentDateTime()) AS now " +
      'FROM c WHERE c.n = 1';
    expect(await query(sql)).toEqual([{ d: 2, m: '2026-02-01T00:00:00.0000000Z', now: true }]);
  });
});

describe('errors', () => {
  test.each([
    'SELEC * FRM c',
    'SELECT * FROM c;',
    'SELECT /* all */ * FROM c',
    'SELECT * FROM c WHERE',
    '',
    'SELECT c.n AS a, c.id AS a FROM c',
    'SELECT nobody.n FROM c',
    'SELECT NOSUCH(c.n) FROM c',
    'SELECT VALUE c.n / 0 FROM c',
    'DELETE FROM c',
  ])('refuses %p with 400', async (sql) => {
    expect(await refusalStatus(query(sql, {}, { partitionKey: 't1' }))).toBe(400);
  });
});

describe('continuation', () => {
  test('resumes a plain query with the token of its last page', async () => {
    const sql = 'SELECT VALUE c.n FROM c WHERE c.n >= 0';
    const found: number[] = [];
    let token: string | undefined;
    do {
      const options = { maxItemCount: 25, ...resumeAt(token) };
      const page = await container.items.query<number>(sql, options).fetchNext();
      found.push(...page.resources);
      token = tokenOf(page);
    } while (token !== undefined && found.length <= 60);
    expect(ascending(found)).toEqual(documents.map(({ n }) => n));
  });

  test('resumes a sorted query within a partition', async () => {
    const found: number[] = [];
    let token: string | undefined;
    do {
      const page = await container.items
        .query<number>('SELECT VALUE c.n FROM c ORDER BY c.n', {
          maxItemCount: 6,
          partitionKey: 't1',
          ...resumeAt(token),
        })
        .fetchNext();
      found.push(...page.resources);
      token = tokenOf(page);
    } while (token !== undefined && found.length <= 20);
    expect(found).toEqual(Array.from({ length: 20 }, (_, at) => at * 3 + 1));
  });

  test('refuses a token that it did not give', async () => {
    const options = { partitionKey: 't1', continuationToken: 'nonsense' };
    expect(await refusalStatus(container.items.query('SELECT * FROM c', options).fetchNext())).toBe(400);
  });
});

describe('query plans', () => {
  const forced = { forceQueryPlan: true };

  test('serve sorting, limits, grouping and counting when the client insists on them', async () => {
    const sorted = await numbers('SELECT VALUE c.n FROM c ORDER BY c.n DESC', {}, forced);
    expect(sorted.slice(0, 3)).toEqual([59, 58, 57]);
    expect(await query('SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 3 LIMIT 2', {}, forced)).toEqual([3, 4]);
    expect(await query('SELECT VALUE COUNT(1) FROM c', {}, forced)).toEqual([60]);
    const groups = await query<{ n: number }>(
      'SELECT c.resourceType, COUNT(1) AS n, AVG(c.n) AS a FROM c GROUP BY c.resourceType',
      {},
      forced,
    );
    expect(groups.map(({ n }) => n)).toEqual([30, 30]);
  });

  test('come with metrics when the client asks for them', async () => {
    const { queryMetrics } = await container.items
      .query('SELECT * FROM c', { populateQueryMetrics: true })
      .fetchAll();
    expect(Object.keys(queryMetrics)).not.toEqual([]);
  });
});
