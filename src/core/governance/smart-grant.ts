import type { RegisteredClient } from './access-policy.js';
import { commonScopes, writeScope } from './scope-sets.js';
import { parseScopes } from './smart-scopes.js';

/** What a token may hold, so that it stays a header line. */
const maxLength = 4_096;
const maxWords = 100;

/**
 * The scopes of a token: those that were asked for, as far as the client is registered for them.
 *
 * @param asked the parameter `scope` of a token request (RFC 6749 section 3.3)
 * @returns in version 2 of SMART App Launch, separated by spaces; undefined for none, and for more than a token holds
 */
export function grantedScopes(client: RegisteredClient, asked: string): string | undefined {
  if (asked.split(/\s+/).length > maxWords) return undefined;
  const granted = commonScopes(parseScopes(asked), client.scopes).map(writeScope).join(' ');
  return granted === '' || granted.length > maxLength ? undefined : granted;
}
