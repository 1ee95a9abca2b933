/** What a send to Service Bus that failed means. */
import { ServiceBusError } from '@azure/service-bus';
import type { Setback } from '../throttling/guard.js';

/** What Service Bus asks for when it is busy, in milliseconds: "wait 10 seconds and try again"; its answers hold no hint. */
const busyForMs = 10_000;

/**
 * Whatever a send fails with, it may be repeated: the message id makes a second copy harmless. What the service calls
 * final, such as an entity that does not exist, is left to whoever repeats the work as a whole.
 */
export function judgeServiceBus(error: unknown): Setback | undefined {
  // Faults of ours that a repetition would only hide.
  if (error instanceof RangeError || error instanceof TypeError) return undefined;
  // The SDK may wrap its attempts.
  const cause: unknown = error instanceof AggregateError ? error.errors.at(-1) : error;
  if (!(cause instanceof ServiceBusError)) return { kind: 'unavailable', mayRepeat: true };
  if (cause.code === 'ServiceBusy') return { kind: 'throttled', mayRepeat: true, retryAfterMs: busyForMs };
  // The entity is full: it will be for longer than anybody waits for an answer.
  if (cause.code === 'QuotaExceeded') return { kind: 'throttled', mayRepeat: false };
  return { kind: 'unavailable', mayRepeat: cause.retryable };
}
