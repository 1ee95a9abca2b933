/** Evaluates expressions. */
import type { Expression, Member, Place, Spread } from '../ast.js';
import { holds, innerNames, type Names } from './names.js';
import { at, isList, isProperties, Later, read, textOf, type Value } from './values.js';

const same = (one: Value, other: Value): boolean => JSON.stringify(one) === JSON.stringify(other);
const sameText = (one: Value, other: Value): boolean =>
  textOf(one).toLowerCase() === textOf(other).toLowerCase();

const operators: Readonly<Record<string, (left: Value, right: Value) => Value>> = {
  '==': same,
  '!=': (left, right) => !same(left, right),
  '=~': sameText,
  '!~': (left, right) => !sameText(left, right),
  '<': (left, right) => (left ?? 0) < (right ?? 0),
  '>': (left, right) => (left ?? 0) > (right ?? 0),
  '<=': (left, right) => (left ?? 0) <= (right ?? 0),
  '>=': (left, right) => (left ?? 0) >= (right ?? 0),
  '+': (left, right) => Number(left) + Number(right),
  '-': (left, right) => Number(left) - Number(right),
  '*': (left, right) => Number(left) * Number(right),
  '/': (left, right) => Math.trunc(Number(left) / Number(right)),
  '%': (left, right) => Number(left) % Number(right),
};

/** The value of an expression. Fails, through its names, on what has none. */
export function evaluate(expression: Expression, names: Names): Value {
  switch (expression.kind) {
    case 'string':
    case 'integer':
    case 'boolean':
      return expression.value;
    case 'null':
      return null;
    case 'interpolation':
      return expression.texts.reduce((text, part, index) => {
        const before = expression.expressions[index - 1];
        return `${text}${before === undefined ? '' : textOf(evaluate(before, names))}${part}`;
      });
    case 'name':
      return names.value(expression.name, expression);
    case 'object':
      return objectOf(expression.members, names);
    case 'array':
      return expression.items.flatMap((item) => itemsOf(item, names));
    case 'wrapped':
      return evaluate(expression.operand, names);
    case 'lambda':
      return (...args) =>
        evaluate(
          expression.body,
          innerNames(
            names,
            Object.fromEntries(expression.parameters.map((name, index) => [name, args[index] ?? null])),
          ),
        );
    case 'conditional':
      return evaluate(
        holds(evaluate(expression.condition, names)) ? expression.then : expression.otherwise,
        names,
      );
    default:
      return evaluateAccess(expression, names);
  }
}

type Access = Exclude<
  Expression,
  {
    kind:
      | 'string'
      | 'integer'
      | 'boolean'
      | 'null'
      | 'interpolation'
      | 'name'
      | 'object'
      | 'array'
      | 'wrapped'
      | 'lambda'
      | 'conditional';
  }
>;

function evaluateAccess(expression: Access, names: Names): Value {
  switch (expression.kind) {
    case 'property':
      return part(evaluate(expression.of, names), expression.name, expression, names);
    case 'index': {
      const index = evaluate(expression.index, names);
      return part(
        evaluate(expression.of, names),
        typeof index === 'number' ? index : textOf(index),
        expression,
        names,
      );
    }
    case 'nested':
      return part(evaluate(expression.of, names), expression.name, { ...expression, safe: false }, names);
    case 'call':
      return callOf(expression, names);
    case 'unary': {
      const operand = evaluate(expression.operand, names);
      return expression.operator === '!'
        ? !holds(operand)
        : Number(operand) * (expression.operator === '-' ? -1 : 1);
    }
    case 'binary':
      return binary(expression, names);
    case 'for':
      return loop(expression, names).map(({ names: inner }) => evaluate(expression.body, inner));
    case 'if':
      return holds(evaluate(expression.condition, names)) ? evaluate(expression.body, names) : null;
  }
}

function part(
  of: Value,
  step: string | number,
  access: Place & { readonly safe: boolean },
  names: Names,
): Value {
  const found = read(of, step);
  if (found !== undefined) return found;
  // What was not deployed has no properties: only an expression that is not used either asks for them.
  if (access.safe || of === null) return null;
  return names.fail(`there is no '${step}'`, access);
}

function callOf(expression: Extract<Expression, { kind: 'call' }>, names: Names): Value {
  const { of, name, args } = expression;
  const values = args.map((arg) => (name === 'nameof' ? null : evaluate(arg, names)));
  if (name === 'nameof') {
    const [named] = args;
    return named !== undefined && 'name' in named ? named.name : '';
  }
  const isNamespace = of?.kind === 'name' && (of.name === 'az' || of.name === 'sys');
  if (of === undefined || isNamespace) return names.call(name, values, expression);
  const receiver = evaluate(of, names);
  return new Later(`${textOf(at(receiver, 'id') ?? receiver)}.${name}(...)`);
}

function binary(expression: Extract<Expression, { kind: 'binary' }>, names: Names): Value {
  const left = evaluate(expression.left, names);
  const right = () => evaluate(expression.right, names);
  switch (expression.operator) {
    case '&&':
      return holds(left) && holds(right());
    case '||':
      return (!(left instanceof Later) && holds(left)) || holds(right());
    case '??':
      return left ?? right();
    default: {
      const other = right();
      const compares = ['==', '!=', '=~', '!~'].includes(expression.operator);
      if (!compares && (left instanceof Later || other instanceof Later)) {
        return new Later(`${textOf(left)} ${expression.operator} ${textOf(other)}`);
      }
      return operators[expression.operator]?.(left, other) ?? null;
    }
  }
}

/** The rounds of a loop, each with the names that its body sees. */
export function loop(
  expression: Extract<Expression, { kind: 'for' }>,
  names: Names,
): readonly { readonly names: Names; readonly index: number }[] {
  const source = evaluate(expression.source, names);
  if (!isList(source)) return [];
  return source.map((item, index) => ({
    index,
    names: innerNames(names, {
      [expression.item]: item,
      ...(expression.index === undefined ? {} : { [expression.index]: index }),
    }),
  }));
}

function itemsOf(item: Expression | Spread, names: Names): readonly Value[] {
  if (item.kind !== 'spread') return [evaluate(item, names)];
  const spread = evaluate(item.operand, names);
  return isList(spread) ? spread : [];
}

function objectOf(members: readonly Member[], names: Names): Value {
  const properties: Record<string, Value> = {};
  for (const member of members) {
    if (member.kind === 'member') {
      const key = typeof member.key === 'string' ? member.key : textOf(evaluate(member.key, names));
      properties[key] = evaluate(member.value, names);
    } else if (member.kind === 'spread') {
      const spread = evaluate(member.operand, names);
      if (isProperties(spread)) Object.assign(properties, spread);
    }
  }
  return properties;
}
