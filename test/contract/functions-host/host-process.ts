/** Runs the Functions host as its own process, as it is used: its module hook works on a whole process. */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** Root of the repository. */
export const rootDir = join(import.meta.dirname, '../../..');

/** A running host and what it and its app have said. */
export type HostProcess = {
  readonly url: string;
  readonly functions: readonly string[];
  /** Lines of JSON that the app wrote to standard output. */
  readonly events: readonly unknown[][];
  /** Log lines. */
  readonly logs: readonly string[];
  /** Resolves when the events satisfy the condition; rejects after ten seconds. */
  untilEvents(condition: (events: readonly unknown[][]) => boolean, timeoutMs?: number): Promise<void>;
  /** Resolves when the log satisfies the condition; rejects after ten seconds. */
  untilLogs(condition: (logs: readonly string[]) => boolean, timeoutMs?: number): Promise<void>;
  /** Sends SIGTERM and gives the exit code. */
  stop(): Promise<number | null>;
};

/** How to start a host. */
export type HostProcessOptions = {
  readonly appDir: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
};

/** Hosts of this test file that have not ended. */
const running = new Set<ChildProcess>();

/**
 * Bundles an entry of the repository below `.build/`, so that Node finds node_modules.
 *
 * @returns path of the bundle, and a function that removes it and ends what a failed test has left running
 */
export async function bundle(entry: string): Promise<{ readonly file: string; remove(): Promise<void> }> {
  const folder = join(rootDir, '.build', `test-${process.pid}-${Date.now()}`);
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'main.mjs');
  await promisify(execFile)(join(rootDir, 'node_modules/esbuild/bin/esbuild'), [
    join(rootDir, entry),
    ...['--bundle', '--platform=node', '--format=esm', '--target=node20', '--packages=external'],
    ...['--sourcemap=inline', '--log-level=warning', `--outfile=${file}`],
  ]);
  return {
    file,
    remove: async () => {
      for (const child of running) child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Starts a host and waits until it listens.
 *
 * @throws Error with the log when it ends before
 */
export async function startHostProcess(file: string, options: HostProcessOptions): Promise<HostProcess> {
  const child = spawn(
    process.execPath,
    [file, '--app', options.appDir, '--port', '0', ...(options.args ?? [])],
    { env: { PATH: process.env['PATH'], ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const events: unknown[][] = [];
  const logs: string[] = [];
  const listeners = new Set<() => void>();
  const notify = (): void => {
    for (const listener of [...listeners]) listener();
  };
  let ready: { url: string; functions: string[] } | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const value = JSON.parse(line) as unknown;
    if (Array.isArray(value)) events.push(value);
    else ready = value as { url: string; functions: string[] };
    notify();
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    logs.push(line);
    notify();
  });
  running.add(child);
  const exited = once(child, 'exit').then(([code]) => {
    running.delete(child);
    notify();
    return code as number | null;
  });

  const until = (condition: () => boolean, what: string, timeoutMs = 10_000): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        finish(new Error(`${what} did not come in time`));
      }, timeoutMs);
      const finish = (error?: Error): void => {
        clearTimeout(timer);
        listeners.delete(check);
        if (error)
          reject(new Error(`${error.message}. Events: ${JSON.stringify(events)}. Log:\n${logs.join('\n')}`));
        else resolve();
      };
      const check = (): void => {
        if (condition()) finish();
        else if (child.exitCode !== null) finish(new Error(`The host ended with ${child.exitCode}`));
      };
      listeners.add(check);
      check();
    });

  await until(() => ready !== undefined, 'The ready line', 30_000);
  return {
    ...ready!,
    events,
    logs,
    untilEvents: (condition, timeoutMs) => until(() => condition(events), 'The event', timeoutMs),
    untilLogs: (condition, timeoutMs) => until(() => condition(logs), 'The log line', timeoutMs),
    stop: async () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
}
