import { createHash } from 'node:crypto';
import {
  createLocalJWKSet,
  decodeJwt,
  errors as joseErrors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import { ExchangeError } from '../../core/errors.js';
import type { ClientKeys, RegisteredClient } from '../../core/governance/access-policy.js';
import type { ReplayStore } from '../../ports/replay-store.js';
import { certificateReader, demandCertificate } from './client-certificates.js';
import { clientFinder } from './find-client.js';
import { KeysUnavailable, remoteKeys, type KeySource } from './remote-keys.js';

export interface AssertionSettings {
  readonly clients: readonly RegisteredClient[];
  /** Address of the token endpoint: the audience of assertions. */
  readonly tokenUrl: string;
}

/** Those that SMART App Launch 2 asks of servers. */
const assertionAlgorithms = ['RS384', 'ES384'] as const;

const clockToleranceSeconds = 30;
/** From when it is used: SMART App Launch 2, "Client Authentication: Asymmetric". */
const longestSeconds = 300;
const maxLength = 16_384;
const maxIdLength = 200;

/**
 * Makes what finds out which registered client an assertion proves (RFC 7523 section 3). It is good once, for five
 * minutes at most, and for this token endpoint. Whoever is not registered asks no endpoint and leaves nothing behind,
 * and a bad signature is not told from an unknown client.
 */
export function createClientAuthenticator(
  { clients, tokenUrl }: AssertionSettings,
  replays: ReplayStore,
  source: KeySource = { fetch, now: Date.now },
) {
  const find = clientFinder(clients, undefined);
  const keysOf = keysByClient(source);
  const thumbprintOf = certificateReader();
  const verify = async (assertion: string): Promise<{ client: RegisteredClient; payload: JWTPayload }> => {
    if (assertion.length > maxLength) throw new joseErrors.JWTInvalid('too long');
    const client = find(decodeJwt(assertion).iss ?? '');
    if (client?.keys === undefined) throw new joseErrors.JWTInvalid('of nobody');
    const { payload } = await jwtVerify(assertion, keysOf(client.id, client.keys), {
      ...{ issuer: client.id, subject: client.id, audience: tokenUrl, typ: 'JWT' },
      algorithms: [...assertionAlgorithms],
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(source.now()),
      requiredClaims: ['exp', 'jti'],
    });
    return { client, payload };
  };
  /** @throws ExchangeError HDE_CLIENT_REFUSED, HDE_CERTIFICATE_NEEDED, HDE_DEPENDENCY_UNAVAILABLE */
  return async (assertion: string, certificate: string | undefined) => {
    const { client, payload } = await verify(assertion).catch(refuse);
    const thumbprint = client.certificates.length === 0 ? undefined : thumbprintOf(certificate, source.now());
    demandCertificate({ registered: client.certificates, bound: undefined }, thumbprint);
    await requireFirstUse(client, payload, replays, source.now());
    return { client, thumbprint };
  };
}

async function requireFirstUse(
  { id }: RegisteredClient,
  payload: JWTPayload,
  replays: ReplayStore,
  now: number,
): Promise<void> {
  const { jti, exp = 0 } = payload as { readonly jti?: unknown; readonly exp?: number };
  // A NumericDate may have a fraction (RFC 7519 section 2).
  const seconds = Math.ceil(exp) - Math.floor(now / 1000);
  if (seconds > longestSeconds + clockToleranceSeconds)
    throw refusalFor('exp', `lies more than ${longestSeconds} seconds ahead`);
  if (typeof jti !== 'string' || jti === '' || jti.length > maxIdLength)
    throw refusalFor('jti', `has to be a text of at most ${maxIdLength} characters`);
  const name = createHash('sha256')
    .update(JSON.stringify([id, jti]))
    .digest('hex');
  // As long as the assertion would be taken, and the clock of the database may be behind.
  const isFirst = await replays.useOnce(name, seconds + 3 * clockToleranceSeconds);
  if (!isFirst) throw refusalFor('jti', 'was used before');
}

function keysByClient(source: KeySource): (id: string, keys: ClientKeys) => JWTVerifyGetKey {
  const known = new Map<string, JWTVerifyGetKey>();
  return (id, keys) => {
    const found = known.get(id) ?? openKeys(keys, source);
    known.set(id, found);
    return found;
  };
}

const openKeys = (keys: ClientKeys, source: KeySource): JWTVerifyGetKey =>
  keys.kind === 'address'
    ? remoteKeys(keys.jwksUri, source)
    : createLocalJWKSet(keys.jwks as unknown as Parameters<typeof createLocalJWKSet>[0]);

const refusalFor = (claim: string, detail: string) =>
  new ExchangeError('HDE_CLIENT_REFUSED', { detail: `the claim ${claim} ${detail}` });

/** Claims are looked at after the signature: only who has the key is told which one is wrong. */
function refuse(error: unknown): never {
  if (error instanceof KeysUnavailable)
    throw new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE', {
      ...{ cause: error, detail: 'keys of the client', retryAfterSeconds: 5 },
    });
  if (error instanceof joseErrors.JWTExpired || error instanceof joseErrors.JWTClaimValidationFailed)
    throw refusalFor(error.claim, 'is missing, or not what it has to be');
  throw new ExchangeError('HDE_CLIENT_REFUSED', { cause: error });
}
