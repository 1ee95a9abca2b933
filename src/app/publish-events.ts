import type { EventDocument } from '../core/records/types.js';
import type { Clock } from '../ports/clock.js';
import type { EventPublisher } from '../ports/event-publisher.js';

export interface PublishDependencies {
  readonly publisher: EventPublisher;
  readonly clock: Clock;
}

/** What one batch of the change feed led to. */
export interface PublishedEvents {
  readonly count: number;
  /** Milliseconds since the oldest of the events was committed; absent when there was none. */
  readonly lagMs?: number;
}

/** Publishes the outbox entries among changed documents of the record store; others are none of its business. */
export async function publishEvents(
  { publisher, clock }: PublishDependencies,
  changed: readonly unknown[],
): Promise<PublishedEvents> {
  const events = changed.filter(isEvent);
  if (events.length === 0) return { count: 0 };
  await publisher.publish(events.map(withoutSystemProperties));
  const oldest = Math.min(...events.map(({ lastUpdated }) => Date.parse(lastUpdated)));
  // The clock of whoever committed may be ahead of ours.
  return { count: events.length, lagMs: Math.max(0, clock.now().getTime() - oldest) };
}

const isEvent = (document: unknown): document is EventDocument =>
  typeof document === 'object' && document !== null && (document as { kind?: unknown }).kind === 'event';

/** The change feed delivers documents with what Cosmos DB adds to them. */
function withoutSystemProperties(event: EventDocument): EventDocument {
  return Object.fromEntries(
    Object.entries(event).filter(([key]) => !key.startsWith('_')),
  ) as unknown as EventDocument;
}
