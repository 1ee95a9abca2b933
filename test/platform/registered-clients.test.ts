import { expect, test } from '@jest/globals';
import { parseScopes } from '../../src/core/governance/smart-scopes.js';
import { parseAccessPolicy } from '../../src/platform/access-policy.js';

const key = { kty: 'EC', crv: 'P-384', x: 'x', y: 'y', kid: 'k1' };
const client = {
  id: 'backend',
  jwks: { keys: [key] },
  organisation: 'RZZ',
  purposes: ['direct-care'],
  scopes: 'system/*.rs',
};
const parse = (...clients: object[]) =>
  parseAccessPolicy(JSON.stringify({ organisations: [{ ods: 'RZZ', name: 'Acute' }], clients })).clients;

test('clients are read with their keys, scopes and thumbprints', () => {
  const print = 'AB:'.repeat(31);
  const app = {
    ...{ id: 'app', issuer: 'https://login.example/t/v2.0', purposes: ['patient-access'] },
    ...{ scopes: 'patient/*.read user/Patient.r', certificates: [`${print}AB`] },
  };
  expect(
    parse(client, { ...client, id: 'other', jwks: undefined, jwksUri: 'https://c.example/jwks' }, app),
  ).toEqual([
    {
      ...{ id: 'backend', issuer: undefined, organisation: 'RZZ', purposes: ['direct-care'] },
      ...{
        keys: { kind: 'set', jwks: { keys: [key] } },
        scopes: parseScopes('system/*.rs'),
        certificates: [],
      },
    },
    expect.objectContaining({ id: 'other', keys: { kind: 'address', jwksUri: 'https://c.example/jwks' } }),
    {
      ...{ id: 'app', issuer: 'https://login.example/t/v2.0', keys: undefined, organisation: undefined },
      ...{ purposes: ['patient-access'], scopes: parseScopes('patient/*.rs user/Patient.r') },
      certificates: ['ab'.repeat(32)],
    },
  ]);
});

test.each<[string, object]>([
  ['clients.1 (other): RYY is not among the organisations', { organisation: 'RYY' }],
  ['clients.1.organisation (other): is no ODS code', { organisation: 'rzz' }],
  ['clients.1 (other): a client with keys needs an organisation', { organisation: undefined }],
  ['clients.1 (other): takes one of issuer, jwks and jwksUri', { jwks: undefined }],
  ['clients.1 (other): takes one of issuer, jwks and jwksUri', { issuer: 'https://i.example' }],
  ['clients.1 (backend): occurs twice', { id: 'backend' }],
  ['clients.1 (other): a client with keys takes system/ scopes only', { scopes: 'user/*.rs' }],
  ['clients.1 (other): a client with keys is no patient', { purposes: ['patient-access'] }],
  ['clients.1.scopes (other): openid is no scope', { scopes: 'openid system/*.rs' }],
  ['clients.1.scopes (other): are more than 100', { scopes: 'system/*.rs '.repeat(101) }],
  ['clients.1.purposes.0 (other): ', { purposes: ['fun'] }],
  ['clients.1.jwks.keys.0 (other): is a private key', { jwks: { keys: [{ ...key, d: 'd' }] } }],
  ['clients.1.jwks.keys.0.kty (other): ', { jwks: { keys: [{ kty: 'oct', k: 'k', kid: 'k1' }] } }],
  ['clients.1.jwksUri (other): is not https', { jwks: undefined, jwksUri: 'http://c.example/jwks' }],
  ['clients.1.certificates.0 (other): is no SHA-256 thumbprint', { certificates: ['ab'] }],
])('a faulty client is named: %s', (message, fault) => {
  expect(() => parse(client, { ...client, id: 'other', ...fault })).toThrow(message);
});

test('an id may be registered with several issuers', () => {
  expect(parse(client, { ...client, jwks: undefined, issuer: 'https://i.example' })).toHaveLength(2);
});
