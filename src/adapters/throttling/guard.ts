/** The way to a dependency: bounded in number, and repeated by one policy while that may help. */
import { ExchangeError } from '../../core/errors.js';
import { createLimiter, defaultLimits, type Limiter, type Limits, type Pressure } from './limiter.js';
import { Hanging, patienceOfCaller } from './patience.js';
import {
  repeatWhileCurable,
  systemTiming,
  type Curable,
  type Repetition,
  type Timing,
} from './repetition.js';

/** A request that a dependency refused, or did not answer. */
export interface Setback extends Curable {
  /** Whether it is busy, or in some trouble. */
  readonly kind: 'throttled' | 'unavailable';
  /** False when the request may have been done, and doing it again would do it twice. */
  readonly mayRepeat: boolean;
}

export interface Guard {
  /**
   * Makes a request when it is its turn, and again while `judge` finds a setback that may be repeated.
   *
   * @param attempt makes the request once
   * @param judge what a failure was; undefined when it is none of the dependency's health, such as a conflict: it is thrown
   *   as it is
   * @throws ExchangeError HDE_THROTTLED or HDE_DEPENDENCY_UNAVAILABLE after the last setback, or when there is no room
   */
  run<T>(
    attempt: () => Promise<T>,
    judge: (error: unknown) => Setback | undefined,
    signal?: AbortSignal,
  ): Promise<T>;
  /** Name of the dependency: `Cosmos DB`. */
  readonly name: string;
  readonly pressure: () => Pressure;
}

/** For one request to a dependency. Whoever waits for an answer may be less patient. */
const ofRequests: Repetition = {
  mostAttempts: 10,
  firstDelayMs: 50,
  longestDelayMs: 5_000,
  longestMs: 15_000,
};

/** What callers are told to wait when a dependency is in trouble, in seconds; it cannot say so itself. */
const unavailableForSeconds = 5;

/** Makes the guard of one dependency; its limits are those of a process. */
export function createGuard(
  name: string,
  limits: Limits = defaultLimits,
  timing: Timing = systemTiming,
): Guard {
  const limiter = createLimiter(limits);
  return {
    name,
    pressure: () => limiter.pressure(),
    async run(attempt, judge, outer) {
      // Asked now: a request that waits its turn may go on in the context of another one.
      const patience = patienceOfCaller();
      const repeatable = (error: unknown) => {
        const setback = judge(error);
        return setback?.mayRepeat === true ? setback : undefined;
      };
      const request = async (signal: AbortSignal | undefined) => {
        const leave = limiter.enter();
        try {
          const once = () => inTurn(limiter, attempt, judge, signal);
          return await repeatWhileCurable(once, ofRequests, repeatable, { timing, signal, patience });
        } finally {
          leave();
        }
      };
      try {
        return await (patience === undefined ? request(outer) : patience.whileWaiting(request, outer));
      } catch (error) {
        throw toExchangeError(name, error, error instanceof Hanging ? hanging : judge(error));
      }
    },
  };
}

const hanging: Setback = { kind: 'unavailable', mayRepeat: false };

/** Makes an attempt when it is its turn. */
async function inTurn<T>(
  limiter: Limiter,
  attempt: () => Promise<T>,
  judge: (error: unknown) => Setback | undefined,
  signal: AbortSignal | undefined,
): Promise<T> {
  const turn = await limiter.takeTurn(signal);
  let wasSetBack = false;
  try {
    return await attempt();
  } catch (error) {
    wasSetBack = judge(error) !== undefined;
    throw error;
  } finally {
    turn.end(wasSetBack);
  }
}

function toExchangeError(name: string, cause: unknown, setback: Setback | undefined): unknown {
  if (setback === undefined) return cause;
  const { kind, retryAfterMs = 0 } = setback;
  const hintSeconds = Math.ceil(retryAfterMs / 1000);
  return kind === 'throttled'
    ? new ExchangeError('HDE_THROTTLED', { cause, retryAfterSeconds: Math.max(1, hintSeconds) })
    : new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE', {
        cause,
        detail: name,
        retryAfterSeconds: Math.max(unavailableForSeconds, hintSeconds),
      });
}
