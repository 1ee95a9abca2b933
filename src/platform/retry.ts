import { setTimeout as sleep } from 'node:timers/promises';
import { ExchangeError } from '../core/errors.js';

const attempts = 8;
const firstDelayMs = 200;
const longestDelayMs = 15_000;

/**
 * Repeats work that failed for a reason that passes (a dependency restarts, the account is throttled), waiting longer
 * each time: about a minute in all, well below the function timeout. Redelivery by the queue comes after that; it is
 * immediate, so that without this wait a message would use up all its deliveries while a dependency restarts.
 *
 * @param onRetry called with each error that is followed by another attempt
 */
export async function retryTransient<T>(
  work: () => Promise<T>,
  onRetry: (error: unknown) => void,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts || !isTransient(error)) throw error;
      onRetry(error);
      await sleep(delayMs(attempt, error));
    }
  }
}

const isTransient = (error: unknown): boolean =>
  error instanceof ExchangeError && error.definition.disposition === 'retry' && error.code !== 'HDE_INTERNAL';

/** The service's own hint where it is longer, and a random part, so that many messages do not return at once. */
function delayMs(attempt: number, error: unknown): number {
  const growing = Math.min(firstDelayMs * 2 ** (attempt - 1), longestDelayMs);
  const hinted =
    error instanceof ExchangeError && error.code === 'HDE_THROTTLED'
      ? (error.retryAfterSeconds ?? 0) * 1000
      : 0;
  return Math.max(growing, hinted) * (0.75 + Math.random() / 2);
}
