import { badRequest } from '../errors.js';
import type { Json, Value } from '../json.js';
import { isArray, isObject, parseJson } from '../json.js';
import type { SortedRow } from '../sql/compile-query.js';
import type { PreparedQuery } from '../sql/prepare.js';
import type { Run } from '../sql/scope.js';
import type { Container } from '../storage/container.js';
import type { StoredItem } from '../storage/stored-item.js';
import type { Position, Scope } from './scope.js';
import { itemsInOrder, itemsInScope } from './scope.js';

/** The most bytes of documents in one page. */
const maximumPageBytes = 4_000_000;

export interface PageRequest {
  readonly scope: Scope;
  readonly parameters: ReadonlyMap<string, Value>;
  /** The most rows of the page; infinity leaves the size to `maximumPageBytes`. */
  readonly maxItems: number;
  readonly continuation: string | undefined;
  readonly nowSeconds: number;
}

/** A page of results, already as JSON text. */
export interface Page {
  readonly rows: readonly string[];
  readonly bytes: number;
  readonly continuation: string | undefined;
  /** How many items were looked at. */
  readonly scanned: number;
}

/** Collects rows until the page is full. */
class PageBuilder {
  readonly rows: string[] = [];
  bytes = 0;

  constructor(private readonly maxItems: number) {}

  /** Adds the row; false when the page has no room for it. */
  add(value: Json): boolean {
    if (this.rows.length >= this.maxItems) return false;
    const text = JSON.stringify(value);
    if (this.rows.length > 0 && this.bytes + text.length > maximumPageBytes) return false;
    this.rows.push(text);
    this.bytes += text.length;
    return true;
  }

  toPage(scanned: number, token: object | undefined): Page {
    const continuation = token === undefined ? undefined : JSON.stringify(token);
    return { rows: this.rows, bytes: this.bytes, continuation, scanned };
  }
}

const invalidToken = (): Error => badRequest('Invalid Continuation Token');

/** Reads a token; every kind of query has its own, made of non-negative integers and sort keys. */
function parseToken(text: string, kind: string): Readonly<Record<string, Value>> {
  const token = parseJson(text);
  if (!isObject(token) || token['kind'] !== kind) throw invalidToken();
  return token;
}

function integer(value: Value): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw invalidToken();
  return value;
}

/** Where a streamed query begins: at a row of an item, with rows to skip and rows already served. */
interface StreamStart {
  readonly from: Position | undefined;
  readonly row: number;
  readonly skip: number;
  readonly served: number;
}

function streamStart(continuation: string | undefined, offset: number): StreamStart {
  if (continuation === undefined) return { from: undefined, row: 0, skip: offset, served: 0 };
  const token = parseToken(continuation, 'stream');
  return {
    from: { range: integer(token['range']), sequence: integer(token['item']) },
    row: integer(token['row']),
    skip: 0,
    served: integer(token['served']),
  };
}

/**
 * Rows in container order. The token is a position (range, item, row of the item), not an offset, so that writes
 * between two pages neither repeat nor skip an item that stays.
 */
function streamPage(container: Container, query: PreparedQuery, request: PageRequest, run: Run): Page {
  const { offset, limit } = query.limits(request.parameters);
  const { from, row: firstRow, ...start } = streamStart(request.continuation, offset);
  let { skip, served } = start;
  const page = new PageBuilder(request.maxItems);
  let scanned = 0;
  if (served >= limit) return page.toPage(scanned, undefined);
  const narrowing = query.narrowing(request.parameters);
  for (const item of itemsInScope(container, request.scope, narrowing, request.nowSeconds, from)) {
    scanned += 1;
    const { range } = item.partition;
    const isResumed = from?.range === range && from.sequence === item.sequence;
    const rows = query.rowsOf(item.document, run);
    for (let row = isResumed ? firstRow : 0; row < rows.length; row++) {
      if (skip > 0) {
        skip -= 1;
        continue;
      }
      if (!page.add(rows[row] ?? null)) {
        return page.toPage(scanned, { kind: 'stream', range, item: item.sequence, row, served });
      }
      served += 1;
      if (served >= limit) return page.toPage(scanned, undefined);
    }
  }
  return page.toPage(scanned, undefined);
}

/** Sort keys in a token: undefined has no JSON, so each key is wrapped in an array. */
const wrapKeys = (keys: readonly Value[]): Json => keys.map((key) => (key === undefined ? [] : [key]));

function unwrapKeys(value: Value): readonly Value[] {
  if (!isArray(value)) throw invalidToken();
  return value.map((key) => {
    if (!isArray(key)) throw invalidToken();
    return key[0];
  });
}

/**
 * Sorted rows. The token is the last row's sort keys and identity: the client adds a filter of its own when it
 * resumes, under which an offset would skip rows twice.
 */
function orderedPage(container: Container, query: PreparedQuery, request: PageRequest, run: Run): Page {
  const token = request.continuation === undefined ? undefined : parseToken(request.continuation, 'order');
  const last = token && {
    keys: unwrapKeys(token['keys']),
    sequence: integer(token['item']),
    index: integer(token['row']),
  };
  const { rows, looked } = rowsInOrder(container, query, request, run, last);
  const { offset, limit } = query.limits(request.parameters);
  let skip = last === undefined ? offset : 0;
  let served = token === undefined ? 0 : integer(token['served']);
  const page = new PageBuilder(request.maxItems);
  let previous: SortedRow | undefined;
  for (const row of rows) {
    if (served >= limit) break;
    if (skip > 0) {
      skip -= 1;
      continue;
    }
    const value = query.select(row.row, run);
    if (value !== undefined && !page.add(value)) {
      const { keys, sequence, index } = previous ?? row;
      return page.toPage(looked(), {
        kind: 'order',
        keys: wrapKeys(keys),
        item: sequence,
        row: index,
        served,
      });
    }
    if (value !== undefined) served += 1;
    previous = row;
  }
  return page.toPage(looked(), undefined);
}

/** The rows that match, after the last of the page before, and how many items were looked at for them. */
function rowsInOrder(
  container: Container,
  query: PreparedQuery,
  { scope, nowSeconds, parameters, maxItems }: PageRequest,
  run: Run,
  after: Omit<SortedRow, 'row'> | undefined,
): { readonly rows: Iterable<SortedRow>; readonly looked: () => number } {
  const { ordering } = query;
  const narrowing = query.narrowing(parameters);
  const walked =
    ordering &&
    itemsInOrder(
      container,
      { ...scope, nowSeconds },
      { ...ordering, parameters, after, wanted: maxItems },
      narrowing,
    );
  if (walked === undefined) {
    const items = [...itemsInScope(container, scope, narrowing, nowSeconds)];
    const rows = query.sorted(items, run);
    const isAfter = (row: SortedRow): boolean => after === undefined || query.compare(row, after) > 0;
    const start = rows.findIndex(isAfter);
    return { rows: start < 0 ? [] : rows.slice(start), looked: () => items.length };
  }
  let count = 0;
  function* rowsOf(items: Iterable<StoredItem>): Generator<SortedRow> {
    for (const item of items) {
      count += 1;
      yield* query.sorted([item], run);
    }
  }
  return { rows: rowsOf(walked), looked: () => count };
}

/** Aggregates and DISTINCT: the whole result is computed for every page. */
function foldedPage(container: Container, query: PreparedQuery, request: PageRequest, run: Run): Page {
  const token = request.continuation === undefined ? undefined : parseToken(request.continuation, 'fold');
  const start = token === undefined ? 0 : integer(token['offset']);
  const narrowing = query.narrowing(request.parameters);
  const items = [...itemsInScope(container, request.scope, narrowing, request.nowSeconds)];
  const values = query.folded(
    items.map((item) => item.document),
    run,
  );
  const page = new PageBuilder(request.maxItems);
  for (let at = start; at < values.length; at++) {
    if (!page.add(values[at] ?? null)) return page.toPage(items.length, { kind: 'fold', offset: at });
  }
  return page.toPage(items.length, undefined);
}

const pagers = { streamed: streamPage, ordered: orderedPage, folded: foldedPage };

/**
 * Runs a query over the scope and returns one page.
 *
 * @throws CosmosError 400 for a token that this query did not give, SqlError for failing expressions.
 */
export const queryPage = (container: Container, query: PreparedQuery, request: PageRequest): Page =>
  pagers[query.mode](container, query, request, { parameters: request.parameters });
