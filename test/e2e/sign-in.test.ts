/** Who is asking, on the real local stack: tokens of every kind, and those that the exchange issues itself. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle } from 'fhir/r4.js';
import { decodeJwt } from 'jose';
import { signAssertion } from '../../local/issuer/backend-token.js';
import { post } from '../support/hl7-client.js';
import { aMessage } from '../support/messages.js';
import { eventually, startStack, type RunningStack } from '../support/stack.js';

let stack: RunningStack;

beforeAll(async () => {
  stack = await startStack('sign-in');
}, 120_000);

afterAll(() => stack.destroy(), 60_000);

/** Whether somebody is known: what they may see is another question. */
async function isKnown(token: string): Promise<boolean> {
  const response = await fetch(`${stack.url}/fhir/Patient/nobody`, {
    headers: { authorization: `Bearer ${token}` },
  });
  await response.text();
  return response.status !== 401;
}

const postToken = (assertion: string, scope = 'system/*.rs') =>
  fetch(`${stack.url}/smart/token`, {
    method: 'POST',
    body: new URLSearchParams({
      ...{ grant_type: 'client_credentials', scope, client_assertion: assertion },
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    }),
  });

test.each([
  ['an application of Entra ID', { roles: ['reader'] }],
  ['a user of Entra ID', { as: 'entra-user', roles: ['R8000'] }],
  ['a patient of NHS login', { as: 'nhs-login', roles: [], nhsNumber: '9990000018' }],
  ['a member of staff of CIS2', { as: 'cis2', roles: ['R8000'] }],
] as const)('%s is known, and a forger is not', async (_, claims) => {
  const token = await stack.token(claims);
  expect(await isKnown(token)).toBe(true);
  const [header = '', payload = '', signature = ''] = token.split('.');
  const other = signature.startsWith('A') ? 'B' : 'A';
  expect(await isKnown(`${header}.${payload}.${other}${signature.slice(1)}`)).toBe(false);
});

const findPatient = (token: string, nhsNumber: string, purpose?: string) =>
  fetch(`${stack.url}/fhir/Patient/_search`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      ...(purpose === undefined ? {} : { 'x-hde-purpose': purpose }),
    },
    body: new URLSearchParams({ identifier: `https://fhir.nhs.uk/Id/nhs-number|${nhsNumber}` }),
  });

/** The record id of a patient. */
async function idOf(token: string, nhsNumber: string): Promise<string> {
  const { entry = [] } = (await (await findPatient(token, nhsNumber)).json()) as Bundle;
  return entry[0]?.resource?.id ?? '';
}

/** How many patients somebody finds by an NHS number; none where they may not even ask. */
async function found(token: string, nhsNumber: string, purpose?: string): Promise<number> {
  const response = await findPatient(token, nhsNumber, purpose);
  if (response.status === 403) return 0;
  expect(response.status).toBe(200);
  const { entry = [] } = (await response.json()) as { entry?: { search?: { mode?: string } }[] };
  return entry.filter(({ search }) => search?.mode === 'match').length;
}

describe('a patient of the sample trust', () => {
  const own = '9990000018';
  beforeAll(async () => {
    const sender = await stack.token({ roles: ['sender'], feeds: ['rzz-tie'] });
    await post(stack, aMessage({ nhsNumber: own }), { token: sender });
    const reader = await stack.token({ roles: ['reader'] });
    await eventually(
      () => found(reader, own),
      (count) => count === 1,
    );
  }, 90_000);

  const staff = { as: 'cis2', roles: ['R8000'] } as const;
  const backend = { as: 'smart', roles: [] } as const;

  test.each<[string, Parameters<RunningStack['token']>[0], string | undefined, number]>([
    ['themselves', { as: 'nhs-login', roles: [], nhsNumber: own }, undefined, 1],
    ['no other patient', { as: 'nhs-login', roles: [], nhsNumber: '9990000026' }, undefined, 0],
    ['staff of the trust, by CIS2', staff, 'TREAT', 1],
    ['no staff whose application has several purposes and who say none', staff, undefined, 0],
    ['no staff for a purpose that their application has not', staff, 'patient-access', 0],
    ['staff of the trust, by Entra ID', { as: 'entra-user', roles: ['R8000'] }, undefined, 1],
    ['no staff whose role does not allow it', { ...staff, roles: ['R9999'] }, 'TREAT', 0],
    ['no staff of another trust without a part in their care', { ...staff, organisation: 'RYY' }, 'TREAT', 0],
    ['a backend service of the trust', backend, undefined, 1],
    ['no backend service without the scope', { ...backend, scope: 'system/Observation.rs' }, undefined, 0],
  ])('is found by %s', async (_, claims, purpose, count) => {
    expect(await found(await stack.token(claims), own, purpose)).toBe(count);
  });

  test('is found by an application of staff that was opened for them, and by none opened for somebody else', async () => {
    const reader = await stack.token({ roles: ['reader'] });
    const patient = await idOf(reader, own);
    const application = { as: 'entra-user', roles: ['R8000'], scope: 'patient/*.rs' } as const;
    expect(await found(await stack.token({ ...application, patient }), own)).toBe(1);
    for (const other of [undefined, `${patient.slice(1)}a`, own]) {
      const token = await stack.token({ ...application, ...(other === undefined ? {} : { patient: other }) });
      expect(await found(token, own)).toBe(0);
    }
  });
});

describe('a backend service', () => {
  test('learns where it gets a token, and is known by it', async () => {
    const configuration = await fetch(`${stack.url}/fhir/.well-known/smart-configuration`);
    expect(await configuration.json()).toMatchObject({
      issuer: stack.url,
      token_endpoint: `${stack.url}/smart/token`,
    });
    const keys = await fetch(`${stack.url}/smart/jwks`);
    expect(await keys.json()).toMatchObject({ keys: [{ kty: 'EC', alg: 'ES384' }] });
    const token = await stack.token({ as: 'smart', roles: [], scope: 'system/Patient.rs system/*.cud' });
    expect(decodeJwt(token)).toMatchObject({
      ...{ iss: stack.url, aud: `${stack.url}/fhir`, client_id: 'development-backend' },
      scope: 'system/Patient.rs',
    });
    expect(await isKnown(token)).toBe(true);
  });

  test('uses an assertion once, also at the same moment', async () => {
    const assertion = await signAssertion(`${stack.url}/smart/token`, stack.stateDir);
    const answers = await Promise.all(Array.from({ length: 10 }, () => postToken(assertion)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const again = await postToken(assertion);
    expect(again.status).toBe(400);
    expect(await again.json()).toMatchObject({ error: 'invalid_client' });
  });

  test('gets no token with an assertion for another exchange', async () => {
    const assertion = await signAssertion('https://other.example/smart/token', stack.stateDir);
    expect(await (await postToken(assertion)).json()).toMatchObject({ error: 'invalid_client' });
  });

  test('is told in the CapabilityStatement that there are tokens', async () => {
    const response = await fetch(`${stack.url}/fhir/metadata`);
    const text = await response.text();
    expect(text).toContain('SMART-on-FHIR');
    expect(text).toContain(`${stack.url}/smart/token`);
  });
});
