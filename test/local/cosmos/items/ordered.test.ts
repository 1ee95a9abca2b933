import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runOperation } from '../../../../local/cosmos/items/operations.js';
import { queryPage, type Page } from '../../../../local/cosmos/items/query.js';
import type { Value } from '../../../../local/cosmos/json.js';
import { prepareQuery } from '../../../../local/cosmos/sql/prepare.js';
import { compareValues } from '../../../../local/cosmos/sql/values.js';
import type { Account } from '../../../../local/cosmos/storage/account.js';
import type { Container } from '../../../../local/cosmos/storage/container.js';
import { parseContainerDefinition } from '../../../../local/cosmos/storage/definition.js';
import { openAccount } from '../../../../local/cosmos/storage/open-account.js';

interface Sample {
  readonly id: string;
  readonly feed: string;
  readonly at?: number | null | undefined;
}

function emptyContainer(): { readonly account: Account; readonly container: Container } {
  const account = openAccount({ ranges: 1 });
  account.createDatabase('db');
  const definition = parseContainerDefinition({ id: 'c', partitionKey: { paths: ['/id'] } });
  return { account, container: account.createContainer('db', definition) };
}

function write(account: Account, container: Container, { id, feed, at }: Sample): void {
  const transaction = account.begin(container, container.keyReader.ofDocument({ id }));
  const body = { id, feed, kind: 'k', ...(at === undefined ? {} : { at }) };
  runOperation(transaction, { type: 'Upsert', body });
  account.commit(container, transaction);
}

function erase(account: Account, container: Container, id: string): void {
  const transaction = account.begin(container, container.keyReader.ofDocument({ id }));
  runOperation(transaction, { type: 'Delete', id });
  account.commit(container, transaction);
}

const pageOf = (
  container: Container,
  sql: string,
  request: {
    readonly values?: Record<string, Value>;
    readonly maxItems: number;
    readonly continuation?: string;
  },
): Page =>
  queryPage(container, prepareQuery(sql), {
    scope: { range: 0 },
    parameters: new Map(Object.entries(request.values ?? {})),
    maxItems: request.maxItems,
    continuation: request.continuation,
    nowSeconds: 0,
  });

/** All rows of a query, a few a page. */
function everyRow(container: Container, sql: string, values: Record<string, Value>): readonly unknown[] {
  const rows: unknown[] = [];
  let continuation: string | undefined;
  do {
    const page = pageOf(container, sql, {
      values,
      maxItems: 2,
      ...(continuation === undefined ? {} : { continuation }),
    });
    rows.push(...page.rows.map((row) => JSON.parse(row) as unknown));
    ({ continuation } = page);
  } while (continuation !== undefined);
  return rows;
}

describe('queries over a whole range in an order', () => {
  const { account, container } = emptyContainer();
  for (let n = 0; n < 4_000; n++) write(account, container, { id: `i${n}`, feed: `f${n % 2}`, at: n });
  const sql =
    'SELECT TOP 10 VALUE c.at FROM c WHERE c.feed = @feed AND c.at >= @from AND c.at < @to AND c.at > @after ORDER BY c.feed, c.at';
  const values = { '@feed': 'f0', '@from': 1_000, '@to': 3_000, '@after': 2_001 };

  test('look at what a page holds, not at what is stored', () => {
    const page = pageOf(container, sql, { values, maxItems: 100 });
    expect(page.rows).toEqual(Array.from({ length: 10 }, (_, n) => String(2_002 + 2 * n)));
    expect(page.scanned).toBeLessThanOrEqual(12);
  });

  test('the other way round, too', () => {
    const page = pageOf(container, sql.replaceAll(/c\.feed, c\.at$/g, 'c.feed DESC, c.at DESC'), {
      values,
      maxItems: 100,
    });
    expect(page.rows.slice(0, 2)).toEqual(['2998', '2996']);
    expect(page.scanned).toBeLessThanOrEqual(12);
  });

  test('and though another property names them all', () => {
    const page = pageOf(container, sql.replace('WHERE', "WHERE c.kind = 'k' AND"), { values, maxItems: 100 });
    expect(page.rows).toHaveLength(10);
    expect(page.scanned).toBeLessThanOrEqual(12);
  });

  test('and go on where the page before ended', () => {
    const all = sql.replace('TOP 10 ', '');
    const expected = Array.from({ length: 5 }, (_, n) => 2_990 + 2 * n);
    expect(everyRow(container, all, { ...values, '@after': 2_989 })).toEqual(expected);
    const descending = all.replace('c.feed, c.at', 'c.feed DESC, c.at DESC');
    expect(everyRow(container, descending, { ...values, '@after': 2_989 })).toEqual(expected.reverse());
  });

  test('sort what another property names where a walk would look at more', () => {
    const { account: another, container: sparse } = emptyContainer();
    for (let n = 0; n < 4_000; n++)
      write(another, sparse, { id: `i${n}`, feed: n < 3_800 ? 'done' : 'waiting', at: n });
    const waiting = "SELECT TOP 10 VALUE c.at FROM c WHERE c.feed = 'waiting' ORDER BY c.at";
    const page = pageOf(sparse, waiting, { maxItems: 10 });
    expect(page.rows[0]).toBe('3800');
    expect(page.scanned).toBe(200);
    const together = pageOf(sparse, waiting.replace('ORDER BY', 'ORDER BY c.feed,'), { maxItems: 10 });
    expect(together.rows).toEqual(page.rows);
    expect(together.scanned).toBeLessThanOrEqual(12);
  });

  test('sort what another property names where that is little', () => {
    const page = pageOf(container, sql.replace('WHERE', 'WHERE c.rare = 1 AND'), {
      values,
      maxItems: 100,
    });
    expect(page).toMatchObject({ rows: [], scanned: 0 });
  });
});

test('they find the same in the same order as a sort of everything, whatever was written since', () => {
  const id = fc.integer({ min: 0, max: 11 }).map((n) => `i${n}`);
  const at = fc.constantFrom<number | null | undefined>(1, 2, 3, 4, null, undefined);
  const sample = fc.record({ id, feed: fc.constantFrom('a', 'b'), at });
  const change = fc.oneof(sample, id);
  const bound = fc.integer({ min: 0, max: 5 });
  const query = fc.record({ from: bound, to: bound, isDescending: fc.boolean(), isOfOneFeed: fc.boolean() });
  fc.assert(
    fc.property(fc.array(fc.tuple(change, query), { maxLength: 25 }), (steps) => {
      const { account, container } = emptyContainer();
      // In order of creation, which decides where the keys are equal.
      const kept = new Map<string, Sample>();
      for (const [made, { from, to, isDescending, isOfOneFeed }] of steps) {
        if (typeof made !== 'string') {
          write(account, container, made);
          kept.set(made.id, made);
        } else if (kept.delete(made)) erase(account, container, made);
        const direction = isDescending ? 'DESC' : 'ASC';
        const sql = `SELECT VALUE c.id FROM c WHERE ${isOfOneFeed ? "c.feed = 'a' AND " : ''}c.at >= @from AND c.at <= @to ORDER BY c.feed ${direction}, c.at ${direction}`;
        const isWanted = (sampled: Sample): boolean =>
          (!isOfOneFeed || sampled.feed === 'a') &&
          typeof sampled.at === 'number' &&
          sampled.at >= from &&
          sampled.at <= to;
        const expected = [...kept.values()]
          .filter(isWanted)
          .sort((left, right) => compareValues(left.feed, right.feed) || compareValues(left.at, right.at))
          .map((sampled) => sampled.id);
        expect(everyRow(container, sql, { '@from': from, '@to': to })).toEqual(
          isDescending ? expected.reverse() : expected,
        );
      }
    }),
  );
});
