/** An issuer of each kind, with its keys, its endpoint and a good token of it. */
import type { TokenIssuer } from '../../../src/adapters/auth/token-verifier.js';
import type { RegisteredClient } from '../../../src/core/governance/access-policy.js';
import { issuerKinds, type IssuerKind } from '../../../src/core/governance/claims/principal-of-token.js';
import { parseScopes } from '../../../src/core/governance/smart-scopes.js';
import { makeKey, seconds, startKeyEndpoint, type KeyEndpoint, type SigningKey } from './key-endpoint.js';

type Claims = Readonly<Record<string, unknown>>;

export interface PlayedIssuer {
  readonly settings: TokenIssuer;
  readonly endpoint: KeyEndpoint;
  /** The one that it signs with, and one of another kind that it also publishes. */
  readonly key: SigningKey;
  readonly other: SigningKey;
  /** Claims of a good token. */
  readonly good: () => Claims;
}

/** What each kind signs with, and says. */
const kinds: Readonly<Record<IssuerKind, { readonly alg: string; readonly claims: Claims }>> = {
  entra: {
    alg: 'ES256',
    claims: { sub: 'app-1', azp: 'app-1', roles: ['reader', 'org:RZZ', 'purpose:TREAT'] },
  },
  smart: { alg: 'ES384', claims: { sub: 'backend', client_id: 'backend', scope: 'system/*.rs' } },
  'nhs-login': {
    alg: 'RS512',
    claims: {
      ...{ sub: 'b1f7', nhs_number: '9990000018', identity_proofing_level: 'P9', vot: 'P9.Cp.Cd' },
      scope: 'openid patient/*.rs',
    },
  },
  cis2: {
    alg: 'RS256',
    claims: {
      ...{ sub: '555', selected_roleid: 'r1', authentication_assurance_level: '3', scope: 'user/*.rs' },
      nhsid_nrbac_roles: [{ person_roleid: 'r1', org_code: 'RZZ', role_code: 'S8000:G8000:R8000' }],
    },
  },
};

/** What each says of its bearer. */
export const expectedOf: Readonly<Record<IssuerKind, object>> = {
  entra: { subject: 'app-1', roles: ['reader'], claims: { kind: 'system', organisation: 'RZZ' } },
  smart: { subject: 'smart:backend', roles: ['reader'], claims: { kind: 'system', organisation: undefined } },
  'nhs-login': { subject: 'nhs-login:b1f7', claims: { kind: 'patient', assurance: 3 } },
  cis2: { subject: 'cis2:555', claims: { kind: 'staff', organisation: 'RZZ', roles: ['R8000'] } },
};

export async function playIssuer(kind: IssuerKind): Promise<PlayedIssuer> {
  const { alg, claims } = kinds[kind];
  const key = await makeKey(`${kind}-1`, alg);
  const other = await makeKey(`${kind}-2`, alg.startsWith('ES') ? 'RS256' : 'ES256');
  const endpoint = await startKeyEndpoint([key.jwk, other.jwk]);
  const issuer = `https://${kind}.example`;
  const audience = `api://hde-${kind}`;
  return {
    settings: { issuer, audience, kind, keys: { kind: 'address', jwksUri: endpoint.jwksUri } },
    ...{ endpoint, key, other },
    good: () => ({ iss: issuer, aud: audience, iat: seconds(), exp: seconds() + 600, ...claims }),
  };
}

export const playIssuers = async (): Promise<Readonly<Record<IssuerKind, PlayedIssuer>>> =>
  Object.fromEntries(
    await Promise.all(issuerKinds.map(async (kind) => [kind, await playIssuer(kind)])),
  ) as Record<IssuerKind, PlayedIssuer>;

/** A client of an issuer that needs a certificate. */
export const clientOf = (
  { settings }: PlayedIssuer,
  id: string,
  certificates: string[],
): RegisteredClient => ({
  ...{ id, issuer: settings.issuer, keys: undefined, organisation: 'RZZ', purposes: ['direct-care'] },
  ...{ scopes: parseScopes('system/*.rs'), certificates },
});
