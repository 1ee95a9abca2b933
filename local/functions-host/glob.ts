import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Files below a folder that a pattern matches: `*` and `?` within a name, `**` for any depth, `{a,b}` for alternatives
 * (also across `/`). That is what `main` of an app's package.json uses. `node_modules` is never entered.
 *
 * @returns absolute paths, sorted, without duplicates
 */
export function findFiles(folder: string, pattern: string): readonly string[] {
  const found = new Set<string>();
  for (const alternative of expandBraces(pattern.replace(/^\.\//, ''))) {
    const parts = alternative.split('/').filter((part) => part !== '' && part !== '.');
    collect(folder, parts, found);
  }
  return [...found].sort();
}

function collect(folder: string, parts: readonly string[], found: Set<string>): void {
  const [part, ...rest] = parts;
  if (part === undefined) return;
  if (part === '**') {
    collect(folder, rest.length > 0 ? rest : ['*'], found);
    for (const entry of entries(folder))
      if (entry.isDirectory()) collect(join(folder, entry.name), parts, found);
    return;
  }
  const matches = toRegExp(part);
  for (const entry of entries(folder)) {
    if (!matches.test(entry.name)) continue;
    if (rest.length > 0) collect(join(folder, entry.name), rest, found);
    else if (!entry.isDirectory()) found.add(join(folder, entry.name));
  }
}

function entries(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.name !== 'node_modules');
  } catch {
    return []; // not a folder, or gone meanwhile: nothing matches below it
  }
}

function toRegExp(part: string): RegExp {
  const source = part
    .replace(/[.+^$(){}|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`);
}

/** Replaces the first innermost `{a,b}` by each of its alternatives, until none is left. */
function expandBraces(pattern: string): readonly string[] {
  const match = /^(.*?)\{([^{}]*)\}(.*)$/.exec(pattern);
  if (!match) return [pattern];
  const [, before = '', alternatives = '', after = ''] = match;
  return alternatives.split(',').flatMap((alternative) => expandBraces(before + alternative + after));
}
