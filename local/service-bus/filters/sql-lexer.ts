/** One word of a Service Bus SQL expression; `at` is its offset, for error messages. */
export type SqlToken =
  | { readonly kind: 'string'; readonly value: string; readonly at: number }
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  | { readonly kind: 'name'; readonly value: string; readonly quoted: boolean; readonly at: number }
  | { readonly kind: 'symbol'; readonly value: string; readonly at: number };

/** An expression that the broker cannot read; filters are refused when they are made, never half understood. */
export class SqlSyntaxError extends Error {
  constructor(expression: string, at: number, problem: string) {
    super(`${problem} at position ${at + 1} of "${expression}"`);
    this.name = 'SqlSyntaxError';
  }
}

const WORD =
  /(?<string>'(?:[^']|'')*')|(?<number>0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?<quoted>"(?:[^"]|"")*"|\[(?:[^\]]|\]\])*\])|(?<name>[A-Za-z_#][\w#$@.]*)|(?<symbol><=|>=|<>|!=|[=<>(),+\-*/%;])/y;

/**
 * Splits an expression into its words.
 *
 * @throws SqlSyntaxError at the first character that starts none
 */
export function lexSql(expression: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  let at = 0;
  for (;;) {
    while (/\s/.test(expression.charAt(at))) at++;
    if (at >= expression.length) return tokens;
    WORD.lastIndex = at;
    const match = WORD.exec(expression);
    if (match?.groups === undefined) throw new SqlSyntaxError(expression, at, 'cannot read the expression');
    tokens.push(tokenOf(match.groups, at));
    at = WORD.lastIndex;
  }
}

function tokenOf(groups: Record<string, string | undefined>, at: number): SqlToken {
  const { string, number, quoted, name } = groups;
  if (string !== undefined) return { kind: 'string', value: string.slice(1, -1).replaceAll("''", "'"), at };
  if (number !== undefined) return { kind: 'number', value: Number(number), at };
  if (quoted !== undefined) {
    const close = quoted.startsWith('[') ? ']' : '"';
    return { kind: 'name', value: quoted.slice(1, -1).replaceAll(close + close, close), quoted: true, at };
  }
  if (name !== undefined) return { kind: 'name', value: name, quoted: false, at };
  return { kind: 'symbol', value: groups['symbol'] ?? '', at };
}
