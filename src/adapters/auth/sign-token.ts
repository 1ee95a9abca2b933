import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT, type CryptoKey, type JWK } from 'jose';

/** A private key of ours, and what others verify its signatures by. */
export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateJwk: JWK;
  readonly publicJwk: JWK;
}

/** Whose tokens are signed, and for whom. */
export interface SigningSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly key: SigningKey;
}

/** What a token for a client says (`TokenClaims` of the use case). */
interface Claims {
  readonly client: string;
  readonly scope: string;
  readonly thumbprint: string | undefined;
  readonly lifetimeSeconds: number;
}

/** Makes what signs access tokens for clients (RFC 9068). */
export function createTokenSigner(
  { issuer, audience, key }: SigningSettings,
  now: () => number = Date.now,
): (claims: Claims) => Promise<string> {
  const { alg, kid, privateJwk } = key;
  let imported: Promise<CryptoKey | Uint8Array> | undefined;
  return async ({ client, scope, thumbprint, lifetimeSeconds }) => {
    imported ??= importJWK(privateJwk, alg);
    const seconds = Math.floor(now() / 1000);
    const bond =
      thumbprint === undefined
        ? {}
        : { cnf: { 'x5t#S256': Buffer.from(thumbprint, 'hex').toString('base64url') } };
    return new SignJWT({ client_id: client, scope, ...bond })
      .setProtectedHeader({ alg, kid, typ: 'at+jwt' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(client)
      .setJti(randomUUID())
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + lifetimeSeconds)
      .sign(await imported);
  };
}
