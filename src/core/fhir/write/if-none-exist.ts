import { fail, ok, type Result } from '../../result.js';
import type { IdentifierToken } from '../search-index.js';
import { splitEscaped, unescapeValue } from '../search/values.js';

/**
 * Reads the criteria of a conditional create (FHIR R4 section 3.1.0.8.1): one identifier with its system, since nothing
 * else is sure to mean one thing.
 *
 * @returns what is expected, as the failure
 */
export function readIfNoneExist(
  header: string,
): Result<Required<IdentifierToken> & { readonly system: string }, string> {
  const parameters = [...new URLSearchParams(header.replace(/^[^?=]*\?/, ''))];
  const [[name, token] = ['', '']] = parameters;
  const [system = '', value = '', ...more] = splitEscaped(token, '|').map(unescapeValue);
  const isOne = parameters.length === 1 && name === 'identifier' && splitEscaped(token, ',').length === 1;
  // The entries of the index do not tell which bar parts system and value: searches do. U+FFFD stands for no UTF-8.
  const isPlain = more.length === 0 && !/[|\uFFFD]/.test(`${system}${value}`);
  return isOne && isPlain && system !== '' && value !== ''
    ? ok({ system, value })
    : fail('identifier=system|value, one identifier and nothing else');
}
