import { SqlError } from './sql-error.js';

interface Span {
  readonly start: number;
  readonly end: number;
}

/** A token; `text` of a keyword is upper-case, of anything else as written (strings without quotes). */
export type Token = Span &
  (
    | {
        readonly kind: 'keyword' | 'identifier' | 'parameter' | 'string' | 'operator' | 'end';
        readonly text: string;
      }
    | { readonly kind: 'number'; readonly text: string; readonly value: number }
  );

const keywords = new Set(
  (
    'SELECT DISTINCT TOP VALUE FROM WHERE GROUP BY ORDER ASC DESC OFFSET LIMIT JOIN IN AS AND OR NOT BETWEEN LIKE ' +
    'ESCAPE EXISTS ARRAY TRUE FALSE NULL UNDEFINED UDF'
  ).split(' '),
);

// Longest first, so that `>>>` is not read as `>>` and `>`.
const operators = [
  '>>>',
  '!=',
  '<>',
  '<=',
  '>=',
  '||',
  '??',
  '<<',
  '>>',
  ...'+-*/%=<>&|^~?:,.()[]{}'.split(''),
];

const space = /[ \t\r\n]+|--[^\n]*/y;
const word = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*/y;
const parameter = /@[A-Za-z_][A-Za-z0-9_]*/y;
const number = /0[xX][0-9a-fA-F]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;
const string = /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'/y;

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

const unescape = (text: string): string =>
  text.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_, code: string | undefined, simple: string) =>
    code === undefined ? (escapes[simple] ?? simple) : String.fromCharCode(parseInt(code, 16)),
  );

/** The text that the sticky expression matches at the position, if any. */
function match(expression: RegExp, sql: string, at: number): string | undefined {
  expression.lastIndex = at;
  return expression.exec(sql)?.[0];
}

function wordToken(text: string, span: Span): Token {
  const upper = text.toUpperCase();
  return keywords.has(upper)
    ? { kind: 'keyword', text: upper, ...span }
    : { kind: 'identifier', text, ...span };
}

function nextToken(sql: string, start: number): Token {
  const spanOf = (text: string): Span => ({ start, end: start + text.length });
  let text = match(word, sql, start);
  if (text !== undefined) return wordToken(text, spanOf(text));
  text = match(parameter, sql, start);
  if (text !== undefined) return { kind: 'parameter', text, ...spanOf(text) };
  text = match(number, sql, start);
  if (text !== undefined) return { kind: 'number', text, value: Number(text), ...spanOf(text) };
  text = match(string, sql, start);
  if (text !== undefined) return { kind: 'string', text: unescape(text.slice(1, -1)), ...spanOf(text) };
  // Block comments are not part of the language; the service refuses them as well.
  if (!sql.startsWith('/*', start)) {
    text = operators.find((operator) => sql.startsWith(operator, start));
    if (text !== undefined) return { kind: 'operator', text, ...spanOf(text) };
  }
  const found = sql.charAt(start);
  throw new SqlError(`Syntax error, invalid token '${found}'.`, 'SC1010', { start, end: start + 1 });
}

/**
 * Splits a query into tokens; the last one is always `end`.
 *
 * @throws SqlError SC1010 at a character that begins no token, such as `;` or an unterminated string.
 */
export function tokenise(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const gap = match(space, sql, at);
    if (gap !== undefined) {
      at += gap.length;
      continue;
    }
    const token = nextToken(sql, at);
    tokens.push(token);
    at = token.end;
  }
  tokens.push({ kind: 'end', text: '', start: sql.length, end: sql.length });
  return tokens;
}
