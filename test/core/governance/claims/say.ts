/** What tokens say, in the words of these tests. */
import type { RegisteredClient } from '../../../../src/core/governance/access-policy.js';
import {
  principalOfToken,
  type IssuerKind,
} from '../../../../src/core/governance/claims/principal-of-token.js';
import { writeScope } from '../../../../src/core/governance/scope-sets.js';
import { parseScopes } from '../../../../src/core/governance/smart-scopes.js';

/** A client of the access policy. */
export const registered = (others: Partial<RegisteredClient>): RegisteredClient => ({
  ...{ id: 'client-1', issuer: 'https://issuer.example', keys: undefined, organisation: 'RZZ' },
  ...{ purposes: ['direct-care', 'planning'], scopes: parseScopes('system/*.cruds'), certificates: [] },
  ...others,
});

/** What a token says, shortened: scopes as they are written. */
export function say(kind: IssuerKind, payload: object, client?: RegisteredClient) {
  const found = principalOfToken(kind, payload as Record<string, unknown>, (id) =>
    id === client?.id ? client : undefined,
  );
  if (found === undefined) return undefined;
  const { subject, roles, feeds, claims } = found.principal;
  return { subject, feeds, ...claims, exchangeRoles: roles, scopes: claims.scopes.map(writeScope) };
}
