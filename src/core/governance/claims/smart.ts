import { noClaims, type AccessClaims, type Principal, type Role } from '../access.js';
import type { RegisteredClient } from '../access-policy.js';
import { statedScopes, withinRegistration } from './registered-claims.js';
import { subjectOf } from './subjects.js';
import { textOf, type TokenPayload } from './token-payload.js';

/** What a token of a SMART backend service is called by (RFC 9068 section 2.2). */
export const clientOfSmart = (payload: TokenPayload): string | undefined =>
  textOf(payload, 'client_id') ?? textOf(payload, 'azp');

/** Who a token of SMART Backend Services (SMART App Launch 2) speaks for: an application without a user. */
export function principalOfSmart(
  payload: TokenPayload,
  client: RegisteredClient | undefined,
): Principal | undefined {
  const name = clientOfSmart(payload);
  if (name === undefined) return undefined;
  // Silence is no permission here: a token without scopes was given none.
  const scopes = statedScopes(textOf(payload, 'scope')) ?? [];
  const stated = { organisations: undefined, purposes: undefined, scopes };
  const claims = { ...noClaims, ...withinRegistration(stated, client), assurance: 1 };
  return { subject: subjectOf('smart', name), claims, roles: rolesOf(claims), feeds: [] };
}

/** The roles without which applications are not let in: those that its scopes stand for. */
function rolesOf({ scopes }: AccessClaims): Role[] {
  const allowsAny = (letters: string) =>
    scopes.some(({ actions }) => actions.some((action) => letters.includes(action)));
  return [...(allowsAny('rs') ? ['reader' as const] : []), ...(allowsAny('cud') ? ['writer' as const] : [])];
}
