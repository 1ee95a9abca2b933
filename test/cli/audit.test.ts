/** `hde audit` against files, and against a server that plays the exchange. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trailLine, writeLine, type EntryLine } from '../../src/core/governance/audit/lines.js';
import { trailOf } from '../core/governance/audit/trail.js';
import { runHde } from '../support/command-line.js';
import { startScriptedExchange, type ScriptedExchange } from '../support/scripted-exchange.js';

const lines = trailOf(8);
const text = (trail: readonly string[]) => trail.map((line) => `${line}\n`).join('');
const whole = text(lines.map(writeLine));

let exchange: ScriptedExchange;
let folder: string;

beforeAll(async () => {
  exchange = await startScriptedExchange();
  folder = mkdtempSync(join(tmpdir(), 'hde-audit-'));
});

afterAll(() => {
  exchange.close();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  exchange.requests.length = 0;
});

const hde = (...args: string[]) => runHde([...args, '--url', exchange.url]);

function file(content: string, name = 'trail.ndjson'): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('hde audit verify --file', () => {
  const verify = (content: string) => runHde(['audit', 'verify', '--file', file(content)], { token: '' });

  test('ends with 0 for a trail that nobody has edited, and needs no exchange', async () => {
    expect(await verify(whole)).toEqual({
      code: 0,
      out: '32 entries in 4 chains of 2 shards to 2026-11-26: nothing was changed, removed, inserted, reordered or cut off.\n',
      err: '',
    });
  });

  const texts = lines.map(writeLine);
  test.each([
    [
      'changed',
      text(texts.map((line) => line.replace('"subject":"clinician-2"', '"subject":"clinician-9"'))),
    ],
    ['removed', text(texts.toSpliced(4, 1))],
    ['inserted', text(texts.toSpliced(4, 0, texts[3]!))],
    ['reordered', text(texts.with(4, texts[5]!).with(5, texts[4]!))],
    ['truncated', whole.slice(0, whole.length / 2)],
  ])('ends with 1 for a trail with an entry that was %s, and says where', async (kind, content) => {
    const { code, out } = await verify(content);
    expect(code).toBe(1);
    expect(out).toContain('the trail is broken');
    expect(out).toMatch(new RegExp(`^${kind} +2026-11-2\\d +\\d +\\d+ `, 'm'));
  });

  test('compares with the ends that were noted before', async () => {
    const trail = file(whole);
    const { out } = await runHde(['audit', 'verify', '--file', trail, '--json'], { token: '' });
    const noted = file(out, 'noted.json');
    expect((await runHde(['audit', 'verify', '--file', trail, '--noted', noted], { token: '' })).code).toBe(
      0,
    );
    const anew = file(text(trailOf(7).map(writeLine)));
    const later = await runHde(['audit', 'verify', '--file', anew, '--noted', noted], { token: '' });
    expect(later).toMatchObject({ code: 1, out: expect.stringContaining('8 entries were noted before') });
    const wrong = await runHde(['audit', 'verify', '--file', trail, '--noted', trail], { token: '' });
    expect(wrong).toMatchObject({
      code: 2,
      err: expect.stringContaining('no output of hde audit verify --json'),
    });
  });

  test('of a file that is not there is a wrong call', async () => {
    expect((await runHde(['audit', 'verify', '--file', 'nowhere'], { token: '' })).code).toBe(2);
  });
});

describe('hde audit verify', () => {
  const answer = (trail: readonly unknown[], faults: readonly unknown[] = []) => {
    exchange.answers = [
      { body: { lines: trail.slice(0, 10), faults, continuation: 'next' } },
      { body: { lines: trail.slice(10), faults: [] } },
    ];
  };

  test('reads all pages of the exchange', async () => {
    answer(lines);
    const { code, out } = await hde('audit', 'verify', '--from', '2026-11-25', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ entries: 32, faultCount: 0 });
    expect(exchange.requests.map(({ path, body }) => [path, body])).toEqual([
      ['/audit/lines', { from: '2026-11-25' }],
      ['/audit/lines', { from: '2026-11-25', continuation: 'next' }],
    ]);
  });

  test('ends with 1 for what the exchange answers otherwise, or what it has found itself', async () => {
    answer(lines.with(3, { ...(lines[3] as EntryLine), hash: 'x' }));
    expect((await hde('audit', 'verify')).code).toBe(1);
    answer(lines.with(3, 'garbage' as never));
    expect((await hde('audit', 'verify')).code).toBe(1);
    answer(lines, [{ kind: 'changed', day: '2026-11-25', shard: '0', detail: 'misfiled' }]);
    expect(await hde('audit', 'verify')).toMatchObject({ code: 1, out: expect.stringContaining('misfiled') });
  });

  test('ends with 1 when the exchange tells of fewer days than were asked for, or noted before', async () => {
    const verify = async (trail: readonly unknown[], ...args: string[]) => {
      answer(trail);
      const { code, out } = await hde('audit', 'verify', ...args);
      return [code, out.includes('fewer days')];
    };
    const [first, second] = ['2026-11-25', '2026-11-26'] as const;
    const later = [...lines.slice(10, 20), ...lines.slice(30, 40)];
    const fromSecond = [...later, trailLine({ chains: 2, from: second, to: second })];
    expect(await verify(fromSecond, '--from', second)).toEqual([0, false]);
    expect(await verify(fromSecond)).toEqual([1, true]);
    expect(await verify(fromSecond, '--from', first)).toEqual([1, true]);
    const earlier = [...lines.slice(0, 10), ...lines.slice(20, 30)];
    const toFirst = [...earlier, trailLine({ chains: 2, to: first })];
    expect(await verify(toFirst, '--to', first)).toEqual([0, false]);
    expect(await verify(toFirst, '--to', second)).toEqual([1, true]);
    const noted = file(JSON.stringify({ ends: [], to: second }), 'noted-to.json');
    expect(await verify(toFirst, '--noted', noted)).toEqual([1, true]);
  });

  test('of an export is the same', async () => {
    answer(lines);
    expect(await hde('audit', 'export')).toEqual({ code: 0, out: whole, err: '' });
  });
});

test('hde audit who-saw says who saw a patient, and why', async () => {
  const entry = { ...(lines[1] as EntryLine).entry, id: '2026-11-25.0.0', organisation: 'R0A' };
  exchange.answers = [
    { body: { entries: [entry, { ...entry, records: ['Patient/p0', 'Observation/o1'] }] } },
  ];
  const { code, out } = await hde(
    'audit',
    'who-saw',
    'Patient/p0',
    '--subject',
    'clinician-0',
    '--limit',
    '5',
  );
  expect(code).toBe(0);
  expect(out).toBe(
    [
      'when                 who          for  purpose  did   outcome  because of   records',
      '2026-11-26 10:00:00  clinician-0  R0A  TREAT    read  done     role-reader  Observation/p0.o0',
      '2026-11-26 10:00:00  clinician-0  R0A  TREAT    read  done     role-reader  Patient/p0 and 1 more',
      '',
    ].join('\n'),
  );
  expect(exchange.requests[0]).toMatchObject({
    path: '/audit/search',
    body: { patient: 'p0', subject: 'clinician-0', limit: 5 },
  });
  exchange.answers = [{ body: { entries: [] } }];
  expect((await hde('audit', 'who-saw', 'p0')).out).toBe('Nobody.\n');
});
