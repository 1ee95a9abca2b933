import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { calculateJwkThumbprint } from 'jose';
import { readConfig } from '../../src/platform/config.js';
import { readSigningKeys } from '../../src/platform/signing-keys.js';

const ec = (namedCurve: string) =>
  generateKeyPairSync('ec', { namedCurve }).privateKey.export({ format: 'jwk' });
const rsa = (modulusLength: number) =>
  generateKeyPairSync('rsa', { modulusLength }).privateKey.export({ format: 'jwk' });

test.each([
  ['P-256', ec('P-256'), 'ES256'],
  ['P-384', ec('P-384'), 'ES384'],
  ['RSA', rsa(2048), 'RS384'],
])('a key of %s is named by its thumbprint (RFC 7638)', async (_, jwk, alg) => {
  const [key] = readSigningKeys(JSON.stringify(jwk));
  expect(key).toMatchObject({ alg, kid: await calculateJwkThumbprint(key.publicJwk) });
  expect(key.publicJwk).not.toHaveProperty('d');
});

test.each<[string, unknown]>([
  ['nothing', null],
  ['no object', 'key'],
  ['an empty set', { keys: [] }],
  ['a public key', { ...ec('P-384'), d: undefined }],
  ['a shared secret', { kty: 'oct', k: 'c2VjcmV0' }],
  ['another curve', ec('secp256k1')],
  ['a weak key', rsa(1024)],
  ['a good one and a bad one', { keys: [ec('P-256'), { kty: 'EC', d: 'top-secret' }] }],
])('%s is refused, and nothing is told of it', (_, json) => {
  const read = () => readSigningKeys(JSON.stringify(json));
  expect(read).toThrow(/^is no /);
  expect(read).not.toThrow('top-secret');
});

test('whoever issues tokens has an address of their own', () => {
  const { Values: sample } = JSON.parse(readFileSync('local.settings.sample.json', 'utf8')) as {
    Values: Record<string, string>;
  };
  const key = { HDE_TOKEN_SIGNING_KEY: JSON.stringify(ec('P-384')) };
  expect(() => readConfig({ ...sample, ...key })).toThrow('HDE_PUBLIC_URL: HDE_TOKEN_SIGNING_KEY needs it');
  const { tokenService, issuers } = readConfig({ ...sample, ...key, HDE_PUBLIC_URL: 'https://hde.example/' });
  expect(tokenService?.tokenUrl).toBe('https://hde.example/smart/token');
  expect(issuers[1]).toMatchObject({
    issuer: 'https://hde.example',
    audience: 'https://hde.example/fhir',
  });
});
