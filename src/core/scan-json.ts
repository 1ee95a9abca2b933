/** What `JSON.parse` does not tell of a text: keys that stand twice in an object, numbers as they were written, depth. */

/** The keys and positions that lead to a value: `['maps', 0, 'rules', 2]`. */
export type JsonPath = readonly (string | number)[];

/** Where a key occurs again; `JSON.parse` keeps the last value and says nothing. */
export interface RepeatedKey extends TextPosition {
  readonly kind: 'repeated-key';
  readonly key: string;
  /** Of the object that has it. */
  readonly path: JsonPath;
}

/** A number that JavaScript would write otherwise: `1.50`, `1e2`, more digits than it holds. */
export interface WrittenNumber {
  readonly kind: 'number';
  readonly text: string;
  readonly path: JsonPath;
}

/** Objects and lists within one another beyond `maxDepth`. */
export interface TooDeep extends TextPosition {
  readonly kind: 'too-deep';
}

/** A place in a text, from 1 as editors count. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** How deep objects and lists may be nested; further down is not looked. */
export const maxJsonDepth = 200;

interface Container {
  /** Undefined for a list. */
  readonly keys: Set<string> | undefined;
  /** The key or the position that is being read. */
  at: string | number;
}

const TOKEN = /["{}[\],]|-?\d[\d.eE+-]*/g;

/**
 * Finds them one after another, in time linear in what was read; whoever needs the first only stops there.
 *
 * @param text valid JSON
 */
export function* scanJson(text: string): Generator<RepeatedKey | WrittenNumber | TooDeep> {
  const open: Container[] = [];
  const token = new RegExp(TOKEN);
  let isKey = false;
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    const { 0: mark, index } = found;
    const inner = open.at(-1);
    if (mark === '"') {
      token.lastIndex = endOfString(text, index);
      if (!isKey || inner?.keys === undefined) continue;
      const key = JSON.parse(text.slice(index, token.lastIndex)) as string;
      const path = open.slice(0, -1).map(({ at }) => at);
      if (inner.keys.has(key)) yield { kind: 'repeated-key', key, path, ...positionAt(text, index) };
      inner.keys.add(key);
      inner.at = key;
      isKey = false;
    } else if (/^[-\d]/.test(mark)) {
      if (String(Number(mark)) !== mark) yield { kind: 'number', text: mark, path: open.map(({ at }) => at) };
    } else {
      follow(mark, open, inner);
      isKey = mark === '{' || (mark === ',' && inner?.keys !== undefined);
      if (open.length > maxJsonDepth) {
        yield { kind: 'too-deep', ...positionAt(text, index) };
        return;
      }
    }
  }
}

/** The keys that stand twice, one after another. */
export function* findRepeatedKeys(text: string): Generator<RepeatedKey> {
  for (const found of scanJson(text)) if (found.kind === 'repeated-key') yield found;
}

function follow(mark: string, open: Container[], inner: Container | undefined): void {
  if (mark === '{' || mark === '[') open.push({ keys: mark === '{' ? new Set() : undefined, at: 0 });
  else if (mark === '}' || mark === ']') open.pop();
  else if (mark === ',' && typeof inner?.at === 'number') inner.at += 1;
}

/** Behind the quotation mark that ends a string: the first that is not escaped. */
export function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end + 1;
}

function isEscaped(text: string, index: number): boolean {
  let start = index;
  while (text[start - 1] === '\\') start -= 1;
  return (index - start) % 2 === 1;
}

/** The line and column of an index. */
export function positionAt(text: string, index: number): TextPosition {
  const lines = text.slice(0, index).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
