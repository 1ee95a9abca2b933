import type { Value } from '../json.js';
import type { CompiledQuery } from './compile-query.js';
import { compileQuery } from './compile-query.js';
import type { Narrowing } from './narrowing.js';
import { compileNarrowing } from './narrowing.js';
import type { Ordering } from './ordering.js';
import { compileOrdering } from './ordering.js';
import { parseQuery } from './parser.js';
import { SqlError } from './sql-error.js';

/** A query compiled for repeated use. */
export interface PreparedQuery extends CompiledQuery {
  readonly narrowing: (parameters: ReadonlyMap<string, Value>) => Narrowing;
  /** The order that an index can serve. */
  readonly ordering: Ordering | undefined;
}

const cacheSize = 500;
const cache = new Map<string, PreparedQuery>();

function prepare(sql: string): PreparedQuery {
  try {
    const compiled = compileQuery(parseQuery(sql));
    const { query } = compiled;
    return { ...compiled, narrowing: compileNarrowing(query), ordering: compileOrdering(query) };
  } catch (error) {
    // A chain of thousands of operators nests too deeply for the recursive compiler.
    if (error instanceof RangeError) throw new SqlError('The query is too complex.', 'SC1009');
    throw error;
  }
}

/**
 * Parses and compiles a query; the most recently used texts are kept.
 *
 * @throws SqlError when the text is no valid query.
 */
export function prepareQuery(sql: string): PreparedQuery {
  const prepared = cache.get(sql) ?? prepare(sql);
  cache.delete(sql);
  cache.set(sql, prepared);
  const oldest = cache.keys().next();
  if (cache.size > cacheSize && oldest.done !== true) cache.delete(oldest.value);
  return prepared;
}
