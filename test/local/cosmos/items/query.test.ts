import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Json, Value } from '../../../../local/cosmos/json.js';
import { queryPage } from '../../../../local/cosmos/items/query.js';
import { runOperation } from '../../../../local/cosmos/items/operations.js';
import { patchDocument } from '../../../../local/cosmos/items/patch.js';
import { prepareQuery } from '../../../../local/cosmos/sql/prepare.js';
import type { Container } from '../../../../local/cosmos/storage/container.js';
import { parseContainerDefinition } from '../../../../local/cosmos/storage/definition.js';
import { openAccount } from '../../../../local/cosmos/storage/open-account.js';
import { partitionKeyOf } from '../../../../local/cosmos/storage/partition-key.js';

function filled(documents: readonly { id: string; p: Json }[], paths: readonly string[] = ['/p']): Container {
  const account = openAccount({ ranges: 3 });
  account.createDatabase('db');
  const container = account.createContainer(
    'db',
    parseContainerDefinition({ id: 'c', partitionKey: { paths: [...paths] } }),
  );
  for (const body of documents) {
    const transaction = account.begin(container, container.keyReader.ofDocument(body));
    runOperation(transaction, { type: 'Upsert', body });
    account.commit(container, transaction);
  }
  return container;
}

const page = (container: Container, sql: string, values: Record<string, Value> = {}, key?: string) =>
  queryPage(container, prepareQuery(sql), {
    scope: key === undefined ? {} : { key: partitionKeyOf([key]) },
    parameters: new Map(Object.entries(values)),
    maxItems: Number.POSITIVE_INFINITY,
    continuation: undefined,
    nowSeconds: 0,
  });

const documents = Array.from({ length: 90 }, (_, n) => ({ id: `i${n % 30}`, p: `p${n % 9}`, n }));

describe('queries that name what they want', () => {
  const container = filled(documents);

  test.each<[string, Record<string, Value>, string | undefined, number]>([
    ["SELECT * FROM c WHERE c.id = 'i4'", {}, 'p4', 1],
    ['SELECT * FROM c WHERE c.id IN (@a, @b)', { '@a': 'i4', '@b': 'i13' }, 'p4', 2],
    ['SELECT * FROM c WHERE ARRAY_CONTAINS(@ids, c.id)', { '@ids': ['i4', 'i13', 'absent'] }, 'p4', 2],
    ["SELECT * FROM c WHERE c.p = 'p4' AND c.id = 'i4' AND c.n >= 0", {}, undefined, 1],
    ["SELECT * FROM c WHERE c.p IN ('p4', 'p5') AND c.id = 'i4'", {}, undefined, 1],
    ["SELECT * FROM c WHERE c.p = 'p4'", {}, undefined, 10],
    ["SELECT * FROM c WHERE c.id = 'i4' AND c.id = 'i13'", {}, 'p4', 1],
  ])('look at no more than that: %s', (sql, values, key, scanned) => {
    expect(page(container, sql, values, key).scanned).toBe(scanned);
  });

  test('find the same as a look at everything', () => {
    const value = fc.constantFrom<Value>('i1', 'i2', 'i29', 'p1', 'p2', 'absent', 7, null, undefined);
    const term = fc.oneof(
      fc
        .tuple(fc.constantFrom('c.id', 'c.p', 'c.n'), value)
        .map(([name, wanted]) => ({ name, list: [wanted] })),
      fc
        .tuple(fc.constantFrom('c.id', 'c.p'), fc.array(value, { minLength: 1, maxLength: 4 }))
        .map(([name, list]) => ({ name, list })),
    );
    fc.assert(
      fc.property(fc.array(term, { minLength: 1, maxLength: 3 }), (terms) => {
        const values: Record<string, Value> = {};
        const conditions = terms.map(({ name, list }, at) => {
          const names = list.map((wanted, index) => {
            values[`@v${at}_${index}`] = wanted;
            return `@v${at}_${index}`;
          });
          return names.length === 1 ? `${name} = ${String(names[0])}` : `${name} IN (${names.join(', ')})`;
        });
        const narrowed = page(container, `SELECT * FROM c WHERE ${conditions.join(' AND ')}`, values);
        const hidden = conditions.map((condition) => `(${condition} OR false)`).join(' AND ');
        const everything = page(container, `SELECT * FROM c WHERE ${hidden}`, values);
        expect(everything.scanned).toBe(90);
        expect(narrowed.rows).toEqual(everything.rows);
      }),
    );
  });

  test('are not fooled by a condition that is not required', () => {
    expect(page(container, "SELECT * FROM c WHERE c.p = 'p4' OR c.n = 5").rows).toHaveLength(11);
    expect(page(container, "SELECT * FROM c WHERE NOT (c.p = 'p4')").rows).toHaveLength(80);
    expect(page(container, "SELECT VALUE i FROM i IN c.list WHERE i.p = 'p4'").rows).toEqual([]);
  });
});

describe('pages', () => {
  test('are bounded by bytes as well, and every row comes once', () => {
    const big = Array.from({ length: 12 }, (_, n) => ({ id: `b${n}`, p: 'big', pad: 'x'.repeat(900_000) }));
    const container = filled(big);
    const seen: string[] = [];
    let continuation: string | undefined;
    do {
      const result = queryPage(container, prepareQuery('SELECT c.id, c.pad FROM c'), {
        scope: {},
        parameters: new Map(),
        maxItems: Number.POSITIVE_INFINITY,
        continuation,
        nowSeconds: 0,
      });
      expect(result.bytes).toBeLessThanOrEqual(4_000_000);
      seen.push(...result.rows.map((row) => (JSON.parse(row) as { id: string }).id));
      continuation = result.continuation;
    } while (continuation !== undefined);
    expect(seen).toEqual(big.map(({ id }) => id));
  });

  test('of a join resume inside a document', () => {
    const container = filled([{ id: '1', p: 'a', list: [1, 2, 3, 4, 5] } as never]);
    const query = prepareQuery('SELECT VALUE i FROM c JOIN i IN c.list');
    const request = { scope: {}, parameters: new Map<string, Value>(), maxItems: 2, nowSeconds: 0 };
    const first = queryPage(container, query, { ...request, continuation: undefined });
    const second = queryPage(container, query, { ...request, continuation: first.continuation });
    const third = queryPage(container, query, { ...request, continuation: second.continuation });
    expect([first.rows, second.rows, third.rows]).toEqual([['1', '2'], ['3', '4'], ['5']]);
    expect(third.continuation).toBeUndefined();
  });

  test.each(['{}', '7', '{"kind":"stream"}', '{"kind":"order","keys":[],"item":0,"row":0,"served":0}'])(
    'do not begin with the foreign token %s',
    (continuation) => {
      const container = filled([]);
      const request = { scope: {}, parameters: new Map<string, Value>(), maxItems: 2, nowSeconds: 0 };
      expect(() =>
        queryPage(container, prepareQuery('SELECT * FROM c'), { ...request, continuation }),
      ).toThrow(/Invalid Continuation Token/);
    },
  );
});

describe('patchDocument', () => {
  const document = { id: '1', _rid: '', _self: '', _etag: '', _ts: 0, list: [1], 'a/b': { '~': 1 } };

  test('reads escaped names and leaves the original alone', () => {
    const patched = patchDocument(document, [{ op: 'set', path: '/a~1b/~0', value: 2 }]);
    expect(patched['a/b']).toEqual({ '~': 2 });
    expect(document['a/b']).toEqual({ '~': 1 });
  });

  test.each(['/__proto__/polluted', '/list/__proto__', '/constructor/prototype/x'])(
    'refuses to reach outside the document by %s',
    (path) => {
      expect(() => patchDocument(document, [{ op: 'set', path, value: true }])).toThrow(/Operation\(1\)/);
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    },
  );
});
