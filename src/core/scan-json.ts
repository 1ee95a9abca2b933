/**
 * What `JSON.parse` does not tell of a text: keys that stand twice in an object or that JavaScript gives a meaning of its
 * own, numbers as they were written, depth and size.
 */

/** The keys and positions that lead to a value: `['maps', 0, 'rules', 2]`. */
export type JsonPath = readonly (string | number)[];

/** Where a key occurs again; `JSON.parse` keeps the last value and says nothing. */
export interface RepeatedKey extends TextPosition {
  readonly kind: 'repeated-key';
  readonly key: string;
  /** Of the object that has it. */
  readonly path: JsonPath;
}

/** A key that code may take for a part of JavaScript: no format that is read here has one of that name. */
export interface ReservedKey extends TextPosition {
  readonly kind: 'reserved-key';
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

/** More than `maxJsonValues` values in all. */
export interface TooMany extends TextPosition {
  readonly kind: 'too-many';
}

/** Why a text is not read although it is JSON. */
export type JsonFault = RepeatedKey | ReservedKey | TooDeep | TooMany;

/** A place in a text, from 1 as editors count. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** How deep objects and lists may be nested; further down is not looked. FHIR needs some 20. */
export const maxJsonDepth = 64;

/** How many values one text may hold; what follows is not looked at. A Bundle of 4 MB has some 100 000. */
export const maxJsonValues = 250_000;

const reservedKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

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
export function* scanJson(text: string): Generator<JsonFault | WrittenNumber> {
  const open: Container[] = [];
  const token = new RegExp(TOKEN);
  let isKey = false;
  let values = 0;
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    const { 0: mark, index } = found;
    const inner = open.at(-1);
    if (mark === '"') {
      token.lastIndex = endOfString(text, index);
      if (!isKey || inner?.keys === undefined) continue;
      const key = JSON.parse(text.slice(index, token.lastIndex)) as string;
      yield* faultsOfKey(text, index, key, open);
      inner.keys.add(key);
      inner.at = key;
      isKey = false;
    } else if (/^[-\d]/.test(mark)) {
      if (String(Number(mark)) !== mark) yield { kind: 'number', text: mark, path: open.map(({ at }) => at) };
    } else {
      follow(mark, open, inner);
      isKey = mark === '{' || (mark === ',' && inner?.keys !== undefined);
      values += countOf(mark);
      const excess = excessOf(open.length, values);
      if (excess !== undefined) {
        yield { kind: excess, ...positionAt(text, index) };
        return;
      }
    }
  }
}

function* faultsOfKey(
  text: string,
  index: number,
  key: string,
  open: readonly Container[],
): Generator<RepeatedKey | ReservedKey> {
  const isRepeated = open.at(-1)?.keys?.has(key) === true;
  if (!isRepeated && !reservedKeys.has(key)) return;
  const path = open.slice(0, -1).map(({ at }) => at);
  yield { kind: isRepeated ? 'repeated-key' : 'reserved-key', key, path, ...positionAt(text, index) };
}

/** The faults of a text, one after another. */
export function* findJsonFaults(text: string): Generator<JsonFault> {
  for (const found of scanJson(text)) if (found.kind !== 'number') yield found;
}

/** A fault in words for whoever wrote the text, without anything that stands in it. */
export const faultTexts: Readonly<Record<JsonFault['kind'], string>> = {
  'repeated-key': 'This key was given before in the same object.',
  'reserved-key': 'A key of this name is not taken.',
  'too-deep': `Objects and lists are nested at most ${maxJsonDepth} deep.`,
  'too-many': `There are more than ${maxJsonValues} values.`,
};

function follow(mark: string, open: Container[], inner: Container | undefined): void {
  if (mark === '{' || mark === '[') open.push({ keys: mark === '{' ? new Set() : undefined, at: 0 });
  else if (mark === '}' || mark === ']') open.pop();
  else if (mark === ',' && typeof inner?.at === 'number') inner.at += 1;
}

/** 1 for a mark that a value follows, or the end of what is empty; else 0. */
const countOf = (mark: string): number => (',{['.includes(mark) ? 1 : 0);

function excessOf(depth: number, values: number): 'too-deep' | 'too-many' | undefined {
  if (depth > maxJsonDepth) return 'too-deep';
  return values > maxJsonValues ? 'too-many' : undefined;
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
