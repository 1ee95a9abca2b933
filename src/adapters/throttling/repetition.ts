/** The one policy by which anything that failed for a passing reason is repeated: requests here, whole messages in platform. */
import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Patience } from './patience.js';

/** How patient a caller is. All times are milliseconds. */
export interface Repetition {
  readonly mostAttempts: number;
  /** Bound of the random delay before the second attempt; doubled with each attempt. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** No attempt begins later than this after the first. */
  readonly longestMs: number;
}

/** What was found out about a failure that a repetition may cure. */
export interface Curable {
  /** When the service wants to be asked again, in milliseconds from now; absent when it did not say. */
  readonly retryAfterMs?: number | undefined;
}

/** Time and chance, for tests. */
export interface Timing {
  /** Milliseconds from any fixed moment. */
  now(): number;
  /** At least 0, less than 1. */
  random(): number;
  /** @throws AbortError when the signal says so */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemTiming: Timing = {
  now: () => performance.now(),
  random: () => Math.random(),
  sleep: async (ms, signal) => {
    await sleepFor(ms, undefined, signal === undefined ? {} : { signal });
  },
};

/**
 * The delay before the next attempt: never earlier than the service asks for, and at random over a range that doubles
 * (full jitter), so that those who were refused together do not return together.
 *
 * @param attempt number of the attempt that failed, from 1
 */
export function delayAfter(
  { firstDelayMs, longestDelayMs }: Repetition,
  attempt: number,
  { retryAfterMs = 0 }: Curable,
  random: number,
): number {
  return retryAfterMs + random * Math.min(firstDelayMs * 2 ** (attempt - 1), longestDelayMs);
}

/**
 * Does work until it succeeds, fails for a reason that no repetition cures, or patience ends: then with its last error.
 *
 * @param judge what is known of a failure; undefined when it must not be repeated
 * @param onRepeat called with each error that is followed by another attempt
 */
export async function repeatWhileCurable<T>(
  work: () => Promise<T>,
  repetition: Repetition,
  judge: (error: unknown) => Curable | undefined,
  { timing = systemTiming, signal, patience, onRepeat }: RepeatOptions = {},
): Promise<T> {
  const started = timing.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const curable = judge(error);
      if (curable === undefined || attempt >= repetition.mostAttempts) throw error;
      const delay = delayAfter(repetition, attempt, curable, timing.random());
      if (timing.now() - started + delay > repetition.longestMs) throw error;
      const sleep = () => timing.sleep(delay, signal);
      const waited = patience === undefined ? sleep() : patience.wait(delay, sleep);
      if (waited === undefined) throw error;
      onRepeat?.(error);
      await waited;
    }
  }
}

export interface RepeatOptions {
  readonly timing?: Timing;
  /** Ends a delay; the caller is no longer interested. */
  readonly signal?: AbortSignal | undefined;
  /** Of whoever waits for the work; delays that are longer than that end it. */
  readonly patience?: Patience | undefined;
  readonly onRepeat?: (error: unknown) => void;
}
