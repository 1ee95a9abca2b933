import type { ChildProcess, ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { build } from 'esbuild';
import { emulatorKey } from '../../../local/cosmos/server.js';

/** The endpoint's command line as a process of its own, to be killed. */
export interface ChildEndpoint {
  readonly connectionString: string;
  /** Ends the process at once or asks it to stop; resolves with its exit code (null when killed). */
  readonly end: (signal: 'SIGKILL' | 'SIGTERM') => Promise<number | null>;
}

/** A folder for one test: the built command line and data folders. */
export async function prepareWorkspace() {
  const folder = await mkdtemp(join(tmpdir(), 'cosmos-'));
  const program = join(folder, 'main.mjs');
  await build({
    entryPoints: ['local/cosmos/main.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outfile: program,
    logLevel: 'warning',
  });
  const children: ChildProcess[] = [];
  return {
    folder,
    start: (args: readonly string[]) => {
      const child = spawn(process.execPath, [program, '--port', '0', ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      children.push(child);
      return whenReady(child);
    },
    /** Ends whatever a failed test left running, and removes the folder. */
    remove: async () => {
      for (const child of children) child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function whenReady(child: ChildProcessByStdio<null, Readable, Readable>): Promise<ChildEndpoint> {
  const errors: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  const exit = once(child, 'exit') as Promise<[number | null]>;
  const line = await Promise.race([
    once(createInterface(child.stdout), 'line') as Promise<[string]>,
    exit.then(([code]) =>
      Promise.reject(new Error(`The endpoint ended with ${String(code)}: ${errors.join('')}`)),
    ),
  ]);
  const { ready, endpoint } = JSON.parse(line[0]) as { ready: boolean; endpoint: string };
  if (!ready) throw new Error('The endpoint is not ready.');
  return {
    connectionString: `AccountEndpoint=${endpoint};AccountKey=${emulatorKey};`,
    end: (signal) => endChild(child, exit, signal),
  };
}

async function endChild(
  child: ChildProcess,
  exit: Promise<[number | null]>,
  signal: 'SIGKILL' | 'SIGTERM',
): Promise<number | null> {
  child.kill(signal);
  const [code] = await exit;
  return code;
}
