/** The token endpoint behind the HTTP edge, in a process whose replay store is in memory; keys go over the wire. */
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { createClientAuthenticator } from '../../../src/adapters/auth/client-assertions.js';
import { createTokenSigner } from '../../../src/adapters/auth/sign-token.js';
import { createTokenVerifier, type TokenVerifier } from '../../../src/adapters/auth/token-verifier.js';
import { createMemoryReplayStore } from '../../../src/adapters/memory/replay-store.js';
import type { AuditEntry } from '../../../src/core/governance/audit/entry.js';
import { readConfig, type Config } from '../../../src/platform/config.js';
import { useContainer, type Container } from '../../../src/platform/container.js';
import { httpEdge } from '../../../src/platform/http.js';
import { createRateLimits } from '../../../src/platform/rate-limit.js';
import { smartTokenRoute } from '../../../src/platform/smart.js';
import { noTelemetry } from '../../../src/platform/telemetry/telemetry.js';
import { makeCertificate } from '../../support/certificate.js';
import {
  makeKey,
  seconds,
  sign,
  startKeyEndpoint,
  type KeyEndpoint,
  type SigningKey,
} from './key-endpoint.js';

export const publicUrl = 'https://hde.example';
export const tokenUrl = `${publicUrl}/smart/token`;
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const day = 86_400_000;
/** Of the client `careful`. */
export const certificate = makeCertificate('careful', new Date(Date.now() - day), new Date(Date.now() + day));

const sample = (
  JSON.parse(readFileSync('local.settings.sample.json', 'utf8')) as { Values: Record<string, string> }
).Values;

const privateJwk = (alg: string) => {
  const { privateKey } =
    alg === 'ES384'
      ? generateKeyPairSync('ec', { namedCurve: 'P-384' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ format: 'jwk' });
};
/** Keys by which the exchange signs its tokens: the first one signs. */
export const signingKeys = JSON.stringify({ keys: [privateJwk('ES384'), privateJwk('RS384')] });

/** The access policy of the sample with other clients. */
export const policyWith = (clients: readonly object[]): string =>
  JSON.stringify({ ...(JSON.parse(sample['HDE_ACCESS_POLICY'] ?? '') as object), clients });

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Record<string, string>;
}

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Sends a form, or a body as it is. */
export async function send(
  fields: Record<string, string> | string,
  headers: Record<string, string> = {},
  route = smartTokenRoute,
): Promise<Answer> {
  const body = typeof fields === 'string' ? fields : new URLSearchParams(fields).toString();
  const given = new Headers({ 'content-type': 'application/x-www-form-urlencoded', ...headers });
  const chunks = {
    async *[Symbol.asyncIterator]() {
      yield await Promise.resolve(Buffer.from(body));
    },
  };
  const answer = await httpEdge(route)(
    { method: 'POST', url: `http://host/${route.name}`, headers: given, body: chunks },
    silent,
  );
  const text = typeof answer.body === 'string' ? answer.body : '{}';
  return {
    status: answer.status ?? 0,
    headers: { ...answer.headers },
    body: JSON.parse(text) as Record<string, string>,
  };
}

/** Asks for a token with an assertion. */
export const ask = async (
  client_assertion: string | Promise<string>,
  others: Record<string, string> = {},
  headers = {},
) =>
  send(
    {
      ...{ grant_type: 'client_credentials', client_assertion_type: assertionType, scope: 'system/*.rs' },
      client_assertion: await client_assertion,
      ...others,
    },
    headers,
  );

let made = 0;
/** What a good assertion says. */
export const good = (client = 'backend') => ({
  ...{ iss: client, sub: client, aud: tokenUrl, exp: seconds() + 290, jti: `j${made++}` },
});

/** The endpoint under test: what it was told, and keys of its clients. */
export class TokenEndpoint {
  /** Of all clients; of `backend` also `rsa`; of nobody `other`, though it is called as `key` is. */
  key!: SigningKey;
  rsa!: SigningKey;
  other!: SigningKey;
  /** Where the client `remote` publishes its keys. */
  keys!: KeyEndpoint;
  /** Verifies tokens as the exchange does. */
  verify!: TokenVerifier;
  /** Names of assertions whose use was asked of the replay store, and for how long they stay used, in seconds. */
  asked: string[] = [];
  lifetimes: number[] = [];
  recorded: AuditEntry[] = [];

  configOf(others: Record<string, string | undefined> = {}): Config {
    const row = { organisation: 'RZZ', purposes: ['direct-care'], scopes: 'system/*.rs system/Patient.u' };
    const clients = [
      { ...row, id: 'backend', jwks: { keys: [this.key.jwk, this.rsa.jwk] } },
      { ...row, id: 'remote', jwksUri: this.keys.jwksUri },
      { ...row, id: 'careful', jwks: { keys: [this.key.jwk] }, certificates: [certificate.thumbprint] },
      { ...row, id: 'elsewhere', issuer: 'https://issuer.example' },
    ];
    return readConfig({
      ...sample,
      HDE_PUBLIC_URL: publicUrl,
      HDE_TOKEN_SIGNING_KEY: signingKeys,
      HDE_ACCESS_POLICY: policyWith(clients),
      ...others,
    });
  }

  /** Starts anew, with a replay store that counts. */
  arrange(config: Config): void {
    const replays = createMemoryReplayStore();
    const { tokenService, accessPolicy } = config;
    const counting = {
      useOnce: (name: string, forSeconds: number) => {
        this.asked.push(name);
        this.lifetimes.push(forSeconds);
        return replays.useOnce(name, forSeconds);
      },
    };
    const authenticate = createClientAuthenticator({ clients: accessPolicy.clients, tokenUrl }, counting);
    const record = (entry: AuditEntry) => {
      this.recorded.push(entry);
      return Promise.resolve();
    };
    const container: Partial<Container> = {
      config,
      reportPressure: () => undefined,
      rateLimits: createRateLimits(1e6, () => 0),
      telemetry: noTelemetry,
      clock: { now: () => new Date() },
      auditTrail: () => Promise.resolve({ record }),
      tokenDependencies: () =>
        Promise.resolve({
          authenticate,
          sign: createTokenSigner({ ...tokenService!, key: tokenService!.keys[0] }),
        }),
    };
    useContainer(container as Container);
    this.verify = createTokenVerifier({ issuers: config.issuers, clients: accessPolicy.clients });
  }

  /** An assertion of `backend`, but for what is said otherwise. */
  assertion(claims: object = {}, header: object = {}, signing = this.key): Promise<string> {
    return sign(signing, { ...good(), ...claims }, { typ: 'JWT', ...header });
  }
}

/** An endpoint for the tests of a file, which begins anew with each of them. */
export function useTokenEndpoint(): TokenEndpoint {
  const endpoint = new TokenEndpoint();
  beforeAll(async () => {
    [endpoint.key, endpoint.rsa, endpoint.other] = await Promise.all([
      makeKey('c1', 'ES384'),
      makeKey('c2', 'RS384'),
      makeKey('c1', 'ES384'),
    ]);
    endpoint.keys = await startKeyEndpoint([endpoint.key.jwk]);
  });
  beforeEach(() => {
    endpoint.asked = [];
    endpoint.recorded = [];
    endpoint.lifetimes = [];
    endpoint.arrange(endpoint.configOf());
  });
  afterAll(() => endpoint.keys.close());
  return endpoint;
}
