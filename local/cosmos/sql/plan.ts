import { SqlError } from './sql-error.js';
import type { AggregateName, Query, Sourced } from './syntax.js';
import { hasAggregate, isAggregated, namesOf } from './syntax.js';
import type { Limits } from './compile-query.js';

type AggregateType = 'Count' | 'Sum' | 'Average' | 'Min' | 'Max' | 'CountIf' | 'MakeList' | 'MakeSet';

/** How the client must spread a query over the ranges and merge the answers. */
export interface QueryPlan {
  readonly partitionedQueryExecutionInfoVersion: 2;
  readonly queryInfo: QueryInfo;
  readonly queryRanges: readonly {
    readonly min: string;
    readonly max: string;
    readonly isMinInclusive: boolean;
    readonly isMaxInclusive: boolean;
  }[];
}

export interface QueryInfo {
  readonly distinctType: 'None' | 'Ordered' | 'Unordered';
  readonly top: number | null;
  readonly offset: number | null;
  readonly limit: number | null;
  readonly orderBy: readonly ('Ascending' | 'Descending')[];
  readonly orderByExpressions: readonly string[];
  readonly groupByExpressions: readonly string[];
  readonly groupByAliases: readonly string[];
  readonly aggregates: readonly AggregateType[];
  readonly groupByAliasToAggregateType: Readonly<Record<string, AggregateType | null>>;
  readonly rewrittenQuery: string;
  readonly hasSelectValue: boolean;
  readonly hasNonStreamingOrderBy: false;
  readonly dCountInfo: null;
}

/** Why the gateway does not answer a query over all ranges by itself. */
export type PlanNeed = 'none' | 'plan' | 'value-aggregates-only';

const aggregateTypes: Readonly<Record<AggregateName, AggregateType>> = {
  COUNT: 'Count',
  SUM: 'Sum',
  AVG: 'Average',
  MIN: 'Min',
  MAX: 'Max',
  COUNTIF: 'CountIf',
  MAKELIST: 'MakeList',
  MAKESET: 'MakeSet',
};

/**
 * Whether the service refuses the query without a partition key: with a plan for the client (substatus 1004), or,
 * for GROUP BY and aggregates without VALUE, with a text that makes the client ask for the plan.
 */
export function planNeed(query: Query): PlanNeed {
  if (query.groupBy.length > 0) return 'value-aggregates-only';
  if (isAggregated(query)) return query.selection.kind === 'value' ? 'plan' : 'value-aggregates-only';
  const needed =
    query.orderBy.length > 0 || query.distinct || query.top !== undefined || query.offset !== undefined;
  return needed ? 'plan' : 'none';
}

/** The partial result of one aggregate, in the form that the client merges. */
function partialOf(name: AggregateName, argument: string): string {
  switch (name) {
    case 'AVG':
      return `{"item": {"sum": SUM(${argument}), "count": COUNT(${argument})}}`;
    case 'MIN':
    case 'MAX':
      return (
        `{"item": ${name}(${argument}), ` +
        `"item2": {"${name.toLowerCase()}": ${name}(${argument}), "count": COUNT(${argument})}}`
      );
    default:
      return `{"item": ${name}(${argument})}`;
  }
}

/** A selected part of an aggregated query: the aggregate's partial result, or the group key as it is. */
function payloadOf({ expression, text }: Sourced): { text: string; type: AggregateType | null } {
  if (expression.kind === 'aggregate') {
    return {
      text: partialOf(expression.name, expression.argument.text),
      type: aggregateTypes[expression.name],
    };
  }
  if (hasAggregate(expression)) {
    throw new SqlError(
      'Compositions of aggregates and other expressions are not allowed in cross-partition queries.',
      'SC2104',
    );
  }
  return { text, type: null };
}

const itemsText = (keys: readonly Sourced[]): string => keys.map((key) => `{"item": ${key.text}}`).join(', ');

function whereText(query: Query, filter?: string): string {
  const conditions = [query.where?.text, filter].filter((text) => text !== undefined);
  return conditions.length === 0 ? '' : ` WHERE ${conditions.map((text) => `(${text})`).join(' AND ')}`;
}

function planAggregates(query: Query): Partial<QueryInfo> {
  const keys = query.groupBy;
  const tail = `${query.fromText}${whereText(query)}${
    keys.length === 0 ? '' : ` GROUP BY ${keys.map((key) => key.text).join(', ')}`
  }`;
  const prefix = keys.length === 0 ? '' : `[${itemsText(keys)}] AS groupByItems, `;
  const groupByExpressions = keys.map((key) => key.text);
  if (query.selection.kind === 'value') {
    const { text, type } = payloadOf(query.selection.value);
    const payload = type === null ? text : `[${text}]`;
    return {
      groupByExpressions,
      aggregates: type === null ? [] : [type],
      rewrittenQuery:
        keys.length === 0
          ? `SELECT VALUE ${payload} ${tail}`
          : `SELECT ${prefix}${payload} AS payload ${tail}`,
    };
  }
  if (query.selection.kind === 'star') throw new SqlError("'SELECT *' cannot be grouped.", 'SC2101');
  const names = namesOf(query.selection.items);
  const parts = query.selection.items.map((item, index) => ({
    name: names[index] ?? '',
    ...payloadOf(item),
  }));
  const payload = parts.map(({ name, text }) => `${JSON.stringify(name)}: ${text}`).join(', ');
  return {
    groupByExpressions,
    groupByAliases: names,
    groupByAliasToAggregateType: Object.fromEntries(parts.map(({ name, type }) => [name, type])),
    rewrittenQuery: `SELECT ${prefix}{${payload}} AS payload ${tail}`,
  };
}

/** What the ordered query of one range returns beside the sort keys. */
function projectionText(query: Query): string {
  const { selection } = query;
  if (selection.kind === 'star') return query.from?.alias ?? 'c';
  if (selection.kind === 'value') return selection.value.text;
  const names = namesOf(selection.items);
  const parts = selection.items.map((item, index) => `${JSON.stringify(names[index])}: ${item.text}`);
  return `{${parts.join(', ')}}`;
}

function planOrder(query: Query, limitText: string): Partial<QueryInfo> {
  const { from } = query;
  const target = from?.target;
  const root =
    target?.kind === 'path' ? (target.isRoot && !from?.iterates ? from?.alias : target.root) : undefined;
  if (root === undefined) throw new SqlError("'ORDER BY' needs a container in the FROM clause.", 'SC2105');
  const top = query.top === undefined ? '' : ` ${limitText}`;
  const keys = query.orderBy.map((key) => `${key.text} ${key.direction === 'ascending' ? 'ASC' : 'DESC'}`);
  const tail = query.offset === undefined ? '' : ` ${limitText}`;
  return {
    orderBy: query.orderBy.map((key) => (key.direction === 'ascending' ? 'Ascending' : 'Descending')),
    orderByExpressions: query.orderBy.map((key) => key.text),
    rewrittenQuery:
      `SELECT${top} ${root}._rid, [${itemsText(query.orderBy)}] AS orderByItems, ` +
      `${projectionText(query)} AS payload ${query.fromText}` +
      `${whereText(query, '{documentdb-formattableorderbyquery-filter}')} ORDER BY ${keys.join(', ')}${tail}`,
  };
}

function planParts(query: Query, { offset, limit }: Limits): Partial<QueryInfo> {
  if (isAggregated(query)) return planAggregates(query);
  const isTop = query.top !== undefined;
  // Each range returns its first offset + limit rows; the client skips after merging.
  const limitText = isTop ? `TOP ${limit}` : `OFFSET 0 LIMIT ${offset + limit}`;
  if (query.orderBy.length > 0) return planOrder(query, limitText);
  if (query.offset !== undefined) return { rewrittenQuery: `${query.textBeforeOffset} ${limitText}` };
  return {};
}

/**
 * The plan of a query, as the gateway gives it to a client that merges.
 *
 * @throws SqlError when the query cannot be spread over ranges.
 */
export function planQuery(query: Query, limits: Limits): QueryPlan {
  const distinctType = query.distinct ? (query.orderBy.length > 0 ? 'Ordered' : 'Unordered') : 'None';
  const queryInfo: QueryInfo = {
    distinctType,
    top: query.top === undefined ? null : limits.limit,
    offset: query.offset === undefined ? null : limits.offset,
    limit: query.offset === undefined ? null : limits.limit,
    orderBy: [],
    orderByExpressions: [],
    groupByExpressions: [],
    groupByAliases: [],
    aggregates: [],
    groupByAliasToAggregateType: {},
    rewrittenQuery: '',
    hasSelectValue: query.selection.kind === 'value',
    hasNonStreamingOrderBy: false,
    dCountInfo: null,
    ...planParts(query, limits),
  };
  return {
    partitionedQueryExecutionInfoVersion: 2,
    queryInfo,
    queryRanges: [{ min: '', max: 'FF', isMinInclusive: true, isMaxInclusive: false }],
  };
}
