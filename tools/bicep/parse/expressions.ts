/** Expressions, by descent from the loosest operator to the tightest. */
import type { Deployed, Expression, Member, Spread } from '../ast.js';
import { type Cursor, placeOf } from './cursor.js';

/** Operators by how tightly they bind, the loosest first. */
const levels = [
  ['??'],
  ['||'],
  ['&&'],
  ['==', '!=', '=~', '!~'],
  ['<', '>', '<=', '>='],
  ['+', '-'],
  ['*', '/', '%'],
];

/** Signs that go on with the expression of the line before; `-` and `?` could begin something else. */
const continuing = new Set([...levels.flat().filter((sign) => sign !== '-'), '.', '.?']);

export class ExpressionReader {
  constructor(
    protected readonly cursor: Cursor,
    private readonly nestedResource: () => Deployed,
  ) {}

  readonly expression = (): Expression => {
    const { cursor } = this;
    const place = placeOf(cursor.peek());
    const condition = this.binary(0);
    if (cursor.isSign('?', cursor.aheadOfLines())) cursor.skipLines();
    if (!cursor.accept('?')) return condition;
    cursor.skipLines();
    const then = this.expression();
    cursor.skipLines();
    cursor.expectSign(':');
    cursor.skipLines();
    return { kind: 'conditional', condition, then, otherwise: this.expression(), ...place };
  };

  /** The body of a resource, module, variable or loop, which may be conditional. */
  readonly body = (): Expression => {
    const { cursor } = this;
    if (!cursor.isName('if') || !cursor.isSign('(', 1)) return this.expression();
    const place = placeOf(cursor.take());
    const condition = this.inParentheses();
    cursor.skipLines();
    return { kind: 'if', condition, body: this.expression(), ...place };
  };

  /** A literal, with its sign: all that may stand in a type. */
  readonly literal = (): Expression => {
    const { cursor } = this;
    if (!cursor.isSign('-') && !cursor.isSign('!')) return this.primary();
    const token = cursor.take();
    return { kind: 'unary', operator: token.value, operand: this.primary(), ...placeOf(token) };
  };

  readonly decorators = (): Expression[] => {
    const decorators: Expression[] = [];
    while (this.cursor.accept('@')) {
      decorators.push(this.postfix());
      this.cursor.skipLines();
    }
    return decorators;
  };

  private continueLine(): void {
    const { cursor } = this;
    if (!cursor.is('newline')) return;
    const next = cursor.peek(cursor.aheadOfLines());
    if (next.kind === 'sign' && continuing.has(next.value)) cursor.skipLines();
  }

  private binary(level: number): Expression {
    const { cursor } = this;
    const operators = levels[level];
    if (operators === undefined) return this.unary();
    const place = placeOf(cursor.peek());
    let left = this.binary(level + 1);
    for (;;) {
      this.continueLine();
      const operator = operators.find((sign) => cursor.isSign(sign));
      if (operator === undefined) return left;
      cursor.take();
      cursor.skipLines();
      left = { kind: 'binary', operator, left, right: this.binary(level + 1), ...place };
    }
  }

  private unary(): Expression {
    const { cursor } = this;
    if (!cursor.isSign('!') && !cursor.isSign('-') && !cursor.isSign('+')) return this.postfix();
    const token = cursor.take();
    return { kind: 'unary', operator: token.value, operand: this.unary(), ...placeOf(token) };
  }

  private postfix(): Expression {
    const { cursor } = this;
    let of = this.primary();
    for (;;) {
      this.continueLine();
      const place = placeOf(cursor.peek());
      if (cursor.accept('.')) of = this.memberAccess(of, false);
      else if (cursor.accept('.?')) of = this.memberAccess(of, true);
      else if (cursor.accept('::')) of = { kind: 'nested', of, name: cursor.expectName(), ...place };
      else if (cursor.accept('[')) of = this.indexAccess(of, false);
      else if (cursor.accept('[?')) of = this.indexAccess(of, true);
      else if (cursor.accept('!')) of = { kind: 'wrapped', by: '!', operand: of, ...place };
      else return of;
    }
  }

  private memberAccess(of: Expression, safe: boolean): Expression {
    const { cursor } = this;
    cursor.skipLines();
    const token = cursor.peek();
    const name = cursor.expectName();
    return cursor.isSign('(')
      ? { kind: 'call', of, name, args: this.args(), ...placeOf(token) }
      : { kind: 'property', of, name, safe, ...placeOf(token) };
  }

  private indexAccess(of: Expression, safe: boolean): Expression {
    const { cursor } = this;
    const place = placeOf(cursor.peek());
    cursor.skipLines();
    const index = this.expression();
    cursor.skipLines();
    cursor.expectSign(']');
    return { kind: 'index', of, index, safe, ...place };
  }

  private args(): Expression[] {
    return this.cursor.list('(', ')', this.expression);
  }

  private inParentheses(): Expression {
    const { cursor } = this;
    cursor.expectSign('(');
    cursor.skipLines();
    const inner = this.expression();
    cursor.skipLines();
    cursor.expectSign(')');
    return inner;
  }

  private primary(): Expression {
    const { cursor } = this;
    const token = cursor.peek();
    const place = placeOf(token);
    switch (token.kind) {
      case 'integer':
        return { kind: 'integer', value: Number(cursor.take().value), ...place };
      case 'text':
        return { kind: 'string', value: cursor.take().value, ...place };
      case 'text-start':
        return this.interpolation();
      case 'name':
        return this.named();
      default:
        return this.bracketed();
    }
  }

  private bracketed(): Expression {
    const { cursor } = this;
    const place = placeOf(cursor.peek());
    if (cursor.isSign('{')) return { kind: 'object', members: cursor.list('{', '}', this.member), ...place };
    if (cursor.isSign('[')) return this.array();
    if (!cursor.isSign('(')) return cursor.fail('expected an expression');
    if (this.isLambda()) {
      const parameters = cursor.list('(', ')', () => cursor.expectName());
      return this.lambda(parameters);
    }
    return { kind: 'wrapped', by: '()', operand: this.inParentheses(), ...place };
  }

  /** Whether `=>` follows the parenthesis that closes the one here. */
  private isLambda(): boolean {
    const { cursor } = this;
    for (let ahead = 0, depth = 0; cursor.peek(ahead).kind !== 'end'; ahead += 1) {
      if (cursor.isSign('(', ahead)) depth += 1;
      else if (cursor.isSign(')', ahead)) {
        depth -= 1;
        if (depth === 0) return cursor.isSign('=>', ahead + 1);
      }
    }
    return false;
  }

  private lambda(parameters: readonly string[]): Expression {
    const place = placeOf(this.cursor.expectSign('=>'));
    this.cursor.skipLines();
    return { kind: 'lambda', parameters, body: this.expression(), ...place };
  }

  private interpolation(): Expression {
    const { cursor } = this;
    const start = cursor.take();
    const texts = [start.value];
    const expressions: Expression[] = [];
    for (;;) {
      cursor.skipLines();
      expressions.push(this.expression());
      cursor.skipLines();
      if (!cursor.is('text-middle') && !cursor.is('text-end'))
        cursor.fail("expected '}' of the interpolation");
      const { kind, value } = cursor.take();
      texts.push(value);
      if (kind === 'text-end') return { kind: 'interpolation', texts, expressions, ...placeOf(start) };
    }
  }

  private named(): Expression {
    const { cursor } = this;
    const token = cursor.take();
    const place = placeOf(token);
    if (token.value === 'true' || token.value === 'false') {
      return { kind: 'boolean', value: token.value === 'true', ...place };
    }
    if (token.value === 'null') return { kind: 'null', ...place };
    if (cursor.isSign('=>')) return this.lambda([token.value]);
    return cursor.isSign('(')
      ? { kind: 'call', of: undefined, name: token.value, args: this.args(), ...place }
      : { kind: 'name', name: token.value, ...place };
  }

  private readonly member = (): Member => {
    const { cursor } = this;
    const token = cursor.peek();
    const place = placeOf(token);
    if (cursor.isSign('@') || (cursor.isName('resource') && cursor.peek(1).kind === 'name')) {
      return this.nestedResource();
    }
    if (cursor.isSign('...')) return this.spread();
    const key = token.kind === 'text-start' ? this.interpolation() : cursor.expectKey();
    cursor.expectSign(':');
    cursor.skipLines();
    return { kind: 'member', key, value: this.expression(), ...place };
  };

  private spread(): Spread {
    const place = placeOf(this.cursor.expectSign('...'));
    return { kind: 'spread', operand: this.expression(), ...place };
  }

  private array(): Expression {
    const { cursor } = this;
    const place = placeOf(cursor.peek());
    let ahead = 1;
    while (cursor.peek(ahead).kind === 'newline') ahead += 1;
    if (cursor.isName('for', ahead)) return this.loop();
    const item = () => (cursor.isSign('...') ? this.spread() : this.expression());
    return { kind: 'array', items: cursor.list('[', ']', item), ...place };
  }

  private loop(): Expression {
    const { cursor } = this;
    const place = placeOf(cursor.expectSign('['));
    cursor.skipLines();
    cursor.expectName('for');
    const [item = '', index] = cursor.isSign('(')
      ? cursor.list('(', ')', () => cursor.expectName())
      : [cursor.expectName()];
    cursor.expectName('in');
    const source = this.expression();
    cursor.expectSign(':');
    cursor.skipLines();
    const body = this.body();
    cursor.skipLines();
    cursor.expectSign(']');
    return { kind: 'for', item, index, source, body, ...place };
  }
}
