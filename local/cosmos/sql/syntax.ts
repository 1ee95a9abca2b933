import type { Value } from '../json.js';

/** An expression together with the text it was written as: query plans quote it. */
export interface Sourced {
  readonly expression: Expression;
  readonly text: string;
}

export type ComparisonOperator = '=' | '!=' | '<' | '>' | '<=' | '>=';
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '|' | '&' | '^' | '<<' | '>>' | '>>>' | '||';

export const aggregateNames = [
  'COUNT',
  'SUM',
  'AVG',
  'MIN',
  'MAX',
  'COUNTIF',
  'MAKELIST',
  'MAKESET',
] as const;
export type AggregateName = (typeof aggregateNames)[number];

export type Expression =
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'name'; readonly name: string; readonly start: number; readonly end: number }
  | { readonly kind: 'member'; readonly target: Expression; readonly key: Expression }
  | {
      readonly kind: 'logical';
      readonly operator: 'and' | 'or';
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'not'; readonly operand: Expression }
  | {
      readonly kind: 'compare';
      readonly operator: ComparisonOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'in'; readonly operand: Expression; readonly choices: readonly Expression[] }
  | {
      readonly kind: 'like';
      readonly operand: Expression;
      readonly pattern: Expression;
      readonly escape: Expression | undefined;
    }
  | { readonly kind: 'coalesce'; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'conditional';
      readonly test: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
  | {
      readonly kind: 'arithmetic';
      readonly operator: ArithmeticOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'unary'; readonly operator: '-' | '+' | '~'; readonly operand: Expression }
  | { readonly kind: 'array'; readonly elements: readonly Expression[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Expression])[] }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] }
  | { readonly kind: 'aggregate'; readonly name: AggregateName; readonly argument: Sourced }
  | { readonly kind: 'exists'; readonly query: Query }
  | { readonly kind: 'array-query'; readonly query: Query }
  | { readonly kind: 'scalar-query'; readonly query: Query };

export type ExpressionOf<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/** What FROM or JOIN ranges over: a path such as `c.identifier`, a subquery, or a literal array or object. */
export type SourceTarget =
  | {
      readonly kind: 'path';
      readonly root: string;
      readonly expression: Expression;
      readonly isRoot: boolean;
    }
  | { readonly kind: 'query'; readonly query: Query }
  | { readonly kind: 'expression'; readonly expression: Expression };

export interface Source {
  readonly alias: string | undefined;
  /** `x IN path`: one row per element instead of one for the value. */
  readonly iterates: boolean;
  readonly target: SourceTarget;
}

export interface SelectItem extends Sourced {
  readonly alias: string | undefined;
}

export type Selection =
  | { readonly kind: 'star' }
  | { readonly kind: 'value'; readonly value: Sourced }
  | { readonly kind: 'items'; readonly items: readonly SelectItem[] };

export interface OrderKey extends Sourced {
  readonly direction: 'ascending' | 'descending';
}

export interface Query {
  readonly distinct: boolean;
  readonly top: Expression | undefined;
  readonly selection: Selection;
  readonly from: Source | undefined;
  readonly joins: readonly Source[];
  /** The FROM clause with its joins, as written. */
  readonly fromText: string;
  readonly where: Sourced | undefined;
  readonly groupBy: readonly Sourced[];
  readonly orderBy: readonly OrderKey[];
  readonly offset: Expression | undefined;
  readonly limit: Expression | undefined;
  /** The query up to its OFFSET clause, as written. */
  readonly textBeforeOffset: string;
}

type ChildrenOf = { readonly [K in Expression['kind']]: (node: ExpressionOf<K>) => readonly Expression[] };

const binary = (node: { left: Expression; right: Expression }): readonly Expression[] => [
  node.left,
  node.right,
];
const none = (): readonly Expression[] => [];

const childrenByKind: ChildrenOf = {
  literal: none,
  parameter: none,
  name: none,
  member: (node) => [node.target, node.key],
  logical: binary,
  not: (node) => [node.operand],
  compare: binary,
  in: (node) => [node.operand, ...node.choices],
  like: (node) => [node.operand, node.pattern],
  coalesce: binary,
  conditional: (node) => [node.test, node.yes, node.no],
  arithmetic: binary,
  unary: (node) => [node.operand],
  array: (node) => node.elements,
  object: (node) => node.entries.map(([, value]) => value),
  call: (node) => node.arguments,
  aggregate: (node) => [node.argument.expression],
  exists: none,
  'array-query': none,
  'scalar-query': none,
};

/** The direct operands of an expression. Subqueries are a world of their own and have none. */
export const childrenOf = (node: Expression): readonly Expression[] =>
  (childrenByKind[node.kind] as (node: Expression) => readonly Expression[])(node);

/** Whether an aggregate stands in the expression (outside subqueries). */
export const hasAggregate = (node: Expression): boolean =>
  node.kind === 'aggregate' || childrenOf(node).some(hasAggregate);

/** The expressions that a query selects. */
export function selectedExpressions(query: Query): readonly Expression[] {
  if (query.selection.kind === 'star') return [];
  if (query.selection.kind === 'value') return [query.selection.value.expression];
  return query.selection.items.map((item) => item.expression);
}

/** Whether rows are folded into groups: GROUP BY, or an aggregate without it. */
export const isAggregated = (query: Query): boolean =>
  query.groupBy.length > 0 || selectedExpressions(query).some(hasAggregate);

/** The property names of `alias.a.b["c"][0]` and its root, or `undefined` for anything else. */
export function pathOf(
  node: Expression,
): { readonly root: string; readonly path: readonly string[] } | undefined {
  if (node.kind === 'name') return { root: node.name, path: [] };
  if (node.kind !== 'member' || node.key.kind !== 'literal') return undefined;
  const parent = pathOf(node.target);
  const key = node.key.value;
  if (parent === undefined || (typeof key !== 'string' && typeof key !== 'number')) return undefined;
  return { root: parent.root, path: [...parent.path, typeof key === 'number' ? '[]' : key] };
}

/** The name of a selected item: its alias, the last property of its path, or `$1`, `$2` and so on. */
export function namesOf(items: readonly SelectItem[]): readonly string[] {
  let unnamed = 0;
  return items.map((item) => {
    if (item.alias !== undefined) return item.alias;
    const { expression } = item;
    if (expression.kind === 'name') return expression.name;
    if (expression.kind === 'member' && expression.key.kind === 'literal') {
      if (typeof expression.key.value === 'string') return expression.key.value;
    }
    unnamed += 1;
    return `$${unnamed}`;
  });
}
