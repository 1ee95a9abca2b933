import { noClaims, type AccessClaims, type Principal, type Role } from '../access.js';
import type { RegisteredClient } from '../access-policy.js';
import { patientOfLaunch, userOf } from './launch-context.js';
import { statedScopes, withinRegistration } from './registered-claims.js';
import { subjectOf } from './subjects.js';
import { textOf, textsOf, type TokenPayload } from './token-payload.js';

/** What a token of a SMART backend service is called by (RFC 9068 section 2.2). */
export const clientOfSmart = (payload: TokenPayload): string | undefined =>
  textOf(payload, 'client_id') ?? textOf(payload, 'azp');

/**
 * Who a token of a SMART authorisation server speaks for (SMART App Launch 2): an application without a user (Backend
 * Services), or with `fhirUser` the member of staff who uses it, with the policy roles of `roles` (RFC 9068 section 2.2.3.1).
 */
export function principalOfSmart(
  payload: TokenPayload,
  client: RegisteredClient | undefined,
): Principal | undefined {
  const name = clientOfSmart(payload);
  const user = userOf(payload);
  if (name === undefined || user === 'somebody' || name.startsWith(ofUsers)) return undefined;
  // Silence is no permission here: a token without scopes was given none.
  const scopes = statedScopes(textOf(payload, 'scope')) ?? [];
  const stated = { organisations: undefined, purposes: undefined, scopes };
  const claims = { ...noClaims, ...withinRegistration(stated, client) };
  if (user === 'nobody') return spokenFor(subjectOf('smart', name), { ...claims, assurance: 1 });
  const subject = textOf(payload, 'sub');
  return subject === undefined
    ? undefined
    : spokenFor(subjectOfUser(subject), {
        ...{ ...claims, kind: 'staff', roles: textsOf(payload, 'roles') },
        assurance: textsOf(payload, 'amr').includes('mfa') ? 2 : 1,
        patientInContext: patientOfLaunch(payload),
      });
}

/** Before the subject of a person, so that no application has the same. */
const ofUsers = 'user:';

export const subjectOfUser = (name: string): string => subjectOf('smart', `${ofUsers}${name}`);

const spokenFor = (subject: string, claims: AccessClaims): Principal => ({
  ...{ subject, claims, roles: rolesOf(claims), feeds: [] },
});

/** The roles without which applications are not let in: those that its scopes stand for. */
function rolesOf({ scopes }: AccessClaims): Role[] {
  const allowsAny = (letters: string) =>
    scopes.some(({ actions }) => actions.some((action) => letters.includes(action)));
  return [...(allowsAny('rs') ? ['reader' as const] : []), ...(allowsAny('cud') ? ['writer' as const] : [])];
}
