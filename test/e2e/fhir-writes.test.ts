/** Clients that write over HTTP, on the real local stack: every part its own process, every SDK on the wire. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle, OperationOutcome, Patient, Resource } from 'fhir/r4.js';
import { post } from '../support/hl7-client.js';
import { aMessage } from '../support/messages.js';
import { eventually, startStack, type RunningStack } from '../support/stack.js';

let stack: RunningStack;
let tokens: Readonly<Record<'reader' | 'writer' | 'editor' | 'sender', string>>;

beforeAll(async () => {
  stack = await startStack('writes');
  tokens = {
    reader: await stack.token({ roles: ['reader'] }),
    writer: await stack.token({ roles: ['writer'], subject: 'app-7' }),
    editor: await stack.token({ roles: ['reader', 'writer'], subject: 'app-7' }),
    sender: await stack.token({ roles: ['sender'], feeds: ['rzz-tie'] }),
  };
}, 120_000);

afterAll(() => stack.destroy(), 60_000);

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Resource | undefined;
}

async function ask(
  method: string,
  path: string,
  { body, headers = {}, token }: { body?: object; headers?: Record<string, string>; token?: string } = {},
): Promise<Answer> {
  const isRead = method === 'GET';
  const response = await fetch(`${stack.url}/fhir/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token ?? (isRead ? tokens.reader : tokens.writer)}`,
      ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const { status, headers: answered } = response;
  return { status, headers: answered, body: text === '' ? undefined : (JSON.parse(text) as Resource) };
}

const nhs = { system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000018' };
const mrn = { system: 'https://rzz.example.nhs.uk/Id/local-patient-id', value: 'W1' };

test('a record is created, read, changed, patched, deleted and remembered, and messages join it', async () => {
  const created = await ask('POST', 'Patient', {
    body: { resourceType: 'Patient', identifier: [nhs, mrn], name: [{ family: 'Okoro' }] },
  });
  const id = created.body?.id ?? '';
  expect([created.status, created.headers.get('etag')]).toEqual([201, 'W/"1"']);
  expect(created.headers.get('location')).toMatch(new RegExp(`/fhir/Patient/${id}/_history/1$`));
  expect((await ask('GET', `Patient/${id}`)).body).toEqual(created.body);

  const observation = {
    resourceType: 'Observation',
    id: 'my-observation',
    status: 'preliminary',
    code: { text: 'Heart rate' },
    subject: { reference: `Patient/${id}` },
  };
  const path = 'Observation/my-observation';
  expect((await ask('PUT', path, { body: observation })).status).toBe(201);
  const updated = await ask('PUT', path, {
    body: { ...observation, status: 'final' },
    headers: { 'if-match': 'W/"1"' },
  });
  expect([updated.status, updated.headers.get('etag')]).toEqual([200, 'W/"2"']);
  const stale = await ask('PUT', path, { body: observation, headers: { 'if-match': 'W/"1"' } });
  expect([stale.status, (stale.body as OperationOutcome).issue[0]?.details?.coding?.[0]?.code]).toEqual([
    412,
    'HDE_PRECONDITION_FAILED',
  ]);
  const patched = await ask('PATCH', path, {
    body: [{ op: 'add', path: '/note', value: [{ text: 'at rest' }] }],
    headers: { 'content-type': 'application/json-patch+json' },
    token: tokens.editor,
  });
  expect([patched.status, patched.body]).toEqual([
    200,
    expect.objectContaining({ note: [{ text: 'at rest' }] }),
  ]);
  const found = () => ask('GET', `Observation?patient=${id}`);
  expect((await found()).body).toMatchObject({ entry: [{ resource: { id: 'my-observation' } }] });

  expect((await ask('DELETE', `Patient/${id}`)).status).toBe(409);
  expect((await ask('DELETE', path)).status).toBe(204);
  expect((await ask('GET', path)).status).toBe(410);
  expect((await found()).body).not.toHaveProperty('entry');
  const history = (await ask('GET', `${path}/_history`)).body as Bundle;
  expect(history.entry?.map(({ request }) => request?.method)).toEqual(['DELETE', 'PUT', 'PUT', 'PUT']);

  const message = aMessage({ mrn: 'W1', at: '20991231100000', controlId: 'JOINS', family: 'Okoro' });
  expect((await post(stack, message, { token: tokens.sender })).status).toBe(200);
  const joined = await eventually(
    () => ask('GET', `Patient/${id}`),
    ({ body }) => (body as Patient).gender === 'female',
    60_000,
  );
  expect(joined.body).toMatchObject({ meta: { versionId: '2' }, birthDate: '1980-01-02' });
}, 180_000);

test('who may read may not write, and who may write may not read', async () => {
  const body = { resourceType: 'Patient' };
  expect((await ask('POST', 'Patient', { body, token: tokens.reader })).status).toBe(403);
  expect((await ask('GET', 'Patient/x', { token: tokens.writer })).status).toBe(403);
  expect((await ask('PATCH', 'Patient/x', { body: [], token: tokens.writer })).status).toBe(403);
});

test('what is wrong is told with its place, and what is not served with what is', async () => {
  const invalid = await ask('POST', 'Patient', {
    body: { resourceType: 'Patient', birthDate: '1980-13-01' },
  });
  expect([invalid.status, (invalid.body as OperationOutcome).issue[0]?.expression]).toEqual([
    400,
    ['Patient.birthDate'],
  ]);
  const lost = await ask('POST', 'Condition', {
    body: { resourceType: 'Condition', subject: { reference: 'Patient/nobody' } },
  });
  expect([lost.status, (lost.body as OperationOutcome).issue[0]?.expression]).toEqual([
    422,
    ['Condition.subject'],
  ]);
  const refused = await ask('DELETE', 'metadata', { token: tokens.reader });
  expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  // Criteria are needed: nobody deletes all patients.
  expect((await ask('DELETE', 'Patient', { token: tokens.editor })).status).toBe(400);
});
