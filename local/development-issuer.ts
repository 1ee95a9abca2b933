/**
 * Plays the token issuer on a developer's machine: a key pair below the state folder, a JWKS endpoint, and tokens for
 * any role. Never part of a deployment.
 */
import { createServer, type Server } from 'node:http';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';

export const developmentIssuer = 'http://localhost/hde-development-issuer';
export const developmentAudience = 'api://hde';
const keyId = 'development';
const algorithm = 'RS256';

export interface DevelopmentClaims {
  /** `sender`, `reader`, `operator`. */
  readonly roles: readonly string[];
  /** Feeds a sender may post to. */
  readonly feeds?: readonly string[];
  readonly subject?: string;
  /** ODS code of the organisation that the subject acts for; default that of the sample trust. */
  readonly organisation?: string;
  /** What records are wanted for; default direct care. */
  readonly purposes?: readonly string[];
}

export interface MintOptions {
  /** State folder that holds the key; default `.local`. */
  readonly stateDir?: string;
  /** Seconds until the token expires; default eight hours. */
  readonly lifetimeSeconds?: number;
}

/** A signed token that the local stack accepts. */
export async function mintDevelopmentToken(
  claims: DevelopmentClaims,
  options: MintOptions = {},
): Promise<string> {
  const { stateDir = '.local', lifetimeSeconds = 8 * 3600 } = options;
  const key = await importJWK(await developmentKey(stateDir), algorithm);
  const feeds = (claims.feeds ?? []).map((feed) => `feed:${feed}`);
  const { organisation = 'RZZ', purposes = ['direct-care'] } = claims;
  const access = [`org:${organisation}`, ...purposes.map((purpose) => `purpose:${purpose}`)];
  const expires = Math.floor(Date.now() / 1000) + lifetimeSeconds;
  return new SignJWT({ roles: [...claims.roles, ...feeds, ...access] })
    .setProtectedHeader({ alg: algorithm, kid: keyId })
    .setIssuer(developmentIssuer)
    .setAudience(developmentAudience)
    .setSubject(claims.subject ?? 'developer')
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(key);
}

/** Serves the public key at `/jwks` on 127.0.0.1. */
export async function startDevelopmentIssuer(stateDir: string, port: number): Promise<Server> {
  const { kty, n, e } = await developmentKey(stateDir);
  const body = JSON.stringify({ keys: [{ kty, n, e, kid: keyId, alg: algorithm, use: 'sig' }] });
  const server = createServer((request, response) => {
    const found = request.url === '/jwks';
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(found ? body : '{}');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

/** The private key, made on first use. Two processes that start at once agree: the file is created only once. */
async function developmentKey(stateDir: string): Promise<JWK> {
  const file = join(stateDir, 'issuer', 'private-key.json');
  const existing = await readKey(file);
  if (existing !== undefined) return existing;
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  await mkdir(join(stateDir, 'issuer'), { recursive: true });
  try {
    await writeFile(file, JSON.stringify(await exportJWK(privateKey)), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const key = await readKey(file);
  if (key === undefined) throw new Error(`The development key at ${file} cannot be read.`);
  return key;
}

async function readKey(file: string): Promise<JWK | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as JWK;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
