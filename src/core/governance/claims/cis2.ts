import { noClaims, type Principal } from '../access.js';
import type { RegisteredClient } from '../access-policy.js';
import { statedScopes, withinRegistration } from './registered-claims.js';
import { subjectOf } from './subjects.js';
import { textOf, textsOf, type TokenPayload } from './token-payload.js';

/** Authenticator assurance levels (NIST SP 800-63B) as CIS2 writes them; of several that may be, the lowest. */
const LEVEL = /^(?:AAL)?([123])(?:_|$)/;

/**
 * Who a token of NHS CIS2 (Care Identity Authentication) speaks for: a member of staff, in the one role that they have
 * chosen. It needs the claims of the scopes `nationalrbacaccess` and `selectedrole`.
 */
export function principalOfCis2(
  payload: TokenPayload,
  client: RegisteredClient | undefined,
): Principal | undefined {
  const subject = textOf(payload, 'nhsid_useruid') ?? textOf(payload, 'sub');
  if (subject === undefined) return undefined;
  const role = selectedRole(payload);
  const organisation = role === undefined ? undefined : textOf(role, 'org_code');
  const stated = {
    // Without a role they act for nobody, whatever the application is registered for.
    organisations: organisation === undefined ? [] : [organisation],
    purposes: undefined,
    scopes: statedScopes(textOf(payload, 'scope')),
  };
  const level = textOf(payload, 'authentication_assurance_level') ?? textOf(payload, 'acr') ?? '';
  return {
    subject: subjectOf('cis2', subject),
    claims: {
      ...noClaims,
      ...withinRegistration(stated, client),
      kind: 'staff',
      roles: role === undefined ? [] : codesOf(role),
      assurance: Number(LEVEL.exec(level)?.[1] ?? 0),
    },
    roles: [],
    feeds: [],
  };
}

/** The role that was chosen; the only one where none was; none of several. */
function selectedRole(payload: TokenPayload): TokenPayload | undefined {
  const held = payload['nhsid_nrbac_roles'];
  const all = Array.isArray(held)
    ? held.filter((role): role is TokenPayload => typeof role === 'object' && role !== null)
    : [];
  const selected = textOf(payload, 'selected_roleid');
  const chosen =
    selected === undefined ? all : all.filter((role) => textOf(role, 'person_roleid') === selected);
  return chosen.length === 1 ? chosen[0] : undefined;
}

/** Job role `S8000:G8000:R8000` as `R8000`, and the activities `B0572` that go with it. */
const codesOf = (role: TokenPayload): string[] => [
  ...(textOf(role, 'role_code')?.split(':').slice(-1) ?? []),
  ...textsOf(role, 'activity_codes'),
];
