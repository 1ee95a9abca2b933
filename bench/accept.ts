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
import { startStack } from '../local/stack/stack.js';
import { atRate } from './load/at-rate.js';
import { untilDrained } from './load/backlog.js';
import { takeMessages } from './load/messages.js';
import { percentile } from './load/percentile.js';
import { post, targetOf, type Target } from './load/post.js';
import { cpuPerMessage, measureParts } from './load/processes.js';
import { highestOf, ramp } from './load/ramp.js';

const { values: options } = parseArgs({
  options: {
    rate: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '60' },
    'ramp-seconds': { type: 'string', default: '15' },
    'no-ramp': { type: 'boolean', default: false },
    'port-offset': { type: 'string', default: '21000' },
    out: { type: 'string' },
  },
});

const rootDir = join(import.meta.dirname, '../..');
const goalMs = 60;
interface Timing {
  readonly acceptMs: number;
  readonly echoMs: number;
  /** Beside the rate of sending: an answer that is no acceptance makes the run worthless. */
  readonly isAccepted: boolean;
}

/** Sends one message to the exchange, and half a period later the same bytes to the echo. */
const sendBoth =
  (target: Target, echoUrl: string, perSecond: number) =>
  async ({ text }: { readonly text: string }): Promise<Timing> => {
    const echo = sleep(500 / perSecond).then(() => post({ url: echoUrl, headers: {} }, text));
    const [acceptMs, isAccepted] = await post(target, text);
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
    const target = await targetOf(stack, stateDir);
    // Compiled code and open connections, as after minutes of work.
    await atRate(takeMessages('W', 400), 25, sendBoth(target, echo.url, 25));
    await untilDrained(stack);
    const load = loadavg()[0];
    const before = await measureParts(stateDir);
    const steady = await measure(target, echo.url);
    log(JSON.stringify(steady));
    await untilDrained(stack);
    const messages = steady.messagesPerSecond * steady.seconds;
    // Until the last of them is normalised.
    const cpuMs = cpuPerMessage(before, await measureParts(stateDir), messages);
    const steps = options['no-ramp']
      ? []
      : await ramp({ target, stack, log }, Number(options['ramp-seconds']));
    const result = {
      machine: { node: process.version, cores: cpus().length, loadBefore: Number(load?.toFixed(1)) },
      steady,
      cpuMsPerMessage: cpuMs,
      ...(options['no-ramp'] ? {} : { ramp: { highestMessagesPerSecond: highestOf(steps), steps } }),
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
