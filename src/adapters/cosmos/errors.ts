import { ExchangeError } from '../../core/errors.js';

/** Status codes after which the same request may succeed (Azure Cosmos DB REST reference, HTTP status codes). */
const unavailable = new Set([408, 410, 449, 500, 502, 503, 504]);
const networkFailures = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'UND_ERR_SOCKET',
  'TimeoutError',
  'REQUEST_SEND_ERROR',
]);

interface CosmosFailure {
  readonly code?: number | string;
  readonly retryAfterInMs?: number;
}

/** The HTTP status of a failure that `@azure/cosmos` threw, or undefined when it is of another kind. */
export function statusOf(error: unknown): number | undefined {
  const code = (error as CosmosFailure | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}

/** Runs a request and turns failures that a retry can cure into errors that say so. */
export async function callCosmos<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw translate(error);
  }
}

function translate(error: unknown): unknown {
  const { code, retryAfterInMs } = (error ?? {}) as CosmosFailure;
  if (code === 429) {
    return new ExchangeError('HDE_THROTTLED', {
      cause: error,
      retryAfterSeconds: Math.max(1, Math.ceil((retryAfterInMs ?? 1000) / 1000)),
    });
  }
  const isNetwork = typeof code === 'string' && networkFailures.has(code);
  if (isNetwork || (typeof code === 'number' && unavailable.has(code))) {
    return new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE', {
      cause: error,
      detail: 'Cosmos DB',
      retryAfterSeconds: 5,
    });
  }
  return error;
}
