/** Who acts, where somebody has handed on what they may do (token exchange, RFC 8693 section 4.1). */
import { parseNhsNumber } from '../../identity/nhs-number.js';
import type { Principal } from '../access.js';
import { textOf, type TokenPayload } from './token-payload.js';

/**
 * Whoever acts by a token is its subject here, in the audit trail and for broken glass; whose token it was is whom they act
 * for, and what it allows is theirs. Those who acted before them (`act` within `act`) are no part of a decision.
 *
 * @param nameOf the subject of a person by the name that the issuer has for them; undefined for one that nobody may have
 * @returns undefined for a token that does not say who acts
 */
export function actingParty(
  principal: Principal,
  payload: TokenPayload,
  nameOf: (name: string) => string | undefined,
): Principal | undefined {
  const act = payload['act'];
  if (act === undefined) return principal;
  const name = typeof act === 'object' && act !== null ? textOf(act as TokenPayload, 'sub') : undefined;
  // Subjects stand in logs and in the audit trail.
  const subject = name === undefined || parseNhsNumber(name) !== undefined ? undefined : nameOf(name);
  if (subject === undefined) return undefined;
  return { ...principal, subject, claims: { ...principal.claims, onBehalfOf: principal.subject } };
}
