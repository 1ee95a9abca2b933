import { builtInFunctions } from './functions.js';
import { SqlError } from './sql-error.js';
import type {
  AggregateName,
  ArithmeticOperator,
  ComparisonOperator,
  Expression,
  Query,
  Sourced,
} from './syntax.js';
import { aggregateNames } from './syntax.js';
import type { TokenStream } from './token-stream.js';

const comparisons: ReadonlyMap<string, ComparisonOperator> = new Map([
  ['=', '='],
  ['!=', '!='],
  ['<>', '!='],
  ['<', '<'],
  ['>', '>'],
  ['<=', '<='],
  ['>=', '>='],
]);

/** Loosest binding first. */
const arithmeticLevels: readonly (readonly ArithmeticOperator[])[] = [
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>', '>>>'],
  ['||'],
  ['+', '-'],
  ['*', '/', '%'],
];

const constants: ReadonlyMap<string, boolean | null | undefined> = new Map([
  ['TRUE', true],
  ['FALSE', false],
  ['NULL', null],
  ['UNDEFINED', undefined],
]);

const isAggregateName = (name: string): name is AggregateName =>
  (aggregateNames as readonly string[]).includes(name);

const maximumDepth = 200;

/** Recursive-descent parser of scalar expressions. */
export class ExpressionParser {
  readonly #tokens: TokenStream;
  readonly #parseQuery: () => Query;
  #depth = 0;

  constructor(tokens: TokenStream, parseQuery: () => Query) {
    this.#tokens = tokens;
    this.#parseQuery = parseQuery;
  }

  /** An expression with its text. */
  sourced(): Sourced {
    const { start } = this.#tokens.peek();
    const expression = this.expression();
    return { expression, text: this.#tokens.textSince(start) };
  }

  expression(): Expression {
    this.#depth += 1;
    if (this.#depth > maximumDepth) throw new SqlError('The query is nested too deeply.', 'SC1009');
    const expression = this.#conditional();
    this.#depth -= 1;
    return expression;
  }

  #conditional(): Expression {
    const test = this.#coalesce();
    if (!this.#tokens.takeOperator('?')) return test;
    const yes = this.expression();
    this.#tokens.expectOperator(':');
    return { kind: 'conditional', test, yes, no: this.expression() };
  }

  #coalesce(): Expression {
    let left = this.#or();
    while (this.#tokens.takeOperator('??')) left = { kind: 'coalesce', left, right: this.#or() };
    return left;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#tokens.takeKeyword('OR')) {
      left = { kind: 'logical', operator: 'or', left, right: this.#and() };
    }
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#tokens.takeKeyword('AND')) {
      left = { kind: 'logical', operator: 'and', left, right: this.#not() };
    }
    return left;
  }

  #not(): Expression {
    let negations = 0;
    while (this.#tokens.takeKeyword('NOT')) negations += 1;
    let operand = this.#comparison();
    for (; negations > 0; negations -= 1) operand = { kind: 'not', operand };
    return operand;
  }

  #comparison(): Expression {
    let left = this.#arithmetic(0);
    for (;;) {
      const next = this.#comparisonAfter(left);
      if (next === undefined) return left;
      left = next;
    }
  }

  #comparisonAfter(left: Expression): Expression | undefined {
    const token = this.#tokens.peek();
    const operator = token.kind === 'operator' ? comparisons.get(token.text) : undefined;
    if (operator !== undefined) {
      this.#tokens.next();
      return { kind: 'compare', operator, left, right: this.#arithmetic(0) };
    }
    const negated =
      this.#tokens.isKeyword('NOT') &&
      ['IN', 'BETWEEN', 'LIKE'].some((keyword) => this.#tokens.isKeyword(keyword, 1));
    if (negated) this.#tokens.next();
    const test = this.#keywordTest(left);
    return negated && test !== undefined ? { kind: 'not', operand: test } : test;
  }

  #keywordTest(operand: Expression): Expression | undefined {
    if (this.#tokens.takeKeyword('IN')) {
      this.#tokens.expectOperator('(');
      return { kind: 'in', operand, choices: this.#list(')', 1) };
    }
    if (this.#tokens.takeKeyword('BETWEEN')) {
      const low = this.#arithmetic(0);
      this.#tokens.expectKeyword('AND');
      const high = this.#arithmetic(0);
      return {
        kind: 'logical',
        operator: 'and',
        left: { kind: 'compare', operator: '>=', left: operand, right: low },
        right: { kind: 'compare', operator: '<=', left: operand, right: high },
      };
    }
    if (this.#tokens.takeKeyword('LIKE')) {
      const pattern = this.#arithmetic(0);
      const escape = this.#tokens.takeKeyword('ESCAPE') ? this.#arithmetic(0) : undefined;
      return { kind: 'like', operand, pattern, escape };
    }
    return undefined;
  }

  #arithmetic(level: number): Expression {
    const operators = arithmeticLevels[level];
    if (operators === undefined) return this.#unary();
    let left = this.#arithmetic(level + 1);
    for (;;) {
      const token = this.#tokens.peek();
      const operator = operators.find((candidate) => token.kind === 'operator' && candidate === token.text);
      if (operator === undefined) return left;
      this.#tokens.next();
      left = { kind: 'arithmetic', operator, left, right: this.#arithmetic(level + 1) };
    }
  }

  #unary(): Expression {
    const signs: ('-' | '+' | '~')[] = [];
    for (;;) {
      const sign = (['-', '+', '~'] as const).find((candidate) => this.#tokens.takeOperator(candidate));
      if (sign === undefined) break;
      signs.push(sign);
    }
    return signs.reduceRight<Expression>(
      (operand, operator) => ({ kind: 'unary', operator, operand }),
      this.#postfix(),
    );
  }

  #postfix(): Expression {
    let target = this.primary();
    for (;;) {
      const next = this.memberOf(target);
      if (next === undefined) return target;
      target = next;
    }
  }

  /** `.name` or `[key]` after a target, if there is one. */
  memberOf(target: Expression): Expression | undefined {
    if (this.#tokens.takeOperator('.')) {
      const token = this.#tokens.peek();
      if (token.kind !== 'identifier' && token.kind !== 'keyword') throw this.#tokens.unexpected();
      this.#tokens.next();
      return { kind: 'member', target, key: { kind: 'literal', value: this.#tokens.textOf(token) } };
    }
    if (this.#tokens.takeOperator('[')) {
      const key = this.expression();
      this.#tokens.expectOperator(']');
      return { kind: 'member', target, key };
    }
    return undefined;
  }

  /** A literal, parameter, name, function call, subquery, array, object or parenthesised expression. */
  primary(): Expression {
    const token = this.#tokens.peek();
    switch (token.kind) {
      case 'number':
        this.#tokens.next();
        return { kind: 'literal', value: token.value };
      case 'string':
        this.#tokens.next();
        return { kind: 'literal', value: token.text };
      case 'parameter':
        this.#tokens.next();
        return { kind: 'parameter', name: token.text };
      case 'operator':
        return this.#bracketed();
      case 'keyword':
        return this.#keyword(token.text);
      case 'identifier':
        return this.#nameOrCall();
      case 'end':
        throw this.#tokens.unexpected();
    }
  }

  #keyword(keyword: string): Expression {
    if (constants.has(keyword)) {
      this.#tokens.next();
      return { kind: 'literal', value: constants.get(keyword) };
    }
    if (keyword === 'EXISTS') {
      this.#tokens.next();
      return { kind: 'exists', query: this.#subquery() };
    }
    if (keyword === 'ARRAY' && this.#tokens.isOperator('(', 1)) {
      this.#tokens.next();
      return { kind: 'array-query', query: this.#subquery() };
    }
    if (keyword === 'UDF' && this.#tokens.isOperator('.', 1)) {
      throw new SqlError('User defined functions are not supported by the local endpoint.', 'SC2005');
    }
    return this.#nameOrCall();
  }

  #subquery(): Query {
    this.#depth += 1;
    if (this.#depth > maximumDepth) throw new SqlError('The query is nested too deeply.', 'SC1009');
    this.#tokens.expectOperator('(');
    const query = this.#parseQuery();
    this.#tokens.expectOperator(')');
    this.#depth -= 1;
    return query;
  }

  #nameOrCall(): Expression {
    const token = this.#tokens.expectName();
    const name = this.#tokens.textOf(token);
    if (!this.#tokens.takeOperator('(')) {
      return { kind: 'name', name, start: token.start, end: token.end };
    }
    const upper = name.toUpperCase();
    if (isAggregateName(upper)) {
      const argument = this.sourced();
      this.#tokens.expectOperator(')');
      return { kind: 'aggregate', name: upper, argument };
    }
    return this.#call(upper, name, { start: token.start, end: token.end });
  }

  #call(name: string, written: string, location: { start: number; end: number }): Expression {
    const builtIn = builtInFunctions.get(name);
    if (builtIn === undefined) {
      throw new SqlError(`'${written}' is not a recognized built-in function name.`, 'SC2005', location);
    }
    const list = this.#list(')', 0);
    if (list.length < builtIn.minimum || list.length > builtIn.maximum) {
      const wanted =
        builtIn.minimum === builtIn.maximum
          ? `${builtIn.minimum}`
          : `${builtIn.minimum} to ${builtIn.maximum}`;
      throw new SqlError(`The ${name} function requires ${wanted} argument(s).`, 'SC2050', location);
    }
    return { kind: 'call', name, arguments: list };
  }

  #bracketed(): Expression {
    if (this.#tokens.isOperator('(') && this.#tokens.isKeyword('SELECT', 1)) {
      return { kind: 'scalar-query', query: this.#subquery() };
    }
    if (this.#tokens.takeOperator('(')) {
      const expression = this.expression();
      this.#tokens.expectOperator(')');
      return expression;
    }
    if (this.#tokens.takeOperator('[')) return { kind: 'array', elements: this.#list(']', 0) };
    if (this.#tokens.takeOperator('{')) return this.#object();
    throw this.#tokens.unexpected();
  }

  #object(): Expression {
    const entries: [string, Expression][] = [];
    if (this.#tokens.takeOperator('}')) return { kind: 'object', entries };
    do {
      const token = this.#tokens.next();
      if (token.kind !== 'string' && token.kind !== 'identifier' && token.kind !== 'keyword') {
        throw new SqlError('Syntax error, a property name was expected.', 'SC1001', token);
      }
      this.#tokens.expectOperator(':');
      const name = token.kind === 'string' ? token.text : this.#tokens.textOf(token);
      entries.push([name, this.expression()]);
    } while (this.#tokens.takeOperator(','));
    this.#tokens.expectOperator('}');
    return { kind: 'object', entries };
  }

  /** Comma-separated expressions up to the closing bracket, which is read as well. */
  #list(close: string, minimum: number): readonly Expression[] {
    const list: Expression[] = [];
    if (minimum === 0 && this.#tokens.takeOperator(close)) return list;
    do list.push(this.expression());
    while (this.#tokens.takeOperator(','));
    this.#tokens.expectOperator(close);
    return list;
  }
}
