/** The setting HDE_TOKEN_SIGNING_KEY: what signs the tokens that the exchange issues. */
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import type { SigningKey } from '../adapters/auth/sign-token.js';
import type { TokenIssuer } from '../adapters/auth/token-verifier.js';
import { readJson } from './read-json.js';

/** The exchange as an issuer of tokens for SMART backend services. */
export interface TokenService {
  /** Address of the exchange. */
  readonly issuer: string;
  /** Address of the FHIR API, for which its tokens are. */
  readonly audience: string;
  readonly tokenUrl: string;
  readonly jwksUrl: string;
  /** The first signs; the others are still published, for tokens that they signed. */
  readonly keys: readonly [SigningKey, ...SigningKey[]];
}

/** @param publicUrl without a slash at its end */
export const tokenServiceAt = (publicUrl: string, keys: TokenService['keys']): TokenService => ({
  issuer: publicUrl,
  audience: `${publicUrl}/fhir`,
  tokenUrl: `${publicUrl}/smart/token`,
  jwksUrl: `${publicUrl}/smart/jwks`,
  keys,
});

/** Our own tokens come back to us. */
export const issuerOfService = ({ issuer, audience, keys }: TokenService): TokenIssuer => ({
  ...{ issuer, audience, kind: 'smart' },
  keys: { kind: 'own', jwks: publishedKeys(keys) },
  algorithms: [...new Set(keys.map(({ alg }) => alg))],
});

/** A JWK set (RFC 7517 section 5) of the public parts. */
export const publishedKeys = (keys: readonly SigningKey[]) => ({
  keys: keys.map(({ publicJwk }) => publicJwk),
});

/**
 * Reads one private JWK, or a set of them of which the first signs.
 *
 * @throws Error that says what is wrong, and nothing of the key
 */
export function readSigningKeys(text: string): TokenService['keys'] {
  const json = readJson(text) as { readonly keys?: unknown } | null;
  const [first, ...others] = Array.isArray(json?.keys) ? (json.keys as unknown[]) : [json];
  return [readSigningKey(first), ...others.map(readSigningKey)];
}

const curves: Readonly<Record<string, string>> = { 'P-256': 'ES256', 'P-384': 'ES384' };

function readSigningKey(json: unknown): SigningKey {
  const privateJwk = json as SigningKey['privateJwk'];
  const publicPart = publicPartOf(privateJwk);
  const { kty, crv, x, y, n, e } = publicPart;
  const alg = kty === 'RSA' ? 'RS384' : curves[crv ?? ''];
  const isStrong = kty !== 'RSA' || Buffer.from(n ?? '', 'base64url').byteLength >= 256;
  if (alg === undefined || !isStrong)
    throw new Error('is no key of P-256, P-384, or RSA with at least 2048 bits');
  // RFC 7638: the required members, in the order of the alphabet.
  const members = kty === 'RSA' ? { e, kty, n } : { crv, kty, x, y };
  const kid = createHash('sha256').update(JSON.stringify(members)).digest('base64url');
  return { kid, alg, privateJwk, publicJwk: { ...publicPart, kid, alg, use: 'sig' } };
}

function publicPartOf(privateJwk: SigningKey['privateJwk']): SigningKey['publicJwk'] {
  try {
    const key = createPrivateKey({ key: privateJwk as never, format: 'jwk' });
    return createPublicKey(key).export({ format: 'jwk' });
  } catch {
    throw new Error('is no private key as a JWK (RFC 7517)');
  }
}
