import { systemField } from './subject.js';
import type { SqlToken } from './sql-lexer.js';
import { lexSql, SqlSyntaxError } from './sql-lexer.js';
import type { SqlArithmetic, SqlComparison, SqlExpression, SqlProperty, SqlStatement } from './sql-syntax.js';
import { compileLike } from './wildcard.js';

/** The service's limit on the length of a filter or action; here it also bounds the depth of the parser. */
const MAX_LENGTH = 1024;

const COMPARISONS: Readonly<Record<string, SqlComparison>> = {
  '=': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

/**
 * Parses the condition of a SQL filter.
 *
 * @throws SqlSyntaxError for anything outside the documented language or not supported here
 */
export function parseCondition(expression: string): SqlExpression {
  const parser = new SqlParser(expression);
  const condition = parser.condition();
  parser.expectEnd();
  return condition;
}

/**
 * Parses the statements of a rule action (`SET name = expression`, `REMOVE name`).
 *
 * @throws SqlSyntaxError like {@link parseCondition}
 */
export function parseAction(expression: string): SqlStatement[] {
  return new SqlParser(expression).statements();
}

/** Recursive descent over the words of one expression; one method a grammar level, loosest first. */
class SqlParser {
  private readonly tokens: readonly SqlToken[];
  private next = 0;

  constructor(private readonly expression: string) {
    if (expression.length > MAX_LENGTH)
      this.fail(`expression longer than ${MAX_LENGTH} characters`, MAX_LENGTH);
    this.tokens = lexSql(expression);
  }

  condition(): SqlExpression {
    let left = this.conjunction();
    while (this.takeWord('OR')) left = { kind: 'or', left, right: this.conjunction() };
    return left;
  }

  statements(): SqlStatement[] {
    const statements: SqlStatement[] = [];
    while (this.next < this.tokens.length) {
      statements.push(this.statement());
      while (this.takeSymbol(';'));
    }
    return statements;
  }

  expectEnd(): void {
    if (this.next < this.tokens.length) this.fail('expected the end of the expression');
  }

  private statement(): SqlStatement {
    if (this.takeWord('SET')) {
      const property = this.property();
      this.expectSymbol('=');
      return { kind: 'set', property, value: this.sum() };
    }
    if (!this.takeWord('REMOVE')) this.fail('expected SET or REMOVE');
    const property = this.property();
    if (property.scope === 'sys') this.fail('system properties cannot be removed');
    return { kind: 'remove', name: property.name };
  }

  private conjunction(): SqlExpression {
    let left = this.negation();
    while (this.takeWord('AND')) left = { kind: 'and', left, right: this.negation() };
    return left;
  }

  private negation(): SqlExpression {
    return this.takeWord('NOT') ? { kind: 'not', operand: this.negation() } : this.predicate();
  }

  private predicate(): SqlExpression {
    if (this.takeWord('EXISTS')) {
      this.expectSymbol('(');
      const property = this.property();
      this.expectSymbol(')');
      return { kind: 'exists', property };
    }
    const operand = this.sum();
    if (this.takeWord('IS')) {
      const negated = this.takeWord('NOT');
      if (!this.takeWord('NULL')) this.fail('expected NULL');
      return { kind: 'isNull', operand, negated };
    }
    const negated = this.takeWord('NOT');
    if (this.takeWord('IN')) return { kind: 'in', operand, items: this.list(), negated };
    if (this.takeWord('LIKE')) return { kind: 'like', operand, matches: this.pattern(), negated };
    if (negated) this.fail('expected IN or LIKE');
    const operator = COMPARISONS[this.peekSymbol() ?? ''];
    if (operator === undefined) return operand;
    this.next++;
    return { kind: 'compare', operator, left: operand, right: this.sum() };
  }

  private list(): SqlExpression[] {
    this.expectSymbol('(');
    const items = [this.sum()];
    while (this.takeSymbol(',')) items.push(this.sum());
    this.expectSymbol(')');
    return items;
  }

  private pattern(): (text: string) => boolean {
    const pattern = this.string('a pattern string');
    const escape = this.takeWord('ESCAPE') ? this.string('an escape character') : undefined;
    if (escape !== undefined && escape.length !== 1) this.fail('the escape must be one character');
    return compileLike(pattern, escape);
  }

  private sum(): SqlExpression {
    return this.leftAssociative(['+', '-'], () => this.product());
  }

  private product(): SqlExpression {
    return this.leftAssociative(['*', '/', '%'], () => this.atom());
  }

  private leftAssociative(operators: readonly SqlArithmetic[], operand: () => SqlExpression): SqlExpression {
    let left = operand();
    for (;;) {
      const operator = operators.find((candidate) => this.takeSymbol(candidate));
      if (operator === undefined) return left;
      left = { kind: 'arithmetic', operator, left, right: operand() };
    }
  }

  private atom(): SqlExpression {
    if (this.takeSymbol('(')) {
      const inner = this.condition();
      this.expectSymbol(')');
      return inner;
    }
    if (this.takeSymbol('-')) return { kind: 'negate', operand: this.atom() };
    if (this.takeSymbol('+')) return this.atom();
    const token = this.tokens[this.next];
    if (token?.kind === 'string' || token?.kind === 'number') {
      this.next++;
      return { kind: 'literal', value: token.value };
    }
    if (this.takeWord('TRUE')) return { kind: 'literal', value: true };
    if (this.takeWord('FALSE')) return { kind: 'literal', value: false };
    if (this.takeWord('NULL')) return { kind: 'literal', value: null };
    if (this.takeWord('NEWID')) {
      this.expectSymbol('(');
      this.expectSymbol(')');
      return { kind: 'newid' };
    }
    return { kind: 'property', property: this.property() };
  }

  private property(): SqlProperty {
    const token = this.tokens[this.next];
    if (token?.kind !== 'name') return this.fail('expected a property name');
    this.next++;
    if (this.peekSymbol() === '(') return this.fail(`the function ${token.value} is not supported`);
    if (token.quoted) return { scope: 'user', name: token.value };
    const [scope = '', ...rest] = token.value.split('.');
    if (rest.length === 0) return { scope: 'user', name: token.value };
    const name = rest.join('.');
    if (scope.toLowerCase() === 'user') return { scope: 'user', name };
    if (scope.toLowerCase() !== 'sys') return { scope: 'user', name: token.value };
    const field = systemField(name);
    if (field === undefined) return this.fail(`the system property ${token.value} is not supported`);
    return { scope: 'sys', field };
  }

  private string(what: string): string {
    const token = this.tokens[this.next];
    if (token?.kind !== 'string') return this.fail(`expected ${what}`);
    this.next++;
    return token.value;
  }

  private takeWord(word: string): boolean {
    const token = this.tokens[this.next];
    if (token?.kind !== 'name' || token.quoted || token.value.toUpperCase() !== word) return false;
    this.next++;
    return true;
  }

  private peekSymbol(): string | undefined {
    const token = this.tokens[this.next];
    return token?.kind === 'symbol' ? token.value : undefined;
  }

  private takeSymbol(symbol: string): boolean {
    if (this.peekSymbol() !== symbol) return false;
    this.next++;
    return true;
  }

  private expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) this.fail(`expected "${symbol}"`);
  }

  private fail(problem: string, at = this.tokens[this.next]?.at ?? this.expression.length): never {
    throw new SqlSyntaxError(this.expression, at, problem);
  }
}
