import { endOfString, positionAt, type TextPosition } from './scan-json.js';

/** What may come next. */
type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing';

/** A mark, or `string`, or any other `value`. */
interface Lexeme {
  readonly kind: string;
  readonly end: number;
}

const space = /[ \t\r\n]*/y;
const scalar = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;

/**
 * Where a text ceases to be JSON (RFC 8259): `JSON.parse` does not always say, and what it says quotes the text.
 *
 * @param text that `JSON.parse` refuses
 */
export function findSyntaxError(text: string): TextPosition {
  const open: string[] = [];
  let expected: Expected = 'value';
  let index = skipSpace(text, 0);
  for (;;) {
    const lexeme: Lexeme | undefined = readLexeme(text, index);
    const next: Expected | undefined = lexeme === undefined ? undefined : follow(expected, lexeme.kind, open);
    if (lexeme === undefined || next === undefined) return positionAt(text, index);
    expected = next;
    index = skipSpace(text, lexeme.end);
  }
}

function skipSpace(text: string, index: number): number {
  space.lastIndex = index;
  space.test(text);
  return space.lastIndex;
}

function readLexeme(text: string, index: number): Lexeme | undefined {
  const mark = text[index];
  if (mark === undefined) return undefined;
  if ('{}[]:,'.includes(mark)) return { kind: mark, end: index + 1 };
  if (mark === '"') {
    const end = endOfString(text, index);
    return isJson(text.slice(index, end)) ? { kind: 'string', end } : undefined;
  }
  scalar.lastIndex = index;
  return scalar.test(text) ? { kind: 'value', end: scalar.lastIndex } : undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What each lexeme leads to where it may stand; `done` is the end of a value, `again` a comma. */
const value = { '{': 'key-or-end', '[': 'value-or-end', string: 'done', value: 'done' } as const;
const steps: Readonly<Record<Expected, Readonly<Partial<Record<string, Expected | 'done' | 'again'>>>>> = {
  value,
  'value-or-end': { ...value, ']': 'done' },
  key: { string: 'colon' },
  'key-or-end': { string: 'colon', '}': 'done' },
  colon: { ':': 'value' },
  'comma-or-end': { ',': 'again', '}': 'done', ']': 'done' },
  nothing: {},
};

/** What may come after a lexeme; undefined where it may not stand. `open` are the containers that it stands in. */
function follow(expected: Expected, kind: string, open: string[]): Expected | undefined {
  const next = steps[expected][kind];
  if (next === undefined) return undefined;
  if (kind === '{' || kind === '[') open.push(kind);
  if ((kind === '}' || kind === ']') && open.pop() !== (kind === '}' ? '{' : '[')) return undefined;
  if (next === 'done') return open.length === 0 ? 'nothing' : 'comma-or-end';
  if (next === 'again') return open.at(-1) === '{' ? 'key' : 'value';
  return next;
}
