/** Equalities on indexed paths find what a look at everything finds, and look at no more than they find. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject, Value } from '../../../../local/cosmos/json.js';
import { runOperation } from '../../../../local/cosmos/items/operations.js';
import { queryPage } from '../../../../local/cosmos/items/query.js';
import { prepareQuery } from '../../../../local/cosmos/sql/prepare.js';
import type { Container } from '../../../../local/cosmos/storage/container.js';
import { parseContainerDefinition } from '../../../../local/cosmos/storage/definition.js';
import { openAccount } from '../../../../local/cosmos/storage/open-account.js';

type Body = JsonObject & { readonly id: string; readonly p: string };

function emptyContainer(indexingPolicy?: JsonObject) {
  const account = openAccount({ ranges: 3 });
  account.createDatabase('db');
  const definition = { id: 'c', partitionKey: { paths: ['/p'] }, ...(indexingPolicy && { indexingPolicy }) };
  const container = account.createContainer('db', parseContainerDefinition(definition));
  const change = (type: 'Upsert' | 'Delete', body: Body): void => {
    const transaction = account.begin(container, container.keyReader.ofDocument(body));
    runOperation(transaction, type === 'Upsert' ? { type, body } : { type, id: body.id });
    account.commit(container, transaction);
  };
  return { container, change };
}

const run = (container: Container, sql: string, values: Record<string, Value> = {}) =>
  queryPage(container, prepareQuery(sql), {
    scope: {},
    parameters: new Map(Object.entries(values)),
    maxItems: Number.POSITIVE_INFINITY,
    continuation: undefined,
    nowSeconds: 0,
  });

const patient = (n: number): Body => ({
  id: `i${n}`,
  p: `p${n}`,
  index: { identifier: [`system|${n}`, `|${n}`, `|${n % 10}`] },
  feed: `feed-${n % 50}`,
});

describe('an equality without a partition', () => {
  const { container, change } = emptyContainer();
  for (let n = 0; n < 500; n += 1) change('Upsert', patient(n));

  test.each<[string, Value, number]>([
    ['ARRAY_CONTAINS(c.index.identifier, @v)', 'system|77', 1],
    ["ARRAY_CONTAINS(c.index.identifier, @v) AND c.feed = 'feed-27'", 'system|77', 1],
    ["ARRAY_CONTAINS(c.index.identifier, 'system|4') OR ARRAY_CONTAINS(c.index.identifier, @v)", '|499', 2],
    ["c.feed = @v AND ARRAY_CONTAINS(c.index.identifier, '|9')", 'feed-19', 10],
    ['c.feed IN (@v, @v)', 'feed-3', 10],
    ['ARRAY_CONTAINS(c.index.identifier, @v)', 'absent', 0],
  ])('looks at no more than it finds: %s', (condition, value, looks) => {
    expect(run(container, `SELECT * FROM c WHERE ${condition}`, { '@v': value }).scanned).toBe(looks);
  });

  test('sees what was written after the first look, and no longer what was taken away', () => {
    const ask = () =>
      run(container, 'SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(c.index.identifier, @v)', {
        '@v': 'system|9000',
      }).rows;
    expect(ask()).toEqual([]);
    change('Upsert', patient(9000));
    expect(ask()).toEqual(['"i9000"']);
    change('Upsert', { ...patient(9000), index: { identifier: ['system|9001'] } });
    expect(ask()).toEqual([]);
    change('Upsert', patient(9000));
    change('Delete', patient(9000));
    expect(ask()).toEqual([]);
  });

  test('looks at everything where the path is excluded from the index', () => {
    const unindexed = emptyContainer({
      includedPaths: [{ path: '/feed/?' }],
      excludedPaths: [{ path: '/*' }],
    });
    for (let n = 0; n < 20; n += 1) unindexed.change('Upsert', patient(n));
    const condition = 'ARRAY_CONTAINS(c.index.identifier, @v)';
    const { scanned, rows } = run(unindexed.container, `SELECT * FROM c WHERE ${condition}`, { '@v': '|7' });
    expect([scanned, rows.length]).toEqual([20, 2]);
  });
});

test('look-ups find the same as a look at everything, whatever was written before', () => {
  const value = fc.constantFrom<Value>('a', 'b', 1, '1', true, null, { x: 1 }, undefined);
  const stored = fc.constantFrom<Value>('a', 'b', 1, '1', true, null, { x: 1 });
  const body = fc.record({
    id: fc.constantFrom('i1', 'i2', 'i3'),
    p: fc.constantFrom('p1', 'p2', 'p3', 'p4'),
    t: fc.oneof(fc.array(stored, { maxLength: 3 }), stored),
    s: stored,
  });
  const step = fc.tuple(fc.constantFrom('Upsert' as const, 'Upsert' as const, 'Delete' as const), body);
  const term = fc.oneof(
    value.map((wanted) => ({ text: 'ARRAY_CONTAINS(c.t, @)', wanted })),
    value.map((wanted) => ({ text: 'c.s = @', wanted })),
    value.map((wanted) => ({ text: 'c.t[0] = @', wanted })),
    value.map((wanted) => ({ text: 'c.t[0].x = @', wanted })),
    value.map((wanted) => ({ text: '(ARRAY_CONTAINS(c.t, @) OR ARRAY_CONTAINS(c.t, "b"))', wanted })),
    value.map((wanted) => ({ text: '(ARRAY_CONTAINS(c.t, @) OR c.s = @)', wanted })),
  );
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      fc.array(step, { maxLength: 12 }),
      fc.array(term, { minLength: 1, maxLength: 3 }),
      (before, after, terms) => {
        const indexed = emptyContainer();
        const plain = emptyContainer({ indexingMode: 'none', automatic: false });
        const values = Object.fromEntries(terms.map(({ wanted }, at) => [`@v${at}`, wanted]));
        const conditions = terms.map(({ text }, at) => text.replaceAll(/@/g, `@v${at}`));
        const sql = `SELECT c.id, c.p FROM c WHERE ${conditions.join(' AND ')}`;
        for (const steps of [before, after]) {
          for (const [type, document] of steps) {
            for (const { change } of [indexed, plain])
              attempt(() => {
                change(type, document as Body);
              });
          }
          expect(run(indexed.container, sql, values).rows).toEqual(run(plain.container, sql, values).rows);
        }
      },
    ),
    { numRuns: 300 },
  );
});

/** Deleting what is not there is refused; for this test that is a step that does nothing. */
function attempt(step: () => void): void {
  try {
    step();
  } catch (error) {
    if ((error as { status?: unknown }).status !== 404) throw error;
  }
}
