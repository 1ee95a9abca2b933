/** Reads tokens one after the other. */
import { BicepSyntaxError, type Place } from '../ast.js';
import type { Token, TokenKind } from '../lexer.js';

const end: Token = { kind: 'end', value: '', line: 0, column: 0 };

/** The place alone, for a node that begins at this token. */
export const placeOf = ({ line, column }: Place): Place => ({ line, column });

export class Cursor {
  private position = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  /** The next token, or one further on, without taking it. */
  peek(ahead = 0): Token {
    return this.tokens[this.position + ahead] ?? this.tokens.at(-1) ?? end;
  }

  /** How far ahead the next token is that does not end a line. */
  aheadOfLines(): number {
    let ahead = 0;
    while (this.peek(ahead).kind === 'newline') ahead += 1;
    return ahead;
  }

  take(): Token {
    const token = this.peek();
    this.position += 1;
    return token;
  }

  isSign(value: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'sign' && token.value === value;
  }

  isName(value: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'name' && token.value === value;
  }

  is(kind: TokenKind): boolean {
    return this.peek().kind === kind;
  }

  /** Takes the sign if it stands here. */
  accept(sign: string): boolean {
    const found = this.isSign(sign);
    if (found) this.position += 1;
    return found;
  }

  acceptName(name: string): boolean {
    const found = this.isName(name);
    if (found) this.position += 1;
    return found;
  }

  expectSign(sign: string): Token {
    return this.isSign(sign) ? this.take() : this.fail(`expected '${sign}'`);
  }

  expectName(name?: string): string {
    const fits = this.is('name') && (name === undefined || this.isName(name));
    return fits ? this.take().value : this.fail(`expected ${name === undefined ? 'a name' : `'${name}'`}`);
  }

  /** A name, or one in quotes. */
  expectKey(): string {
    return this.is('name') || this.is('text') ? this.take().value : this.fail('expected a name');
  }

  skipLines(): void {
    while (this.is('newline')) this.position += 1;
  }

  /** What stands between two signs, with commas or line ends between. */
  list<T>(open: string, close: string, item: () => T): T[] {
    this.expectSign(open);
    const items: T[] = [];
    this.skipLines();
    while (!this.isSign(close)) {
      items.push(item());
      if (this.accept(',') || this.is('newline')) this.skipLines();
      else if (!this.isSign(close)) this.fail(`expected a new line, ',' or '${close}'`);
    }
    this.expectSign(close);
    return items;
  }

  fail(message: string): never {
    const token = this.peek();
    const found =
      token.kind === 'newline' ? 'a new line' : token.kind === 'end' ? 'the end' : `'${token.value}'`;
    throw new BicepSyntaxError(`${message}, found ${found}`, token);
  }
}
