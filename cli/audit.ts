/** `hde audit`: who saw or changed what, and whether anybody edited the answer. */
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { readLine, toLine, writeLine, type TrailLine } from '../src/core/governance/audit/lines.js';
import {
  TrailVerifier,
  type Fault,
  type NotedEnds,
  type Verdict,
} from '../src/core/governance/audit/verify-trail.js';
import { parseOptions } from './parse-options.js';
import { printAccesses, printVerdict, type AccessView } from './audit-view.js';
import { connect, exchangeOptions, type ExchangeClient } from './exchange-client.js';
import { runAction, type Actions } from './run-action.js';
import { exit, oneOf, UsageError, wholeNumber, type Terminal } from './terminal.js';

const actions: Actions = {
  verify,
  export: exportTrail,
  'who-saw': whoSaw,
};

export const runAudit = (args: string[], terminal: Terminal): Promise<number> =>
  runAction(actions, args, terminal);

const rangeOptions = { from: { type: 'string' }, to: { type: 'string' } } as const;

/** @returns `exit.refused` when the trail was edited */
async function verify(args: string[], terminal: Terminal): Promise<number> {
  const { values } = parseOptions({
    args,
    options: {
      ...exchangeOptions,
      ...rangeOptions,
      file: { type: 'string' },
      noted: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const { file, noted, from, to, json } = values;
  if (file !== undefined && (from !== undefined || to !== undefined))
    throw new UsageError('a FILE says itself which days it tells of');
  const before = noted === undefined ? undefined : readNoted(noted);
  const verifier = new TrailVerifier(before);
  if (file === undefined)
    await verifyExchange(verifier, connect(values, terminal), { from, to }, to ?? before?.to);
  else await verifyFile(verifier, file);
  const verdict = verifier.finish();
  terminal.out(json ? `${JSON.stringify(verdict, null, 2)}\n` : printVerdict(verdict));
  return verdict.faultCount === 0 ? exit.done : exit.refused;
}

/** What an earlier verdict told of (`--json`). @throws UsageError */
function readNoted(file: string): NotedEnds {
  if (!existsSync(file)) throw new UsageError(`there is no file ${file}`);
  try {
    const verdict = JSON.parse(readFileSync(file, 'utf8')) as Partial<Verdict>;
    if (Array.isArray(verdict.ends)) return { ...verdict, ends: verdict.ends };
  } catch {
    // Told of below.
  }
  throw new UsageError(`${file} is no output of hde audit verify --json`);
}

async function verifyFile(verifier: TrailVerifier, file: string): Promise<void> {
  if (!existsSync(file)) throw new UsageError(`there is no file ${file}`);
  for await (const line of linesOfFile(file)) verifier.take(readLine(line));
}

/** Lines that end with a line feed and nothing else: `node:readline` knows more line ends, which texts may hold. */
async function* linesOfFile(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1024 * 1024 })) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

interface LinesView {
  readonly lines: readonly unknown[];
  readonly faults: readonly Fault[];
  readonly continuation?: string;
}

interface Range {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** All lines of an exchange, page by page. */
async function* linesOf(exchange: ExchangeClient, range: Range): AsyncGenerator<LinesView> {
  let continuation: string | undefined;
  do {
    const page = (await exchange.post('/audit/lines', { ...range, continuation })) as LinesView;
    yield page;
    continuation = page.continuation;
  } while (continuation !== undefined);
}

/** @param least the day to which the trail is known to go; undefined where nobody knows */
async function verifyExchange(
  verifier: TrailVerifier,
  exchange: ExchangeClient,
  range: Range,
  least: string | undefined,
): Promise<void> {
  for await (const { lines, faults } of linesOf(exchange, range)) {
    for (const line of lines.map(toLine)) {
      verifier.take(line);
      if (line?.kind === 'trail' && isLess(line, range, least)) verifier.report(fewerDays(line));
    }
    for (const fault of faults) verifier.report(fault);
  }
}

/** Whether a trail leaves out days that were asked for: what is missing there would not be missed. */
const isLess = (told: TrailLine, { from = '' }: Range, least = ''): boolean =>
  (told.from ?? '') > from || told.to < least;

const fewerDays = ({ from = '', to }: TrailLine): Fault => ({
  ...{ kind: 'removed', day: from, shard: '' },
  detail: `fewer days were told of than were asked for: up to ${to}`,
});

/** The trail as lines of JSON, for `verify --file` and for keeping elsewhere. */
async function exportTrail(args: string[], terminal: Terminal): Promise<number> {
  const { values } = parseOptions({ args, options: { ...exchangeOptions, ...rangeOptions } });
  const { from, to } = values;
  for await (const { lines } of linesOf(connect(values, terminal), { from, to })) {
    const texts = lines.map((line) => {
      const known = toLine(line);
      return known === undefined ? JSON.stringify(line) : writeLine(known);
    });
    terminal.out(texts.map((text) => `${text}\n`).join(''));
  }
  return exit.done;
}

interface FoundView {
  readonly entries: readonly AccessView[];
  readonly continuation?: string;
}

/** Who saw or changed the records of a patient, and why. */
async function whoSaw(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseOptions({
    args,
    allowPositionals: true,
    options: {
      ...exchangeOptions,
      ...rangeOptions,
      subject: { type: 'string' },
      outcome: { type: 'string' },
      limit: { type: 'string' },
      continuation: { type: 'string' },
      json: { type: 'boolean', default: false },
      fhir: { type: 'boolean', default: false },
    },
  });
  const { from, to, subject, outcome, limit, continuation, json, fhir } = values;
  const patient = oneOf(positionals, 'PATIENT').replace(/^Patient\//, '');
  const criteria = { patient, from, to, subject, outcome, continuation };
  const found = (await connect(values, terminal).post('/audit/search', {
    ...criteria,
    ...(fhir ? { fhir } : {}),
    ...(limit === undefined ? {} : { limit: wholeNumber(limit, 'limit') }),
  })) as FoundView;
  if (json || fhir) terminal.out(`${JSON.stringify(found, null, 2)}\n`);
  else terminal.out(found.entries.length === 0 ? 'Nobody.\n' : printAccesses(found.entries));
  if (found.continuation !== undefined && !json && !fhir)
    terminal.err(`There may be more: --continuation ${found.continuation}\n`);
  return exit.done;
}
