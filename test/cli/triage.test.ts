/** The command line of operators against a server that plays the exchange; test/e2e/triage.test.ts has the real one. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { runHde } from '../support/command-line.js';
import { startScriptedExchange, type ScriptedExchange } from '../support/scripted-exchange.js';

let exchange: ScriptedExchange;

beforeAll(async () => {
  exchange = await startScriptedExchange();
});

afterAll(() => {
  exchange.close();
});

beforeEach(() => {
  exchange.requests.length = 0;
});

const hde = (args: string[], { token = 'secret', at = exchange.url, input = '' } = {}) =>
  runHde(['triage', ...args, '--url', at], { token, input });

const message = {
  id: 'm1',
  feed: 'rzz-tie',
  status: 'failed',
  stage: 'accept',
  attempts: 1,
  receivedAt: '2026-03-29T10:00:00.000Z',
  messageType: 'ADT^A01',
  controlId: 'C\u001b[31m1',
  errorCode: 'HDE_HL7_NO_PATIENT',
  archivePath: 'rzz-tie/m1/a',
  issues: [{ severity: 'error', code: 'HDE_HL7_NO_PATIENT', location: 'PID-3', text: 'Nobody.' }],
  changes: [],
  history: [{ at: '2026-03-29T10:00:00.000Z', by: 'olive', action: 'dismissed', reason: 'Why not' }],
};
const refusal = {
  resourceType: 'OperationOutcome',
  issue: [{ details: { coding: [{ code: 'HDE_MESSAGE_STATUS' }], text: 'Not now.' }, diagnostics: 'status' }],
};

describe('a command without what it needs', () => {
  test.each([
    ['a sub-command', []],
    ['a known sub-command', ['forget']],
    ['an id to show', ['show']],
    ['an id to resubmit', ['resubmit']],
    ['--matching before a filter', ['resubmit', '--feed', 'rzz-tie', 'm1']],
    ['either ids or --matching', ['resubmit', '--matching', 'm1']],
    ['a filter of --matching', ['resubmit', '--matching']],
    ['a filter that is more than a status', ['resubmit', '--matching', '--status', 'dismissed']],
    ['either a filter or --all', ['resubmit', '--matching', '--all', '--feed', 'rzz-tie']],
    ['a status that may be resubmitted', ['resubmit', '--all', '--status', 'any']],
    ['a reason to dismiss', ['dismiss', 'm1']],
    ['a reason to correct', ['correct', 'm1', '-']],
    ['a file to correct', ['correct', 'm1', '--reason', 'Because']],
  ])('is told so: %s', async (_what, args) => {
    const { code, err } = await hde(args);
    expect(code).toBe(2);
    expect(err).toContain('Usage:');
    expect(exchange.requests).toEqual([]);
  });

  test('is told so: a token', async () => {
    expect(await hde(['list'], { token: '' })).toMatchObject({
      code: 2,
      err: expect.stringContaining('HDE_TOKEN'),
    });
  });
});

describe('list', () => {
  test('asks for failed messages in a body, so that no identifier stands in an address', async () => {
    exchange.answers = [{ body: { messages: [message], continuation: 'next' } }];
    const { code, out, err } = await hde(['list', '--identifier', '9990000018', '--about', 'patient']);
    expect(code).toBe(0);
    expect(exchange.requests).toEqual([
      {
        method: 'POST',
        path: '/triage/search',
        authorization: 'Bearer secret',
        body: { identifier: '9990000018', about: 'patient', status: 'failed' },
      },
    ]);
    expect(out).toContain('HDE_HL7_NO_PATIENT  PID-3  m1');
    expect(err).toBe('There are more: --continuation next\n');
  });

  test('lets no text of a sender speak to the terminal', async () => {
    exchange.answers = [{ body: { messages: [message] } }];
    expect((await hde(['list'])).out).not.toContain('\u001b');
  });

  test('finds all with --status any', async () => {
    exchange.answers = [{ body: { messages: [] } }];
    expect((await hde(['list', '--status', 'any'])).out).toBe('No message fits.\n');
    expect(exchange.requests[0]?.body).toEqual({});
  });
});

test('show prints what became of a message and its text, segment by segment', async () => {
  const raw = { text: 'MSH|^~\\&|A\rPID|1\u0007\r', charset: 'ascii' };
  exchange.answers = [{ body: { receipt: message, corrections: [message], raw, issues: [] } }];
  const { out } = await hde(['show', 'm1']);
  expect(out).toContain('status          failed\n');
  expect(out).toContain('  error HDE_HL7_NO_PATIENT PID-3: Nobody.\n');
  expect(out).toContain('  2026-03-29T10:00:00.000Z olive dismissed: Why not\n');
  expect(out).toContain('Text (ascii)\n  MSH|^~\\&|A\n  PID|1\ufffd\n');
  expect((await hde(['show', '--raw', 'm1'])).out).toBe('MSH|^~\\&|A\nPID|1\u0007\n');
});

test('resubmit --matching goes on page by page, and says when the exchange is busy', async () => {
  exchange.answers = [
    { body: { messages: Array(200).fill(message), continuation: 'c2' } },
    { body: { messages: [message] } },
    { body: { resubmitted: 100, skipped: 1, continuation: 'p2' } },
    { body: { resubmitted: 5, skipped: 0, continuation: 'p3', stoppedBy: 'HDE_THROTTLED' } },
  ];
  const busy = await hde([
    'resubmit',
    '--matching',
    '--code',
    'HDE_MAPPING_FAILED',
    '--reason',
    'Rule mended',
  ]);
  expect(busy).toMatchObject({ code: 1, out: '105 resubmitted, 1 skipped\n' });
  expect(busy.err).toMatch(/^201 messages match\.\nHDE_THROTTLED/);
  const filter = { code: 'HDE_MAPPING_FAILED', status: 'failed' };
  expect(exchange.requests.map(({ body }) => body)).toEqual([
    { ...filter, limit: 200 },
    { ...filter, limit: 200, continuation: 'c2' },
    { filter, reason: 'Rule mended' },
    { filter, reason: 'Rule mended', continuation: 'p2' },
  ]);
});

test.each([
  ['refused', { status: 409, body: refusal }, /^HTTP 409 HDE_MESSAGE_STATUS/m],
  ['cut', { body: { resubmitted: 9, skipped: 0 }, isCut: true }, /^the answer of http:\S+ broke off \(/m],
  ['of a proxy', { body: '<html>', isText: true }, /^the answer of http:\S+ is no JSON$/m],
])('resubmit --matching tells what was done until an answer is %s', async (_what, answer, reason) => {
  exchange.answers = [
    { body: { messages: [message] } },
    { body: { resubmitted: 100, skipped: 1, continuation: 'p2' } },
    answer,
  ];
  const { code, out, err } = await hde(['resubmit', '--all']);
  expect([code, out]).toEqual([1, '100 resubmitted, 1 skipped\n']);
  expect(err).toMatch(reason);
});

test('resubmit --all says so to the exchange, and how many that are', async () => {
  exchange.answers = [{ body: { messages: [message] } }, { body: { resubmitted: 1, skipped: 0 } }];
  const { code, out, err } = await hde(['resubmit', '--all']);
  expect([code, out, err]).toEqual([0, '1 resubmitted, 0 skipped\n', '1 message matches.\n']);
  expect(exchange.requests[1]?.body).toEqual({ filter: { status: 'failed' }, all: true });
});

test('counting ends at a thousand', async () => {
  const full = { body: { messages: Array(200).fill(message), continuation: 'on' } };
  exchange.answers = [full, full, full, full, full, { body: { resubmitted: 1, skipped: 0 } }];
  expect((await hde(['resubmit', '--all'])).err).toBe('1000 or more messages match.\n');
});

test('a refusal of one message is reported and does not keep the others from their turn', async () => {
  exchange.answers = [
    { status: 409, body: refusal },
    { body: { ...message, id: 'm2', status: 'dismissed' } },
  ];
  expect(await hde(['dismiss', '--reason', 'Because', 'm1', 'm2'])).toEqual({
    code: 1,
    out: 'm2: dismissed\n',
    err: 'm1: HTTP 409 HDE_MESSAGE_STATUS: Not now. (status)\n',
  });
});

test('correct sends a whole text and says which message took the place', async () => {
  exchange.answers = [{ status: 201, body: { ...message, id: 'm2', status: 'accepted' } }];
  const { out } = await hde(['correct', 'm1', '-', '--reason', 'Because'], { input: 'MSH|Müller' });
  expect(out).toBe('m1 replaced by m2: accepted\n');
  expect(exchange.requests[0]).toMatchObject({
    path: '/triage/messages/m1/correct',
    body: { text: 'MSH|Müller', reason: 'Because' },
  });
});

test('says so when no exchange answers', async () => {
  const { code, err } = await hde(['list'], { at: 'http://127.0.0.1:1' });
  expect(code).toBe(1);
  expect(err).toContain('no exchange answers at http://127.0.0.1:1');
});
