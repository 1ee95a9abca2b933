/** What attackers do to tokens, against the verifier and a key endpoint over the wire. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { exportSPKI, importJWK, type CryptoKey } from 'jose';
import { createTokenVerifier, type TokenVerifier } from '../../../src/adapters/auth/token-verifier.js';
import {
  audience,
  goodClaims,
  issuer,
  makeKey,
  seconds,
  sign,
  startKeyEndpoint,
  type KeyEndpoint,
  type SigningKey,
} from './key-endpoint.js';

let key: SigningKey;
let stranger: SigningKey;
let rsa: SigningKey;
let endpoint: KeyEndpoint;
let verify: TokenVerifier;

beforeAll(async () => {
  [key, stranger, rsa] = await Promise.all([makeKey('k1'), makeKey('k1'), makeKey('k2', 'RS256')]);
  endpoint = await startKeyEndpoint([key.jwk, rsa.jwk]);
  verify = createTokenVerifier({ issuer, audience, jwksUri: endpoint.jwksUri });
  await verify(await sign(key));
});

afterAll(() => endpoint.close());

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Without a library that would refuse to make it. */
const forge = (header: unknown, claims: unknown, signature = '') =>
  `${encode(header)}.${encode(claims)}.${signature}`;

const hmac = (secret: string, header: object) => {
  const signed = `${encode(header)}.${encode(goodClaims())}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
};

const refusal = expect.objectContaining({ code: 'HDE_UNAUTHENTICATED' });

describe('a token is refused', () => {
  test.each<[string, () => string | Promise<string>]>([
    ['without a signature, alg none', () => forge({ alg: 'none' }, goodClaims())],
    ['with alg None', () => forge({ alg: 'None', kid: 'k1' }, goodClaims())],
    ['without alg', () => forge({ kid: 'k1' }, goodClaims(), 'AAAA')],
    ['with the signature cut off', async () => (await sign(key)).replace(/[^.]+$/, '')],
    [
      'with HS256 and the public key as the secret, in PEM',
      async () =>
        hmac(await exportSPKI((await importJWK(rsa.jwk, 'RS256')) as CryptoKey), { alg: 'HS256', kid: 'k2' }),
    ],
    [
      'with HS256 and the public key as JSON',
      () => hmac(JSON.stringify(rsa.jwk), { alg: 'HS256', kid: 'k2' }),
    ],
    ['with HS256 and an empty secret', () => hmac('', { alg: 'HS256', kid: 'k1' })],
    ['with the algorithm of another kind of key', () => sign(key, {}, { kid: 'k2' })],
    ['after its end', () => sign(key, { exp: seconds() - 31 })],
    ['without an end', () => sign(key, { exp: undefined })],
    [
      'with an end that is no number',
      () => forge({ alg: 'ES256', kid: 'k1' }, { ...goodClaims(), exp: '9' }),
    ],
    ['before its beginning', () => sign(key, { nbf: seconds() + 120 })],
    ['for another audience', () => sign(key, { aud: 'api://other' })],
    ['for an audience that begins like ours', () => sign(key, { aud: `${audience}/x` })],
    ['without an audience', () => sign(key, { aud: undefined })],
    ['of another issuer', () => sign(key, { iss: 'https://issuer.example.evil' })],
    ['of our issuer with a slash', () => sign(key, { iss: `${issuer}/` })],
    ['without a subject', () => sign(key, { sub: undefined })],
    ['with an empty subject', () => sign(key, { sub: ' ' })],
    ['with a subject that is no text', () => sign(key, { sub: { $ne: '' } as unknown as string })],
    ['of a stranger with our key id', () => sign(stranger)],
    [
      'with a critical extension',
      () => forge({ alg: 'ES256', kid: 'k1', crit: ['x'], x: 1 }, goodClaims(), 'AA'),
    ],
    ['with a header of a megabyte', () => forge({ alg: 'ES256', kid: 'k'.repeat(1e6) }, goodClaims(), 'AA')],
    ['with claims of a megabyte', () => sign(key, { more: 'x'.repeat(1e6) })],
    ['when it is encrypted', () => `${encode({ alg: 'dir', enc: 'A256GCM' })}.a.b.c.d`],
    ['when it is nothing', () => ''],
    ['when it is dots', () => '..'],
    ['when it is no base64', () => 'ä.ö.ü'],
    ['when its parts are no JSON objects', () => forge('ES256', [], 'AA')],
  ])('%s', async (_, make) => {
    await expect(verify(await make())).rejects.toEqual(refusal);
  });

  test('whichever of its characters is another', async () => {
    const token = await sign(key);
    for (let at = 0; at < token.length - 1; at += 7) {
      const other = token[at] === 'A' ? 'B' : 'A';
      await expect(verify(token.slice(0, at) + other + token.slice(at + 1))).rejects.toEqual(refusal);
    }
  });

  test('and a good one is not', async () => {
    expect(await verify(await sign(key, { aud: ['x', audience], nbf: seconds() + 20 }))).toMatchObject({
      subject: 'app-1',
      roles: ['reader'],
    });
  });
});

test.each(['jku', 'x5u', 'jwk', 'x5c'])(
  'keys that the header %s brings are not used, nor fetched',
  async (name) => {
    const other = await startKeyEndpoint([stranger.jwk]);
    const brought = { jku: other.jwksUri, x5u: other.jwksUri, jwk: stranger.jwk, x5c: ['MIIB'] }[name];
    for (const kid of ['k1', 'elsewhere', other.jwksUri])
      await expect(verify(await sign(stranger, {}, { [name]: brought, kid }))).rejects.toEqual(refusal);
    expect(other.asked()).toBe(0);
    await other.close();
  },
);

describe('the key endpoint', () => {
  /** Requests that a pause of five seconds between them allows. */
  const allowed = (since: number) => 1 + Math.floor((Date.now() - since) / 5_000);

  test('is not asked for each of many unknown key ids', async () => {
    const own = await startKeyEndpoint([key.jwk]);
    const since = Date.now();
    const verifyHere = createTokenVerifier({ issuer, audience, jwksUri: own.jwksUri });
    const storm = async (count: number) => {
      for (let n = 0; n < count; n++)
        await expect(verifyHere(await sign(stranger, {}, { kid: `k${n}x` }))).rejects.toEqual(refusal);
    };
    await Promise.all([storm(100), storm(100)]);
    expect(own.asked()).toBeLessThanOrEqual(allowed(since));
    await own.close();
  });

  test('that fails is not asked for each token, and the failure is not blamed on the token', async () => {
    const own = await startKeyEndpoint([key.jwk]);
    own.answer(500);
    const since = Date.now();
    const verifyHere = createTokenVerifier({ issuer, audience, jwksUri: own.jwksUri });
    const token = await sign(key);
    for (let n = 0; n < 50; n++)
      await expect(verifyHere(token)).rejects.toEqual(
        expect.objectContaining({ code: 'HDE_DEPENDENCY_UNAVAILABLE' }),
      );
    expect(own.asked()).toBeLessThanOrEqual(allowed(since));
    await own.close();
  });

  test('that goes away later lets known keys go on', async () => {
    const own = await startKeyEndpoint([key.jwk]);
    const verifyHere = createTokenVerifier({ issuer, audience, jwksUri: own.jwksUri });
    await verifyHere(await sign(key));
    await own.close();
    expect(await verifyHere(await sign(key, { sub: 'app-2' }))).toMatchObject({ subject: 'app-2' });
  });
});
