import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../../src/platform/config.js';

const sample = (
  JSON.parse(readFileSync('local.settings.sample.json', 'utf8')) as { Values: Record<string, string> }
).Values;
const login = {
  issuer: 'https://auth.login.example',
  audience: 'app',
  jwksUri: 'https://auth.login.example/jwks',
  kind: 'nhs-login',
};
const read = (issuers: unknown, others: Record<string, string | undefined> = {}) =>
  readConfig({ ...sample, HDE_TOKEN_ISSUERS: JSON.stringify(issuers), ...others });

test('the issuer of the three settings comes first, then the others', () => {
  const { issuers } = read([{ ...login, algorithms: ['RS512', 'ES256'] }]);
  expect(issuers).toEqual([
    {
      ...{ issuer: sample['HDE_TOKEN_ISSUER'], audience: 'api://hde', kind: 'entra' },
      keys: { kind: 'address', jwksUri: sample['HDE_TOKEN_JWKS_URI'] },
      bounds: { staffAssurance: 1 },
    },
    {
      ...{ issuer: login.issuer, audience: 'app', kind: 'nhs-login', algorithms: ['RS512', 'ES256'] },
      keys: { kind: 'address', jwksUri: login.jwksUri },
      bounds: {},
    },
  ]);
});

const tenant = {
  ...{ issuer: 'https://login.example/b/v2.0', audience: 'api://hde', kind: 'entra' },
  ...{ jwksUri: 'https://login.example/b/keys', organisations: ['RYY'], subjectPrefix: 'tenant-b' },
};

test('another tenant speaks for its own organisations, and for no feed and no operator unless it is named', () => {
  const boundsOf = (...args: Parameters<typeof read>) => read(...args).issuers[1]?.bounds;
  const bounds = { organisations: ['RYY'], subjectPrefix: 'tenant-b' };
  expect(boundsOf([tenant])).toEqual({ ...bounds, roles: ['reader', 'writer'], feeds: [] });
  const sender = { ...tenant, roles: ['sender'], feeds: ['ryy-tie'], staffAssurance: 2 };
  expect(boundsOf([sender])).toEqual({
    ...{ ...bounds, roles: ['sender'], feeds: ['ryy-tie'], staffAssurance: 2 },
  });
});

test('staff of the first issuer are as sure as the settings say', () => {
  const { issuers } = read([], { HDE_TOKEN_STAFF_ASSURANCE: '2' });
  expect(issuers[0]?.bounds).toEqual({ staffAssurance: 2 });
});

describe('a faulty issuer is named', () => {
  test.each<[string, object[]]>([
    ['1.kind', [login, { ...login, kind: 'google' }]],
    ['0.jwksUri: is not https', [{ ...login, jwksUri: 'http://auth.login.example/jwks' }]],
    ['0.jwksUri: is not https', [{ ...login, jwksUri: 'http://localhost.evil/jwks' }]],
    ['0.algorithms.0', [{ ...login, algorithms: ['HS256'] }]],
    ['0.algorithms.0', [{ ...login, algorithms: ['none'] }]],
    ['Unrecognized key: "jwks_uri"', [{ ...login, jwks_uri: 'x' }]],
    [`${login.issuer} occurs twice`, [login, { ...login, kind: 'cis2' }]],
    ['0.organisations', [{ ...tenant, organisations: undefined }]],
    ['0.organisations.0: is no ODS code', [{ ...tenant, organisations: ['ryy'] }]],
    ['0.subjectPrefix: is a name of the exchange', [{ ...tenant, subjectPrefix: 'cis2' }]],
    ['Unrecognized key: "roles"', [{ ...login, roles: ['operator'] }]],
    [
      `${tenant.issuer} needs a subjectPrefix of its own: there is another issuer of its kind`,
      [{ ...tenant, subjectPrefix: undefined }],
    ],
    ['needs a subjectPrefix of its own', [login, { ...login, issuer: 'https://other.example' }]],
    ['occurs twice', [{ ...login, issuer: sample['HDE_TOKEN_ISSUER'] }]],
  ])('%s', (message, issuers) => {
    const reading = () => read(issuers);
    expect(reading).toThrow('HDE_TOKEN_ISSUERS');
    expect(reading).toThrow(message);
  });
});

test('clients that need a certificate need the header that brings it', () => {
  const policy = JSON.parse(sample['HDE_ACCESS_POLICY'] ?? '') as object;
  const client = {
    ...{ id: 'backend', issuer: login.issuer, organisation: 'RZZ', purposes: ['direct-care'] },
    ...{ scopes: 'system/*.rs', certificates: ['ab'.repeat(32)] },
  };
  const HDE_ACCESS_POLICY = JSON.stringify({ ...policy, clients: [client] });
  expect(read([], { HDE_ACCESS_POLICY }).certificateHeader).toBe('x-arr-clientcert');
  expect(() => read([], { HDE_ACCESS_POLICY, HDE_CLIENT_CERTIFICATE_HEADER: undefined })).toThrow(
    'HDE_CLIENT_CERTIFICATE_HEADER: the client backend needs a certificate',
  );
});
