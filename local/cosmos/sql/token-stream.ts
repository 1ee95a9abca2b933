import type { Token } from './lexer.js';
import { tokenise } from './lexer.js';
import { SqlError } from './sql-error.js';

/** Keywords that may also name a property or an alias. */
const soft = new Set(['VALUE', 'TOP', 'ORDER', 'GROUP', 'UDF', 'ARRAY', 'LIMIT', 'OFFSET', 'ESCAPE', 'BY']);

/** The tokens of a query with a reading position. */
export class TokenStream {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(readonly sql: string) {
    this.#tokens = tokenise(sql);
  }

  /** The token at the position, or further ahead. */
  peek(ahead = 0): Token {
    const token = this.#tokens[this.#at + ahead] ?? this.#tokens.at(-1);
    if (token === undefined) throw new SqlError('Syntax error, the query is empty.', 'SC1002');
    return token;
  }

  next(): Token {
    const token = this.peek();
    this.#at += 1;
    return token;
  }

  isKeyword(keyword: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'keyword' && token.text === keyword;
  }

  isOperator(operator: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'operator' && token.text === operator;
  }

  /** Steps over the keyword if it is next. */
  takeKeyword(keyword: string): boolean {
    const found = this.isKeyword(keyword);
    if (found) this.#at += 1;
    return found;
  }

  /** Steps over the operator if it is next. */
  takeOperator(operator: string): boolean {
    const found = this.isOperator(operator);
    if (found) this.#at += 1;
    return found;
  }

  expectKeyword(keyword: string): void {
    if (!this.takeKeyword(keyword)) throw this.unexpected();
  }

  expectOperator(operator: string): void {
    if (!this.takeOperator(operator)) throw this.unexpected();
  }

  /** A name: an identifier, or a keyword that the language lets stand as one. */
  expectName(): Token {
    const token = this.peek();
    if (token.kind !== 'identifier' && !(token.kind === 'keyword' && soft.has(token.text))) {
      throw this.unexpected();
    }
    return this.next();
  }

  /** The name as written: keywords are upper-case in their token only. */
  textOf(token: Token): string {
    return this.sql.slice(token.start, token.end);
  }

  /** The text between the start and the token just read. */
  textSince(start: number): string {
    return this.sql.slice(start, this.#tokens[this.#at - 1]?.end ?? start);
  }

  /** The error for a token that cannot stand at the position. */
  unexpected(): SqlError {
    const { kind, start, end } = this.peek();
    if (kind === 'end') {
      const code = start === 0 ? 'SC1002' : 'SC1001';
      return new SqlError('Syntax error, unexpected end of query.', code, { start, end });
    }
    const near = this.sql.slice(start, end).slice(0, 40);
    return new SqlError(`Syntax error, incorrect syntax near '${near}'.`, 'SC1001', { start, end });
  }
}
