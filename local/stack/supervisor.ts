/** Starts the parts of the local stack and stops them in the opposite order. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SupervisedChild } from './child.js';

/** One process of the stack. */
export interface PartOptions {
  readonly name: string;
  /** Script and arguments for `node`. */
  readonly args: readonly string[];
  /** Tells from a line of output that the process is ready. */
  readonly isReady: (line: string) => boolean;
}

export interface Supervisor {
  /** Starts some parts side by side and waits until all are ready. */
  start(...parts: readonly PartOptions[]): Promise<void>;
  /** Stops all parts, the last started first, so that it still finds the services it needs. */
  stop(): Promise<void>;
}

/** Longer than the host lets running invocations take to end. */
const graceMs = 35_000;
/** From here on a stop says what it waits for. */
const silentMs = 3000;

export function createSupervisor(rootDir: string, stateDir: string, log: (line: string) => void): Supervisor {
  // For whoever wants to kill a part and see what happens.
  const pids: Record<string, number> = {};
  const started: SupervisedChild[] = [];
  const supervise = (part: PartOptions) =>
    new SupervisedChild({
      ...part,
      logFile: join(stateDir, 'logs', `${part.name}.log`),
      preload: join(rootDir, '.build/local/stack/exit-with-parent.js'),
      onStart: (name, pid) => {
        pids[name] = pid;
        writeFileSync(join(stateDir, 'pids.json'), JSON.stringify(pids));
      },
      onRestart: (name) => {
        log(`${name} ended unexpectedly and is started again`);
      },
    });
  return {
    async start(...parts) {
      const children = parts.map(supervise);
      started.push(...children);
      await Promise.all(children.map((child) => child.start()));
    },
    async stop() {
      for (const child of [...started].reverse()) {
        const slow = setTimeout(() => {
          log(`waiting for ${child.name} to end its work`);
        }, silentMs);
        await child.stop(graceMs);
        clearTimeout(slow);
      }
    },
  };
}
