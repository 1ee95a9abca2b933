import type { LoadedFunction } from './bindings.js';
import type { RetryContext, RetryOptions, RpcDuration } from './core-types.js';
import type { Invoker } from './invocation.js';
import { describeError } from './log.js';
import type { TriggerInput } from './rpc-request.js';
import { pause } from './trigger.js';

/**
 * Runs a function under its retry policy, as the real host does for timer and Cosmos DB triggers (for Service Bus it does not).
 * Each attempt is a new invocation; from the second on the handler sees `retryContext`.
 *
 * @param signal - when it aborts, no further attempt is made
 * @throws the last error, when the attempts are used up or the host stops
 */
export async function invokeWithRetry(
  invoker: Invoker,
  target: LoadedFunction,
  input: TriggerInput,
  signal: AbortSignal,
): Promise<void> {
  const policy = target.registered.retryOptions;
  const maxRetryCount = policy?.maxRetryCount ?? 0;
  let retry: RetryContext | undefined;
  for (let attempt = 0; ; attempt += 1) {
    try {
      await invoker.invoke(target, retry ? { ...input, retry } : input);
      return;
    } catch (error) {
      const isLast = maxRetryCount !== -1 && attempt >= maxRetryCount;
      if (policy === undefined || isLast || !(await pause(retryDelay(policy, attempt), signal))) throw error;
      retry = toRetryContext(attempt + 1, maxRetryCount, error);
    }
  }
}

/** Milliseconds to wait after the given attempt (0 = the first) has failed. */
export function retryDelay(policy: RetryOptions, attempt: number): number {
  if (policy.retryStrategy !== 'exponentialBackoff') return toMilliseconds(policy.delayInterval);
  const maximum = toMilliseconds(policy.maximumInterval) || Infinity;
  return Math.min(toMilliseconds(policy.minimumInterval) * 2 ** attempt, maximum);
}

function toMilliseconds(duration: RpcDuration | null | undefined): number {
  return (duration?.seconds ?? 0) * 1000 + (duration?.nanos ?? 0) / 1e6;
}

function toRetryContext(retryCount: number, maxRetryCount: number, error: unknown): RetryContext {
  const stackTrace = error instanceof Error ? (error.stack ?? '') : '';
  return { retryCount, maxRetryCount, exception: { message: describeError(error), source: '', stackTrace } };
}
