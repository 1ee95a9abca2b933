import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from './log.js';
import type { HostOptions } from './host-json.js';
import type { Invoker } from './invocation.js';
import type { Log } from './log.js';
import type { ServiceBusClients } from './service-bus-clients.js';
import type { Settings } from './settings.js';

/** Something that runs a function when its event happens. */
export type TriggerListener = {
  /** Begins to listen. Never throws because a dependency is down: it goes on trying. */
  start(): void;
  /** Takes no new events and resolves when the invocations that are running have ended and been settled. */
  stop(): Promise<void>;
  /** Gives up connections; called after `stop`, or when its time is over. */
  dispose(): Promise<void>;
};

/** What triggers need from the host. */
export type TriggerHost = {
  readonly invoker: Invoker;
  readonly settings: Settings;
  readonly options: HostOptions;
  readonly clients: ServiceBusClients;
  readonly log: Log;
};

/** Waits; false when the signal aborted first. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return delay(milliseconds, true, { signal }).catch(() => false);
}

/** Waits until something has ended, well or badly, but no longer than so many milliseconds. */
export async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const ended = new AbortController();
  const end = (): void => {
    ended.abort();
  };
  work.then(end, end);
  await pause(milliseconds, ended.signal);
}

/** Runs a listener's loop; should it ever fail, that is logged, and the host lives on. */
export async function keepAlive(work: () => Promise<void>, log: Log, category: string): Promise<void> {
  try {
    await work();
  } catch (error) {
    log({ level: 'critical', category, message: `A trigger has stopped: ${describeError(error)}` });
  }
}

const quietPeriod = 10_000;

/**
 * A warning about a dependency that is down: the same words again within ten seconds are dropped, for retries come several
 * times a second.
 */
export function createWarning(log: Log, category: string): (message: string) => void {
  let last = { message: '', at: 0 };
  return (message) => {
    const at = Date.now();
    if (message === last.message && at - last.at < quietPeriod) return;
    last = { message, at };
    log({ level: 'warning', category, message });
  };
}

/** Counts what is running, and lets one wait until nothing is. */
export class Activity {
  readonly #running = new Set<Promise<unknown>>();

  /** Runs something and counts it until it has ended. */
  async track<T>(work: () => Promise<T>): Promise<T> {
    const promise = work();
    this.#running.add(promise);
    try {
      return await promise;
    } finally {
      this.#running.delete(promise);
    }
  }

  /** Resolves when nothing that was tracked is running any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}
