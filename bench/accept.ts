/**
 * `npm run bench:accept`: how long a sender waits for its acknowledgement on the local stack, at a fixed rate, beside a
 * server that only echoes the same body at the same time. Then a ramp finds the highest rate at which the backlog does
 * not grow: what a soak is measured by.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { mintDevelopmentToken } from '../local/development-issuer.js';
import { startStack, type Stack } from '../local/stack/stack.js';
import { atRate } from './load/at-rate.js';
import { takeMessages } from './load/messages.js';
import { percentile } from './load/percentile.js';

const { values: options } = parseArgs({
  options: {
    rate: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '60' },
    'ramp-seconds': { type: 'string', default: '15' },
    'no-ramp': { type: 'boolean', default: false },
    'port-offset': { type: 'string', default: '23000' },
    out: { type: 'string' },
  },
});

const rootDir = join(import.meta.dirname, '../..');
const goalMs = 60;
/** The ramp takes this as full: so many seconds' worth of messages wait when a step ends. */
const mostSecondsWaiting = 2;
const drainMs = 300_000;

interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Timing {
  readonly acceptMs: number;
  readonly echoMs: number;
  /** Beside the rate of sending: an answer that is no acceptance makes the run worthless. */
  readonly isAccepted: boolean;
}

/** Milliseconds until the whole answer is there, and whether it is a positive one. */
async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<[ms: number, ok: boolean]> {
  const began = performance.now();
  const response = await fetch(url, { method: 'POST', headers, body });
  await response.arrayBuffer();
  return [performance.now() - began, response.status === 200];
}

/** Sends one message to the exchange, and half a period later the same bytes to the echo. */
const sendBoth =
  (target: Target, echoUrl: string, perSecond: number) =>
  async ({ text }: { readonly text: string }): Promise<Timing> => {
    const echo = sleep(500 / perSecond).then(() => post(echoUrl, {}, text));
    const [acceptMs, isAccepted] = await post(target.url, target.headers, text);
    const [echoMs] = await echo;
    return { acceptMs, echoMs, isAccepted };
  };

const summarise = (values: readonly number[]) => {
  const at = (share: number) => Number(percentile(values, share).toFixed(1));
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
};

async function measure(target: Target, echoUrl: string) {
  const [perSecond, seconds] = [Number(options.rate), Number(options.seconds)];
  const messages = takeMessages('A', perSecond * seconds);
  const { results, lateMs } = await atRate(messages, perSecond, sendBoth(target, echoUrl, perSecond));
  const acceptMs = summarise(results.map((each) => each.acceptMs));
  return {
    messagesPerSecond: perSecond,
    seconds,
    bytes: Math.round(messages.reduce((sum, { text }) => sum + text.length, 0) / messages.length),
    refused: results.filter(({ isAccepted }) => !isAccepted).length,
    acceptMs,
    echoMs: summarise(results.map((each) => each.echoMs)),
    senderLateMs: summarise(lateMs),
    goal: { p95Ms: goalMs, met: acceptMs.p95 < goalMs },
  };
}

interface Step {
  readonly messagesPerSecond: number;
  readonly acceptP95Ms: number;
  /** Messages that were accepted and not finished when the last one was answered. */
  readonly waiting: number;
  readonly holds: boolean;
}

/** Steps of a fifth, until one does not hold. */
async function ramp(target: Target, stack: Stack, log: (line: string) => void): Promise<Step[]> {
  const steps: Step[] = [];
  const seconds = Number(options['ramp-seconds']);
  for (let rate = 10; steps.at(-1)?.holds !== false; rate = Math.ceil(rate * 1.2)) {
    const messages = takeMessages(`R${rate}x`, rate * seconds);
    const { results } = await atRate(messages, rate, ({ text }) => post(target.url, target.headers, text));
    const waiting = await countWaiting(stack);
    const refused = results.filter(([, ok]) => !ok).length;
    const holds = refused === 0 && waiting <= rate * mostSecondsWaiting;
    steps.push({
      messagesPerSecond: rate,
      acceptP95Ms: summarise(results.map(([ms]) => ms)).p95,
      waiting,
      holds,
    });
    log(`${rate}/s: ${waiting} waiting`);
    await untilDrained(stack);
  }
  return steps;
}

async function countWaiting({ ports }: Stack): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${ports.serviceBusHealth}/queues`);
  const counts = (await response.json()) as Record<string, { active?: number; locked?: number } | undefined>;
  const { active = 0, locked = 0 } = counts['inbound'] ?? {};
  return active + locked;
}

async function untilDrained(stack: Stack): Promise<void> {
  const deadline = performance.now() + drainMs;
  while ((await countWaiting(stack)) > 0) {
    if (performance.now() > deadline) throw new Error('the queue does not drain');
    await sleep(200);
  }
}

async function startEcho(): Promise<{ readonly url: string; readonly process: ChildProcess }> {
  const child = fork(join(rootDir, '.build/bench/load/echo.js'), {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (text: Buffer) => {
      resolve(text.toString().trim());
    });
    child.once('exit', () => {
      reject(new Error('the echo ended before it was up'));
    });
  });
  return { url: `http://127.0.0.1:${port}`, process: child };
}

async function main(): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), 'hde-bench-'));
  const log = (line: string) => {
    console.log(line);
  };
  const portOffset = Number(options['port-offset']);
  const stack = await startStack({ rootDir, stateDir, portOffset, withoutHost: false, log });
  const echo = await startEcho();
  try {
    const token = await mintDevelopmentToken({ roles: ['sender'], feeds: ['rzz-tie'] }, { stateDir });
    const target: Target = {
      url: `${stack.url}/ingest/rzz-tie`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/hl7-v2+er7; charset=utf-8' },
    };
    // Compiled code and open connections, as after minutes of work.
    await atRate(takeMessages('W', 400), 25, sendBoth(target, echo.url, 25));
    await untilDrained(stack);
    const load = loadavg()[0];
    const steady = await measure(target, echo.url);
    log(JSON.stringify(steady));
    await untilDrained(stack);
    const steps = options['no-ramp'] ? [] : await ramp(target, stack, log);
    const highest = Math.max(0, ...steps.filter(({ holds }) => holds).map((step) => step.messagesPerSecond));
    const result = {
      machine: { node: process.version, cores: cpus().length, loadBefore: Number(load?.toFixed(1)) },
      steady,
      ...(options['no-ramp'] ? {} : { ramp: { highestMessagesPerSecond: highest, steps } }),
    };
    log(JSON.stringify(result, null, 2));
    const out = options.out ?? join(rootDir, 'bench/results/accept.json');
    await mkdir(join(out, '..'), { recursive: true });
    await writeFile(out, `${JSON.stringify(result, null, 2)}\n`);
  } finally {
    echo.process.disconnect();
    await stack.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}

await main();
