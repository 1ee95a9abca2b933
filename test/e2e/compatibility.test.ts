/** Callers of the exchange before, and developers with the OpenAPI document, on the real local stack. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, OperationOutcome, Patient } from 'fhir/r4.js';
import type { Operation } from '../../src/platform/openapi/operation.js';
import { allOperations } from '../../src/platform/openapi/operations.js';
import { aMessage } from '../support/messages.js';
import { eventually, startStack, type RunningStack } from '../support/stack.js';

let stack: RunningStack;
let sender: string;
let reader: string;
let operator: string;
let officer: string;

beforeAll(async () => {
  stack = await startStack('compatibility');
  sender = await stack.token({ roles: ['sender'], feeds: ['rzz-tie'] });
  reader = await stack.token({ roles: ['reader'] });
  operator = await stack.token({ roles: ['operator'], feeds: ['rzz-tie'] });
  officer = await stack.token({ roles: ['privacy-officer'] });
}, 120_000);

afterAll(() => stack.destroy(), 60_000);

const source = { 'organisation-code': 'RZZ', 'source-domain': 'tie', 'data-type': 'HL7v2' };

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

async function call(
  path: string,
  token: string | undefined,
  init: {
    readonly method?: string;
    readonly body?: string | Uint8Array;
    readonly headers?: Record<string, string>;
  } = {},
): Promise<Answer> {
  const response = await fetch(`${stack.url}${path}`, {
    ...init,
    headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...init.headers },
  });
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    text: await response.text(),
  };
}

const ingest = (body: Uint8Array | string, headers: Record<string, string> = source, token = sender) =>
  call('/$ingest', token, { method: 'POST', body, headers: { 'content-type': 'text/plain', ...headers } });

describe('POST /$ingest', () => {
  test('acknowledges as it should have, and the patient is there', async () => {
    const { status, type, text } = await ingest(aMessage({ controlId: 'F1' }));
    expect([status, type]).toEqual([200, 'text/plain']);
    const [msh = '', msa = ''] = text.split('\r');
    // CR ends segments, the control id has at most 20 characters, and sender and receiver come from the message.
    expect(msh.split('|').slice(2, 6)).toEqual(['HDE', 'HDE', 'RZZ_TIE', 'RZZ']);
    expect(msh.split('|')[9]).toMatch(/^\w{1,20}$/);
    expect(msa).toBe('MSA|AA|F1');
    const found = await eventually(
      () => call('/Patient/999%20000%200018', reader),
      ({ status: found }) => found === 200,
    );
    const patient = JSON.parse(found.text) as Patient;
    expect(patient.resourceType).toBe('Patient');
    expect(patient.name?.[0]?.family).toBe('Okoro');
  });

  test('takes the number of the data type, and headers in any case', async () => {
    const headers = { 'organisation-code': 'rzz', 'source-domain': 'TIE', 'data-type': '0' };
    expect((await ingest(aMessage({ controlId: 'F2' }), headers)).status).toBe(200);
  });

  test.each([
    ['999', 'IngestionDataType 999 is not supported'],
    ['PID|9990000018', 'IngestionDataType as given is not supported'],
  ])('refuses the data type %s', async (kind, text) => {
    const answer = await ingest(aMessage(), { ...source, 'data-type': kind });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([400, text]);
  });

  test.each(['organisation-code', 'source-domain', 'data-type'])('needs the header %s', async (name) => {
    const { [name]: _left, ...others } = source as Record<string, string>;
    const { status, text } = await ingest(aMessage({ controlId: 'F3' }), others);
    expect(status).toBe(400);
    expect(text).toContain('\rMSA|AR|F3|');
    expect(text).toContain(name);
  });

  test('says AR to what is no HL7 v2', async () => {
    const { status, text } = await ingest('not a message');
    expect(status).toBe(400);
    expect(text).toMatch(/\rMSA\|AR/);
  });

  test('trusts the token and not the headers', async () => {
    const stranger = await stack.token({ roles: ['sender'], feeds: ['another-feed'] });
    expect((await ingest(aMessage(), source, stranger)).status).toBe(403);
    expect((await ingest(aMessage(), source, reader)).status).toBe(403);
    expect((await call('/$ingest', undefined, { method: 'POST', body: 'x', headers: source })).status).toBe(
      401,
    );
    const unknown = { ...source, 'source-domain': 'nowhere' };
    expect((await ingest(aMessage(), unknown)).status).toBe(404);
  });
});

describe('GET /Patient/{nhsNumber}', () => {
  test.each(['9990000019', '0000000000', '9999999999', '123', '９９９００００01８'])(
    'refuses %s, which is no NHS number',
    async (number) => {
      const { status, text } = await call(`/Patient/${encodeURIComponent(number)}`, reader);
      expect([status, JSON.parse(text)]).toEqual([400, ['NHS Number is not valid.']]);
    },
  );

  test('tells an unknown number by an OperationOutcome', async () => {
    const { status, text } = await call('/Patient/9990000034', reader);
    expect(status).toBe(404);
    expect((JSON.parse(text) as OperationOutcome).issue[0]).toMatchObject({
      severity: 'error',
      code: 'not-found',
    });
  });

  test('is for readers', async () => {
    expect((await call('/Patient/9990000018', sender)).status).toBe(403);
    expect((await call('/Patient/9990000018', undefined)).status).toBe(401);
  });
});

describe('GET /Patient?...', () => {
  test.each([
    'family=okoro&birthdate=1980-01-02',
    'family=Okoro&_exact-match=true',
    'identifier=9990000018',
    'family=Okoroh&_fuzzy-match=true&gender=female',
  ])('%s finds the one patient', async (query) => {
    const { status, text } = await call(`/Patient?${query}`, reader);
    expect([status, (JSON.parse(text) as Patient).name?.[0]?.family]).toEqual([200, 'Okoro']);
  });

  test('finds nobody', async () => {
    expect((await call('/Patient?family=Nobody', reader)).status).toBe(404);
  });

  test('refuses what it does not know, and what says nothing', async () => {
    const none = await call('/Patient', reader);
    expect([none.status, JSON.parse(none.text)]).toEqual([400, ['At least one parameter must be provided.']]);
    expect((await call('/Patient?surname=Okoro', reader)).status).toBe(400);
    expect((await call('/Patient?gender=female', reader)).status).toBe(400);
  });

  test('never gives one of several', async () => {
    await ingest(aMessage({ controlId: 'F8', mrn: 'M8', nhsNumber: '', family: 'Twin' }));
    await ingest(aMessage({ controlId: 'F9', mrn: 'M9', nhsNumber: '', family: 'Twin' }));
    await eventually(
      () => call('/Patient?family=Twin', reader),
      ({ status }) => status === 409,
    );
  });
});

test('GET /_health says Healthy', async () => {
  const { status, text } = await call('/_health', undefined);
  expect([status, (JSON.parse(text) as { status: string }).status]).toEqual([200, 'Healthy']);
});

describe('the OpenAPI document', () => {
  /** What each operation is asked here, where an example is not enough: path, and body where it has one. */
  const requests: Readonly<Record<string, { path?: string; body?: unknown; status?: number }>> = {
    ingest: { path: '/ingest/rzz-tie' },
    listMessages: { path: '/triage/messages?limit=1' },
    searchMessages: { body: { limit: 1 } },
    resubmitMessages: { body: { filter: { controlId: 'nobody' } } },
    // Of a type that nobody sends: what is on its way meanwhile must not stand in the way (409).
    previewReplay: { body: { type: 'ORU^R32' } },
    runReplay: { body: { runId: 'openapi', type: 'ORU^R32' } },
    balanceReceipts: { body: { feed: 'rzz-tie', from: '2026-01-01', to: '2100-01-01' } },
    balanceArchive: { body: { feed: 'rzz-tie', from: '2026-01-01', to: '2100-01-01' } },
    takeInArchived: { body: { feed: 'rzz-tie', messageIds: ['nothing'] } },
    runReindex: { body: { limit: 10 } },
    searchAudit: { body: { limit: 10 } },
    readAudit: { body: {} },
    keepOptOuts: { body: { asked: ['9990000018'], answer: '9990000018,\r\n' } },
    searchGlass: { body: { limit: 1 } },
    health: { path: '/health/ready' },
    patientFace: { path: '/Patient/9990000018' },
    patientSearchFace: { path: '/Patient?identifier=9990000018' },
  };

  const tokenFor = ({ role }: Operation) =>
    role === undefined
      ? undefined
      : { sender, reader, writer: reader, operator, 'privacy-officer': officer }[role];

  async function receiptId(body: Uint8Array): Promise<string> {
    const response = await fetch(`${stack.url}/ingest/rzz-tie`, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${sender}`, 'content-type': 'application/hl7-v2+er7' },
    });
    return response.headers.get('x-hde-receipt') ?? '';
  }

  /** A message that fails, so that operators can decide about it. */
  const failing = (controlId: string) =>
    new TextEncoder().encode(`MSH|^~\\&|RZZ_TIE|RZZ|HDE|HDE|20260330||ADT^A28|${controlId}|P|2.4\rEVN|A28\r`);

  /** Bodies that name a patient, and what is registered of them. */
  async function aboutPatient(operationId: string): Promise<unknown> {
    const who = { registerRelationship: { organisation: 'RZZ' }, registerProxy: { subject: 'parent-1' } };
    const first = { endRelationship: 'registerRelationship', endProxy: 'registerProxy' }[operationId];
    const registered = first ?? operationId;
    if (!(registered in who)) return undefined;
    const { text } = await call('/fhir/Patient?family=Okoro', reader);
    const { entry = [] } = JSON.parse(text) as Bundle;
    const patient = entry[0]?.resource?.id ?? '';
    const body = { patient, ...who[registered as keyof typeof who] };
    if (first === undefined) return body;
    const { route } = allOperations.find((each) => each.operationId === first)!;
    const headers = { 'content-type': 'application/json' };
    const made = await call(`/${route}`, officer, { method: 'POST', headers, body: JSON.stringify(body) });
    return { patient, id: (JSON.parse(made.text) as { id: string }).id };
  }

  async function requestFor(operation: Operation): Promise<[path: string, init: RequestInit]> {
    const { operationId, method, route, body, headers = {} } = operation;
    const { path = `/${route}`, body: json } = requests[operationId] ?? {};
    const ids: Readonly<Record<string, unknown>> = {
      resubmitMessage: {},
      correctMessage: {
        text: Buffer.from(aMessage({ controlId: 'O9' })).toString(),
        reason: 'PID was missing',
      },
      dismissMessage: { reason: 'sent by mistake' },
    };
    const id = path.includes('{id}')
      ? await receiptId(operationId in ids ? failing(operationId) : aMessage({ controlId: 'O1' }))
      : '';
    const content = json ?? ids[operationId] ?? (await aboutPatient(operationId));
    return [
      path.replace('{id}', id),
      {
        method: method.toUpperCase(),
        ...(body === undefined
          ? {}
          : { body: content === undefined ? String(body.example) : JSON.stringify(content) }),
        headers: {
          ...(body === undefined ? {} : { 'content-type': body.type }),
          ...(Object.keys(headers).length === 0 ? {} : source),
        },
      },
    ];
  }

  /** Those of staff and patients are a journey of their own: break-glass.test.ts. */
  const here = allOperations.filter(
    ({ operationId }) => !/^(?:(?:break|review)Glass|myRecordViews)$/.test(operationId),
  );

  test.each(here.map((operation) => [operation.operationId, operation] as const))(
    '%s answers as it says',
    async (_id, operation) => {
      const [path, init] = await requestFor(operation);
      const { status, type, text } = await call(
        path,
        tokenFor(operation),
        init as Parameters<typeof call>[2],
      );
      const answer = operation.answers[status];
      expect({ status, isDescribed: answer !== undefined, text: answer === undefined ? text : '' }).toEqual({
        status,
        isDescribed: true,
        text: '',
      });
      expect(type.split(';')[0]).toBe(answer?.content?.type ?? '');
      answer?.content?.schema?.parse(JSON.parse(text));
    },
  );

  test.each(
    allOperations
      .filter(({ role }) => role !== undefined)
      .map(({ operationId, route, method }) => [operationId, route, method] as const),
  )('%s needs a token', async (_id, route, method) => {
    const answer = await call(`/${route.replaceAll(/[{}]/g, '')}`, undefined, {
      method: method.toUpperCase(),
    });
    expect(answer.status).toBe(401);
  });
});
