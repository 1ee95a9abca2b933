import type { Json, Value } from '../json.js';
import { SqlError } from './sql-error.js';
import type { Evaluate } from './scope.js';
import type { AggregateName } from './syntax.js';
import { compareValues, equalValues } from './values.js';

type Fold = (values: readonly Json[]) => Value;

/** SUM and AVG are undefined as soon as one value is not a number. */
function sum(values: readonly Json[]): number | undefined {
  let total = 0;
  for (const value of values) {
    if (typeof value !== 'number') return undefined;
    total += value;
  }
  return total;
}

const extreme =
  (wanted: 1 | -1): Fold =>
  (values) =>
    values.reduce<Value>(
      (best, value) => (best === undefined || compareValues(value, best) * wanted > 0 ? value : best),
      undefined,
    );

const folds: Readonly<Record<AggregateName, Fold>> = {
  COUNT: (values) => values.length,
  COUNTIF: (values) => values.filter((value) => value === true).length,
  SUM: sum,
  AVG: (values) => {
    const total = sum(values);
    return total === undefined || values.length === 0 ? undefined : total / values.length;
  },
  MIN: extreme(-1),
  MAX: extreme(1),
  MAKELIST: (values) => values,
  MAKESET: (values) =>
    values.filter((value, index) => values.findIndex((other) => equalValues(value, other)) === index),
};

/** Folds the argument over the rows of the group; undefined values do not count. */
export function compileAggregate(name: AggregateName, argument: Evaluate): Evaluate {
  const fold = folds[name];
  return (_, run) => {
    if (run.group === undefined) throw new SqlError(`Aggregate ${name} is not allowed here.`, 'SC2102');
    const inner = { parameters: run.parameters };
    const values: Json[] = [];
    for (const row of run.group) {
      const value = argument(row, inner);
      if (value !== undefined) values.push(value);
    }
    return fold(values);
  };
}
