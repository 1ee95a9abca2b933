import type { Conversion } from '../mapping/types.js';

/** Clocks of senders may be wrong by a time zone, but not by more. */
const toleranceMs = 24 * 3600 * 1000;

/**
 * Takes the time of receipt for an event that claims to lie in the future. One wrong clock would otherwise make every
 * later message about the record stale.
 *
 * @param receivedAt ISO instant at which the exchange accepted the message
 */
export function boundEventTime(conversion: Conversion, receivedAt: string): Conversion {
  if (Date.parse(conversion.eventTime) <= Date.parse(receivedAt) + toleranceMs) return conversion;
  return {
    ...conversion,
    eventTime: receivedAt,
    latestEventTime: receivedAt,
    issues: [...conversion.issues, { code: 'HDE_EVENT_IN_FUTURE', severity: 'warning', location: 'EVN-2' }],
  };
}
