import type { Value } from '../json.js';
import { isArray } from '../json.js';
import { elementsOf } from '../storage/look-ups.js';
import type { ComparisonOperator, Expression, Query } from './syntax.js';
import { pathOf } from './syntax.js';

/**
 * The values that a query allows for a property, by property path (`["meta","id"]` as JSON); for a path that ends with
 * `[]`, those of which the array must hold one.
 */
export type Narrowing = ReadonlyMap<string, readonly Value[]>;

interface Restriction {
  readonly path: string;
  readonly valuesOf: (parameters: ReadonlyMap<string, Value>) => readonly Value[] | undefined;
}

const isConstant = (node: Expression): boolean => node.kind === 'literal' || node.kind === 'parameter';

const constantOf = (node: Expression, parameters: ReadonlyMap<string, Value>): Value => {
  if (node.kind === 'literal') return node.value;
  return node.kind === 'parameter' ? parameters.get(node.name) : undefined;
};

function restrictionOf(
  property: Expression,
  constants: readonly Expression[],
  alias: string,
): Restriction | undefined {
  const found = pathOf(property);
  if (found?.root !== alias || found.path.length === 0 || !constants.every(isConstant)) return undefined;
  return {
    path: JSON.stringify(found.path),
    valuesOf: (parameters) => constants.map((node) => constantOf(node, parameters)),
  };
}

/** `ARRAY_CONTAINS(@list, c.id)` allows the elements of the list; `ARRAY_CONTAINS(c.tokens, @token)` wants one in an array. */
function listRestriction(node: Expression, alias: string): Restriction | undefined {
  if (node.kind !== 'call' || node.name !== 'ARRAY_CONTAINS' || node.arguments.length !== 2) return undefined;
  const [list, property] = node.arguments;
  if (list === undefined || property === undefined) return undefined;
  if (list.kind !== 'parameter') return elementRestriction(list, property, alias);
  const restriction = restrictionOf(property, [], alias);
  if (restriction === undefined) return undefined;
  return {
    path: restriction.path,
    valuesOf: (parameters) => {
      const values = parameters.get(list.name);
      return isArray(values) ? values : undefined;
    },
  };
}

function elementRestriction(list: Expression, element: Expression, alias: string): Restriction | undefined {
  const found = pathOf(list);
  if (found?.root !== alias || found.path.length === 0 || !isConstant(element)) return undefined;
  return {
    path: JSON.stringify([...found.path, elementsOf]),
    valuesOf: (parameters) => [constantOf(element, parameters)],
  };
}

/** Alternatives restrict when each of them restricts the same property. */
function alternativeRestriction(node: Expression, alias: string): Restriction | undefined {
  if (node.kind !== 'logical' || node.operator !== 'or') return undefined;
  const [left, right] = [node.left, node.right].map((side) => restrictionsOf(side, alias));
  const one = left?.find(({ path }) => right?.some((other) => other.path === path));
  const other = right?.find(({ path }) => path === one?.path);
  if (one === undefined || other === undefined) return undefined;
  return {
    path: one.path,
    valuesOf: (parameters) => {
      const values = [one.valuesOf(parameters), other.valuesOf(parameters)];
      return values.every((list) => list !== undefined) ? values.flat() : undefined;
    },
  };
}

/** The conditions that a filter joins by AND: every result meets each of them. */
const conjunctsOf = (node: Expression): readonly Expression[] =>
  node.kind === 'logical' && node.operator === 'and'
    ? [...conjunctsOf(node.left), ...conjunctsOf(node.right)]
    : [node];

/** The name of the document in a query whose rows are of documents themselves. */
export const documentAlias = ({ from }: Query): string | undefined =>
  from?.target.kind === 'path' && from.target.isRoot && !from.iterates ? from.alias : undefined;

const restrictionsOf = (node: Expression, alias: string): readonly Restriction[] =>
  conjunctsOf(node).flatMap((each) => restrictionBy(each, alias) ?? []);

function restrictionBy(node: Expression, alias: string): Restriction | undefined {
  if (node.kind === 'in') return restrictionOf(node.operand, node.choices, alias);
  return node.kind === 'compare' && node.operator === '='
    ? (restrictionOf(node.left, [node.right], alias) ?? restrictionOf(node.right, [node.left], alias))
    : (listRestriction(node, alias) ?? alternativeRestriction(node, alias));
}

/** A property that every result compares with a constant. */
export interface Comparison {
  /** Property names as JSON. */
  readonly path: string;
  readonly operator: ComparisonOperator;
  readonly valueOf: (parameters: ReadonlyMap<string, Value>) => Value;
}

/** The comparisons `property operator constant` that hold for every result. */
export const comparisonsOf = (node: Expression, alias: string): readonly Comparison[] =>
  conjunctsOf(node).flatMap((each) => comparisonBy(each, alias) ?? []);

function comparisonBy(node: Expression, alias: string): Comparison | undefined {
  if (node.kind !== 'compare' || !isConstant(node.right)) return undefined;
  const found = pathOf(node.left);
  if (found?.root !== alias || found.path.length === 0) return undefined;
  const { operator, right } = node;
  return {
    path: JSON.stringify(found.path),
    operator,
    valueOf: (parameters) => constantOf(right, parameters),
  };
}

/**
 * What the WHERE clause says every result must be equal to, so that only those partitions and ids need a look.
 * Leaving restrictions out is always right: the filter itself still runs.
 */
export function compileNarrowing(query: Query): (parameters: ReadonlyMap<string, Value>) => Narrowing {
  const { where } = query;
  const alias = documentAlias(query);
  if (alias === undefined || where === undefined) return () => new Map();
  const restrictions = restrictionsOf(where.expression, alias);
  return (parameters) => {
    const narrowing = new Map<string, readonly Value[]>();
    for (const { path, valuesOf } of restrictions) {
      const values = valuesOf(parameters);
      if (values !== undefined && !narrowing.has(path)) narrowing.set(path, values);
    }
    return narrowing;
  };
}
