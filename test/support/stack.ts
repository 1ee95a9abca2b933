/** Starts the local stack as a user does, as processes of their own, and talks to it over HTTP. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { stackOffset, type StackName } from './stack-offsets.js';
import { mintDevelopmentToken, type DevelopmentClaims } from '../../local/development-issuer.js';

export interface RunningStack {
  readonly url: string;
  readonly stateDir: string;
  /** Connection strings and other settings in use. */
  readonly settings: Readonly<Record<string, string>>;
  token(claims: DevelopmentClaims): Promise<string>;
  /** Process id of a part: `cosmos`, `service-bus`, `functions-http`, `functions-background`, `azurite`. */
  pidOf(part: string): Promise<number>;
  /** Kills the supervisor (`kill -9`): its parts end by themselves as soon as they notice. */
  kill(): Promise<void>;
  /** Ends everything in order, as Ctrl-C does; answers the exit code. */
  stop(): Promise<number | null>;
  /** Ends everything and deletes its state. */
  destroy(): Promise<void>;
}

/**
 * @param name whose stack it is: its ports are its own
 * @param environment settings that differ from those of the sample
 */
export async function startStack(
  name: StackName,
  stateDir?: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningStack> {
  const portOffset = stackOffset(name);
  const dir = stateDir ?? (await mkdtemp(join(tmpdir(), 'hde-stack-')));
  const args = ['.build/local/start.js', '--empty', '--port-offset', String(portOffset), '--state', dir];
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const output: string[] = [];
  child.stderr.on('data', (text: Buffer) => output.push(text.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await untilUp(child, output, ended);
  const stop = async () => {
    child.kill('SIGINT');
    return ended;
  };
  const settings = JSON.parse(await readFile(join(dir, 'local.settings.json'), 'utf8')) as {
    Values: Record<string, string>;
  };
  return {
    url: `http://127.0.0.1:${7071 + portOffset}`,
    stateDir: dir,
    settings: settings.Values,
    token: (claims) =>
      mintDevelopmentToken(claims, { stateDir: dir, url: `http://127.0.0.1:${7071 + portOffset}` }),
    pidOf: (part) => pidOf(dir, part),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    stop,
    destroy: async () => {
      await stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function untilUp(child: ChildProcess, output: string[], ended: Promise<unknown>): Promise<void> {
  const up = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      output.push(line);
      if (line.includes('The exchange is up')) resolve();
    });
  });
  const died = ended.then(() => {
    throw new Error(`the stack ended before it was up:\n${output.join('\n')}`);
  });
  await Promise.race([up, died]);
}

async function pidOf(stateDir: string, part: string): Promise<number> {
  const pids = JSON.parse(await readFile(join(stateDir, 'pids.json'), 'utf8')) as Record<string, number>;
  const pid = pids[part];
  if (pid === undefined) throw new Error(`no part is called ${part}`);
  return pid;
}

/** Repeats a question until the answer satisfies, or fails after a time. */
export async function eventually<T>(
  ask: () => Promise<T>,
  satisfied: (answer: T) => boolean,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (satisfied(answer)) return answer;
    if (Date.now() > deadline)
      throw new Error(`never satisfied; last answer: ${JSON.stringify(answer).slice(0, 2000)}`);
    await sleep(100);
  }
}
