/**
 * `npm run bench:pipeline`: throughput of the whole path on the local stack, from the post to the readable record.
 * Starts a stack of its own, posts fixed messages, prints figures and writes them as JSON.
 *
 * Two phases: `saturated` keeps as many messages in flight as asked and gives messages per second; `steady` sends at
 * a fixed rate below that and gives the latencies that a sender sees.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { mintDevelopmentToken } from '../local/development-issuer.js';
import { startStack } from '../local/stack/stack.js';
import { atRate } from './load/at-rate.js';
import { takeMessages, type LaneMessage } from './load/messages.js';
import { percentile } from './load/percentile.js';

const { values: options } = parseArgs({
  options: {
    messages: { type: 'string', default: '600' },
    concurrency: { type: 'string', default: '16' },
    rate: { type: 'string', default: '20' },
    'steady-seconds': { type: 'string', default: '15' },
    'port-offset': { type: 'string', default: '21500' },
    out: { type: 'string' },
  },
});

interface Timing {
  readonly acceptMs: number;
  readonly readableMs: number;
}

interface Target {
  readonly url: string;
  readonly token: string;
}

async function sendOne({ url, token }: Target, text: string): Promise<Timing> {
  const began = performance.now();
  const response = await fetch(`${url}/ingest/rzz-tie`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/hl7-v2+er7; charset=utf-8' },
    body: text,
  });
  await response.arrayBuffer();
  const acceptMs = performance.now() - began;
  const id = response.headers.get('x-hde-receipt');
  if (response.status !== 200 || id === null)
    throw new Error(`a message was answered with ${response.status}`);
  await untilFinished({ url, token }, id);
  return { acceptMs, readableMs: performance.now() - began };
}

async function untilFinished({ url, token }: Target, id: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/ingest/receipts/${id}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { status } = (await response.json()) as { status: string };
    if (status === 'normalised') return;
    if (status === 'failed') throw new Error('a message failed');
    await sleep(10);
  }
}

/** Keeps `concurrency` patients busy; messages of one patient go one after the other. */
async function saturate(
  target: Target,
  messages: readonly LaneMessage[],
  concurrency: number,
): Promise<{ perSecond: number; timings: Timing[] }> {
  const lanes = new Map<string, string[]>();
  for (const { text, lane } of messages) lanes.set(lane, [...(lanes.get(lane) ?? []), text]);
  const waiting = [...lanes.values()];
  const timings: Timing[] = [];
  const began = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (let lane = waiting.shift(); lane !== undefined; lane = waiting.shift()) {
        for (const text of lane) timings.push(await sendOne(target, text));
      }
    }),
  );
  return { perSecond: (messages.length / (performance.now() - began)) * 1000, timings };
}

async function steady(target: Target, perSecond: number, seconds: number): Promise<Timing[]> {
  const messages = takeMessages('T', perSecond * seconds);
  return (await atRate(messages, perSecond, ({ text }) => sendOne(target, text))).results;
}

const summarise = (timings: readonly Timing[]) => {
  const figures = (values: number[]) => ({
    p50: Math.round(percentile(values, 0.5)),
    p95: Math.round(percentile(values, 0.95)),
  });
  return {
    acceptMs: figures(timings.map(({ acceptMs }) => acceptMs)),
    acceptToReadableMs: figures(timings.map(({ readableMs }) => readableMs)),
  };
};

async function main(): Promise<void> {
  const rootDir = join(import.meta.dirname, '../..');
  const stateDir = await mkdtemp(join(tmpdir(), 'hde-bench-'));
  const log = (line: string) => {
    console.log(line);
  };
  const stack = await startStack({
    rootDir,
    stateDir,
    portOffset: Number(options['port-offset']),
    withoutHost: false,
    log,
  });
  try {
    const token = await mintDevelopmentToken({ roles: ['sender'], feeds: ['rzz-tie'] }, { stateDir });
    const target = { url: stack.url, token };
    await saturate(target, takeMessages('W', 50), 4); // warms up clients and compiled code
    const saturated = await saturate(
      target,
      takeMessages('S', Number(options.messages)),
      Number(options.concurrency),
    );
    const steadyTimings = await steady(target, Number(options.rate), Number(options['steady-seconds']));
    const result = {
      machine: { node: process.version, cores: cpus().length },
      saturated: {
        messages: Number(options.messages),
        concurrency: Number(options.concurrency),
        messagesPerSecond: Number(saturated.perSecond.toFixed(1)),
        ...summarise(saturated.timings),
      },
      steady: { messagesPerSecond: Number(options.rate), ...summarise(steadyTimings) },
    };
    console.log(JSON.stringify(result, null, 2));
    const out = options.out ?? join(rootDir, 'bench/results/pipeline.json');
    await mkdir(join(out, '..'), { recursive: true });
    await writeFile(out, `${JSON.stringify(result, null, 2)}\n`);
  } finally {
    await stack.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}

await main();
