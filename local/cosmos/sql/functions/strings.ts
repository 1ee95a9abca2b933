import type { Value } from '../../json.js';
import { isArray, isObject, parseJson } from '../../json.js';
import { SqlError } from '../sql-error.js';
import type { BuiltInTable } from './built-in.js';
import { define, ofString, ofStrings } from './built-in.js';

/** The longest string that REPLICATE makes. */
const maximumReplication = 10_000;

const patterns = new Map<string, RegExp>();

/** Compiles a regular expression once; the cache is small because queries are few. */
function patternOf(source: string, flags: string): RegExp {
  const key = `${flags}/${source}`;
  let pattern = patterns.get(key);
  if (pattern === undefined) {
    try {
      pattern = new RegExp(source, flags);
    } catch {
      throw new SqlError('The regular expression of REGEXMATCH is not valid.', 'SC2001');
    }
    if (patterns.size >= 200) patterns.clear();
    patterns.set(key, pattern);
  }
  return pattern;
}

function regexMatch(text: Value, pattern: Value, modifiers: Value): Value {
  if (typeof text !== 'string' || typeof pattern !== 'string') return undefined;
  const flags = typeof modifiers === 'string' ? [...new Set(modifiers.replace(/[^ims]/g, ''))].join('') : '';
  return patternOf(pattern, flags).test(text);
}

function substring(text: Value, start: Value, length: Value): Value {
  if (typeof text !== 'string' || typeof start !== 'number' || typeof length !== 'number') return undefined;
  if (start < 0) return '';
  return text.slice(start, start + Math.max(0, length));
}

function replicate(text: Value, times: Value): Value {
  if (typeof text !== 'string' || typeof times !== 'number' || !Number.isInteger(times) || times < 0) {
    return undefined;
  }
  return text.length * times > maximumReplication ? undefined : text.repeat(times);
}

function stringToNumber(text: string): Value {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}

function toText(value: Value): Value {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function concat(...values: Value[]): Value {
  return values.every((value) => typeof value === 'string') ? values.join('') : undefined;
}

const many = Number.POSITIVE_INFINITY;

/** Functions of strings. */
export const stringFunctions: BuiltInTable = {
  CONTAINS: ofStrings((text, part) => text.includes(part)),
  STARTSWITH: ofStrings((text, part) => text.startsWith(part)),
  ENDSWITH: ofStrings((text, part) => text.endsWith(part)),
  STRINGEQUALS: ofStrings((text, other) => text === other),
  LOWER: ofString((text) => text.toLowerCase()),
  UPPER: ofString((text) => text.toUpperCase()),
  TRIM: ofString((text) => text.trim()),
  LTRIM: ofString((text) => text.trimStart()),
  RTRIM: ofString((text) => text.trimEnd()),
  LENGTH: ofString((text) => text.length),
  REVERSE: ofString((text) => Array.from(text).reverse().join('')),
  CONCAT: define(2, concat, many),
  SUBSTRING: define(3, substring),
  LEFT: define(2, (text, length) =>
    typeof text === 'string' && typeof length === 'number' ? text.slice(0, Math.max(0, length)) : undefined,
  ),
  RIGHT: define(2, (text, length) => {
    if (typeof text !== 'string' || typeof length !== 'number') return undefined;
    return length <= 0 ? '' : text.slice(-length);
  }),
  INDEX_OF: define(
    2,
    (text, part, start) =>
      typeof text === 'string' && typeof part === 'string'
        ? text.indexOf(part, typeof start === 'number' ? start : 0)
        : undefined,
    3,
  ),
  REPLACE: define(3, (text, part, replacement) =>
    typeof text === 'string' && typeof part === 'string' && typeof replacement === 'string'
      ? text.split(part).join(replacement)
      : undefined,
  ),
  REPLICATE: define(2, replicate),
  STRINGSPLIT: define(2, (text, separator) =>
    typeof text === 'string' && typeof separator === 'string' ? text.split(separator) : undefined,
  ),
  STRINGJOIN: define(2, (list, separator) =>
    isArray(list) && typeof separator === 'string' && list.every((part) => typeof part === 'string')
      ? list.join(separator)
      : undefined,
  ),
  REGEXMATCH: define(2, regexMatch, 3),
  TOSTRING: define(1, toText),
  STRINGTONUMBER: ofString(stringToNumber),
  STRINGTOBOOLEAN: ofString((text) => {
    const trimmed = text.trim();
    return trimmed === 'true' || (trimmed === 'false' ? false : undefined);
  }),
  STRINGTONULL: ofString((text) => (text.trim() === 'null' ? null : undefined)),
  STRINGTOARRAY: ofString((text) => {
    const value = parseJson(text);
    return isArray(value) ? value : undefined;
  }),
  STRINGTOOBJECT: ofString((text) => {
    const value = parseJson(text);
    return isObject(value) ? value : undefined;
  }),
};
