import { createRemoteJWKSet, customFetch, errors as joseErrors, jwtVerify, type JWTPayload } from 'jose';
import { ExchangeError } from '../../core/errors.js';
import {
  noClaims,
  roles,
  type AccessClaims,
  type Principal,
  type Role,
} from '../../core/governance/access.js';
import { purposeOf } from '../../core/governance/access-vocabulary.js';
import { parseScopes } from '../../core/governance/smart-scopes.js';
import { rememberTokens, type VerifiedToken } from './remember-tokens.js';
import { spareEndpoint } from './spare-endpoint.js';

export interface TokenSettings {
  /** Exact `iss` of acceptable tokens. */
  readonly issuer: string;
  /** Exact `aud` of acceptable tokens. */
  readonly audience: string;
  /** Where the issuer publishes its keys. */
  readonly jwksUri: string;
}

/** Answers who a bearer token speaks for, or throws HDE_UNAUTHENTICATED. */
export type TokenVerifier = (token: string) => Promise<Principal>;

/** Asymmetric algorithms only: with a shared secret anyone who can verify could also sign. */
const algorithms = ['RS256', 'PS256', 'ES256'];
const clockToleranceSeconds = 30;

/** Between requests for keys, whether an unknown key id or a failure asks for them. */
const pauseMs = 5_000;

/** What header lines hold; a longer token is not even looked at. */
const maxTokenLength = 16_384;

/**
 * Verifies signed tokens against the issuer's published keys, which are cached and fetched again when an unknown key
 * id appears; what was found of a token is remembered for a minute (`rememberTokens`). Roles are the `roles` claim (Entra ID application roles); a sender's feeds are roles of the form
 * `feed:<id>`.
 */
export function createTokenVerifier({ issuer, audience, jwksUri }: TokenSettings): TokenVerifier {
  const keys = createRemoteJWKSet(new URL(jwksUri), {
    cooldownDuration: pauseMs,
    timeoutDuration: 5000,
    [customFetch]: spareEndpoint(fetch, pauseMs, Date.now),
  });
  const verify = async (token: string): Promise<VerifiedToken> => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms,
        clockTolerance: clockToleranceSeconds,
        requiredClaims: ['exp', 'sub'],
      });
      requireSubject(payload);
      const expiresAt = ((payload.exp ?? 0) + clockToleranceSeconds) * 1000;
      return { principal: principalOf(payload), expiresAt };
    } catch (error) {
      if (error instanceof joseErrors.JWKSTimeout || isFetchFailure(error)) {
        throw new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE', {
          cause: error,
          detail: 'token issuer',
          retryAfterSeconds: 5,
        });
      }
      throw new ExchangeError('HDE_UNAUTHENTICATED', { cause: error, detail: faultOf(error) });
    }
  };
  const verifyOnce = rememberTokens(verify, () => Date.now());
  return (token) =>
    token.length > maxTokenLength
      ? Promise.reject(new ExchangeError('HDE_UNAUTHENTICATED', { detail: 'the token is too long' }))
      : verifyOnce(token);
}

/** @throws JWTClaimValidationFailed: who is nobody may do nothing */
function requireSubject(payload: JWTPayload): void {
  const { sub } = payload as { readonly sub?: unknown };
  if (typeof sub !== 'string' || sub.trim() === '')
    throw new joseErrors.JWTClaimValidationFailed('"sub" claim is empty', payload, 'sub', 'check_failed');
}

/** What is wrong with a token, as far as its bearer may know: never what would have been right (RFC 6750 section 3.1). */
function faultOf(error: unknown): string {
  if (error instanceof joseErrors.JWTExpired) return 'the token has expired';
  if (error instanceof joseErrors.JWTClaimValidationFailed)
    return `the claim ${error.claim} of the token is missing or not the one that is configured`;
  if (error instanceof joseErrors.JWSInvalid || error instanceof joseErrors.JWTInvalid)
    return 'what was sent is not a token';
  return 'the token is not signed by the configured issuer';
}

/** The keys could not be fetched: that says nothing about the token. */
function isFetchFailure(error: unknown): boolean {
  if (error instanceof joseErrors.JOSEError) return error.code === 'ERR_JOSE_GENERIC';
  return error instanceof TypeError;
}

function principalOf(payload: JWTPayload): Principal {
  const claimed = Array.isArray(payload['roles'])
    ? payload['roles'].filter((role) => typeof role === 'string')
    : [];
  return {
    subject: payload.sub ?? '',
    claims: claimsOf(claimed),
    roles: claimed.filter((role): role is Role => (roles as readonly string[]).includes(role)),
    feeds: claimed.filter((role) => role.startsWith('feed:')).map((role) => role.slice('feed:'.length)),
  };
}

/**
 * What application roles of Entra ID say: `org:<ODS code>`, `purpose:<purpose>`, and the scopes that the roles reader and
 * writer stand for.
 */
function claimsOf(claimed: readonly string[]): AccessClaims {
  const named = (prefix: string) =>
    claimed.filter((role) => role.startsWith(prefix)).map((role) => role.slice(prefix.length));
  const organisations = named('org:');
  return {
    ...noClaims,
    organisation: organisations.length === 1 ? organisations[0] : undefined,
    scopes: parseScopes(
      [
        ...(claimed.includes('reader') ? ['system/*.rs'] : []),
        ...(claimed.includes('writer') ? ['system/*.cud'] : []),
      ].join(' '),
    ),
    assurance: 1,
    purposes: named('purpose:').flatMap((purpose) => purposeOf(purpose) ?? []),
  };
}
