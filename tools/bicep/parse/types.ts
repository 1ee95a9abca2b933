/** Type expressions: `string[]`, `{ name: string? }`, `'a' | 'b'`, `sys.resourceInput<'...'>`. */
import type { Expression, TypeExpression, TypeMember } from '../ast.js';
import { type Cursor, placeOf } from './cursor.js';

/** What types need of expressions: decorators of members, literals, and indexes. */
export interface ExpressionParser {
  readonly expression: () => Expression;
  readonly literal: () => Expression;
  readonly decorators: () => readonly Expression[];
}

export class TypeReader {
  constructor(
    private readonly cursor: Cursor,
    private readonly expressions: ExpressionParser,
  ) {}

  readonly type = (): TypeExpression => {
    const place = placeOf(this.cursor.peek());
    this.cursor.accept('|');
    const alternatives = [this.postfix()];
    for (;;) {
      if (this.cursor.isSign('|', this.cursor.aheadOfLines())) this.cursor.skipLines();
      if (!this.cursor.accept('|')) break;
      this.cursor.skipLines();
      alternatives.push(this.postfix());
    }
    const [only] = alternatives;
    return alternatives.length === 1 && only !== undefined
      ? only
      : { kind: 'type-union', of: alternatives, ...place };
  };

  private postfix(): TypeExpression {
    let of = this.primary();
    for (;;) {
      const place = placeOf(this.cursor.peek());
      if (this.cursor.accept('[')) of = this.bracket(of);
      else if (this.cursor.accept('[?')) {
        this.cursor.expectSign(']');
        of = { kind: 'type-array', of, ...place };
      } else if (this.cursor.accept('?')) of = { kind: 'type-nullable', of, ...place };
      else if (this.cursor.accept('!')) of = { kind: 'type-part', of, ...place };
      else if (this.cursor.accept('.')) {
        if (!this.cursor.accept('*')) this.cursor.expectName();
        of = { kind: 'type-part', of, ...place };
      } else return of;
    }
  }

  private bracket(of: TypeExpression): TypeExpression {
    const place = placeOf(of);
    if (this.cursor.accept(']')) return { kind: 'type-array', of, ...place };
    if (!this.cursor.accept('*')) this.expressions.expression();
    this.cursor.expectSign(']');
    return { kind: 'type-part', of, ...place };
  }

  private primary(): TypeExpression {
    const token = this.cursor.peek();
    const place = placeOf(token);
    if (this.cursor.isSign('{'))
      return { kind: 'type-object', members: this.cursor.list('{', '}', () => this.member()), ...place };
    if (this.cursor.isSign('['))
      return { kind: 'type-tuple', of: this.cursor.list('[', ']', () => this.tupleItem()), ...place };
    if (this.cursor.accept('(')) {
      this.cursor.skipLines();
      const inner = this.type();
      this.cursor.skipLines();
      this.cursor.expectSign(')');
      return inner;
    }
    if (
      token.kind === 'name' &&
      token.value !== 'true' &&
      token.value !== 'false' &&
      token.value !== 'null'
    ) {
      return this.named();
    }
    return { kind: 'type-literal', value: this.expressions.literal(), ...place };
  }

  private named(): TypeExpression {
    const { value: name, ...at } = this.cursor.take();
    const args = this.cursor.isSign('<') ? this.cursor.list('<', '>', this.type) : [];
    return { kind: 'type-name', name, args, ...placeOf(at) };
  }

  private tupleItem(): TypeExpression {
    this.expressions.decorators();
    return this.type();
  }

  private member(): TypeMember {
    const decorators = this.expressions.decorators();
    const place = placeOf(this.cursor.peek());
    const name = this.cursor.accept('*') ? '*' : this.cursor.expectKey();
    this.cursor.expectSign(':');
    this.cursor.skipLines();
    return { name, type: this.type(), decorators, ...place };
  }
}
