/** Certificates as a second factor: of clients that list them, and of tokens that are bound to one (RFC 8705). */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTokenVerifier, type TokenVerifier } from '../../../src/adapters/auth/token-verifier.js';
import { makeCertificate, pemOf, type TestCertificate } from '../../support/certificate.js';
import { clientOf, playIssuer, type PlayedIssuer } from './issuers.js';
import { sign } from './key-endpoint.js';

const [yesterday, tomorrow] = [new Date(Date.now() - 86_400_000), new Date(Date.now() + 86_400_000)];
const own = makeCertificate('client', yesterday, tomorrow);
const renewed = makeCertificate('client', yesterday, tomorrow);
const foreign = makeCertificate('client', yesterday, tomorrow);
const over = makeCertificate('client', new Date(0), yesterday);
const early = makeCertificate('client', tomorrow, new Date(Date.now() + 2 * 86_400_000));

const base64 = ({ der }: TestCertificate) => der.toString('base64');
const x5t = ({ thumbprint }: TestCertificate) => ({
  'x5t#S256': Buffer.from(thumbprint, 'hex').toString('base64url'),
});

let issuer: PlayedIssuer;
let verify: TokenVerifier;

beforeAll(async () => {
  issuer = await playIssuer('smart');
  const listed = [own, renewed, over, early].map(({ thumbprint }) => thumbprint);
  const clients = [clientOf(issuer, 'backend', listed), clientOf(issuer, 'free', [])];
  verify = createTokenVerifier({ issuers: [issuer.settings], clients });
});

afterAll(() => issuer.endpoint.close());

const refusal = expect.objectContaining({ code: 'HDE_CERTIFICATE_NEEDED' });
const tokenOf = (claims: object) => sign(issuer.key, { ...issuer.good(), ...claims });

describe('a client that lists certificates', () => {
  test.each<[string, string]>([
    ['Base64', base64(own)],
    ['PEM, percent-encoded', encodeURIComponent(pemOf(own))],
    ['PEM', pemOf(own)],
    ['Base64 of another that it lists', base64(renewed)],
  ])('is let in with its certificate as %s, and is known more surely', async (_, header) => {
    const principal = await verify(await tokenOf({}), header);
    expect(principal).toMatchObject({ subject: 'smart:backend', claims: { assurance: 2 } });
  });

  test.each<[string, string | undefined]>([
    ['none', undefined],
    ['an empty header', ''],
    ['a stranger’s of the same name', base64(foreign)],
    ['one that is over', base64(over)],
    ['one that has not begun', base64(early)],
    ['its thumbprint alone', own.thumbprint],
    ['half of one', base64(own).slice(0, 200)],
    ['two, of which it sent the first itself', `${base64(own)}, ${base64(foreign)}`],
    ['two, of which it sent the second itself', `${base64(foreign)},${base64(own)}`],
    ['two without a comma', Buffer.concat([own.der, foreign.der]).toString('base64')],
    ['two as PEM', encodeURIComponent(pemOf(own) + pemOf(foreign))],
    ['something before it', `x, ${pemOf(own)}`],
    ['a letter that is none of Base64', `${base64(own)}*`],
    ['something that breaks the decoding', '%E0%A4%A'],
    ['a very long one', 'A'.repeat(1e6)],
  ])('is refused with %s', async (_, header) => {
    await expect(verify(await tokenOf({}), header)).rejects.toEqual(refusal);
  });

  test('is refused from the moment that its certificate is over, though it was seen before', async () => {
    const clock = { now: Date.now() };
    const clients = [clientOf(issuer, 'backend', [own.thumbprint])];
    const verifyLater = createTokenVerifier(
      { issuers: [issuer.settings], clients },
      { fetch, now: () => clock.now },
    );
    const token = await tokenOf({ exp: Math.floor(tomorrow.getTime() / 1000) + 3600 });
    await verifyLater(token, base64(own));
    clock.now = tomorrow.getTime() + 1000;
    await expect(verifyLater(token, base64(own))).rejects.toEqual(refusal);
  });

  test('shows it with each request, also while its token is remembered', async () => {
    const token = await tokenOf({});
    await verify(token, base64(own));
    await expect(verify(token)).rejects.toEqual(refusal);
    await verify(token, base64(own));
  });
});

describe('a token that is bound to a certificate', () => {
  test('is taken with it alone', async () => {
    const token = await tokenOf({ client_id: 'free', cnf: x5t(own) });
    await verify(token, base64(own));
    for (const header of [undefined, base64(renewed)])
      await expect(verify(token, header)).rejects.toEqual(refusal);
  });

  test('is not taken with another that its client lists', async () => {
    const token = await tokenOf({ cnf: x5t(own) });
    await verify(token, base64(own));
    await expect(verify(token, base64(renewed))).rejects.toEqual(refusal);
  });

  test('is not taken with one that its client does not list', async () => {
    await expect(verify(await tokenOf({ cnf: x5t(foreign) }), base64(foreign))).rejects.toEqual(refusal);
  });

  test.each([[{ jkt: 'x' }], [{ ...x5t(own), jkt: 'x' }], [{ 'x5t#S256': '' }], [{}], [null]])(
    'is refused when its bond cannot be checked: %j',
    async (cnf) => {
      await expect(verify(await tokenOf({ client_id: 'free', cnf }), base64(own))).rejects.toEqual(refusal);
    },
  );
});

test('a client that lists none needs none, and is known no more surely with one', async () => {
  for (const header of [undefined, base64(foreign)])
    expect(await verify(await tokenOf({ client_id: 'free' }), header)).toMatchObject({
      claims: { assurance: 1 },
    });
});
