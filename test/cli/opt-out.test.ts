/** `hde opt-out` against a server that plays the exchange. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasValidCheckDigit } from '../../src/core/identity/nhs-number.js';
import { runHde } from '../support/command-line.js';
import { startScriptedExchange, type ScriptedExchange } from '../support/scripted-exchange.js';

/** 1,200 numbers of the range for tests. */
const numbers = Array.from({ length: 20_000 }, (_, i) => String(9_990_000_000 + i))
  .filter(hasValidCheckDigit)
  .slice(0, 1200);

let exchange: ScriptedExchange;
let folder: string;

beforeAll(async () => {
  exchange = await startScriptedExchange();
  folder = mkdtempSync(join(tmpdir(), 'hde-opt-out-'));
});

afterAll(() => {
  exchange.close();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  exchange.requests.length = 0;
  exchange.answers = [{ body: { patients: 3, mayBeUsed: 2, optedOut: 1, unknown: 1 } }];
});

function file(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => `${line},\r\n`).join(''));
  return path;
}

const hde = (...args: string[]) => runHde(['opt-out', ...args, '--url', exchange.url]);
const bodies = () =>
  exchange.requests.map(({ body }) => body as { asked: string[]; mayBeUsed: string[]; at: string });

test('judges the answer as a whole, and hands it over in parts of one time', async () => {
  const usable = numbers.filter((_, at) => at % 3 !== 0);
  const { code, out } = await hde('--asked', file('asked', numbers), '--answer', file('answer', usable));
  expect([code, out]).toEqual([
    0,
    '1200 numbers were asked about.\n6 patients: may be used.\n' +
      '3 patients: have opted out, or were not answered.\n3 numbers: of nobody who is known here.\n',
  ]);
  expect(bodies().map(({ asked }) => asked.length)).toEqual([500, 500, 200]);
  expect(bodies().flatMap(({ asked }) => asked)).toEqual(numbers);
  expect(bodies().flatMap(({ mayBeUsed }) => mayBeUsed)).toEqual(usable);
  expect(new Set(bodies().map(({ at }) => at)).size).toBe(1);
});

test.each([
  ['no answer', []],
  ['an answer about somebody else', ['--answer', () => file('answer', ['9990000018', '9990000026'])]],
] as const)('%s lets nobody be used, and says so', async (_, args) => {
  const asked = file('asked', ['9990000018']);
  const { code, err } = await hde(
    '--asked',
    asked,
    ...args.map((arg) => (typeof arg === 'string' ? arg : arg())),
  );
  expect([code, err]).toEqual([3, expect.stringContaining('nobody')]);
  expect(bodies()[0]?.mayBeUsed).toEqual([]);
});

test('names the line that holds no number, and not what it holds', async () => {
  const { code, err } = await hde('--asked', file('asked', ['9990000018', '9990000019']));
  expect([code, err.split('\n')[0]]).toEqual([
    2,
    'hde opt-out: line 2 of --asked is no NHS number of ten digits',
  ]);
  expect(err).not.toContain('9990000019');
  expect(exchange.requests).toEqual([]);
});

test('tells how far it came when the exchange refuses', async () => {
  exchange.answers = [
    { body: { patients: 1, mayBeUsed: 1, optedOut: 0, unknown: 0 } },
    { status: 503, body: {} },
  ];
  const { code, err } = await hde('--asked', file('asked', numbers));
  expect([code, err]).toEqual([1, 'HTTP 503\n500 numbers were kept before: run it again.\n']);
});
