/** Tokens that were found good, for a while: to check a signature costs more than to read a record. */
import { hash } from 'node:crypto';
import type { Principal } from '../../core/governance/access.js';
import type { CertificateDemand } from './client-certificates.js';

/** A token that was verified. */
export interface VerifiedToken {
  readonly principal: Principal;
  /** What has to come with each request; undefined: nothing. */
  readonly demand: CertificateDemand | undefined;
  /** Milliseconds since 1970 from which it is good no more. */
  readonly expiresAt: number;
}

/** A key that an issuer withdraws is trusted this much longer at most. */
const rememberedMs = 60_000;

const capacity = 1_000;

/**
 * Verifies each token once a minute. What is refused is not remembered, and no token is kept, only its hash; what is
 * remembered no longer is dropped with the next token that is verified.
 *
 * @param now milliseconds since 1970
 */
export function rememberTokens(
  verify: (token: string) => Promise<VerifiedToken>,
  now: () => number,
): (token: string) => VerifiedToken | Promise<VerifiedToken> {
  const remembered = new Map<string, { readonly verified: VerifiedToken; readonly until: number }>();
  const verifyNow = async (token: string, key: string): Promise<VerifiedToken> => {
    const verified = await verify(token);
    for (const [each, { until }] of remembered) if (until <= now()) remembered.delete(each);
    if (remembered.size >= capacity) remembered.clear();
    remembered.set(key, { verified, until: Math.min(verified.expiresAt, now() + rememberedMs) });
    return verified;
  };
  return (token) => {
    const key = hash('sha256', token, 'base64');
    const known = remembered.get(key);
    return known !== undefined && now() < known.until ? known.verified : verifyNow(token, key);
  };
}
