/** `hde replay`, `hde ledger` and `hde reindex` against a server that plays the exchange; test/e2e/operations.test.ts has the real one. */
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

const hde = (...args: string[]) => runHde([...args, '--url', exchange.url]);

const page = (change: object = {}) => ({
  body: { messages: 2, patients: 1, differences: [], failures: [], skipped: [], ...change },
});

const difference = (subject: string, record: object) => ({
  subject,
  records: [{ id: 'r', difference: 'lost', elements: [], ...record }],
});

describe('hde replay', () => {
  test('adds up all pages, the worst of all first', async () => {
    exchange.answers = [
      page({ differences: [difference('Patient/a', { resourceType: 'Condition' })], continuation: 'next' }),
      page({ differences: [difference('Patient/b', { resourceType: 'AllergyIntolerance' })] }),
    ];
    const { code, out } = await hde(
      'replay',
      'preview',
      '--pause',
      '0',
      '--feed',
      'pas',
      '--type',
      'ADT^A01',
    );
    expect(code).toBe(0);
    expect(out).toBe(
      [
        'Who        What  Record                Elements',
        'Patient/b  lost  AllergyIntolerance/r',
        'Patient/a  lost  Condition/r',
        '4 messages of 2 people: 2 people differ; nothing was written.',
        '',
      ].join('\n'),
    );
    expect(exchange.requests.map(({ body }) => (body as Record<string, unknown>)['continuation'])).toEqual([
      undefined,
      'next',
    ]);
    expect(exchange.requests[0]).toMatchObject({
      path: '/replay/preview',
      body: { feeds: ['pas'], type: 'ADT^A01', limit: 50 },
    });
  });

  test('says how to go on with a run that broke off', async () => {
    exchange.answers = [
      { body: { messages: [{}, {}] } },
      page({ changes: [{}], kept: [], continuation: 'next' }),
      { status: 503, body: {} },
    ];
    const { code, err } = await hde('replay', 'run', '--all', '--pause', '0', '--run-id', 'r1');
    expect(code).toBe(1);
    expect(err).toBe("2 messages match.\nHTTP 503\nGo on with --continuation 'next'\n");
    expect(exchange.requests[0]).toMatchObject({ path: '/triage/search', body: { status: 'normalised' } });
    expect(exchange.requests[2]?.body).toMatchObject({ runId: 'r1', all: true, continuation: 'next' });
  });

  test('tells what it found until it broke off: what goes on from there does not tell it again', async () => {
    exchange.answers = [
      page({
        differences: [difference('Patient/a', { resourceType: 'AllergyIntolerance' })],
        continuation: 'next',
      }),
      { status: 503, body: {} },
    ];
    const { code, out } = await hde('replay', 'preview', '--pause', '0');
    expect([code, out]).toEqual([1, expect.stringContaining('Patient/a  lost  AllergyIntolerance/r')]);
  });

  test('names somebody once who is told of on two pages, as it was told last', async () => {
    exchange.answers = [
      page({
        differences: [difference('Patient/a', { resourceType: 'AllergyIntolerance' })],
        continuation: 'next',
      }),
      page({ differences: [difference('Patient/a', { resourceType: 'Condition' })] }),
    ];
    const { out } = await hde('replay', 'preview', '--pause', '0');
    expect(out.match(/Patient\/a .*/g)).toEqual(['Patient/a  lost  Condition/r']);
  });

  test('tells of failed messages apart: what they would change, which take effect, and which wait', async () => {
    const allergy = difference('Patient/a', { resourceType: 'AllergyIntolerance', difference: 'gained' });
    exchange.answers = [
      page({ recovered: ['m1'], differences: [allergy], continuation: 'next' }),
      page({ recovered: ['m2'], queued: ['m3'], differences: [], continuation: 'more' }),
      page({ differences: [difference('Patient/a', { resourceType: 'Condition' })] }),
    ];
    const both = ['--status', 'failed', '--status', 'normalised'];
    const { code, out } = await hde('replay', 'preview', '--pause', '0', ...both);
    expect([code, out]).toEqual([
      0,
      [
        'Who        What    Record                Elements',
        'Patient/a  lost    Condition/r',
        'Patient/a  gained  AllergyIntolerance/r',
        'm1 had failed and would take effect',
        'm2 had failed and would take effect',
        'm3 waits on the queue',
        '6 messages of 3 people: 1 people differ; nothing was written.',
        '',
      ].join('\n'),
    ]);
    expect(exchange.requests[0]?.body).toMatchObject({ statuses: ['failed', 'normalised'] });
  });

  test('counts failed messages before it takes them up', async () => {
    exchange.answers = [{ body: { messages: [{}] } }, page({ recovered: ['m1'], changes: [{}], kept: [] })];
    const { out } = await hde('replay', 'run', '--all', '--status', 'failed', '--pause', '0');
    expect(exchange.requests[0]).toMatchObject({ path: '/triage/search', body: { status: 'failed' } });
    expect(out).toContain('m1 had failed and took effect');
  });

  test('ends doubtfully when somebody is left out or a message would fail', async () => {
    exchange.answers = [page({ skipped: [{ subject: 'Patient/a', reason: 'incomplete' }] })];
    const { code, out } = await hde('replay', 'preview');
    expect([code, out]).toEqual([3, expect.stringContaining('Patient/a was left out: incomplete')]);
    exchange.answers = [page({ failures: [{ messageId: 'm', errorCode: 'HDE_MAPPING_FAILED' }] })];
    expect((await hde('replay', 'preview')).code).toBe(3);
  });

  test.each([
    [[]],
    [['look']],
    [['preview', '--limit', 'many']],
    [['run']],
    [['run', '--all', '--feed', 'pas']],
  ])('is not called with %j', async (args) => {
    expect((await hde('replay', ...args)).code).toBe(2);
  });
});

describe('hde ledger', () => {
  const period = ['--feed', 'pas', '--from', '2026-03-29', '--to', '2026-03-30'];

  test('adds up the classes and says that the account balances', async () => {
    exchange.answers = [
      {
        body: { counts: { normalised: 2, failed: 1 }, duplicates: 1, differences: [], continuation: 'next' },
      },
      { body: { counts: { normalised: 1, failed: 0 }, duplicates: 0, differences: [] } },
      { body: { archived: 4, differences: [] } },
    ];
    const { code, out } = await hde('ledger', ...period);
    expect(code).toBe(0);
    expect(out).toContain('received                 4');
    expect(out).toContain('  normalised             3');
    expect(out).toContain('The account balances.');
  });

  test('names what differs and ends doubtfully', async () => {
    exchange.answers = [
      { body: { counts: {}, duplicates: 0, differences: [{ messageId: 'm1', problem: 'not-stored' }] } },
      { body: { archived: 1, differences: [] } },
    ];
    const { code, out } = await hde('ledger', ...period);
    expect([code, out]).toEqual([3, expect.stringMatching(/m1\s+not-stored/)]);
  });

  test('takes in again what is archived alone, the oldest first, until the exchange is busy', async () => {
    const alone = (messageId: string, archivedAt: string) => ({
      messageId,
      problem: 'no-receipt',
      archivedAt,
    });
    exchange.answers = [
      { body: { counts: {}, duplicates: 0, differences: [{ messageId: 'm0', problem: 'overdue' }] } },
      {
        body: {
          archived: 3,
          differences: [alone('m2', '2026-03-29T12:00:00.000Z'), alone('m1', '2026-03-29T11:00:00.000Z')],
          continuation: 'next',
        },
      },
      { body: { archived: 1, differences: [alone('m3', '2026-03-29T10:00:00.000Z')] } },
      {
        body: { takenIn: ['m3'], left: [{ messageId: 'm1', reason: 'edited' }], stoppedBy: 'HDE_THROTTLED' },
      },
    ];
    const { code, out } = await hde('ledger', ...period, '--take-in');
    expect(code).toBe(3);
    expect(exchange.requests.at(-1)).toMatchObject({
      path: '/ledger/take-in',
      body: { feed: 'pas', messageIds: ['m3', 'm1', 'm2'] },
    });
    expect(out).toMatch(/taken in again +1\n/);
    expect(out).toContain('Stopped by HDE_THROTTLED: do it again later.');
    expect(out).toMatch(/m0 +overdue\nm2 +no-receipt\nm1 +no-receipt, edited\n/);
  });

  test('needs a feed and a time', async () => {
    expect((await hde('ledger', '--feed', 'pas')).code).toBe(2);
  });
});

describe('hde reindex', () => {
  const indexed = (change: object = {}) => ({
    body: { definitions: 'd1', records: 50, rewritten: 10, waiting: 0, ...change },
  });

  test('asks for all pages and adds them up', async () => {
    exchange.answers = [indexed({ continuation: 'next' }), indexed({ records: 7, rewritten: 0 })];
    const { code, out } = await hde('reindex', '--pause', '0', '--limit', '50');
    expect([code, out]).toEqual([0, '57 records, 10 of them indexed anew by definitions d1.\n']);
    expect(exchange.requests.map(({ path, body }) => [path, body])).toEqual([
      ['/reindex/run', { limit: 50 }],
      ['/reindex/run', { limit: 50, continuation: 'next' }],
    ]);
  });

  test('ends doubtfully when records were being changed', async () => {
    exchange.answers = [indexed({ waiting: 2 })];
    const { code, out } = await hde('reindex');
    expect([code, out]).toEqual([3, expect.stringContaining('2 were being changed: run it again later.')]);
  });

  test('says how to go on with a run that broke off, and goes on there', async () => {
    exchange.answers = [indexed({ continuation: 'next' }), { status: 503, body: {} }];
    const { code, err } = await hde('reindex', '--pause', '0');
    expect([code, err]).toEqual([1, "HTTP 503\nGo on with --continuation 'next'\n"]);
    exchange.answers = [indexed()];
    await hde('reindex', '--continuation', 'next');
    expect(exchange.requests.at(-1)?.body).toMatchObject({ continuation: 'next' });
  });
});
