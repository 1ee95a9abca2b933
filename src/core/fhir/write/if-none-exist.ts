import { fail, ok, type Result } from '../../result.js';
import type { IdentifierToken } from '../search-index.js';

/**
 * Reads the criteria of a conditional create (FHIR R4 section 3.1.0.8.1): one identifier with its system, since nothing
 * else is sure to mean one thing.
 *
 * @returns what is expected, as the failure
 */
export function readIfNoneExist(
  header: string,
): Result<Required<IdentifierToken> & { readonly system: string }, string> {
  const parameters = [...new URLSearchParams(header.replace(/^[^?]*\?/, ''))];
  const [[name, token] = ['', '']] = parameters;
  const bar = token.indexOf('|');
  const [system, value] = [token.slice(0, bar), token.slice(bar + 1)];
  const isOne = parameters.length === 1 && name === 'identifier' && !/[,\\|]/.test(value);
  return isOne && bar > 0 && value !== ''
    ? ok({ system, value })
    : fail('identifier=system|value, one identifier and nothing else');
}
