/** The broker as a process of its own, as `npm start` runs it, so that it can be killed. */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { EmulatorConfig } from '../../../local/service-bus/config/emulator-config.js';

/** A broker that is started and killed again and again on the same data and the same port. */
export class BrokerProcess {
  private readonly folder = mkdtempSync(join(tmpdir(), 'hde-service-bus-'));
  private process: ChildProcess | undefined;
  private port = '0';
  connectionString = '';

  constructor(config: EmulatorConfig) {
    writeFileSync(join(this.folder, 'config.json'), JSON.stringify(config));
    const banner = "import{createRequire as c}from'node:module';const require=c(import.meta.url);";
    // The command, not the library: esbuild's library does not run inside jest's sandbox.
    execFileSync('node_modules/.bin/esbuild', [
      'local/service-bus/main.ts',
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--log-level=error',
      `--banner:js=${banner}`,
      `--outfile=${join(this.folder, 'main.mjs')}`,
    ]);
  }

  async start(): Promise<void> {
    const at = (name: string): string => join(this.folder, name);
    const parameters = ['--config', at('config.json'), '--data', at('data'), '--port', this.port];
    this.process = spawn(process.execPath, [at('main.mjs'), ...parameters], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const lines = createInterface({ input: this.process.stdout! });
    const [line] = (await once(lines, 'line')) as [string];
    const ready = JSON.parse(line) as { ready: boolean; connectionString: string };
    this.connectionString = ready.connectionString;
    this.port = /:(\d+);/.exec(ready.connectionString)?.[1] ?? '0';
  }

  /** Ends it and returns its exit code; null when a signal ended it. */
  async stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const ended = this.process;
    if (ended === undefined) return null;
    this.process = undefined;
    const exit = once(ended, 'exit');
    ended.kill(signal);
    const [code] = (await exit) as [number | null];
    return code;
  }

  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
