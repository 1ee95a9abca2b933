/** Options of commands, as `parseArgs` of node:util reads them. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from './terminal.js';

/**
 * Reads options. One that may be given once and is given again is an error: the last would be taken for all that was meant.
 *
 * @throws UsageError, and what `parseArgs` throws
 */
export function parseOptions<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  const given = new Set<string>();
  const { tokens } = parseArgs<ParseArgsConfig & { readonly tokens: true }>({ ...config, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option' || config.options?.[token.name]?.multiple === true) continue;
    if (given.has(token.name)) throw new UsageError(`--${token.name} stands more than once`);
    given.add(token.name);
  }
  return parseArgs(config);
}
