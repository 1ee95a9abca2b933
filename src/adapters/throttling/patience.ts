/**
 * How long whoever waits for an answer lets dependencies that refuse be asked again: their whole request has that much
 * time, however many requests to however many dependencies it takes. Work that nobody waits for has the time of each.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Timing } from './repetition.js';

/** What senders and clients of the FHIR API have, in milliseconds. Their own time-outs are seldom longer than ten seconds. */
export const patienceOfCallers = 4_000;

/**
 * How much longer than their whole patience one request to a dependency may take them, its turn and attempts included: what
 * takes longer hangs. Attempts that go well are not waited through, so that a large request may take as long as it needs.
 */
const longestRequest = 1.5;

/** What is left of somebody's patience. Time counts once, however many requests wait through it. */
export interface Patience {
  /**
   * Lets whoever waits go when a request hangs. What of it is under way comes to its own end, unheard.
   *
   * @param request must begin nothing more once its signal is aborted
   * @param outer ends the request as well
   * @throws Hanging
   */
  whileWaiting<T>(request: (signal: AbortSignal) => Promise<T>, outer: AbortSignal | undefined): Promise<T>;
  /** Waits for the next attempt; undefined, and at once, where that would take longer than there is patience. */
  wait(ms: number, sleep: () => Promise<void>): Promise<void> | undefined;
}

/** A dependency has neither answered nor refused for longer than somebody waits. */
export class Hanging extends Error {}

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
    whileWaiting: (request, outer) =>
      new Promise((resolve, reject) => {
        const leaving = new AbortController();
        const { signal } = leaving;
        const timer = setTimeout(() => {
          const hanging = new Hanging('no answer in time');
          leaving.abort(hanging);
          reject(hanging);
        }, longestMs * longestRequest);
        request(outer === undefined ? signal : AbortSignal.any([outer, signal]))
          .finally(() => {
            clearTimeout(timer);
          })
          .then(resolve, reject);
      }),
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
