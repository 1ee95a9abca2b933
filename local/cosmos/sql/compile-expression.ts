import type { Json, Value } from '../json.js';
import { isArray, ownProperty } from '../json.js';
import { compileAggregate } from './aggregates.js';
import { compileSubquery } from './compile-query.js';
import { builtInFunctions } from './functions.js';
import { compileLike } from './like.js';
import { compileArithmetic, compileComparison } from './operators.js';
import type { Evaluate, Row, Run, Scope } from './scope.js';
import { SqlError } from './sql-error.js';
import type { Expression, ExpressionOf } from './syntax.js';
import { equalValues } from './values.js';

type Compilers = {
  readonly [K in Expression['kind']]: (node: ExpressionOf<K>, scope: Scope) => Evaluate;
};

function compileName(node: ExpressionOf<'name'>, scope: Scope): Evaluate {
  const slot = scope.slotOf(node.name);
  if (slot === undefined) {
    throw new SqlError(`Identifier '${node.name}' could not be resolved.`, 'SC2001', {
      start: node.start,
      end: node.end,
    });
  }
  return (row) => row[slot];
}

function elementAt(target: Value, key: Value): Value {
  if (typeof key === 'string') return ownProperty(target, key);
  return typeof key === 'number' && isArray(target) ? target[key] : undefined;
}

function compileMember(node: ExpressionOf<'member'>, scope: Scope): Evaluate {
  const target = compileExpression(node.target, scope);
  if (node.key.kind === 'literal') {
    const key = node.key.value;
    return typeof key === 'string'
      ? (row, run) => ownProperty(target(row, run), key)
      : (row, run) => elementAt(target(row, run), key);
  }
  const key = compileExpression(node.key, scope);
  return (row, run) => elementAt(target(row, run), key(row, run));
}

/** AND and OR in three-valued logic: undefined counts unless the other side decides. */
function compileLogical(node: ExpressionOf<'logical'>, scope: Scope): Evaluate {
  const left = compileExpression(node.left, scope);
  const right = compileExpression(node.right, scope);
  const decisive = node.operator === 'or';
  return (row, run) => {
    const first = left(row, run);
    if (first === decisive) return decisive;
    const second = right(row, run);
    if (second === decisive) return decisive;
    return first === !decisive && second === !decisive ? !decisive : undefined;
  };
}

function compileIn(node: ExpressionOf<'in'>, scope: Scope): Evaluate {
  const operand = compileExpression(node.operand, scope);
  const choices = node.choices.map((choice) => compileExpression(choice, scope));
  return (row, run) => {
    const value = operand(row, run);
    if (value === undefined) return undefined;
    return choices.some((choice) => equalValues(choice(row, run), value));
  };
}

function compileConditional(node: ExpressionOf<'conditional'>, scope: Scope): Evaluate {
  const test = compileExpression(node.test, scope);
  const yes = compileExpression(node.yes, scope);
  const no = compileExpression(node.no, scope);
  return (row, run) => (test(row, run) === true ? yes(row, run) : no(row, run));
}

function compileUnary(node: ExpressionOf<'unary'>, scope: Scope): Evaluate {
  const operand = compileExpression(node.operand, scope);
  const compute = {
    '-': (value: number) => -value,
    '+': (value: number) => value,
    '~': (value: number) => ~value,
  }[node.operator];
  return (row, run) => {
    const value = operand(row, run);
    return typeof value === 'number' ? compute(value) : undefined;
  };
}

/** A missing element is kept as null, so that positions stay. */
function compileArray(node: ExpressionOf<'array'>, scope: Scope): Evaluate {
  const elements = node.elements.map((element) => compileExpression(element, scope));
  return (row, run) => elements.map((element): Json => element(row, run) ?? null);
}

/** An object of the defined values; also how a SELECT list becomes a result. */
export function compileObject(entries: readonly (readonly [string, Expression])[], scope: Scope): Evaluate {
  const properties = entries.map(([name, value]) => [name, compileExpression(value, scope)] as const);
  if (properties.some(([name]) => name === '__proto__')) {
    throw new SqlError("A property cannot be named '__proto__'.", 'SC2001');
  }
  return (row, run) => {
    const object: Record<string, Json> = {};
    for (const [name, evaluate] of properties) {
      const value = evaluate(row, run);
      if (value !== undefined) object[name] = value;
    }
    return object;
  };
}

function compileCall(node: ExpressionOf<'call'>, scope: Scope): Evaluate {
  const builtIn = builtInFunctions.get(node.name);
  if (builtIn === undefined) throw new SqlError(`'${node.name}' is not a function.`, 'SC2005');
  const { call } = builtIn;
  const [first, second, ...rest] = node.arguments.map((argument) => compileExpression(argument, scope));
  if (first === undefined) return () => call();
  if (second === undefined) return (row, run) => call(first(row, run));
  if (rest.length === 0) return (row, run) => call(first(row, run), second(row, run));
  return (row, run) => call(first(row, run), second(row, run), ...rest.map((evaluate) => evaluate(row, run)));
}

const compilers: Compilers = {
  literal:
    ({ value }) =>
    () =>
      value,
  // A parameter that the request does not give is undefined, as in the service.
  parameter:
    ({ name }) =>
    (_, run) =>
      run.parameters.get(name),
  name: compileName,
  member: compileMember,
  logical: compileLogical,
  not: (node, scope) => {
    const operand = compileExpression(node.operand, scope);
    return (row, run) => {
      const value = operand(row, run);
      return typeof value === 'boolean' ? !value : undefined;
    };
  },
  compare: (node, scope) =>
    compileComparison(
      node.operator,
      compileExpression(node.left, scope),
      compileExpression(node.right, scope),
    ),
  in: compileIn,
  like: (node, scope) =>
    compileLike(
      compileExpression(node.operand, scope),
      compileExpression(node.pattern, scope),
      node.escape === undefined ? undefined : compileExpression(node.escape, scope),
    ),
  coalesce: (node, scope) => {
    const left = compileExpression(node.left, scope);
    const right = compileExpression(node.right, scope);
    return (row, run) => {
      const value = left(row, run);
      return value === undefined ? right(row, run) : value;
    };
  },
  conditional: compileConditional,
  arithmetic: (node, scope) =>
    compileArithmetic(
      node.operator,
      compileExpression(node.left, scope),
      compileExpression(node.right, scope),
    ),
  unary: compileUnary,
  array: compileArray,
  object: (node, scope) => compileObject(node.entries, scope),
  call: compileCall,
  aggregate: (node, scope) => compileAggregate(node.name, compileExpression(node.argument.expression, scope)),
  exists: (node, scope) => {
    const subquery = compileSubquery(node.query, scope);
    return (row: Row, run: Run) => subquery.values(row, run).length > 0;
  },
  'array-query': (node, scope) => {
    const subquery = compileSubquery(node.query, scope);
    return (row: Row, run: Run) => subquery.values(row, run);
  },
  'scalar-query': (node, scope) => {
    const subquery = compileSubquery(node.query, scope);
    return (row: Row, run: Run) => subquery.values(row, run)[0];
  },
};

/**
 * Compiles an expression to a closure.
 *
 * @throws SqlError when a name cannot be resolved.
 */
export const compileExpression = (node: Expression, scope: Scope): Evaluate =>
  (compilers[node.kind] as (node: Expression, scope: Scope) => Evaluate)(node, scope);
