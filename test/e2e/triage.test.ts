/** What operators do with messages that fail, over HTTP and on the command line, on the real local stack. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Patient } from 'fhir/r4.js';
import {
  blobContainerOf,
  createBlobRawArchive,
  openBlobService,
} from '../../src/adapters/blob/raw-archive.js';
import { containerOf, openCosmos } from '../../src/adapters/cosmos/connect.js';
import { createCosmosMessageStore } from '../../src/adapters/cosmos/message-store.js';
import { createCosmosRecordStore } from '../../src/adapters/cosmos/record-store.js';
import { createServiceBusMessageQueue, openServiceBus } from '../../src/adapters/service-bus/messaging.js';
import { createReopeningSender } from '../../src/adapters/service-bus/reopening-sender.js';
import { acceptMessage } from '../../src/app/accept-message.js';
import { wholeBody } from '../../src/app/receive-body.js';
import { askJson, type JsonAnswer } from '../support/ask-json.js';
import { runHde } from '../support/command-line.js';
import { sampleFeed } from '../support/feeds.js';
import { post } from '../support/hl7-client.js';
import { aMessage } from '../support/messages.js';
import { eventually, startStack, type RunningStack } from '../support/stack.js';

let stack: RunningStack;
let sender: string;
let reader: string;
let operator: string;

beforeAll(async () => {
  stack = await startStack('triage');
  sender = await stack.token({ roles: ['sender'], feeds: ['rzz-tie'] });
  reader = await stack.token({ roles: ['reader'] });
  operator = await stack.token({ roles: ['operator'], feeds: ['rzz-tie'], subject: 'olive' });
}, 120_000);

afterAll(() => stack.destroy(), 60_000);

const call = <T>(path: string, token: string, body?: unknown) =>
  askJson<T>(`${stack.url}${path}`, token, body);

interface Message {
  readonly id: string;
  readonly status: string;
  readonly stage?: string;
  readonly errorCode?: string;
  readonly attempts: number;
  readonly controlId?: string;
  readonly correctionOf?: string;
  readonly history: readonly { by: string; action: string; reason?: string }[];
}

interface Shown {
  readonly receipt: Message;
  readonly corrections: readonly { id: string; status: string }[];
  readonly raw: { text: string };
  readonly tree: readonly { place: string }[];
  readonly bundle: Bundle;
  readonly issues: readonly { code: string }[];
  readonly lineage: readonly { element: string; source?: string }[];
}

interface Refusal {
  readonly issue: readonly { details: { coding: readonly { code: string }[] } }[];
}

const codeOf = ({ body }: JsonAnswer<Refusal>) => body.issue[0]?.details.coding[0]?.code;

async function send(bytes: Uint8Array): Promise<string> {
  const { headers, text } = await post(stack, bytes, { token: sender });
  const id = headers.get('x-hde-receipt');
  if (id === null) throw new Error(`no receipt: ${text}`);
  return id;
}

const receiptOf = async (id: string) => (await call<Shown>(`/triage/messages/${id}`, operator)).body.receipt;

const settled = (id: string, status: string) =>
  eventually(
    () => receiptOf(id),
    (receipt) => receipt.status === status,
  );

const localSystem = 'https://rzz.example.nhs.uk/Id/local-patient-id';

const patientsWith = async (mrn: string) =>
  (
    await call<Bundle<Patient>>(
      `/fhir/Patient?identifier=${encodeURIComponent(`${localSystem}|${mrn}`)}`,
      reader,
    )
  ).body.entry ?? [];

/** A report that no store can hold: it is accepted, and fails for good when it is committed. */
const tooLarge = (controlId: string, mrn: string): Uint8Array =>
  aMessage({
    type: 'ORU^R01',
    controlId,
    mrn,
    nhsNumber: '',
    more: [
      'OBR|1||F1^LAB|FBC^Full blood count^L|||20260330090000|||||||||||||||20260330100000||LAB|F',
      `OBX|1|TX|NOTE^Note^L||${'x'.repeat(3_000_000)}||||||F`,
    ],
  });

const hde = (...args: string[]) => runHde([...args, '--url', stack.url], { token: operator });

describe('a poison message in the middle of a patient', () => {
  const mrn = 'T1';
  let poison: string;
  let after: string;
  let other: string;

  beforeAll(async () => {
    await send(aMessage({ controlId: 'T1A', mrn, nhsNumber: '', family: 'Before' }));
    poison = await send(tooLarge('T1B', mrn));
    after = await send(
      aMessage({
        type: 'ADT^A31',
        controlId: 'T1C',
        mrn,
        nhsNumber: '',
        family: 'After',
        at: '20260330120000',
      }),
    );
    other = await send(aMessage({ controlId: 'T2A', mrn: 'T2', nhsNumber: '' }));
  });

  test('blocks neither that patient nor others of its feed', async () => {
    await settled(other, 'normalised');
    await settled(after, 'normalised');
    expect(await settled(poison, 'failed')).toMatchObject({
      stage: 'commit',
      errorCode: 'HDE_MESSAGE_TOO_LARGE',
      attempts: 1,
      pack: { name: 'hl7v2-uk' },
    });
    expect((await patientsWith(mrn))[0]?.resource?.name?.[0]?.family).toBe('After');
  });

  test.each([
    ['control id', { controlId: 'T1B' }],
    ['patient', { identifier: 'T1', status: 'failed' }],
    ['error code', { feed: 'rzz-tie', code: 'HDE_MESSAGE_TOO_LARGE' }],
    ['type and status', { type: 'ORU^R01', status: 'failed' }],
    ['the words of its reason', { about: 'too large' }],
  ])('is found by %s', async (_what, body) => {
    const { status, body: found } = await call<{ messages: Message[] }>('/triage/search', operator, body);
    expect(status).toBe(200);
    expect(found.messages.map(({ id }) => id)).toEqual([poison]);
  });

  test('is found by what may stand in an address', async () => {
    const query = 'feed=rzz-tie&status=failed&code=HDE_MESSAGE_TOO_LARGE&from=2026-01-01&limit=10';
    const { body } = await call<{ messages: Message[] }>(`/triage/messages?${query}`, operator);
    expect(body.messages.map(({ id }) => id)).toEqual([poison]);
  });

  test('is shown with its text, parts, records and issues', async () => {
    const { status, headers, body } = await call<Shown>(`/triage/messages/${poison}`, operator);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body.raw.text).toContain('MSH|^~\\&|RZZ_TIE');
    expect(body.tree.map(({ place }) => place)).toEqual(['MSH', 'EVN', 'PID', 'OBR', 'OBX']);
    const types = body.bundle.entry?.map(({ resource }) => resource?.resourceType);
    expect(types).toContain('Observation');
    expect(body.lineage.some(({ source }) => source?.startsWith('OBX') === true)).toBe(true);
  });

  test('is corrected over HTTP, its record appears, and both lineages lead back', async () => {
    const { body: before } = await call<Shown>(`/triage/messages/${poison}`, operator);
    const text = before.raw.text.replace(/x{100,}/, 'see the paper report');
    const reason = 'Note of 3 MB replaced by where it is';
    const answer = await call<Message>(`/triage/messages/${poison}/correct`, operator, { text, reason });
    expect(answer.status).toBe(201);
    const copy = answer.body;
    expect(answer.headers.get('location')).toBe(`/triage/messages/${copy.id}`);
    expect(copy).toMatchObject({ correctionOf: poison });
    await settled(copy.id, 'normalised');

    const [patient] = await patientsWith(mrn);
    const found = await call<Bundle>(`/fhir/Observation?patient=${patient?.resource?.id}`, reader);
    expect(JSON.stringify(found.body)).toContain('see the paper report');
    expect(patient?.resource?.name?.[0]?.family).toBe('After');

    for (const id of [poison, copy.id]) {
      const { body } = await call<Shown>(`/triage/messages/${id}`, operator);
      expect(body.corrections).toMatchObject([
        { id: poison, status: 'corrected', history: [{ by: 'olive', action: 'corrected', reason }] },
        { id: copy.id, status: 'normalised' },
      ]);
    }
    expect((await call<Shown>(`/triage/messages/${poison}`, operator)).body.raw).toEqual(before.raw);

    const cosmos = await openCosmos({
      kind: 'connection-string',
      connectionString: stack.settings['HDE_COSMOS']!,
    });
    const observation = found.body.entry?.[0]?.resource;
    const stored = await createCosmosRecordStore(containerOf(cosmos, 'records')).readCurrent(
      'Observation',
      observation?.id ?? '',
    );
    cosmos.dispose();
    expect(stored?.lineage.messages).toEqual([copy.id]);
    expect(stored?.source).toMatchObject({ messageId: copy.id, correctionOf: poison });
  });

  test('cannot be taken up any more once it is corrected', async () => {
    const answers = await Promise.all([
      call<Refusal>(`/triage/messages/${poison}/resubmit`, operator, {}),
      call<Refusal>(`/triage/messages/${poison}/dismiss`, operator, { reason: 'No longer needed' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([409, 409]);
    expect(answers.map(codeOf)).toEqual(['HDE_MESSAGE_STATUS', 'HDE_MESSAGE_STATUS']);
  });

  test('stays corrected when its sender repeats it', async () => {
    expect(await send(tooLarge('T1B', mrn))).toBe(poison);
    expect((await receiptOf(poison)).status).toBe('corrected');
  });
});

const nobody = (controlId: string): Uint8Array =>
  new TextEncoder().encode(
    new TextDecoder().decode(aMessage({ controlId })).replace(/PID\|1\|\|[^|]*/, 'PID|1||'),
  );

test('a message is dismissed with a reason, and resubmitted all the same, soon after it was tried', async () => {
  const id = await send(tooLarge('D1', 'D1'));
  await settled(id, 'failed');
  const reason = 'Sent by mistake';
  const dismissed = await call<Message>(`/triage/messages/${id}/dismiss`, operator, { reason });
  expect(dismissed).toMatchObject({ status: 200, body: { status: 'dismissed', history: [{ reason }] } });
  const resubmitted = await call<Message>(`/triage/messages/${id}/resubmit`, operator, {});
  expect(resubmitted).toMatchObject({ status: 202, body: { status: 'accepted' } });
  // It fails again, at once: the queue must not take it for a repetition of the first try.
  expect(await settled(id, 'failed')).toMatchObject({
    attempts: 2,
    history: [{ action: 'dismissed' }, { action: 'resubmitted' }],
  });
}, 60_000);

test('a message whose deliveries are used up drains from the dead-letter queue, and a resubmission cures it', async () => {
  const connection = (name: string) =>
    ({ kind: 'connection-string', connectionString: stack.settings[name]! }) as const;
  const cosmos = await openCosmos(connection('HDE_COSMOS'));
  const blobs = await openBlobService(connection('HDE_STORAGE'));
  const bus = await openServiceBus(connection('HDE_SERVICEBUS'));
  const queue = createServiceBusMessageQueue(createReopeningSender(() => Promise.resolve(bus), 'inbound'));
  const { receipt } = await acceptMessage(
    {
      archive: createBlobRawArchive(blobContainerOf(blobs, 'raw-messages')),
      messages: createCosmosMessageStore(containerOf(cosmos, 'messages')),
      // A place that no address can have (half a character): the worker throws on every delivery.
      queue: { send: (envelope) => queue.send({ ...envelope, archivePath: '\ud800' }) },
      clock: { now: () => new Date() },
      identitySecret: stack.settings['HDE_IDENTITY_SECRET']!,
    },
    {
      feed: sampleFeed,
      body: wholeBody(aMessage({ controlId: 'DEAD', mrn: 'DEAD', nhsNumber: '' })),
      contentType: 'text/plain',
    },
  );
  cosmos.dispose();
  await bus.close();
  expect(await settled(receipt.id, 'failed')).toMatchObject({
    stage: 'deliver',
    errorCode: 'HDE_DELIVERY_EXHAUSTED',
    attempts: 10,
  });
  await call(`/triage/messages/${receipt.id}/resubmit`, operator, { reason: 'The archive is back' });
  expect(await settled(receipt.id, 'normalised')).toMatchObject({ attempts: 11 });
  expect(await patientsWith('DEAD')).toHaveLength(1);
}, 90_000);

test('many are resubmitted by filter, each once', async () => {
  const ids = [await send(nobody('M1')), await send(nobody('M2')), await send(nobody('M3'))];
  const filter = { code: 'HDE_HL7_NO_PATIENT' };
  const first = await call<{ resubmitted: number; continuation?: string }>('/triage/resubmit', operator, {
    filter,
    limit: 2,
    reason: 'Feed was mended',
  });
  expect(first).toMatchObject({ status: 200, body: { resubmitted: 2, skipped: 0 } });
  const { continuation } = first.body;
  const second = await call('/triage/resubmit', operator, { filter, limit: 2, continuation });
  expect(second.body).toEqual({ resubmitted: 1, skipped: 0 });
  for (const id of ids)
    await eventually(
      () => receiptOf(id),
      ({ attempts, status }) => attempts === 2 && status === 'failed',
    );
}, 60_000);

describe('access', () => {
  const calls: [string, unknown][] = [
    ['/triage/messages', undefined],
    ['/triage/search', {}],
    ['/triage/resubmit', { filter: {} }],
    ['/triage/messages/some-id', undefined],
    ['/triage/messages/some-id/resubmit', {}],
    ['/triage/messages/some-id/correct', { text: 'MSH', reason: 'Because' }],
    ['/triage/messages/some-id/dismiss', { reason: 'Because' }],
  ];

  test.each(calls)('to %s needs a token of an operator with a feed', async (path, body) => {
    expect((await call(path, '', body)).status).toBe(401);
    for (const token of [sender, reader, await stack.token({ roles: ['operator'] })])
      expect((await call(path, token, body)).status).toBe(403);
  });

  test('to a message of another feed is answered as if there were none', async () => {
    const id = await send(nobody('F1'));
    const stranger = await stack.token({ roles: ['operator'], feeds: ['other'] });
    expect((await call(`/triage/messages/${id}`, stranger)).status).toBe(404);
    expect((await call(`/triage/messages/${id}/dismiss`, stranger, { reason: 'No' })).status).toBe(404);
    expect((await call('/triage/search', stranger, {})).body).toEqual({ messages: [] });
    expect((await call('/triage/search', stranger, { feed: 'rzz-tie' })).status).toBe(403);
  });
});

describe('a request that is not understood', () => {
  test.each<[string, string, unknown, number, string]>([
    ['an identifier in an address', '/triage/messages?identifier=1', undefined, 400, 'HDE_SEARCH_PARAMETER'],
    ['an unknown parameter', '/triage/messages?colour=1', undefined, 400, 'HDE_SEARCH_PARAMETER'],
    ['a time that is none', '/triage/messages?from=monday', undefined, 400, 'HDE_SEARCH_PARAMETER'],
    ['a page that is too long', '/triage/messages?limit=1000', undefined, 400, 'HDE_SEARCH_PARAMETER'],
    ['an unknown status', '/triage/search', { status: 'lost' }, 400, 'HDE_REQUEST_INVALID'],
    ['a body that is no object', '/triage/search', [], 400, 'HDE_REQUEST_INVALID'],
    ['a filter that is missing', '/triage/resubmit', {}, 400, 'HDE_REQUEST_INVALID'],
    [
      'no filter but a status',
      '/triage/resubmit',
      { filter: { status: 'failed' } },
      400,
      'HDE_REQUEST_INVALID',
    ],
    ['a reason that is missing', '/triage/messages/x/dismiss', {}, 400, 'HDE_REQUEST_INVALID'],
    ['a message that does not exist', '/triage/messages/x', undefined, 404, 'HDE_RECEIPT_NOT_FOUND'],
  ])('because of %s is refused', async (_what, path, body, status, code) => {
    const answer = await call<Refusal>(path, operator, body);
    expect(answer.status).toBe(status);
    expect(codeOf(answer)).toBe(code);
  });
});

describe('the command line', () => {
  let id: string;
  beforeAll(async () => {
    id = await send(nobody('CLI1'));
  });

  test('lists, shows, dismisses and resubmits', async () => {
    const listed = await hde('triage', 'list', '--control-id', 'CLI1');
    expect(listed.out).toContain(id);
    expect(listed.out).toContain('HDE_HL7_NO_PATIENT');
    expect((await hde('triage', 'show', id)).out).toContain('error HDE_HL7_NO_PATIENT PID-3');
    expect((await hde('triage', 'show', id, '--raw')).out).toMatch(/^MSH\|.*\nEVN\|/);
    const dismissed = await hde('triage', 'dismiss', id, '--reason', 'Sent by mistake');
    expect(dismissed).toMatchObject({ code: 0, out: `${id}: dismissed\n` });
    const json = await hde('triage', 'list', '--status', 'dismissed', '--about', 'mistake', '--json');
    const found = JSON.parse(json.out) as { messages: Message[] };
    expect(found.messages.map((message) => message.id)).toContain(id);
    const resubmitted = await hde('triage', 'resubmit', id, 'unknown-id');
    expect(resubmitted).toMatchObject({ code: 1, out: `${id}: accepted\n` });
    expect(resubmitted.err).toContain('unknown-id: HTTP 404 HDE_RECEIPT_NOT_FOUND');
    await settled(id, 'failed');
  });

  test('corrects a message from a file', async () => {
    const file = join(stack.stateDir, 'edited.hl7');
    const { out } = await hde('triage', 'show', id, '--raw');
    await writeFile(file, out.replace('PID|1||', 'PID|1||CLI9^^^RZZ^MR'));
    const corrected = await hde('triage', 'correct', id, file, '--reason', 'Number from the ward');
    expect(corrected.code).toBe(0);
    const copy = /replaced by (\S+): accepted/.exec(corrected.out)?.[1] ?? '';
    await settled(copy, 'normalised');
    expect(await patientsWith('CLI9')).toHaveLength(1);
  });
});

test('the logs say who did what with which message, and nothing about anybody', async () => {
  const log = await readFile(join(stack.stateDir, 'logs', 'functions-http.log'), 'utf8');
  for (const event of ['message-shown', 'message-corrected', 'message-dismissed', 'message-resubmitted'])
    expect(log).toMatch(new RegExp(`"event":"${event}"[^\\n]*"actor":"olive"`));
  for (const secret of ['Okoro', 'paper report', 'Sent by mistake', 'Number from the ward', 'CLI9^'])
    expect([secret, log.includes(secret)]).toEqual([secret, false]);
});
