/** One supervised process of the local stack. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

export interface ChildOptions {
  readonly name: string;
  /** Script and arguments for `node`. */
  readonly args: readonly string[];
  /** Tells from a line of output that the process is ready. */
  readonly isReady: (line: string) => boolean;
  readonly logFile: string;
  /** Compiled `exit-with-parent`. */
  readonly preload: string;
  readonly cwd?: string;
  /** Called whenever the process was started, with its id. */
  readonly onStart: (name: string, pid: number) => void;
  /** Called when the process ended without being asked to and will be started again. */
  readonly onRestart: (name: string) => void;
}

const readyTimeoutMs = 60_000;
const restartDelayMs = 300;

/** A process that is started again whenever it ends by itself, as the platform would do it in Azure. */
export class SupervisedChild {
  readonly name: string;
  readonly #options: ChildOptions;
  readonly #log: WriteStream;
  #process: ChildProcess | undefined;
  #stopping = false;

  constructor(options: ChildOptions) {
    this.name = options.name;
    this.#options = options;
    this.#log = createWriteStream(options.logFile, { flags: 'a' });
  }

  /** Starts the process and waits until it says that it is ready. */
  async start(): Promise<void> {
    const child = this.#spawn();
    await this.#untilReady(child);
    child.once('exit', () => {
      void this.#restart();
    });
  }

  /** Asks the process to end (SIGTERM) and waits for it; kills it after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    const child = this.#process;
    if (child?.exitCode === null && child.signalCode === null) {
      const ended = new Promise<void>((resolve) =>
        child.once('exit', () => {
          resolve();
        }),
      );
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    }
    this.#log.end();
  }

  #spawn(): ChildProcess {
    const { args, preload, cwd } = this.#options;
    const child = spawn(
      process.execPath,
      ['--enable-source-maps', '--import', pathToFileURL(preload).href, ...args],
      {
        // Its own process group: Ctrl-C reaches the supervisor only, which stops the parts in order.
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, HDE_STACK_SUPERVISOR: String(process.pid) },
        ...(cwd === undefined ? {} : { cwd }),
      },
    );
    child.stdout.pipe(this.#log, { end: false });
    child.stderr.pipe(this.#log, { end: false });
    this.#process = child;
    if (child.pid !== undefined) this.#options.onStart(this.name, child.pid);
    return child;
  }

  async #untilReady(child: ChildProcess): Promise<void> {
    const { name, isReady, logFile } = this.#options;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${name} was not ready in time; see ${logFile}`));
      }, readyTimeoutMs);
      const ended = () => {
        clearTimeout(timer);
        reject(new Error(`${name} ended before it was ready; see ${logFile}`));
      };
      child.once('exit', ended);
      if (child.stdout === null) return;
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (!isReady(line)) return;
        clearTimeout(timer);
        child.off('exit', ended);
        resolve();
      });
    });
  }

  async #restart(): Promise<void> {
    if (this.#stopping) return;
    this.#options.onRestart(this.name);
    await new Promise((resolve) => setTimeout(resolve, restartDelayMs));
    // stop() may have been called during the pause.
    if (this.#isStopping()) return;
    try {
      await this.start();
    } catch {
      await this.#restart();
    }
  }

  #isStopping(): boolean {
    return this.#stopping;
  }
}
