import { createRemoteJWKSet, errors as joseErrors, jwtVerify, type JWTPayload } from 'jose';
import { ExchangeError } from '../../core/errors.js';
import { roles, type Principal, type Role } from '../../core/governance/access.js';
import { rememberTokens, type VerifiedToken } from './remember-tokens.js';

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

/**
 * Verifies signed tokens against the issuer's published keys, which are cached and fetched again when an unknown key
 * id appears; what was found of a token is remembered for a minute (`rememberTokens`). Roles are the `roles` claim (Entra ID application roles); a sender's feeds are roles of the form
 * `feed:<id>`.
 */
export function createTokenVerifier({ issuer, audience, jwksUri }: TokenSettings): TokenVerifier {
  const keys = createRemoteJWKSet(new URL(jwksUri), { cooldownDuration: 5000, timeoutDuration: 5000 });
  const verify = async (token: string): Promise<VerifiedToken> => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms,
        clockTolerance: clockToleranceSeconds,
        requiredClaims: ['exp', 'sub'],
      });
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
  return rememberTokens(verify, () => Date.now());
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
    roles: claimed.filter((role): role is Role => (roles as readonly string[]).includes(role)),
    feeds: claimed.filter((role) => role.startsWith('feed:')).map((role) => role.slice('feed:'.length)),
  };
}
