/** Keys that a JSON text states twice in one object: `JSON.parse` keeps the last and says nothing. */

/** Where a key occurs again, from 1 as editors count. */
export interface RepeatedKey {
  readonly key: string;
  readonly line: number;
  readonly column: number;
  /** The keys and positions that lead to the object: `['maps', 0, 'rules', 2]`. */
  readonly path: readonly (string | number)[];
}

interface Container {
  /** Undefined for a list. */
  readonly keys: Set<string> | undefined;
  /** The key or the position that is being read. */
  at: string | number;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gs;

/** @param text valid JSON */
export function findRepeatedKeys(text: string): RepeatedKey[] {
  const repeated: RepeatedKey[] = [];
  const open: Container[] = [];
  let isKey = false;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const inner = open.at(-1);
    if (token.startsWith('"')) {
      if (isKey && inner !== undefined) {
        const key = JSON.parse(token) as string;
        const path = open.slice(0, -1).map(({ at }) => at);
        if (inner.keys?.has(key) === true) repeated.push({ key, path, ...positionOf(text, index) });
        inner.keys?.add(key);
        inner.at = key;
      }
    } else follow(token, open, inner);
    isKey = token === '{' || (token === ',' && inner?.keys !== undefined);
  }
  return repeated;
}

function follow(mark: string, open: Container[], inner: Container | undefined): void {
  if (mark === '{' || mark === '[') open.push({ keys: mark === '{' ? new Set() : undefined, at: 0 });
  else if (mark === '}' || mark === ']') open.pop();
  else if (mark === ',' && typeof inner?.at === 'number') inner.at++;
}

function positionOf(text: string, index: number): { line: number; column: number } {
  const lines = text.slice(0, index).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
