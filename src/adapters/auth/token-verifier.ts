import {
  createLocalJWKSet,
  decodeJwt,
  errors as joseErrors,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import { ExchangeError } from '../../core/errors.js';
import type { Principal } from '../../core/governance/access.js';
import type { RegisteredClient } from '../../core/governance/access-policy.js';
import { withinBounds, type IssuerBounds } from '../../core/governance/claims/issuer-bounds.js';
import { principalOfToken, type IssuerKind } from '../../core/governance/claims/principal-of-token.js';
import { confirmationOf } from '../../core/governance/claims/token-payload.js';
import { certificateReader, demandCertificate } from './client-certificates.js';
import { clientFinder } from './find-client.js';
import { rememberTokens, type VerifiedToken } from './remember-tokens.js';
import { KeysUnavailable, remoteKeys, type KeySource } from './remote-keys.js';

/** Whose tokens are acceptable. */
export interface TokenIssuer {
  /** Exact `iss` of its tokens. */
  readonly issuer: string;
  /** Exact `aud` of those that are for us. */
  readonly audience: string;
  readonly kind: IssuerKind;
  /** Where it publishes its keys, or our own. */
  readonly keys:
    | { readonly kind: 'address'; readonly jwksUri: string }
    | { readonly kind: 'own'; readonly jwks: JSONWebKeySet };
  /** Default those that issuers of its kind sign with. */
  readonly algorithms?: readonly string[] | undefined;
  /** Default none: whatever its tokens claim. */
  readonly bounds?: IssuerBounds | undefined;
}

export interface VerifierSettings {
  readonly issuers: readonly TokenIssuer[];
  readonly clients: readonly RegisteredClient[];
}

/**
 * Answers who a bearer token speaks for, at once where that is known; refusals are promises. The second argument is what the
 * gateway forwards as the client's certificate.
 *
 * @throws ExchangeError HDE_UNAUTHENTICATED, HDE_CERTIFICATE_NEEDED, or HDE_DEPENDENCY_UNAVAILABLE when the keys of its
 * issuer cannot be had
 */
export type TokenVerifier = (token: string, certificate?: string) => Principal | Promise<Principal>;

/** What issuers of a kind sign with, where the settings do not say so. */
const algorithmsOf: Readonly<Record<IssuerKind, readonly string[]>> = {
  entra: ['RS256', 'PS256', 'ES256'],
  smart: ['RS384', 'ES384', 'RS256', 'ES256'],
  'nhs-login': ['RS512'],
  cis2: ['RS256'],
};

const clockToleranceSeconds = 30;

/** What header lines hold; a longer token is not even looked at. */
const maxTokenLength = 16_384;

/**
 * Verifies signed tokens of several issuers. The issuer that a token names picks the keys, algorithms and audience
 * before any of them is used, and an unknown one asks no endpoint; what its claims mean follows from the kind of the
 * issuer. What was found of a token is remembered for a minute (`rememberTokens`); certificates are looked at each time.
 */
export function createTokenVerifier(
  { issuers, clients }: VerifierSettings,
  source: KeySource = { fetch, now: Date.now },
): TokenVerifier {
  const verifiers = new Map(
    issuers.map((issuer) => [issuer.issuer, verifierOf(issuer, clients, source)] as const),
  );
  const verify = async (token: string): Promise<VerifiedToken> => {
    try {
      const verifyHere = verifiers.get(issuerOf(token));
      if (verifyHere === undefined) throw unknownIssuer;
      return await verifyHere(token);
    } catch (error) {
      throw failureOf(error);
    }
  };
  const verifyOnce = rememberTokens(verify, source.now);
  const thumbprintOf = certificateReader();
  const admit = async (
    verified: VerifiedToken | Promise<VerifiedToken>,
    certificate: string | undefined,
  ): Promise<Principal> => {
    const { principal, demand } = await verified;
    if (demand === undefined) return principal;
    demandCertificate(demand, thumbprintOf(certificate, source.now()));
    return withSecondFactor(principal);
  };
  return (token, certificate) => {
    if (token.length > maxTokenLength)
      return Promise.reject(new ExchangeError('HDE_UNAUTHENTICATED', { detail: 'the token is too long' }));
    const verified = verifyOnce(token);
    const isKnown = !(verified instanceof Promise) && verified.demand === undefined;
    return isKnown ? verified.principal : admit(verified, certificate);
  };
}

/** The issuer that a token claims, before anything of it is known to be true. */
const issuerOf = (token: string): string => decodeJwt(token).iss ?? '';

const unknownIssuer = new joseErrors.JOSEError('no configured issuer');

function verifierOf(
  issuer: TokenIssuer,
  clients: readonly RegisteredClient[],
  source: KeySource,
): (token: string) => Promise<VerifiedToken> {
  const { kind, keys, algorithms = algorithmsOf[kind], bounds = {} } = issuer;
  const find = clientFinder(clients, keys.kind === 'own' ? undefined : issuer.issuer);
  const findKey: JWTVerifyGetKey =
    keys.kind === 'own' ? createLocalJWKSet(keys.jwks) : remoteKeys(keys.jwksUri, source);
  const options = {
    issuer: issuer.issuer,
    audience: issuer.audience,
    algorithms: [...algorithms],
    clockTolerance: clockToleranceSeconds,
    requiredClaims: ['exp', 'sub'],
    // What else we sign is no access token (RFC 9068 section 2.1).
    ...(keys.kind === 'own' ? { typ: 'at+jwt' } : {}),
  };
  return async (token) => {
    const currentDate = new Date(source.now());
    const { payload } = await jwtVerify(token, findKey, { ...options, currentDate });
    requireSubject(payload);
    const found = principalOfToken(kind, payload, find);
    if (found === undefined) throw faultyClaim(payload, 'sub');
    const { principal, client } = found;
    const bound = confirmationOf(payload);
    const registered = client?.certificates ?? [];
    return {
      principal: withinBounds(principal, bounds),
      demand: bound === undefined && registered.length === 0 ? undefined : { registered, bound },
      expiresAt: ((payload.exp ?? 0) + clockToleranceSeconds) * 1000,
    };
  };
}

/** Two factors: what the token says, and the key of the certificate. Of people the token says how they signed in. */
function withSecondFactor(principal: Principal): Principal {
  const { claims } = principal;
  return claims.kind === 'system' ? { ...principal, claims: { ...claims, assurance: 2 } } : principal;
}

/** @throws JWTClaimValidationFailed: who is nobody may do nothing */
function requireSubject(payload: JWTPayload): void {
  const { sub } = payload as { readonly sub?: unknown };
  if (typeof sub !== 'string' || sub.trim() === '') throw faultyClaim(payload, 'sub');
}

const faultyClaim = (payload: JWTPayload, claim: string) =>
  new joseErrors.JWTClaimValidationFailed(`"${claim}" claim is of no use`, payload, claim, 'check_failed');

function failureOf(error: unknown): ExchangeError {
  if (error instanceof KeysUnavailable) {
    return new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE', {
      cause: error,
      detail: 'token issuer',
      retryAfterSeconds: 5,
    });
  }
  return new ExchangeError('HDE_UNAUTHENTICATED', { cause: error, detail: faultOf(error) });
}

/** What is wrong with a token, as far as its bearer may know: never what would have been right (RFC 6750 section 3.1). */
function faultOf(error: unknown): string {
  if (error instanceof joseErrors.JWTExpired) return 'the token has expired';
  if (error instanceof joseErrors.JWTClaimValidationFailed)
    return `the claim ${error.claim} of the token is missing or not the one that is configured`;
  if (error instanceof joseErrors.JWSInvalid || error instanceof joseErrors.JWTInvalid)
    return 'what was sent is not a token';
  return 'the token is not signed by a configured issuer';
}
