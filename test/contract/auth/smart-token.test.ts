/** The token endpoint of SMART Backend Services, and what attackers do to it: through the HTTP edge, keys over the wire. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { createClientAuthenticator } from '../../../src/adapters/auth/client-assertions.js';
import { createTokenSigner } from '../../../src/adapters/auth/sign-token.js';
import type { AuditEntry } from '../../../src/core/governance/audit/entry.js';
import { createTokenVerifier, type TokenVerifier } from '../../../src/adapters/auth/token-verifier.js';
import { createMemoryReplayStore } from '../../../src/adapters/memory/replay-store.js';
import { readConfig, type Config } from '../../../src/platform/config.js';
import { useContainer, type Container } from '../../../src/platform/container.js';
import { noTelemetry } from '../../../src/platform/telemetry/telemetry.js';
import { httpEdge } from '../../../src/platform/http.js';
import { createRateLimits } from '../../../src/platform/rate-limit.js';
import { smartConfigurationRoute, smartJwksRoute, smartTokenRoute } from '../../../src/platform/smart.js';
import { makeCertificate } from '../../support/certificate.js';
import {
  forge,
  makeKey,
  seconds,
  sign,
  startKeyEndpoint,
  type KeyEndpoint,
  type SigningKey,
} from './key-endpoint.js';

const publicUrl = 'https://hde.example';
const tokenUrl = `${publicUrl}/smart/token`;
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const day = 86_400_000;
const certificate = makeCertificate('careful', new Date(Date.now() - day), new Date(Date.now() + day));

const sample = (
  JSON.parse(readFileSync('local.settings.sample.json', 'utf8')) as { Values: Record<string, string> }
).Values;

let key: SigningKey;
let rsa: SigningKey;
let other: SigningKey;
let endpoint: KeyEndpoint;
let verify: TokenVerifier;
let asked: string[];
let recorded: AuditEntry[];
/** For how long names stay used, in seconds. */
let lifetimes: number[];

const privateJwk = (alg: string) => {
  const { privateKey } =
    alg === 'ES384'
      ? generateKeyPairSync('ec', { namedCurve: 'P-384' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ format: 'jwk' });
};
const signingKeys = JSON.stringify({ keys: [privateJwk('ES384'), privateJwk('RS384')] });

function configOf(others: Record<string, string | undefined> = {}): Config {
  const row = { organisation: 'RZZ', purposes: ['direct-care'], scopes: 'system/*.rs system/Patient.u' };
  const policy = {
    ...(JSON.parse(sample['HDE_ACCESS_POLICY'] ?? '') as object),
    clients: [
      { ...row, id: 'backend', jwks: { keys: [key.jwk, rsa.jwk] } },
      { ...row, id: 'remote', jwksUri: endpoint.jwksUri },
      { ...row, id: 'careful', jwks: { keys: [key.jwk] }, certificates: [certificate.thumbprint] },
      { ...row, id: 'elsewhere', issuer: 'https://issuer.example' },
    ],
  };
  return readConfig({
    ...sample,
    HDE_PUBLIC_URL: publicUrl,
    HDE_TOKEN_SIGNING_KEY: signingKeys,
    HDE_ACCESS_POLICY: JSON.stringify(policy),
    ...others,
  });
}

/** The container of a process whose replay store is in memory, and counts. */
function arrange(config: Config): void {
  const replays = createMemoryReplayStore();
  const { tokenService, accessPolicy } = config;
  const counting = {
    useOnce(name: string, forSeconds: number) {
      asked.push(name);
      lifetimes.push(forSeconds);
      return replays.useOnce(name, forSeconds);
    },
  };
  const authenticate = createClientAuthenticator({ clients: accessPolicy.clients, tokenUrl }, counting);
  const container: Partial<Container> = {
    config,
    reportPressure: () => undefined,
    rateLimits: createRateLimits(1e6, () => 0),
    telemetry: noTelemetry,
    clock: { now: () => new Date() },
    auditTrail: () =>
      Promise.resolve({
        record: (entry: AuditEntry) => {
          recorded.push(entry);
          return Promise.resolve();
        },
      }),
    tokenDependencies: () =>
      Promise.resolve({
        authenticate,
        sign: createTokenSigner({ ...tokenService!, key: tokenService!.keys[0] }),
      }),
  };
  useContainer(container as Container);
  verify = createTokenVerifier({ issuers: config.issuers, clients: accessPolicy.clients });
}

beforeAll(async () => {
  [key, rsa, other] = await Promise.all([
    makeKey('c1', 'ES384'),
    makeKey('c2', 'RS384'),
    makeKey('c1', 'ES384'),
  ]);
  endpoint = await startKeyEndpoint([key.jwk]);
});
beforeEach(() => {
  asked = [];
  recorded = [];
  lifetimes = [];
  arrange(configOf());
});
afterAll(() => endpoint.close());

let made = 0;
const good = (client = 'backend') => ({
  ...{ iss: client, sub: client, aud: tokenUrl, exp: seconds() + 290, jti: `j${made++}` },
});
const assertion = (claims: object = {}, header: object = {}, signing = key) =>
  sign(signing, { ...good(), ...claims }, { typ: 'JWT', ...header });

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Record<string, string>;
}

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function send(
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

const ask = async (
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

describe('a registered client', () => {
  test('gets a token of five minutes, for the scopes that it asks for and is registered for', async () => {
    const { status, headers, body } = await ask(assertion(), {
      scope: 'system/Patient.cruds system/Observation.read user/*.rs',
    });
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
    expect(body).toMatchObject({ token_type: 'bearer', expires_in: 300 });
    expect(recorded).toMatchObject([
      { interaction: 'token-issue', outcome: 'done', subject: 'smart:backend', organisation: 'RZZ' },
    ]);
    expect(body['scope']).toBe('system/Patient.rs system/Patient.u system/Observation.rs');
    const token = body['access_token'] ?? '';
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES384', typ: 'at+jwt' });
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({
      iss: publicUrl,
      aud: `${publicUrl}/fhir`,
      sub: 'backend',
      client_id: 'backend',
    });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(300);
  });

  test('may say to a fraction of a second when its assertion is over', async () => {
    expect((await ask(assertion({ exp: seconds() + 290.5 }))).status).toBe(200);
    expect(lifetimes.map(Number.isInteger)).toEqual([true]);
  });

  test('is who the policy says, when it comes with its token', async () => {
    const { body } = await ask(assertion());
    expect(await verify(body['access_token'] ?? '')).toMatchObject({
      subject: 'smart:backend',
      roles: ['reader'],
      claims: { kind: 'system', organisation: 'RZZ', purposes: ['direct-care'], assurance: 1 },
    });
  });

  test.each<[string, () => Promise<string>]>([
    ['with RS384', () => assertion({}, {}, rsa)],
    ['with keys that it publishes', () => assertion(good('remote'))],
  ])('may sign %s', async (_, make) => {
    expect((await ask(make())).status).toBe(200);
  });

  test('that is no longer registered has a token without rights', async () => {
    const { body } = await ask(assertion());
    const { issuers } = configOf();
    const without = createTokenVerifier({ issuers, clients: [] });
    expect((await without(body['access_token'] ?? '')).claims).toMatchObject({
      organisation: undefined,
      purposes: [],
    });
  });
});

describe('an assertion is refused', () => {
  test.each<[string, () => string | Promise<string>]>([
    ['of a client that nobody knows', () => assertion(good('nobody'))],
    ['of a client whose tokens another issuer signs', () => assertion(good('elsewhere'))],
    ['of another key', () => assertion({}, {}, other)],
    ['of another key, which it brings along', () => assertion({}, { jwk: other.jwk }, other)],
    ['of another key, whose address it brings along', () => assertion({}, { jku: endpoint.jwksUri }, other)],
    ['with a key id that is not registered', () => assertion({}, { kid: 'c9' })],
    ['without a signature', () => forge({ alg: 'none', typ: 'JWT' }, good())],
    ['with the kind of key of another algorithm', () => assertion({}, { kid: 'c2' })],
    ['that is no JWT by its type', () => assertion({}, { typ: 'at+jwt' })],
    ['without a type', () => assertion({}, { typ: undefined })],
    ['about somebody else', () => assertion({ sub: 'remote' })],
    ['without a subject', () => assertion({ sub: undefined })],
    ['for another token endpoint', () => assertion({ aud: 'https://other.example/smart/token' })],
    ['for our FHIR API', () => assertion({ aud: `${publicUrl}/fhir` })],
    ['without an audience', () => assertion({ aud: undefined })],
    ['that is over', () => assertion({ exp: seconds() - 31 })],
    ['without an end', () => assertion({ exp: undefined })],
    ['that lasts more than five minutes', () => assertion({ exp: seconds() + 340 })],
    ['before its beginning', () => assertion({ nbf: seconds() + 120 })],
    ['without an id', () => assertion({ jti: undefined })],
    ['with an empty id', () => assertion({ jti: '' })],
    ['with an id that is no text', () => assertion({ jti: 5 })],
    ['with a very long id', () => assertion({ jti: 'x'.repeat(201) })],
    [
      'with a critical extension',
      () => forge({ alg: 'ES384', typ: 'JWT', kid: 'c1', crit: ['x'], x: 1 }, good(), 'AA'),
    ],
    ['that is no token', () => 'a.b.c'],
    ['that is long', () => 'a'.repeat(20_000)],
  ])('%s', async (_, make) => {
    const { status, body } = await ask(make());
    expect([status, body['error']]).toEqual([400, 'invalid_client']);
    expect(body['access_token']).toBeUndefined();
    expect(asked).toEqual([]);
  });

  test('the second time', async () => {
    const once = await assertion();
    expect((await ask(once)).status).toBe(200);
    const { status, body } = await ask(once);
    expect([status, body['error']]).toEqual([400, 'invalid_client']);
  });

  test('but once of many at the same time', async () => {
    const once = await assertion();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(once)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('an id of one client is none of another', async () => {
    expect((await ask(assertion({ jti: 'same' }))).status).toBe(200);
    expect((await ask(assertion({ ...good('remote'), jti: 'same' }))).status).toBe(200);
  });

  test('with the id of another client beside it', async () => {
    expect((await ask(assertion(), { client_id: 'remote' })).body).toMatchObject({ error: 'invalid_client' });
    expect((await ask(assertion(), { client_id: 'backend' })).status).toBe(200);
  });

  test('and an unknown client reads like a wrong key: nobody learns who is registered', async () => {
    const [unknown, wrong] = await Promise.all([
      ask(assertion(good('nobody'))),
      ask(assertion({}, {}, other)),
    ]);
    expect(unknown).toEqual(wrong);
  });

  test('as a bearer token', async () => {
    await expect(verify(await assertion())).rejects.toMatchObject({ code: 'HDE_UNAUTHENTICATED' });
  });

  test('when it is an access token of ours', async () => {
    const { body } = await ask(assertion());
    expect((await ask(body['access_token'] ?? '')).body).toMatchObject({ error: 'invalid_client' });
  });
});

describe('a client whose keys are at an address', () => {
  const arrangeRemote = (jwksUri: string) => {
    const client = { organisation: 'RZZ', purposes: ['direct-care'], scopes: 'system/*.rs' };
    const clients = [{ id: 'remote', jwksUri, ...client }];
    const policy = { ...(JSON.parse(sample['HDE_ACCESS_POLICY'] ?? '') as object), clients };
    arrange(configOf({ HDE_ACCESS_POLICY: JSON.stringify(policy) }));
  };

  test('has it asked at most once in a storm of unknown keys', async () => {
    const own = await startKeyEndpoint([key.jwk]);
    arrangeRemote(own.jwksUri);
    const since = Date.now();
    for (let n = 0; n < 50; n++) await ask(assertion(good('remote'), { kid: `k${n}` }));
    expect(own.asked()).toBeLessThanOrEqual(1 + Math.floor((Date.now() - since) / 5_000));
    await own.close();
  });

  test('is told to come again when they cannot be had', async () => {
    const own = await startKeyEndpoint([]);
    own.answer(500);
    arrangeRemote(own.jwksUri);
    const { status, headers, body } = await ask(assertion(good('remote')));
    expect([status, headers['retry-after'], body['error']]).toEqual([503, '5', 'temporarily_unavailable']);
    await own.close();
  });
});

describe('a client that lists certificates', () => {
  const header = { 'x-arr-clientcert': certificate.der.toString('base64') };

  test('gets a token with one, which is bound to it', async () => {
    const { status, body } = await ask(assertion(good('careful')), {}, header);
    expect(status).toBe(200);
    const token = body['access_token'] ?? '';
    expect(decodeJwt(token)['cnf']).toEqual({
      'x5t#S256': Buffer.from(certificate.thumbprint, 'hex').toString('base64url'),
    });
    await expect(verify(token)).rejects.toMatchObject({ code: 'HDE_CERTIFICATE_NEEDED' });
    expect(await verify(token, header['x-arr-clientcert'])).toMatchObject({ claims: { assurance: 2 } });
  });

  test('gets none without, and its assertion is not used up', async () => {
    const once = await assertion(good('careful'));
    expect(await ask(once)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect((await ask(once, {}, header)).status).toBe(200);
  });
});

describe('a request is refused', () => {
  test.each<[string, Record<string, string>, string]>([
    ['for another grant', { grant_type: 'authorization_code' }, 'unsupported_grant_type'],
    ['without a grant', { grant_type: '' }, 'invalid_request'],
    ['without a scope', { scope: '' }, 'invalid_request'],
    ['for scopes that are not registered', { scope: 'system/*.cd' }, 'invalid_scope'],
    ['for scopes of users', { scope: 'user/*.rs patient/*.rs' }, 'invalid_scope'],
    ['for words that are no scopes', { scope: 'openid everything' }, 'invalid_scope'],
    ['for very many scopes', { scope: 'system/*.rs '.repeat(101) }, 'invalid_scope'],
    ['for more scopes than a token holds', { scope: `system/*.rs?a=${'x'.repeat(5_000)}` }, 'invalid_scope'],
    ['without an assertion', { client_assertion: '' }, 'invalid_request'],
    ['with another kind of assertion', { client_assertion_type: 'saml' }, 'invalid_client'],
  ])('%s', async (_, fields, error) => {
    const { status, headers, body } = await ask(assertion(), fields);
    expect([status, body['error']]).toEqual([400, error]);
    expect(headers['cache-control']).toBe('no-store');
    // RFC 6749 section 5.2.
    expect(body['error_description']).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
  });

  test.each<[string, string | Record<string, string>, Record<string, string>, number]>([
    ['as JSON', '{}', { 'content-type': 'application/json' }, 415],
    ['without a type', 'a=b', { 'content-type': '' }, 415],
    ['of a megabyte', 'x'.repeat(1e6), {}, 413],
    ['of nothing', '', {}, 400],
    ['with a parameter twice', 'grant_type=client_credentials&grant_type=client_credentials', {}, 400],
    ['with the assertion in other words', 'grant_type=client_credentials&scope=x&client_secret=y', {}, 400],
  ])('%s', async (_, fields, headers, expected) => {
    const { status, body } = await send(fields, headers);
    expect([status, body['error']]).toEqual([expected, 'invalid_request']);
  });
});

describe('what is published', () => {
  test('are the public parts of the keys, of which all verify', async () => {
    const { body } = await send('', {}, smartJwksRoute);
    const { keys } = body as unknown as { keys: Record<string, string>[] };
    expect(keys.map(({ kty, alg, use }) => [kty, alg, use])).toEqual([
      ['EC', 'ES384', 'sig'],
      ['RSA', 'RS384', 'sig'],
    ]);
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi'])
      expect(keys.some((each) => secret in each)).toBe(false);
    const turned = JSON.parse(signingKeys) as { keys: unknown[] };
    arrange(configOf({ HDE_TOKEN_SIGNING_KEY: JSON.stringify({ keys: turned.keys.reverse() }) }));
    const verifyTurned = verify;
    const { body: byRsa } = await ask(assertion());
    arrange(configOf());
    for (const each of [verify, verifyTurned]) await each(byRsa['access_token'] ?? '');
  });

  test('is where clients get tokens', async () => {
    const { body } = await send('', {}, smartConfigurationRoute);
    expect(body).toMatchObject({
      issuer: publicUrl,
      token_endpoint: tokenUrl,
      jwks_uri: `${publicUrl}/smart/jwks`,
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
    });
  });

  test('is nothing where no tokens are issued', async () => {
    useContainer({
      config: configOf({ HDE_TOKEN_SIGNING_KEY: undefined }),
      reportPressure: () => undefined,
      rateLimits: createRateLimits(1e6, () => 0),
      telemetry: noTelemetry,
    } as unknown as Container);
    for (const route of [smartTokenRoute, smartJwksRoute, smartConfigurationRoute])
      expect((await send({}, {}, route)).status).toBe(404);
  });
});

test('a token of ours is none without its type, and none of an assertion of ours', async () => {
  const { body } = await ask(assertion());
  const token = body['access_token'] ?? '';
  const { tokenService } = configOf();
  const own = tokenService!.keys[0];
  const { importJWK } = await import('jose');
  const privateKey = (await importJWK(own.privateJwk, own.alg)) as SigningKey['privateKey'];
  const signing = { kid: own.kid, alg: own.alg, privateKey, jwk: own.publicJwk };
  await expect(verify(await sign(signing, decodeJwt(token), { typ: 'JWT' }))).rejects.toMatchObject({
    code: 'HDE_UNAUTHENTICATED',
  });
  await verify(await sign(signing, decodeJwt(token), { typ: 'at+jwt' }));
});
