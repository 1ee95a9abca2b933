import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, readJsonObject } from './jsonc.js';
import { parseTimeSpan } from './time-span.js';

/** The options of host.json that this host honours, with the real host's defaults. Durations in milliseconds. */
export type HostOptions = {
  readonly http: {
    readonly routePrefix: string;
    /** Requests above this many at once get 429; -1 = no limit. */
    readonly maxOutstandingRequests: number;
  };
  readonly serviceBus: {
    readonly maxConcurrentCalls: number;
    readonly maxConcurrentSessions: number;
    readonly maxMessageBatchSize: number;
    readonly autoCompleteMessages: boolean;
    readonly maxAutoLockRenewalDuration: number;
    readonly sessionIdleTimeout: number;
  };
  /** Category to level, as in `logging.logLevel`. */
  readonly logLevels: Readonly<Record<string, string>>;
};

/**
 * Reads host.json (comments allowed) from the app's folder; an absent file means all defaults.
 *
 * @throws Error naming the property when a value has the wrong type
 */
export function loadHostOptions(appDir: string): HostOptions {
  const path = join(appDir, 'host.json');
  return toHostOptions(existsSync(path) ? readJsonObject(path) : {});
}

/** Host options from the content of host.json. */
export function toHostOptions(content: Record<string, unknown>): HostOptions {
  const http = section(content, ['extensions', 'http']);
  const serviceBus = section(content, ['extensions', 'serviceBus']);
  return {
    http: {
      routePrefix: http.text('routePrefix', 'api').replace(/^\/+|\/+$/g, ''),
      maxOutstandingRequests: http.count('maxOutstandingRequests', -1, -1),
    },
    serviceBus: {
      maxConcurrentCalls: serviceBus.count('maxConcurrentCalls', 16),
      maxConcurrentSessions: serviceBus.count('maxConcurrentSessions', 8),
      maxMessageBatchSize: serviceBus.count('maxMessageBatchSize', 1000),
      autoCompleteMessages: serviceBus.flag('autoCompleteMessages', true),
      maxAutoLockRenewalDuration: serviceBus.duration('maxAutoLockRenewalDuration', 300_000),
      sessionIdleTimeout: serviceBus.duration('sessionIdleTimeout', 60_000),
    },
    logLevels: section(content, ['logging', 'logLevel']).texts(),
  };
}

function section(content: Record<string, unknown>, path: readonly string[]) {
  const values = path.reduce<Record<string, unknown>>((parent, name) => {
    const child = parent[name] ?? {};
    if (!isObject(child)) throw new Error(`host.json: ${path.join('.')} must be an object`);
    return child;
  }, content);
  const fail = (name: string, expected: string): never => {
    throw new Error(`host.json: ${path.join('.')}.${name} must be ${expected}`);
  };
  return {
    text: (name: string, fallback: string): string => {
      const value = values[name] ?? fallback;
      return typeof value === 'string' ? value : fail(name, 'a string');
    },
    count: (name: string, fallback: number, minimum = 1): number => {
      const value = values[name] ?? fallback;
      return Number.isInteger(value) && Number(value) >= minimum
        ? Number(value)
        : fail(name, `a whole number from ${minimum}`);
    },
    flag: (name: string, fallback: boolean): boolean => {
      const value = values[name] ?? fallback;
      return typeof value === 'boolean' ? value : fail(name, 'true or false');
    },
    duration: (name: string, fallback: number): number => {
      const value = values[name];
      if (value === undefined) return fallback;
      return (
        (typeof value === 'string' ? parseTimeSpan(value) : undefined) ??
        fail(name, "a time span such as '00:05:00'")
      );
    },
    texts: (): Record<string, string> =>
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
          name,
          typeof value === 'string' ? value : fail(name, 'a level name'),
        ]),
      ),
  };
}
