/** Who is let in, and the access policy of the sample, on the real local stack. All people are synthetic. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, OperationOutcome } from 'fhir/r4.js';
import { mintDevelopmentToken } from '../../local/development-issuer.js';
import { askJson } from '../support/ask-json.js';
import { aConsent } from '../support/consents.js';
import { post } from '../support/hl7-client.js';
import { aMessage } from '../support/messages.js';
import { eventually, startStack, type RunningStack } from '../support/stack.js';

let stack: RunningStack;
let own: string;
let sender: string;
let reader: string;
let ids: { readonly patient: string; readonly allergy: string };

beforeAll(async () => {
  stack = await startStack('access');
  sender = await stack.token({ roles: ['sender'], feeds: ['rzz-tie'] });
  reader = await stack.token({ roles: ['reader'] });
  own = await stack.token({ roles: ['reader', 'writer'], purposes: ['direct-care', 'research'] });
  const patient = await create('Patient', {
    identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000018' }],
  });
  const allergy = await create('AllergyIntolerance', { patient: { reference: `Patient/${patient}` } });
  ids = { patient, allergy };
}, 120_000);

afterAll(() => stack.destroy(), 60_000);

interface Call {
  readonly method?: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

async function call(path: string, token: string, { method = 'GET', body, headers = {} }: Call = {}) {
  const response = await fetch(`${stack.url}${path}`, {
    method,
    headers: {
      ...{ authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: (text === '' ? {} : JSON.parse(text)) as Bundle & { id: string } };
}

const forCare = { headers: { 'x-hde-purpose': 'direct-care' } };

async function create(resourceType: string, fields: object): Promise<string> {
  const body = { resourceType, ...fields };
  const { status, json } = await call(`/fhir/${resourceType}`, own, { method: 'POST', body, ...forCare });
  expect(status).toBe(201);
  return json.id;
}

const get = <T>(path: string, token: string) => askJson<T>(`${stack.url}${path}`, token);

describe('who is let in', () => {
  const routes = ['/fhir/Patient', '/fhir/Patient/x', '/ingest/receipts/x'];

  test.each(routes)('%s answers 401 without a token', async (path) => {
    const { status, headers, body } = await get<OperationOutcome>(path, '');
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Bearer');
    expect(body.issue[0]).toMatchObject({ severity: 'error', code: 'login' });
  });

  test.each(routes)('%s answers 401 to a token that is not ours', async (path) => {
    const foreign = `${sender.slice(0, sender.lastIndexOf('.'))}.AAAA`;
    const { status, headers } = await get(path, foreign);
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"']);
  });

  test('a token that has expired is told so', async () => {
    const { stateDir } = stack;
    const old = await mintDevelopmentToken({ roles: ['reader'] }, { stateDir, lifetimeSeconds: -60 });
    const { status, body } = await get<OperationOutcome>('/fhir/Patient/x', old);
    expect([status, body.issue[0]?.diagnostics]).toEqual([401, 'the token has expired']);
  });

  test('a message without a token is refused with 401, in HL7 to an HL7 sender', async () => {
    const answer = await post(stack, aMessage({ controlId: 'NOTOKEN' }));
    expect(answer.status).toBe(401);
    expect(answer.segment('MSA').slice(1, 3)).toEqual(['AR', 'NOTOKEN']);
  });

  test('a message with a token for another feed is refused with 403', async () => {
    const token = await stack.token({ roles: ['sender'], feeds: ['other'] });
    const answer = await post(stack, aMessage({ controlId: 'OTHER' }), { token });
    expect(answer.status).toBe(403);
    expect(answer.segment('MSA').slice(1, 3)).toEqual(['AR', 'OTHER']);
  });

  test('a reader may not send and a sender may not read', async () => {
    expect((await post(stack, aMessage(), { token: reader })).status).toBe(403);
    const { status, body } = await get<OperationOutcome>('/fhir/Patient/x', sender);
    expect([status, body.issue[0]?.diagnostics]).toEqual([403, 'needs the role reader']);
  });

  test.each(['/nowhere', '/ingest', '/ingest/rzz-tie'])(
    'GET %s, which no function answers, is 404 with an OperationOutcome',
    async (path) => {
      const { status, body } = await get<OperationOutcome>(path, '');
      expect(status).toBe(404);
      expect(body.issue[0]?.details?.coding?.[0]?.code).toBe('HDE_ROUTE_NOT_FOUND');
    },
  );

  test('an unknown feed is 404, as an OperationOutcome to a client that asks for one', async () => {
    const answer = await post(stack, aMessage(), {
      token: sender,
      feed: 'nowhere',
      headers: { accept: 'application/fhir+json' },
    });
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.text)).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ code: 'not-found' }],
    });
  });

  test('a body of 20 MB is 413, and its sender still learns which message was meant', async () => {
    const body = Buffer.concat([aMessage({ controlId: 'BIG' }), Buffer.alloc(20_000_000, 0x41)]);
    const answer = await post(stack, body, { token: sender });
    expect(answer.status).toBe(413);
    expect(answer.segment('MSA').slice(1, 3)).toEqual(['AR', 'BIG']);
  });

  test('a body of another kind is 415', async () => {
    const answer = await post(stack, '{}', {
      token: sender,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(415);
    expect(JSON.parse(answer.text)).toMatchObject({ resourceType: 'OperationOutcome' });
  });
});

test('a purpose is said where the token has several, and is one of them', async () => {
  const statuses = async (headers: Record<string, string>) =>
    (await call(`/fhir/Patient/${ids.patient}`, own, { headers })).status;
  expect(await statuses({})).toBe(403);
  expect(await statuses({ 'x-hde-purpose': 'planning' })).toBe(403);
  expect(await statuses({ 'x-hde-purpose': 'TREAT' })).toBe(200);
});

test('research sees nobody of whom the national service has not answered', async () => {
  const headers = { 'x-hde-purpose': 'research' };
  expect((await call(`/fhir/Patient/${ids.patient}`, own, { headers })).status).toBe(404);
  const found = await call('/fhir/Patient?identifier=9990000018', own, { headers });
  expect([found.status, found.json.total]).toEqual([200, 0]);
});

test('another organisation reads what is shared with it, and changes nothing', async () => {
  const token = await stack.token({ roles: ['reader', 'writer'], organisation: 'RYY' });
  const address = `/fhir/AllergyIntolerance/${ids.allergy}`;
  const { status, json } = await call(address, token);
  expect(status).toBe(200);
  expect((await call(address, token, { method: 'PUT', body: json })).status).toBe(403);
  expect((await call(address, token, { method: 'DELETE' })).status).toBe(403);
  expect((await call(`/Patient/9990000018`, token)).status).toBe(200);
});

test('a refusal of the patient counts from the next request on, until it is withdrawn', async () => {
  const token = await stack.token({ roles: ['reader'], organisation: 'RYY' });
  const found = async () => {
    const { json } = await call(`/fhir/AllergyIntolerance?patient=${ids.patient}`, token);
    return (json.entry ?? []).map(({ resource }) => resource?.resourceType);
  };
  const provision = { type: 'deny', class: [{ code: 'AllergyIntolerance' }] };
  expect(await found()).toEqual(['AllergyIntolerance']);
  const consent = aConsent(provision, { patient: { reference: `Patient/${ids.patient}` } });
  const id = await create('Consent', consent);
  expect(await found()).toEqual(['OperationOutcome']);
  const withdrawn = await call(`/fhir/Consent/${id}`, own, { method: 'DELETE', ...forCare });
  expect(withdrawn.status).toBe(204);
  expect(await found()).toEqual(['AllergyIntolerance']);
});

test('an organisation that has left, or never took part, gets nothing', async () => {
  for (const organisation of ['RXX', 'RQQ']) {
    const token = await stack.token({ roles: ['reader', 'writer'], organisation });
    for (const path of [
      `/fhir/Patient/${ids.patient}`,
      '/fhir/Patient?identifier=9990000018',
      '/Patient/9990000018',
    ])
      expect((await call(path, token)).status).toBe(403);
  }
});

test('what another organisation states is not shared back without an agreement', async () => {
  const token = await stack.token({ roles: ['reader', 'writer'], organisation: 'RYY' });
  const body = { resourceType: 'Patient', identifier: [{ system: 'urn:ryy', value: '7' }] };
  const created = await call('/fhir/Patient', token, { method: 'POST', body });
  expect(created.status).toBe(201);
  expect((await call(`/fhir/Patient/${created.json.id}`, token)).status).toBe(200);
  expect((await call(`/fhir/Patient/${created.json.id}`, own, forCare)).status).toBe(404);
});

test('a patient whom a message restricts is found by nobody who is not cleared', async () => {
  const sender = await stack.token({ roles: ['sender'], feeds: ['rzz-tie'] });
  const operator = await stack.token({ roles: ['operator'], feeds: ['rzz-tie'] });
  const message = aMessage({
    ...{ type: 'ADT^A31', controlId: 'S1', mrn: 'M9', nhsNumber: '9990000026', family: 'Refuge' },
    more: ['ZU8||||2'],
  });
  const response = await fetch(`${stack.url}/ingest/rzz-tie`, {
    ...{ method: 'POST', body: message },
    headers: { authorization: `Bearer ${sender}`, 'content-type': 'x-application/hl7-v2+er7' },
  });
  const receipt = response.headers.get('x-hde-receipt') ?? '';
  const { json } = await eventually(
    () => call(`/ingest/receipts/${receipt}`, operator),
    (answer) => (answer.json as unknown as { status: string }).status === 'normalised',
  );
  const [record] = (json as unknown as { records: { id: string }[] }).records;
  for (const path of [
    ...[`/fhir/Patient/${record?.id ?? ''}`, `/fhir/Patient/${record?.id ?? ''}/_history`],
    `/fhir/Patient/${record?.id ?? ''}/$everything`,
  ])
    expect((await call(path, own, forCare)).status).toBe(404);
  expect((await call('/fhir/Patient?identifier=9990000026', own, forCare)).json.total).toBe(0);
  expect((await call('/Patient/9990000026', own, forCare)).status).toBe(404);
  const history = await call('/fhir/Patient/_history', own, forCare);
  expect(JSON.stringify(history.json)).not.toContain('Refuge');
}, 60_000);
