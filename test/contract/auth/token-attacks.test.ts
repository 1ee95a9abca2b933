/** What attackers do to tokens of every kind of issuer, against the verifier and key endpoints over the wire. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { exportSPKI, importJWK, type CryptoKey } from 'jose';
import { createTokenVerifier, type TokenVerifier } from '../../../src/adapters/auth/token-verifier.js';
import { issuerKinds, type IssuerKind } from '../../../src/core/governance/claims/principal-of-token.js';
import { clientOf, expectedOf, playIssuers, type PlayedIssuer } from './issuers.js';
import { forge, makeKey, seconds, sign, startKeyEndpoint, type SigningKey } from './key-endpoint.js';

let issuers: Readonly<Record<IssuerKind, PlayedIssuer>>;
let verify: TokenVerifier;

beforeAll(async () => {
  issuers = await playIssuers();
  const settings = Object.values(issuers).map((each) => each.settings);
  verify = createTokenVerifier({ issuers: settings, clients: [] });
});

afterAll(() => Promise.all(Object.values(issuers).map(({ endpoint }) => endpoint.close())));

const refusal = expect.objectContaining({ code: 'HDE_UNAUTHENTICATED' });

/** A token of an issuer as an attacker makes it. */
type Attack = (issuer: PlayedIssuer) => string | Promise<string>;

const claiming =
  (claims: object): Attack =>
  ({ key, good }) =>
    sign(key, { ...good(), ...claims });

const hmac = ({ good }: PlayedIssuer, secret: string | Buffer, kid: string) => {
  const [signed = ''] = forge({ alg: 'HS256', kid }, good()).split(/\.$/);
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
};

const withSpki = async (issuer: PlayedIssuer, { jwk, alg, kid }: SigningKey) =>
  hmac(issuer, await exportSPKI((await importJWK(jwk, alg)) as CryptoKey), kid);

const attacks: readonly [string, Attack][] = [
  ['without a signature, alg none', ({ good }) => forge({ alg: 'none' }, good())],
  ['with alg None', ({ key, good }) => forge({ alg: 'None', kid: key.kid }, good())],
  ['without alg', ({ key, good }) => forge({ kid: key.kid }, good(), 'AAAA')],
  ['with the signature cut off', async ({ key, good }) => (await sign(key, good())).replace(/[^.]+$/, '')],
  ['with HS256 and the public key as the secret, in PEM', (issuer) => withSpki(issuer, issuer.key)],
  ['with HS256 and the other public key, in PEM', (issuer) => withSpki(issuer, issuer.other)],
  [
    'with HS256 and the public key as JSON',
    (issuer) => hmac(issuer, JSON.stringify(issuer.key.jwk), issuer.key.kid),
  ],
  ['with HS256 and an empty secret', (issuer) => hmac(issuer, '', issuer.key.kid)],
  ['with the key id of another kind of key', ({ key, other, good }) => sign(key, good(), { kid: other.kid })],
  ['after its end', claiming({ exp: seconds() - 31 })],
  ['without an end', claiming({ exp: undefined })],
  [
    'with an end that is no number',
    ({ key, good }) => forge({ alg: key.alg, kid: key.kid }, { ...good(), exp: '9' }),
  ],
  ['before its beginning', claiming({ nbf: seconds() + 120 })],
  ['for another audience', claiming({ aud: 'api://other' })],
  [
    'for an audience that begins like ours',
    ({ key, good }) => sign(key, { ...good(), aud: `${String(good()['aud'])}/x` }),
  ],
  ['without an audience', claiming({ aud: undefined })],
  ['of an unknown issuer', claiming({ iss: 'https://issuer.example.evil' })],
  [
    'of its issuer with a slash',
    ({ key, good }) => sign(key, { ...good(), iss: `${String(good()['iss'])}/` }),
  ],
  ['of no issuer', claiming({ iss: undefined })],
  ['of an issuer that is no text', claiming({ iss: { $ne: '' } })],
  ['without a subject', claiming({ sub: undefined })],
  ['with an empty subject', claiming({ sub: ' ' })],
  ['with a subject that is no text', claiming({ sub: { $ne: '' } })],
  ['bound to a key that cannot be shown here', claiming({ cnf: { jkt: 'x' } })],
  ['bound to a certificate that does not come', claiming({ cnf: { 'x5t#S256': 'AAAA' } })],
  ['bound to nothing', claiming({ cnf: {} })],
  ['bound to something that is no object', claiming({ cnf: 'x' })],
  [
    'with a critical extension',
    ({ key, good }) => forge({ alg: key.alg, kid: key.kid, crit: ['x'], x: 1 }, good(), 'AA'),
  ],
  [
    'with a header of a megabyte',
    ({ key, good }) => forge({ alg: key.alg, kid: 'k'.repeat(1e6) }, good(), 'AA'),
  ],
  ['with claims of a megabyte', claiming({ more: 'x'.repeat(1e6) })],
  [
    'with its signature and other claims',
    async ({ key, good }) => {
      const [header = '', , signature = ''] = (await sign(key, good())).split('.');
      return `${header}.${forge({}, { ...good(), sub: 'admin' }).split('.')[1] ?? ''}.${signature}`;
    },
  ],
];

describe.each(issuerKinds)('a token of the kind %s', (kind) => {
  test('is taken when it is good', async () => {
    const { key, good } = issuers[kind];
    const aud = ['x', good()['aud']];
    const tokens = [good(), { ...good(), nbf: seconds() + 20 }, { ...good(), exp: seconds() - 20 }];
    for (const claims of [...tokens, ...(kind === 'entra' ? [{ ...good(), aud }] : [])])
      expect(await verify(await sign(key, claims))).toMatchObject(expectedOf[kind]);
  });

  test.each(attacks)('is refused %s', async (_, make) => {
    await expect(verify(await make(issuers[kind]))).rejects.toMatchObject({
      definition: expect.objectContaining({ http: 401 }),
    });
  });

  test('is refused whichever of its characters is another', async () => {
    const { key, good } = issuers[kind];
    const token = await sign(key, good());
    for (let at = 0; at < token.length - 1; at += 23) {
      const other = token[at] === 'A' ? 'B' : 'A';
      await expect(verify(token.slice(0, at) + other + token.slice(at + 1))).rejects.toEqual(refusal);
    }
  });

  test('is refused when a stranger signed it, whatever keys its header brings', async () => {
    const { key, good } = issuers[kind];
    const stranger = await makeKey(key.kid, key.alg);
    const elsewhere = await startKeyEndpoint([stranger.jwk]);
    const { jwksUri } = elsewhere;
    for (const brought of [{}, { jku: jwksUri }, { x5u: jwksUri }, { jwk: stranger.jwk }, { x5c: ['MIIB'] }])
      for (const kid of [key.kid, 'elsewhere', jwksUri])
        await expect(verify(await sign(stranger, good(), { ...brought, kid }))).rejects.toEqual(refusal);
    expect(elsewhere.asked()).toBe(0);
    await elsewhere.close();
  });

  test.each(issuerKinds.filter((other) => other !== kind))(
    'is refused with the name of the issuer of kind %s, and means nothing with its claims',
    async (other) => {
      const [own, { good, key }] = [issuers[kind], issuers[other]];
      await expect(verify(await sign(own.key, good()))).rejects.toEqual(refusal);
      await expect(verify(await sign(own.key, good(), { kid: key.kid }))).rejects.toEqual(refusal);
      await expect(verify(await sign(own.key, { ...good(), iss: own.settings.issuer }))).rejects.toEqual(
        refusal,
      );
      // Signed by its own issuer, for us, but with what only the other kind may say.
      const mixed = await verify(await sign(own.key, { ...good(), ...own.good() }));
      expect(mixed).toMatchObject(expectedOf[kind]);
      expect(mixed.claims.kind).toBe((expectedOf[kind] as { claims: { kind: string } }).claims.kind);
      if (kind !== 'nhs-login') expect(mixed.claims.patientIdentifier).toBeUndefined();
      if (kind === 'cis2' || kind === 'nhs-login') expect(mixed.roles).toEqual([]);
    },
  );
});

test.each<[string, string]>([
  ['encrypted', `${forge({ alg: 'dir', enc: 'A256GCM' }, {}).split('.')[0] ?? ''}.a.b.c.d`],
  ['nothing', ''],
  ['dots', '..'],
  ['no base64', 'ä.ö.ü'],
  ['parts that are no JSON objects', forge('ES256', [], 'AA')],
])('what is %s is no token', async (_, token) => {
  await expect(verify(token)).rejects.toEqual(refusal);
});

test('an unknown issuer asks no endpoint, however often it comes', async () => {
  const counts = () => Object.values(issuers).map(({ endpoint }) => endpoint.asked());
  const { key, good } = issuers.entra;
  const before = counts();
  for (let n = 0; n < 50; n++)
    await expect(
      verify(await sign(key, { ...good(), iss: `https://i${n}.example` }, { kid: `k${n}` })),
    ).rejects.toEqual(refusal);
  expect(counts()).toEqual(before);
});

test('a client is who is registered for the issuer that names it, and nobody for another one', async () => {
  const { smart, entra } = issuers;
  const named = { ...entra.good(), azp: 'backend', roles: ['reader', 'purpose:TREAT'] };
  for (const [registrar, organisations] of [
    [smart, ['RZZ', undefined]],
    [entra, [undefined, 'RZZ']],
  ] as const) {
    const verifyHere = createTokenVerifier({
      issuers: [smart.settings, entra.settings],
      clients: [clientOf(registrar, 'backend', [])],
    });
    const principals = [
      await verifyHere(await sign(smart.key, smart.good())),
      await verifyHere(await sign(entra.key, named)),
    ];
    expect(principals.map(({ claims }) => claims.organisation)).toEqual(organisations);
  }
});
