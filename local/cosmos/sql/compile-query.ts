import type { Json, Value } from '../json.js';
import { compileExpression, compileObject } from './compile-expression.js';
import { validateQuery } from './rules.js';
import type { Evaluate, Row, Run, Scope } from './scope.js';
import type { CompiledSources } from './sources.js';
import { compileDocumentSources, compileInnerSources } from './sources.js';
import { SqlError } from './sql-error.js';
import type { Expression, Query } from './syntax.js';
import { isAggregated, namesOf } from './syntax.js';
import { canonicalText, compareValues } from './values.js';

/** How many rows a query skips and returns at most. */
export interface Limits {
  readonly offset: number;
  readonly limit: number;
}

/** A document and its place in the stable order of the container. */
export interface Candidate {
  readonly document: Json;
  readonly sequence: number;
}

/** A row that matched, with its sort keys and its place: the index tells rows of one document apart. */
export interface SortedRow {
  readonly row: Row;
  readonly keys: readonly Value[];
  readonly sequence: number;
  readonly index: number;
}

export interface CompiledSubquery {
  readonly values: (row: Row, run: Run) => readonly Json[];
}

/**
 * A query ready to run. Its mode says how: `streamed` row by row in container order, `ordered` after sorting, or
 * `folded` over everything at once (aggregates, DISTINCT).
 */
export interface CompiledQuery {
  readonly query: Query;
  readonly mode: 'streamed' | 'ordered' | 'folded';
  /** @throws SqlError when TOP, OFFSET or LIMIT is no non-negative integer. */
  readonly limits: (parameters: ReadonlyMap<string, Value>) => Limits;
  /** The rows of one document (mode `streamed`; limits are the caller's). */
  readonly rowsOf: (document: Json, run: Run) => readonly Json[];
  /** All matching rows in order (mode `ordered`; limits are the caller's). */
  readonly sorted: (candidates: Iterable<Candidate>, run: Run) => SortedRow[];
  /** The total order of `sorted`: no two rows of a container are equal. */
  readonly compare: (left: Omit<SortedRow, 'row'>, right: Omit<SortedRow, 'row'>) => number;
  /** The value that a row of `sorted` selects; undefined rows are not returned to the client. */
  readonly select: Evaluate;
  /** The whole result with limits (mode `folded`). */
  readonly folded: (documents: Iterable<Json>, run: Run) => readonly Json[];
}

interface Body {
  readonly sources: CompiledSources;
  readonly select: Evaluate;
  readonly groupKeys: readonly Evaluate[];
  readonly orderKeys: readonly Evaluate[];
  /** Calls back for each combination of the sources that WHERE lets through. */
  readonly visit: (row: Row, run: Run, onRow: () => boolean) => boolean;
}

function compileSelect(query: Query, sources: CompiledSources): Evaluate {
  const { selection } = query;
  if (selection.kind === 'star') {
    const slot = sources.starSlot;
    if (slot === undefined) throw new SqlError("'SELECT *' is only valid with a single input set.", 'SC2040');
    return (row) => row[slot];
  }
  if (selection.kind === 'value') return compileExpression(selection.value.expression, sources.scope);
  const names = namesOf(selection.items);
  const entries = selection.items.map((item, index) => [names[index] ?? '', item.expression] as const);
  return compileObject(entries, sources.scope);
}

function compileBody(query: Query, sources: CompiledSources): Body {
  const compile = (expression: Expression): Evaluate => compileExpression(expression, sources.scope);
  const where = query.where === undefined ? undefined : compile(query.where.expression);
  return {
    sources,
    select: compileSelect(query, sources),
    groupKeys: query.groupBy.map((key) => compile(key.expression)),
    orderKeys: query.orderBy.map((key) => compile(key.expression)),
    visit: (row, run, onRow) =>
      sources.walk(row, run, () => (where === undefined || where(row, run) === true ? onRow() : true)),
  };
}

/** A function from parameters to a row count. */
function compileCount(node: Expression | undefined, scope: Scope): (run: Run) => number | undefined {
  if (node === undefined) return () => undefined;
  const evaluate = compileExpression(node, scope);
  return (run) => {
    const count = evaluate([], run);
    if (typeof count !== 'number' || !Number.isInteger(count) || count < 0) {
      throw new SqlError('TOP, OFFSET and LIMIT must be non-negative integers.', 'SC2061');
    }
    return count;
  };
}

function compileLimits(query: Query, scope: Scope): (run: Run) => Limits {
  const top = compileCount(query.top, scope);
  const offset = compileCount(query.offset, scope);
  const limit = compileCount(query.limit, scope);
  return (run) => ({ offset: offset(run) ?? 0, limit: top(run) ?? limit(run) ?? Number.POSITIVE_INFINITY });
}

/** Compares sort keys by the directions of the query. */
function compileKeyOrder(query: Query): (left: readonly Value[], right: readonly Value[]) => number {
  const signs = query.orderBy.map((key) => (key.direction === 'ascending' ? 1 : -1));
  return (left, right) => {
    for (let at = 0; at < signs.length; at++) {
      const order = compareValues(left[at], right[at]);
      if (order !== 0) return order * (signs[at] ?? 1);
    }
    return 0;
  };
}

/** The total order of an ordered query: sort keys, then creation (reversed when a key descends), then row. */
function compileOrder(query: Query): CompiledQuery['compare'] {
  const compareKeys = compileKeyOrder(query);
  const age = query.orderBy.some((key) => key.direction === 'descending') ? -1 : 1;
  return (left, right) =>
    compareKeys(left.keys, right.keys) || (left.sequence - right.sequence) * age || left.index - right.index;
}

function group(rows: readonly Row[], keys: readonly Evaluate[], run: Run): readonly (readonly Row[])[] {
  if (keys.length === 0) return [rows];
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const text = keys.map((key) => canonicalText(key(row, run))).join('|');
    const members = groups.get(text);
    if (members === undefined) groups.set(text, [row]);
    else members.push(row);
  }
  return [...groups.values()];
}

/** Selects from rows: groups, sorts, removes duplicates and applies the limits. */
function fold(query: Query, body: Body, rows: readonly Row[], run: Run, { offset, limit }: Limits): Json[] {
  const aggregated = isAggregated(query);
  const compareKeys = compileKeyOrder(query);
  const contexts = aggregated
    ? group(rows, body.groupKeys, run).map((members) => ({
        row: members[0] ?? [],
        run: { ...run, group: members },
      }))
    : rows.map((row) => ({ row, run }));
  const ordered =
    query.orderBy.length === 0
      ? contexts
      : contexts
          .map((context) => ({
            ...context,
            keys: body.orderKeys.map((key) => key(context.row, context.run)),
          }))
          .sort((left, right) => compareKeys(left.keys, right.keys));
  const seen = new Set<string>();
  const values: Json[] = [];
  for (const context of ordered) {
    if (values.length >= offset + limit) break;
    const value = body.select(context.row, context.run);
    if (value === undefined) continue;
    if (query.distinct) {
      const text = canonicalText(value);
      if (seen.has(text)) continue;
      seen.add(text);
    }
    values.push(value);
  }
  return values.slice(offset, offset + limit);
}

function modeOf(query: Query): CompiledQuery['mode'] {
  if (isAggregated(query) || query.distinct || query.from === undefined) return 'folded';
  return query.orderBy.length > 0 ? 'ordered' : 'streamed';
}

/** Compiles a subquery; its rows come from names of the query around it. */
export function compileSubquery(query: Query, scope: Scope): CompiledSubquery {
  validateQuery(query);
  const body = compileBody(query, compileInnerSources(query, scope));
  const limits = compileLimits(query, scope);
  return {
    values: (row, run) => {
      // A subquery's rows are its own group, never that of the query around it.
      const inner: Run = { parameters: run.parameters };
      const rows: Row[] = [];
      body.visit(row, inner, () => rows.push(row.slice()) > 0);
      return fold(query, body, rows, inner, limits(inner));
    },
  };
}

/**
 * Compiles a parsed query over documents.
 *
 * @throws SqlError when it breaks a rule of the language.
 */
export function compileQuery(query: Query): CompiledQuery {
  validateQuery(query);
  const body = compileBody(query, compileDocumentSources(query));
  const limits = compileLimits(query, body.sources.scope);
  const compare = compileOrder(query);
  const { documentSlot } = body.sources;
  const rowOf = (document: Json): Row => {
    const row: Row = [];
    row[documentSlot] = document;
    return row;
  };
  return {
    query,
    mode: modeOf(query),
    limits: (parameters) => limits({ parameters }),
    select: body.select,
    compare,
    rowsOf: (document, run) => {
      const row = rowOf(document);
      const values: Json[] = [];
      body.visit(row, run, () => {
        const value = body.select(row, run);
        if (value !== undefined) values.push(value);
        return true;
      });
      return values;
    },
    sorted: (candidates, run) => {
      const rows: SortedRow[] = [];
      for (const { document, sequence } of candidates) {
        const row = rowOf(document);
        let index = 0;
        body.visit(row, run, () => {
          rows.push({ row: row.slice(), keys: body.orderKeys.map((key) => key(row, run)), sequence, index });
          index += 1;
          return true;
        });
      }
      return rows.sort(compare);
    },
    folded: (documents, run) => {
      const rows: Row[] = [];
      for (const document of query.from === undefined ? [null] : documents) {
        const row = rowOf(document);
        body.visit(row, run, () => rows.push(row.slice()) > 0);
      }
      return fold(query, body, rows, run, limits(run));
    },
  };
}
