import { repeatWhileCurable, type Repetition, type Timing } from '../adapters/throttling/repetition.js';
import { ExchangeError } from '../core/errors.js';

const pace = { firstDelayMs: 400, longestDelayMs: 15_000 };

/**
 * For a dependency that is busy or away: work that fails for it is held back, and with it what would come after it, for
 * as long as its session is kept for it (host.json, `maxAutoLockRenewalDuration`) less the time of a last attempt. So the
 * queue waits, and ten deliveries last for half an hour.
 */
const ofDependencies: Repetition = { ...pace, mostAttempts: 100, longestMs: 180_000 };

/**
 * For other messages: a session that waits takes a place that those which it waits for may need, so that it gives it
 * back soon.
 */
const ofMessages: Repetition = { ...pace, mostAttempts: 9, longestMs: 25_000 };

/**
 * Repeats work that failed for a reason that passes (a dependency restarts, the account is throttled, another message
 * comes first). Redelivery by the queue comes after that; it is immediate, so that without this wait a message would use
 * up all its deliveries while a dependency restarts.
 *
 * @param onRetry called with each error that is followed by another attempt
 */
export async function retryTransient<T>(
  work: () => Promise<T>,
  onRetry: (error: unknown) => void,
  timing?: Timing,
): Promise<T> {
  const options = { onRepeat: onRetry, ...(timing === undefined ? {} : { timing }) };
  const onlyFor = (matters: (error: ExchangeError) => boolean) => (error: unknown) =>
    error instanceof ExchangeError && matters(error) ? { retryAfterMs: hintOf(error) } : undefined;
  const forMessages = onlyFor((error) => isTransient(error) && !isOfDependency(error));
  return repeatWhileCurable(
    () => repeatWhileCurable(work, ofMessages, forMessages, options),
    ofDependencies,
    onlyFor(isOfDependency),
    options,
  );
}

/** Only who is busy knows when it will not be; who is away may be back at once. */
const hintOf = ({ code, retryAfterSeconds = 0 }: ExchangeError): number =>
  code === 'HDE_THROTTLED' ? retryAfterSeconds * 1000 : 0;

const isOfDependency = ({ code }: ExchangeError): boolean =>
  code === 'HDE_THROTTLED' || code === 'HDE_DEPENDENCY_UNAVAILABLE';

const isTransient = ({ definition, code }: ExchangeError): boolean =>
  definition.disposition === 'retry' && code !== 'HDE_INTERNAL';
