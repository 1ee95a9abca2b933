/** Tokens of Microsoft Entra ID (v1 and v2 access tokens). */
import { noClaims, roles, type AccessClaims, type Principal, type Role } from '../access.js';
import type { RegisteredClient } from '../access-policy.js';
import { purposeOf } from '../access-vocabulary.js';
import { parseScopes } from '../smart-scopes.js';
import { patientOfLaunch } from './launch-context.js';
import { statedScopes, withinRegistration } from './registered-claims.js';
import { subjectKinds } from './subjects.js';
import { textOf, textsOf, type TokenPayload } from './token-payload.js';

/** Application roles that say something to the exchange itself; any other is a code of the policy's roles. */
const ownRole = /^(?:org|purpose|feed):(.*)$/s;

/**
 * Who an Entra token speaks for: with delegated permissions (`scp`) a member of staff, else an application. Application
 * roles are those of the exchange (`Role`), `feed:<id>`, `org:<ODS code>`, `purpose:<purpose>`; of staff
 * also codes of the policy's roles.
 */
export function principalOfEntra(
  payload: TokenPayload,
  client: RegisteredClient | undefined,
): Principal | undefined {
  const isStaff = textOf(payload, 'scp') !== undefined;
  if (!isStaff && isOfPerson(payload)) return undefined;
  // The object id is the same for every application; `sub` of a person is not.
  const name = (isStaff ? textOf(payload, 'oid') : undefined) ?? textOf(payload, 'sub');
  const subject = name && subjectOfEntra(name);
  if (subject === undefined) return undefined;
  const claimed = textsOf(payload, 'roles');
  return {
    subject,
    claims: isStaff ? claimsOfStaff(payload, claimed, client) : claimsOfApplication(claimed, client),
    roles: claimed.filter((role): role is Role => (roles as readonly string[]).includes(role)),
    feeds: named(claimed, 'feed'),
  };
}

/** Undefined for a name that reads like the subject of another kind of issuer. */
export const subjectOfEntra = (name: string): string | undefined =>
  subjectKinds.some((kind) => name.startsWith(`${kind}:`)) ? undefined : name;

/**
 * Whether a token without delegated permissions is of a person all the same, such as an ID token, which has their
 * application roles and no `scp`: taken for an application they would need no part in anybody's care. The object id of an
 * application is its subject; of a person, it is not.
 */
function isOfPerson(payload: TokenPayload): boolean {
  const [kind, id] = [payload['idtyp'], payload['oid']];
  return (
    (kind !== undefined && kind !== 'app') ||
    (id !== undefined && id !== payload['sub']) ||
    payload['nonce'] !== undefined
  );
}

function claimsOfApplication(claimed: readonly string[], client: RegisteredClient | undefined): AccessClaims {
  const scopes = [
    ...(claimed.includes('reader') ? ['system/*.rs'] : []),
    ...(claimed.includes('writer') ? ['system/*.cud'] : []),
  ];
  const stated = { ...statedByRoles(claimed), scopes: parseScopes(scopes.join(' ')) };
  return { ...noClaims, ...withinRegistration(stated, client), assurance: 1 };
}

function claimsOfStaff(
  payload: TokenPayload,
  claimed: readonly string[],
  client: RegisteredClient | undefined,
): AccessClaims {
  const stated = { ...statedByRoles(claimed), scopes: statedScopes(textOf(payload, 'scp')) };
  return {
    ...noClaims,
    ...withinRegistration(stated, client),
    kind: 'staff',
    roles: claimed.filter((role) => !ownRole.test(role)),
    assurance: textsOf(payload, 'amr').includes('mfa') ? 2 : 1,
    patientInContext: patientOfLaunch(payload),
  };
}

function statedByRoles(claimed: readonly string[]) {
  const organisations = named(claimed, 'org');
  const purposes = named(claimed, 'purpose');
  return {
    organisations: organisations.length === 0 ? undefined : organisations,
    purposes: purposes.length === 0 ? undefined : purposes.flatMap((purpose) => purposeOf(purpose) ?? []),
  };
}

const named = (claimed: readonly string[], kind: 'org' | 'purpose' | 'feed'): string[] =>
  claimed.filter((role) => role.startsWith(`${kind}:`)).map((role) => role.slice(kind.length + 1));
