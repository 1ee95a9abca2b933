import type { Principal } from '../access.js';
import type { RegisteredClient } from '../access-policy.js';
import { actingParty } from './acting-party.js';
import { principalOfCis2 } from './cis2.js';
import { principalOfEntra, subjectOfEntra } from './entra.js';
import { principalOfNhsLogin } from './nhs-login.js';
import { clientOfSmart, principalOfSmart, subjectOfUser } from './smart.js';
import { subjectOf } from './subjects.js';
import { textOf, textsOf, type TokenPayload } from './token-payload.js';

/** Whose tokens an issuer signs, and so which of their claims mean something. */
export const issuerKinds = ['entra', 'smart', 'nhs-login', 'cis2'] as const;
export type IssuerKind = (typeof issuerKinds)[number];

/** The application that a token was made for. Tokens of OpenID providers name it by their audience. */
const clientOf: Readonly<Record<IssuerKind, (payload: TokenPayload) => string | undefined>> = {
  entra: (payload) => textOf(payload, 'azp') ?? textOf(payload, 'appid'),
  smart: clientOfSmart,
  'nhs-login': (payload) => textOf(payload, 'azp') ?? audienceOf(payload),
  cis2: (payload) => textOf(payload, 'azp') ?? audienceOf(payload),
};

/** The only audience, which may stand alone in a list (RFC 7519 section 4.1.3). */
function audienceOf(payload: TokenPayload): string | undefined {
  const [only, ...others] = textsOf(payload, 'aud');
  return textOf(payload, 'aud') ?? (others.length === 0 ? only : undefined);
}

const principalOf = {
  entra: principalOfEntra,
  smart: principalOfSmart,
  'nhs-login': principalOfNhsLogin,
  cis2: principalOfCis2,
} as const satisfies Record<IssuerKind, unknown>;

/** By the name that each kind of issuer has for a person. */
const subjectOfPerson: Readonly<Record<IssuerKind, (name: string) => string | undefined>> = {
  entra: subjectOfEntra,
  smart: subjectOfUser,
  'nhs-login': (name) => subjectOf('nhs-login', name),
  cis2: (name) => subjectOf('cis2', name),
};

/**
 * What a verified token says of its bearer, by the kind of its issuer alone: claims that other kinds use mean nothing.
 *
 * @param find the registration of a client that this issuer names
 * @returns undefined for a token that does not say who its bearer is
 */
export function principalOfToken(
  kind: IssuerKind,
  payload: TokenPayload,
  find: (client: string) => RegisteredClient | undefined,
): { readonly principal: Principal; readonly client: RegisteredClient | undefined } | undefined {
  const name = clientOf[kind](payload);
  // Of several audiences nobody could tell for whom it was made, nor what they are registered for.
  if (name === undefined && textsOf(payload, 'aud').length > 1) return undefined;
  const client = name === undefined ? undefined : find(name);
  const bearer = principalOf[kind](payload, client);
  const principal = bearer && actingParty(bearer, payload, (person) => subjectOfPerson[kind](person));
  return principal === undefined ? undefined : { principal, client };
}
