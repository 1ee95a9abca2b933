import type { EventDocument } from '../core/records/types.js';

/** An event as one consumer is told of it. */
export interface ConsumerEvent {
  /** Id of the consumer in the access policy: the name of its subscription. */
  readonly consumer: string;
  readonly event: EventDocument;
}

/** Publishes what changed, to each consumer its own. At least once: a repetition carries the same id. */
export interface EventPublisher {
  publish(events: readonly ConsumerEvent[]): Promise<void>;
}
