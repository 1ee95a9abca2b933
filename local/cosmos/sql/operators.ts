import type { Value } from '../json.js';
import type { Evaluate } from './scope.js';
import { SqlError } from './sql-error.js';
import type { ArithmeticOperator, ComparisonOperator } from './syntax.js';
import { equalValues, typeRank } from './values.js';

/**
 * Comparisons never convert types: `=` and `!=` of different types are false and true, the ordered ones are
 * undefined, and so is everything that involves undefined.
 */
function compare(operator: ComparisonOperator, left: Value, right: Value): Value {
  if (left === undefined || right === undefined) return undefined;
  if (operator === '=') return equalValues(left, right);
  if (operator === '!=') return !equalValues(left, right);
  const rank = typeRank(left);
  if (rank !== typeRank(right) || rank > 4 || left === null || right === null) return undefined;
  if (operator === '<') return left < right;
  if (operator === '>') return left > right;
  return operator === '<=' ? left <= right : left >= right;
}

/** Compiles a comparison of two values. */
export const compileComparison =
  (operator: ComparisonOperator, left: Evaluate, right: Evaluate): Evaluate =>
  (row, run) =>
    compare(operator, left(row, run), right(row, run));

function divide(left: number, right: number, compute: (left: number, right: number) => number): number {
  if (right === 0) throw new SqlError('Division by zero.', '4001');
  return compute(left, right);
}

const arithmetic: Readonly<
  Record<Exclude<ArithmeticOperator, '||'>, (left: number, right: number) => number>
> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => divide(left, right, (a, b) => a / b),
  '%': (left, right) => divide(left, right, (a, b) => a % b),
  '|': (left, right) => left | right,
  '&': (left, right) => left & right,
  '^': (left, right) => left ^ right,
  '<<': (left, right) => left << right,
  '>>': (left, right) => left >> right,
  '>>>': (left, right) => left >>> right,
};

/** Compiles arithmetic on two numbers, or the concatenation of two strings. */
export function compileArithmetic(operator: ArithmeticOperator, left: Evaluate, right: Evaluate): Evaluate {
  if (operator === '||') {
    return (row, run) => {
      const first = left(row, run);
      const second = right(row, run);
      return typeof first === 'string' && typeof second === 'string' ? first + second : undefined;
    };
  }
  const compute = arithmetic[operator];
  return (row, run) => {
    const first = left(row, run);
    const second = right(row, run);
    return typeof first === 'number' && typeof second === 'number' ? compute(first, second) : undefined;
  };
}
