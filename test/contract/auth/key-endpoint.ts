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
  readonly alg: string;
  readonly privateKey: CryptoKey;
  /** Public. */
  readonly jwk: JWK;
}

export async function makeKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

export const seconds = (): number => Math.floor(Date.now() / 1000);

type Claims = Readonly<Record<string, unknown>>;

/** Signs claims that may be wrong, with a header that may be. */
export function sign(key: SigningKey, claims: Claims, header: Claims = {}): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: key.alg, kid: key.kid, ...header })
    .sign(key.privateKey);
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token without a library that would refuse to make it. */
export const forge = (header: unknown, claims: unknown, signature = '') =>
  `${encode(header)}.${encode(claims)}.${signature}`;
