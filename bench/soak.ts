/**
 * `npm run soak`: sends at 80 % of the highest rate that the local stack sustains, for an hour, and judges whether it
 * could go on like this: memory and handles flat, backlog bounded, nothing lost (docs/operations/soak.md).
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runLedger } from '../cli/ledger.js';
import { mintDevelopmentToken } from '../local/development-issuer.js';
import { startStack, type Stack } from '../local/stack/stack.js';
import { atRate } from './load/at-rate.js';
import { countWaiting, untilDrained } from './load/backlog.js';
import { takeMessages } from './load/messages.js';
import { percentile } from './load/percentile.js';
import { feed, post, postUntilAccepted, targetOf, type Target } from './load/post.js';
import { measureParts } from './load/processes.js';
import { confirm, ramp } from './load/ramp.js';
import { createAcceptances } from './soak/acceptances.js';
import { judgeSoak, type Outcome, type Rest, type Sample } from './soak/verdict.js';

const usage = `Usage: npm run soak -- [--minutes 60] [--rate 0.8] [--per-second N] [--port-offset N] [--out FILE]

  --minutes      how long messages are sent
  --rate         share of the highest rate that is sustained, which is found first
  --per-second   messages a second instead
  --port-offset  added to every port (default 22500)
  --out          where the result is written (default bench/results/soak.json)`;

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string', default: '0.8' },
    'per-second': { type: 'string' },
    'port-offset': { type: 'string', default: '22500' },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const rootDir = join(import.meta.dirname, '../..');
const sampleMs = 10_000;
const rampSeconds = 20;
const confirmSeconds = 60;
/** Messages are made for so many seconds at a time. */
const portionSeconds = 60;
/** Servers close connections that were idle for 65 or 75 s. */
const restSeconds = 90;

const log = (line: string): void => {
  console.log(line);
};

async function rateOf(target: Target, stack: Stack): Promise<number> {
  if (options['per-second'] !== undefined) return Number(options['per-second']);
  const ground = { target, stack, log };
  const highest = await confirm(await ramp(ground, rampSeconds), ground, confirmSeconds);
  return Math.max(1, Math.floor(highest * Number(options.rate)));
}

interface Sent {
  readonly samples: readonly Sample[];
  readonly accepted: number;
  readonly refused: number;
  /** Messages that took more than one attempt. */
  readonly askedToComeAgain: number;
  readonly acceptMs: readonly number[];
}

async function send(target: Target, stack: Stack, stateDir: string, perSecond: number): Promise<Sent> {
  const seconds = Number(options.minutes) * 60;
  const acceptances = createAcceptances();
  const samples: Sample[] = [];
  const acceptMs: number[] = [];
  let refused = 0;
  let askedToComeAgain = 0;
  const began = performance.now();
  const sample = async (): Promise<void> => {
    const [parts, waiting] = await Promise.all([measureParts(stateDir), countWaiting(stack)]);
    const now = performance.now();
    const oldestSeconds = acceptances.oldestSeconds(waiting, now);
    samples.push({ second: (now - began) / 1000, parts, waiting, oldestSeconds });
    if (samples.length % 6 === 1) log(describeSample(samples));
  };
  const sampling = startSampling(sample);
  for (let portion = 0; portion * portionSeconds < seconds; portion++) {
    const count = Math.round(Math.min(portionSeconds, seconds - portion * portionSeconds) * perSecond);
    await atRate(takeMessages(`S${portion}x`, count), perSecond, async ({ text }) => {
      const { milliseconds, isAccepted, attempts } = await postUntilAccepted(target, text);
      acceptMs.push(milliseconds);
      if (attempts > 1) askedToComeAgain += 1;
      if (isAccepted) acceptances.add(performance.now());
      else refused += 1;
    });
  }
  await sampling.stop();
  return { samples, accepted: acceptances.count, refused, askedToComeAgain, acceptMs };
}

function startSampling(sample: () => Promise<void>): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const work = async (): Promise<void> => {
    for (;;) {
      await sample();
      await sleep(sampleMs, undefined, { signal: stopping.signal });
    }
  };
  const running = work().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error;
  });
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

function describeSample(samples: readonly Sample[]): string {
  const last = samples.at(-1);
  const memory = Object.entries(last?.parts ?? {}).map(
    ([part, { residentBytes }]) => `${part} ${Math.round(residentBytes / 1_048_576)} MB`,
  );
  return `${Math.round(last?.second ?? 0)} s: ${last?.waiting} waiting, ${memory.join(', ')}`;
}

/** Open handles by part, when idle connections are closed. */
async function handlesAtRest(stateDir: string): Promise<Rest['before']> {
  await sleep(restSeconds * 1000);
  const parts = await measureParts(stateDir);
  return Object.fromEntries(Object.entries(parts).map(([part, { handles }]) => [part, handles]));
}

/** The exchange's own account, as an operator asks for it. */
async function readOutcome(stack: Stack, stateDir: string, from: Date, sent: Sent): Promise<Outcome> {
  const token = await mintDevelopmentToken({ roles: ['operator'], feeds: [feed] }, { stateDir });
  const period = ['--from', from.toISOString(), '--to', new Date(Date.now() + 60_000).toISOString()];
  let text = '';
  const terminal = {
    out: (part: string) => {
      text += part;
    },
    err: log,
    isColoured: false,
    environment: { HDE_TOKEN: token },
    readInput: () => Promise.resolve(new Uint8Array()),
  };
  await runLedger(['--feed', feed, ...period, '--url', stack.url, '--json'], terminal);
  const { counts, differences } = JSON.parse(text) as {
    readonly counts: { readonly normalised?: number };
    readonly differences: readonly unknown[];
  };
  return {
    accepted: sent.accepted,
    refused: sent.refused,
    normalised: counts.normalised ?? 0,
    differing: differences.length,
  };
}

async function soak(stack: Stack, stateDir: string) {
  const target = await targetOf(stack, stateDir);
  await atRate(takeMessages('W', 200), 10, ({ text }) => post(target, text));
  await untilDrained(stack);
  const perSecond = await rateOf(target, stack);
  const before = await handlesAtRest(stateDir);
  log(`sending ${perSecond} messages a second for ${options.minutes} minutes`);
  const load = loadavg()[0];
  const from = new Date();
  const sent = await send(target, stack, stateDir, perSecond);
  await untilDrained(stack);
  const rest = { before, after: await handlesAtRest(stateDir) };
  const outcome = await readOutcome(stack, stateDir, from, sent);
  const verdict = judgeSoak(sent.samples, rest, outcome, perSecond);
  return {
    machine: { node: process.version, cores: cpus().length, loadBefore: Number(load?.toFixed(1)) },
    minutes: Number(options.minutes),
    messagesPerSecond: perSecond,
    acceptMs: {
      p50: Math.round(percentile(sent.acceptMs, 0.5)),
      p95: Math.round(percentile(sent.acceptMs, 0.95)),
    },
    askedToComeAgain: sent.askedToComeAgain,
    outcome,
    passed: verdict.findings.length === 0,
    ...verdict,
    samples: sent.samples,
  };
}

async function main(): Promise<void> {
  if (options.help) {
    log(usage);
    return;
  }
  const stateDir = await mkdtemp(join(tmpdir(), 'hde-soak-'));
  const portOffset = Number(options['port-offset']);
  const stack = await startStack({ rootDir, stateDir, portOffset, withoutHost: false, log });
  try {
    const result = await soak(stack, stateDir);
    const { samples: _samples, ...told } = result;
    log(JSON.stringify(told, null, 2));
    const out = options.out ?? join(rootDir, 'bench/results/soak.json');
    await mkdir(join(out, '..'), { recursive: true });
    await writeFile(out, `${JSON.stringify(result)}\n`);
    log(result.passed ? 'The soak passed.' : `The soak failed: ${result.findings.join('; ')}.`);
    process.exitCode = result.passed ? 0 : 1;
  } finally {
    await stack.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}

await main();
