/**
 * How many requests one process has under way at a dependency: as many as it bears, found out as TCP does. What is
 * beyond that waits, and what cannot wait is refused, so that a dependency in trouble slows its callers down instead of
 * filling their memory.
 */
import { ExchangeError } from '../../core/errors.js';

/** Bounds that hold whatever the dependency bears. */
export interface Limits {
  /** Requests under way at once, at least 1. */
  readonly mostInFlight: number;
  /** Requests that may wait, for their turn or for another attempt. */
  readonly mostWaiting: number;
  /** How long a request waits for its turn, in milliseconds. */
  readonly longestWaitMs: number;
}

export const defaultLimits: Limits = { mostInFlight: 64, mostWaiting: 1_000, longestWaitMs: 5_000 };

/** What a limiter is at and has done since the process began; numbers only. */
export interface Pressure {
  /** Requests that may be under way at once by now. */
  readonly limit: number;
  readonly inFlight: number;
  readonly waiting: number;
  /** Requests that the dependency refused or did not answer. */
  readonly setBacks: number;
  /** Requests that were refused here. */
  readonly refused: number;
}

/** The right to have one request under way. */
export interface Turn {
  /** Gives it back. @param wasSetBack whether the dependency refused the request or did not answer it */
  end(wasSetBack: boolean): void;
}

export interface Limiter {
  /**
   * Takes a request in, with all its attempts; the answer must be called when it is done with.
   *
   * @throws ExchangeError HDE_THROTTLED when too many are in already
   */
  enter(): () => void;
  /**
   * Waits for a turn; first come, first served.
   *
   * @throws ExchangeError HDE_THROTTLED when it takes too long; the reason of the signal when that comes first
   */
  takeTurn(signal?: AbortSignal): Promise<Turn>;
  pressure(): Pressure;
}

/** However often it is refused, a process may have so many requests under way: fewer would not tell when it is over. */
const leastInFlight = 4;
const decrease = 0.75;

/**
 * How many requests a dependency bears: one more for each round that went well, a quarter less when one was set back.
 * Requests that were under way together tell of one trouble, and lower it once.
 */
function createAllowance(most: number) {
  const least = Math.min(leastInFlight, most);
  // Starts at the most that is allowed, since most of the time nothing is wrong.
  let allowed = most;
  let round = 0;
  return {
    requests: () => Math.floor(allowed),
    round: () => round,
    /** @param began the round in which the request began */
    learn(wasSetBack: boolean, began: number): void {
      if (!wasSetBack) allowed = Math.min(most, allowed + 1 / allowed);
      else if (began === round) {
        round += 1;
        allowed = Math.max(least, allowed * decrease);
      }
    },
  };
}

/** Makes what waits in line for its turn, which the one before it begins at once: there is room for it only then. */
const waitUpTo =
  (longestWaitMs: number, refuse: () => Error) =>
  <T>(queue: Set<() => void>, begin: () => T, signal: AbortSignal | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        queue.delete(grant);
        clearTimeout(timer);
        signal?.removeEventListener('abort', abandon);
      };
      const grant = (): void => {
        leave();
        resolve(begin());
      };
      const abandon = (): void => {
        leave();
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        leave();
        reject(refuse());
      }, longestWaitMs);
      queue.add(grant);
      signal?.addEventListener('abort', abandon);
    });

/** Makes the limiter of one dependency. */
export function createLimiter({ mostInFlight, mostWaiting, longestWaitMs }: Limits): Limiter {
  const allowance = createAllowance(mostInFlight);
  /** Those who wait, in the order in which they came. */
  const queue = new Set<() => void>();
  let inFlight = 0;
  let present = 0;
  let setBacks = 0;
  let refused = 0;

  const refuse = (): ExchangeError => {
    refused += 1;
    return new ExchangeError('HDE_THROTTLED', { retryAfterSeconds: Math.ceil(longestWaitMs / 1000) });
  };
  const waitInLine = waitUpTo(longestWaitMs, refuse);
  const hasRoom = (): boolean => inFlight < allowance.requests();
  const begin = (): Turn => {
    inFlight += 1;
    const began = allowance.round();
    return {
      end(wasSetBack) {
        inFlight -= 1;
        setBacks += Number(wasSetBack);
        allowance.learn(wasSetBack, began);
        for (const grant of queue) if (hasRoom()) grant();
      },
    };
  };

  return {
    enter() {
      if (present >= mostInFlight + mostWaiting) throw refuse();
      present += 1;
      return () => {
        present -= 1;
      };
    },
    async takeTurn(signal) {
      signal?.throwIfAborted();
      return queue.size === 0 && hasRoom() ? begin() : waitInLine(queue, begin, signal);
    },
    pressure: () => ({
      limit: allowance.requests(),
      inFlight,
      waiting: present - inFlight,
      setBacks,
      refused,
    }),
  };
}
