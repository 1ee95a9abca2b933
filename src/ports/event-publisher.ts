import type { EventDocument } from '../core/records/types.js';

/** Publishes what changed. At least once: the event's id stays the same when it is published again. */
export interface EventPublisher {
  publish(events: readonly EventDocument[]): Promise<void>;
}
