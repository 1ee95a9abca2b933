/** A key endpoint over the wire, which counts how often it is asked. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';

export interface KeyEndpoint {
  readonly jwksUri: string;
  /** Requests until now. */
  asked(): number;
  /** What it answers from now on. */
  answer(status: number, keys?: readonly JWK[]): void;
  close(): Promise<void>;
}

export async function startKeyEndpoint(keys: readonly JWK[]): Promise<KeyEndpoint> {
  let asked = 0;
  let current = { status: 200, keys };
  const server = createServer((_, response) => {
    asked++;
    response.writeHead(current.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: current.keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    jwksUri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    asked: () => asked,
    answer(status, others = keys) {
      current = { status, keys: others };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  /** Public. */
  readonly jwk: JWK;
}

export async function makeKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

export const issuer = 'https://issuer.example';
export const audience = 'api://hde';
export const seconds = (): number => Math.floor(Date.now() / 1000);

/** Claims of a good token. */
export const goodClaims = (): Record<string, unknown> => ({
  iss: issuer,
  aud: audience,
  sub: 'app-1',
  iat: seconds(),
  exp: seconds() + 600,
  roles: ['reader'],
});

/** Signs claims that may be wrong, with a header that may be. */
export function sign(
  key: SigningKey,
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  return new SignJWT({ ...goodClaims(), ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: key.kid, ...header })
    .sign(key.privateKey);
}
