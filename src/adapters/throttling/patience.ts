/**
 * How long whoever waits for an answer lets dependencies that refuse be asked again: their whole request has that much
 * time, however many requests to however many dependencies it takes. Work that nobody waits for has the time of each.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Timing } from './repetition.js';

/** What senders and clients of the FHIR API have, in milliseconds. Their own time-outs are seldom longer than ten seconds. */
export const patienceOfCallers = 4_000;

/** What is left of somebody's patience. Time counts once, however many requests wait through it. */
export interface Patience {
  /** Waits for the next attempt; undefined, and at once, where that would take longer than there is patience. */
  wait(ms: number, sleep: () => Promise<void>): Promise<void> | undefined;
}

const patiences = new AsyncLocalStorage<Patience>();

/** Does work that somebody waits for. @param longestMs how long it may wait for dependencies that refuse, all in all */
export const withPatience = <T>(
  longestMs: number,
  work: () => Promise<T>,
  timing?: Pick<Timing, 'now'>,
): Promise<T> => patiences.run(createPatience(longestMs, timing), work);

/** The patience of whoever waits for the current work; undefined where nobody does. */
export const patienceOfCaller = (): Patience | undefined => patiences.getStore();

function createPatience(longestMs: number, timing: Pick<Timing, 'now'> = performance): Patience {
  let spent = 0;
  let waiting = 0;
  let since = 0;
  return {
    wait(ms, sleep) {
      const now = timing.now();
      const spentBefore = waiting === 0 ? spent : spent + now - since;
      if (spentBefore + ms > longestMs) return undefined;
      if (waiting === 0) since = now;
      waiting += 1;
      return sleep().finally(() => {
        waiting -= 1;
        if (waiting === 0) spent += timing.now() - since;
      });
    },
  };
}
