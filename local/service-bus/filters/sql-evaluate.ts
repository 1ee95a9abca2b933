import { randomUUID } from 'node:crypto';
import type { FilterSubject } from './subject.js';
import { applicationProperty } from './subject.js';
import type { SqlArithmetic, SqlComparison, SqlExpression, SqlProperty } from './sql-syntax.js';

/** A value of the language; undefined stands for NULL and for SQL's UNKNOWN. */
export type SqlValue = string | number | boolean | undefined;

/** Evaluates an expression over a message, with SQL's three-valued logic. */
export function evaluate(expression: SqlExpression, subject: FilterSubject): SqlValue {
  switch (expression.kind) {
    case 'literal':
      return expression.value ?? undefined;
    case 'property':
      return propertyValue(expression.property, subject);
    case 'newid':
      return randomUUID();
    case 'exists':
      return propertyValue(expression.property, subject) !== undefined;
    case 'isNull':
      return (evaluate(expression.operand, subject) === undefined) !== expression.negated;
    case 'not':
      return negation(evaluate(expression.operand, subject));
    case 'negate':
      return minus(evaluate(expression.operand, subject));
    case 'and':
      return conjunction(evaluate(expression.left, subject), () => evaluate(expression.right, subject));
    case 'or':
      return disjunction(evaluate(expression.left, subject), () => evaluate(expression.right, subject));
    case 'compare':
      return compare(
        expression.operator,
        evaluate(expression.left, subject),
        evaluate(expression.right, subject),
      );
    case 'arithmetic':
      return calculate(
        expression.operator,
        evaluate(expression.left, subject),
        evaluate(expression.right, subject),
      );
    case 'in':
    case 'like':
      return membership(expression, subject);
  }
}

function membership(
  expression: Extract<SqlExpression, { kind: 'in' | 'like' }>,
  subject: FilterSubject,
): SqlValue {
  const value = evaluate(expression.operand, subject);
  if (value === undefined) return undefined;
  if (expression.kind === 'like') return expression.matches(String(value)) !== expression.negated;
  const items = expression.items.map((item) => compare('=', value, evaluate(item, subject)));
  if (items.includes(true)) return !expression.negated;
  return items.includes(undefined) ? undefined : expression.negated;
}

function propertyValue(property: SqlProperty, subject: FilterSubject): SqlValue {
  const raw =
    property.scope === 'sys'
      ? subject.properties[property.field]
      : applicationProperty(subject, property.name);
  return toSqlValue(raw);
}

/** AMQP values that filters can compare; binary and compound values count as NULL. */
function toSqlValue(raw: unknown): SqlValue {
  if (typeof raw === 'string' || typeof raw === 'number' || typeof raw === 'boolean') return raw;
  if (raw instanceof Date) return raw.getTime();
  // rhea leaves 64-bit integers beyond 2^53 as their eight bytes.
  if (Buffer.isBuffer(raw) && raw.length === 8) return Number(raw.readBigInt64BE());
  return undefined;
}

function negation(value: SqlValue): SqlValue {
  return typeof value === 'boolean' ? !value : undefined;
}

function minus(value: SqlValue): SqlValue {
  return typeof value === 'number' ? -value : undefined;
}

function conjunction(left: SqlValue, right: () => SqlValue): SqlValue {
  if (left === false) return false;
  const other = right();
  if (other === false) return false;
  return left === true && other === true ? true : undefined;
}

function disjunction(left: SqlValue, right: () => SqlValue): SqlValue {
  if (left === true) return true;
  const other = right();
  if (other === true) return true;
  return left === false && other === false ? false : undefined;
}

/** Values of different types do not compare: the result is UNKNOWN, so the filter does not match. */
function compare(operator: SqlComparison, left: SqlValue, right: SqlValue): boolean | undefined {
  if (left === undefined || right === undefined || typeof left !== typeof right) return undefined;
  switch (operator) {
    case '=':
      return left === right;
    case '<>':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}

function calculate(operator: SqlArithmetic, left: SqlValue, right: SqlValue): SqlValue {
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') return left + right;
  if (typeof left !== 'number' || typeof right !== 'number') return undefined;
  const result = {
    '+': left + right,
    '-': left - right,
    '*': left * right,
    '/': left / right,
    '%': left % right,
  };
  return Number.isFinite(result[operator]) ? result[operator] : undefined;
}
