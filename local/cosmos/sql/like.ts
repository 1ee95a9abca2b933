import type { Evaluate } from './scope.js';
import { SqlError } from './sql-error.js';

const quote = (character: string): string => character.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** Translates a LIKE pattern (`%`, `_`, `[a-f]`, `[^a-f]`, escape character) into a regular expression. */
export function likeToRegExp(pattern: string, escape?: string): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    const close = character === '[' ? pattern.indexOf(']', at + 1) : -1;
    if (escape !== undefined && character === escape) {
      at += 1;
      source += quote(pattern.charAt(at));
    } else if (character === '%') source += '[\\s\\S]*';
    else if (character === '_') source += '[\\s\\S]';
    else if (close > at) {
      source += `[${pattern.slice(at + 1, close).replace(/[\\[]/g, '\\$&')}]`;
      at = close;
    } else source += quote(character);
  }
  try {
    return new RegExp(`^${source}$`);
  } catch {
    throw new SqlError('The pattern of LIKE is not valid.', 'SC2001');
  }
}

/** Compiles LIKE; the last pattern is kept, because it is nearly always a constant. */
export function compileLike(operand: Evaluate, pattern: Evaluate, escape: Evaluate | undefined): Evaluate {
  let known: { readonly key: string; readonly expression: RegExp } | undefined;
  return (row, run) => {
    const value = operand(row, run);
    const text = pattern(row, run);
    if (typeof value !== 'string' || typeof text !== 'string') return undefined;
    const character = escape?.(row, run);
    const key = JSON.stringify([text, character]);
    if (known?.key !== key) {
      known = { key, expression: likeToRegExp(text, typeof character === 'string' ? character : undefined) };
    }
    return known.expression.test(value);
  };
}
