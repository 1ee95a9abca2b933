/** The token endpoint of SMART Backend Services, and what attackers do to it: through the HTTP edge, keys over the wire. */
import { describe, expect, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { createTokenVerifier } from '../../../src/adapters/auth/token-verifier.js';
import { useContainer, type Container } from '../../../src/platform/container.js';
import { createRateLimits } from '../../../src/platform/rate-limit.js';
import { smartConfigurationRoute, smartJwksRoute, smartTokenRoute } from '../../../src/platform/smart.js';
import { noTelemetry } from '../../../src/platform/telemetry/telemetry.js';
import { forge, seconds, sign, startKeyEndpoint, type SigningKey } from './key-endpoint.js';
import {
  ask,
  certificate,
  good,
  policyWith,
  publicUrl,
  send,
  signingKeys,
  tokenUrl,
  useTokenEndpoint,
} from './token-endpoint.js';

const at = useTokenEndpoint();
const assertion: typeof at.assertion = (...parts) => at.assertion(...parts);

describe('a registered client', () => {
  test('gets a token of five minutes, for the scopes that it asks for and is registered for', async () => {
    const { status, headers, body } = await ask(assertion(), {
      scope: 'system/Patient.cruds system/Observation.read user/*.rs',
    });
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
    expect(body).toMatchObject({ token_type: 'bearer', expires_in: 300 });
    expect(at.recorded).toMatchObject([
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
    expect(at.lifetimes.map(Number.isInteger)).toEqual([true]);
  });

  test('is who the policy says, when it comes with its token', async () => {
    const { body } = await ask(assertion());
    expect(await at.verify(body['access_token'] ?? '')).toMatchObject({
      subject: 'smart:backend',
      roles: ['reader'],
      claims: { kind: 'system', organisation: 'RZZ', purposes: ['direct-care'], assurance: 1 },
    });
  });

  test.each<[string, () => Promise<string>]>([
    ['with RS384', () => assertion({}, {}, at.rsa)],
    ['with keys that it publishes', () => assertion(good('remote'))],
  ])('may sign %s', async (_, make) => {
    expect((await ask(make())).status).toBe(200);
  });

  test('that is no longer registered has a token without rights', async () => {
    const { body } = await ask(assertion());
    const { issuers } = at.configOf();
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
    ['of another key', () => assertion({}, {}, at.other)],
    ['of another key, which it brings along', () => assertion({}, { jwk: at.other.jwk }, at.other)],
    [
      'of another key, whose address it brings along',
      () => assertion({}, { jku: at.keys.jwksUri }, at.other),
    ],
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
    expect(at.asked).toEqual([]);
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
      ask(assertion({}, {}, at.other)),
    ]);
    expect(unknown).toEqual(wrong);
  });

  test('as a bearer token', async () => {
    await expect(at.verify(await assertion())).rejects.toMatchObject({ code: 'HDE_UNAUTHENTICATED' });
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
    at.arrange(at.configOf({ HDE_ACCESS_POLICY: policyWith(clients) }));
  };

  test('has it asked at most once in a storm of unknown keys', async () => {
    const own = await startKeyEndpoint([at.key.jwk]);
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
    await expect(at.verify(token)).rejects.toMatchObject({ code: 'HDE_CERTIFICATE_NEEDED' });
    expect(await at.verify(token, header['x-arr-clientcert'])).toMatchObject({ claims: { assurance: 2 } });
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
    at.arrange(at.configOf({ HDE_TOKEN_SIGNING_KEY: JSON.stringify({ keys: turned.keys.reverse() }) }));
    const verifyTurned = at.verify;
    const { body: byRsa } = await ask(assertion());
    at.arrange(at.configOf());
    for (const each of [at.verify, verifyTurned]) await each(byRsa['access_token'] ?? '');
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
      config: at.configOf({ HDE_TOKEN_SIGNING_KEY: undefined }),
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
  const { tokenService } = at.configOf();
  const own = tokenService!.keys[0];
  const { importJWK } = await import('jose');
  const privateKey = (await importJWK(own.privateJwk, own.alg)) as SigningKey['privateKey'];
  const signing = { kid: own.kid, alg: own.alg, privateKey, jwk: own.publicJwk };
  await expect(at.verify(await sign(signing, decodeJwt(token), { typ: 'JWT' }))).rejects.toMatchObject({
    code: 'HDE_UNAUTHENTICATED',
  });
  await at.verify(await sign(signing, decodeJwt(token), { typ: 'at+jwt' }));
});
