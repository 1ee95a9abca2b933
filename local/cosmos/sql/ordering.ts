import type { Value } from '../json.js';
import { comparisonsOf, documentAlias } from './narrowing.js';
import type { Query } from './syntax.js';
import { pathOf } from './syntax.js';
import { compareValues } from './values.js';

/** The part of an order that a query wants, by the leading sort keys: `compareValues` orders them. */
export interface Bounds {
  /** No result comes before these. */
  readonly from: readonly Value[];
  /** No result comes after those that begin with these. */
  readonly to: readonly Value[];
}

/** An ORDER BY over properties of the document itself, all in one direction: what an index can serve. */
export interface Ordering {
  readonly paths: readonly (readonly string[])[];
  readonly isDescending: boolean;
  /** Wider bounds than the filter has are always right: the filter itself still runs. */
  readonly bounds: (parameters: ReadonlyMap<string, Value>) => Bounds;
}

/** The order that a query asks an index for; undefined when it has none, or one that must be sorted. */
export function compileOrdering(query: Query): Ordering | undefined {
  const { orderBy, joins, where } = query;
  const alias = documentAlias(query);
  const [first] = orderBy;
  if (alias === undefined || joins.length > 0 || first === undefined) return undefined;
  const paths: (readonly string[])[] = [];
  for (const { expression, direction } of orderBy) {
    const found = pathOf(expression);
    const isServed = found?.root === alias && found.path.length > 0 && direction === first.direction;
    if (!isServed || found.path.includes('[]')) return undefined;
    paths.push(found.path);
  }
  const comparisons = where === undefined ? [] : comparisonsOf(where.expression, alias);
  return {
    paths,
    isDescending: first.direction === 'descending',
    bounds: (parameters) => boundsOf(paths, comparisons, parameters),
  };
}

function boundsOf(
  paths: Ordering['paths'],
  comparisons: ReturnType<typeof comparisonsOf>,
  parameters: ReadonlyMap<string, Value>,
): Bounds {
  const equal: Value[] = [];
  for (const path of paths.map((names) => JSON.stringify(names))) {
    const here = comparisons.filter((comparison) => comparison.path === path);
    const valuesBy = (...operators: readonly string[]): Value[] =>
      here
        .filter(({ operator }) => operators.includes(operator))
        .map(({ valueOf }) => valueOf(parameters))
        .sort(compareValues);
    const [value] = valuesBy('=');
    if (value === undefined) {
      return {
        from: [...equal, ...valuesBy('>', '>=').slice(-1)],
        to: [...equal, ...valuesBy('<', '<=').slice(0, 1)],
      };
    }
    equal.push(value);
  }
  return { from: equal, to: equal };
}
