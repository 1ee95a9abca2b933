import type { EventDocument } from '../core/records/types.js';
import type { EventPublisher } from '../ports/event-publisher.js';

/** Publishes the outbox entries among changed documents of the record store; others are none of its business. */
export async function publishEvents(publisher: EventPublisher, changed: readonly unknown[]): Promise<number> {
  const events = changed.filter(isEvent);
  if (events.length > 0) await publisher.publish(events.map(withoutSystemProperties));
  return events.length;
}

const isEvent = (document: unknown): document is EventDocument =>
  typeof document === 'object' && document !== null && (document as { kind?: unknown }).kind === 'event';

/** The change feed delivers documents with what Cosmos DB adds to them. */
function withoutSystemProperties(event: EventDocument): EventDocument {
  return Object.fromEntries(
    Object.entries(event).filter(([key]) => !key.startsWith('_')),
  ) as unknown as EventDocument;
}
