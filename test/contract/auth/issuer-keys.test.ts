/** How often issuers are asked for their keys, and what goes on while they cannot be had: over the wire. */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTokenVerifier, type TokenVerifier } from '../../../src/adapters/auth/token-verifier.js';
import { makeKey, sign, startKeyEndpoint, type KeyEndpoint, type SigningKey } from './key-endpoint.js';

let key: SigningKey;
let next: SigningKey;
let stranger: SigningKey;
let endpoint: KeyEndpoint;
let verify: TokenVerifier;
const clock = { now: 0 };

beforeAll(async () => {
  [key, next, stranger] = await Promise.all([makeKey('k1'), makeKey('k2'), makeKey('k3')]);
});

const issuerAt = (jwksUri: string, name = 'issuer') => ({
  ...{ issuer: `https://${name}.example`, audience: 'hde', kind: 'entra' as const },
  keys: { kind: 'address' as const, jwksUri },
});

beforeEach(async () => {
  clock.now = Date.parse('2026-03-30T12:00:00Z');
  endpoint = await startKeyEndpoint([key.jwk]);
  verify = createTokenVerifier(
    { issuers: [issuerAt(endpoint.jwksUri)], clients: [] },
    { fetch, now: () => clock.now },
  );
});

afterEach(() => endpoint.close());

let made = 0;

/** Another token each time: none is remembered. */
const tokenOf = (signing: SigningKey, header: object = {}, name = 'issuer') =>
  sign(
    signing,
    {
      ...{ iss: `https://${name}.example`, aud: 'hde', sub: `app-${made++}` },
      exp: Math.floor(clock.now / 1000) + 48 * 3600,
    },
    { ...header },
  );

const pass = async (ms: number) => {
  clock.now += ms;
  await Promise.resolve();
};
const refusal = expect.objectContaining({ code: 'HDE_UNAUTHENTICATED' });
const outage = expect.objectContaining({ code: 'HDE_DEPENDENCY_UNAVAILABLE', retryAfterSeconds: 5 });
const hours = 3_600_000;

describe('the key endpoint', () => {
  test('is asked once for a crowd of first tokens', async () => {
    const tokens = await Promise.all(Array.from({ length: 50 }, () => tokenOf(key)));
    await Promise.all(tokens.map(async (token) => verify(token)));
    expect(endpoint.asked()).toBe(1);
  });

  test('is asked at most once in five seconds in a storm of unknown key ids', async () => {
    await verify(await tokenOf(key));
    const storm = async (count: number) => {
      for (let n = 0; n < count; n++)
        await expect(verify(await tokenOf(stranger, { kid: `k${n}x` }))).rejects.toEqual(refusal);
    };
    await storm(50);
    expect(endpoint.asked()).toBe(1);
    await pass(5_000);
    await Promise.all([storm(50), storm(50)]);
    expect(endpoint.asked()).toBe(2);
  });

  test('that fails is not asked for each token, and the failure is not blamed on the token', async () => {
    endpoint.answer(500);
    for (let n = 0; n < 50; n++) await expect(verify(await tokenOf(key))).rejects.toEqual(outage);
    expect(endpoint.asked()).toBe(1);
    endpoint.answer(200);
    await pass(5_000);
    await verify(await tokenOf(key));
    expect(endpoint.asked()).toBe(2);
  });

  test('of one issuer is not asked for tokens of another, nor held against them', async () => {
    const other = await startKeyEndpoint([next.jwk]);
    const verifyBoth = createTokenVerifier(
      { issuers: [issuerAt(endpoint.jwksUri), issuerAt(other.jwksUri, 'other')], clients: [] },
      { fetch, now: () => clock.now },
    );
    endpoint.answer(500);
    await expect(verifyBoth(await tokenOf(key))).rejects.toEqual(outage);
    await verifyBoth(await tokenOf(next, {}, 'other'));
    await expect(verifyBoth(await tokenOf(next, {}, 'issuer'))).rejects.toEqual(outage);
    expect([endpoint.asked(), other.asked()]).toEqual([1, 1]);
    await other.close();
  });

  test.each<[string, string | (() => Response)]>([
    ['no JSON', 'nonsense'],
    ['no key set', '{"keys":{}}'],
    ['more than a quarter of a megabyte', `{"keys":[],"more":"${'x'.repeat(262_144)}"}`],
    ['a redirection', () => Response.redirect('http://127.0.0.1:1/jwks', 302)],
  ])('that answers %s has failed', async (_, body) => {
    const answer = typeof body === 'string' ? () => new Response(body) : body;
    const verifyHere = createTokenVerifier(
      { issuers: [issuerAt('https://keys.example')], clients: [] },
      { fetch: () => Promise.resolve(answer()), now: () => clock.now },
    );
    await expect(verifyHere(await tokenOf(key))).rejects.toEqual(outage);
  });
});

describe('when an issuer changes its keys', () => {
  test('a token of the new key is taken after five seconds at most', async () => {
    await verify(await tokenOf(key));
    endpoint.answer(200, [key.jwk, next.jwk]);
    await expect(verify(await tokenOf(next))).rejects.toEqual(refusal);
    await pass(5_000);
    await verify(await tokenOf(next));
    await verify(await tokenOf(key));
  });

  test('a key that it withdraws is trusted for ten minutes at most', async () => {
    await verify(await tokenOf(key));
    endpoint.answer(200, [next.jwk]);
    await pass(599_999);
    await verify(await tokenOf(key));
    await pass(1);
    await expect(verify(await tokenOf(key))).rejects.toEqual(refusal);
  });

  test('a token that was found good is remembered for a minute at most', async () => {
    await verify(await tokenOf(key));
    await pass(599_000);
    const token = await tokenOf(key);
    await verify(token);
    endpoint.answer(200, [next.jwk]);
    await pass(59_999);
    await verify(token);
    await pass(1);
    await expect(verify(token)).rejects.toEqual(refusal);
  });
});

describe('while the keys cannot be fetched', () => {
  beforeEach(async () => {
    await verify(await tokenOf(key));
    await endpoint.close();
  });

  test('those that are known go on for a day, and no longer', async () => {
    for (const later of [1, 12, 10.99]) {
      await pass(later * hours);
      await verify(await tokenOf(key));
    }
    await pass(0.01 * hours);
    await expect(verify(await tokenOf(key))).rejects.toEqual(outage);
  });

  test('a key that is not known is not blamed on the token', async () => {
    await pass(5_000);
    await expect(verify(await tokenOf(next))).rejects.toEqual(outage);
    await verify(await tokenOf(key));
  });
});

test('an endpoint that is away is asked once a minute while known keys go on', async () => {
  await verify(await tokenOf(key));
  endpoint.answer(503);
  await pass(600_000);
  for (let n = 0; n < 60; n++) {
    await verify(await tokenOf(key));
    await pass(1_000);
  }
  expect(endpoint.asked()).toBe(2);
  await verify(await tokenOf(key));
  expect(endpoint.asked()).toBe(3);
});

describe('while the issuer publishes an empty set', () => {
  test('known keys go on for an hour, and no longer, also when the endpoint then fails', async () => {
    await verify(await tokenOf(key));
    endpoint.answer(200, []);
    await pass(600_000);
    await verify(await tokenOf(key));
    endpoint.answer(503);
    await pass(2_999_999);
    await verify(await tokenOf(key));
    await pass(1);
    await expect(verify(await tokenOf(key))).rejects.toEqual(outage);
  });

  test('a storm of key ids does not end them sooner, and no token is blamed', async () => {
    await verify(await tokenOf(key));
    endpoint.answer(200, []);
    await pass(5_000);
    for (let n = 0; n < 50; n++) await expect(verify(await tokenOf(next))).rejects.toEqual(outage);
    await verify(await tokenOf(key));
    expect(endpoint.asked()).toBe(2);
  });

  test('a first token finds an outage; the new keys are taken when they come', async () => {
    endpoint.answer(200, []);
    await expect(verify(await tokenOf(next))).rejects.toEqual(outage);
    endpoint.answer(200, [next.jwk]);
    await pass(5_000);
    await verify(await tokenOf(next));
    await expect(verify(await tokenOf(key))).rejects.toEqual(refusal);
  });
});
