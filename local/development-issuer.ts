/**
 * Plays the token issuers on a developer's machine: Entra ID, NHS login and CIS2, each with keys below the state folder
 * and a JWKS endpoint, and a backend service that publishes its key. Never part of a deployment.
 */
import { createServer, type Server } from 'node:http';
import { importJWK, SignJWT } from 'jose';
import { requestBackendToken } from './issuer/backend-token.js';
import { claimsOf, signerOf, type DevelopmentClaims } from './issuer/claims.js';
import { developmentKey, keyAlgorithms, keyIdOf, publicKeyOf, type KeyOwner } from './issuer/keys.js';

export { developmentAudience, developmentIssuer, type DevelopmentClaims } from './issuer/claims.js';

export interface MintOptions {
  /** State folder that holds the keys; default `.local`. */
  readonly stateDir?: string;
  /** Seconds until the token expires; default eight hours. Those of backend services last five minutes. */
  readonly lifetimeSeconds?: number;
  /** Of the exchange, where backend services get their tokens; default the local stack. */
  readonly url?: string;
}

/** A signed token that the local stack accepts. */
export async function mintDevelopmentToken(
  claims: DevelopmentClaims,
  options: MintOptions = {},
): Promise<string> {
  const { stateDir = '.local', lifetimeSeconds = 8 * 3600, url = 'http://127.0.0.1:7071' } = options;
  if (claims.as === 'smart') return requestBackendToken(url, claims.scope ?? 'system/*.rs', stateDir);
  const owner = signerOf(claims.as ?? 'entra');
  const alg = keyAlgorithms[owner];
  return new SignJWT(claimsOf(claims))
    .setProtectedHeader({ alg, kid: keyIdOf(owner) })
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + lifetimeSeconds)
    .sign(await importJWK(await developmentKey(stateDir, owner), alg));
}

/** Where each owner publishes its keys. */
const published: Readonly<Record<string, KeyOwner>> = {
  '/jwks': 'entra',
  '/nhs-login/jwks': 'nhs-login',
  '/cis2/jwks': 'cis2',
  '/client/jwks': 'client',
};

/** Serves the public keys on 127.0.0.1. */
export async function startDevelopmentIssuer(stateDir: string, port: number): Promise<Server> {
  const bodies = new Map<string | undefined, string>();
  for (const [path, owner] of Object.entries(published))
    bodies.set(path, JSON.stringify({ keys: [await publicKeyOf(stateDir, owner)] }));
  const server = createServer((request, response) => {
    const body = bodies.get(request.url);
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(body ?? '{}');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}
