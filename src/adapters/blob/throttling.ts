/** The policy of repetition in the pipeline of `@azure/storage-blob`: each request of the client goes through it. */
import { RestError, type RequestPolicyFactory } from '@azure/storage-blob';
import type { Guard, Setback } from '../throttling/guard.js';

/** Too many requests, server busy (Azure Blob Storage REST reference, error codes). */
const busy = new Set([429, 503]);
const unavailable = new Set([408, 500, 502, 504]);

/**
 * What a failed request means. All may be repeated: what the archive writes is the same every time, and what is written
 * under a name already is left alone.
 */
function judgeBlob(error: unknown): Setback | undefined {
  if (!(error instanceof RestError)) return undefined;
  const { statusCode, code } = error;
  // An answer that breaks off is no answer, whatever its status.
  if (statusCode === undefined || code === 'PARSE_ERROR') return { kind: 'unavailable', mayRepeat: true };
  const retryAfterMs = hintOf(error);
  if (busy.has(statusCode)) return { kind: 'throttled', mayRepeat: true, retryAfterMs };
  return unavailable.has(statusCode) ? { kind: 'unavailable', mayRepeat: true, retryAfterMs } : undefined;
}

/** `Retry-After` in milliseconds; a date instead of seconds is not heeded. */
function hintOf({ response }: RestError): number | undefined {
  const seconds = Number(response?.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? Math.max(0, seconds) * 1000 : undefined;
}

/** Lets every request of a client through its guard. The client's own repetitions are to be switched off. */
export const throttlingPolicy = (guard: Guard): RequestPolicyFactory => ({
  create: (next) => ({
    sendRequest: (request) => guard.run(() => next.sendRequest(request), judgeBlob),
  }),
});
