import type { DecisionDocument, EventDocument, RecordDocument } from '../core/records/types.js';
import type { Clock } from '../ports/clock.js';
import type { EventPublisher } from '../ports/event-publisher.js';
import type { RecordStore } from '../ports/record-store.js';
import { finishTransaction } from './staged-transactions.js';

export interface PublishDependencies {
  readonly publisher: EventPublisher;
  readonly records: RecordStore;
  readonly clock: Clock;
}

/** What one batch of the change feed led to. */
export interface PublishedEvents {
  readonly count: number;
  /** Milliseconds since the oldest of the events was committed; absent when there was none. */
  readonly lagMs?: number;
}

/**
 * Publishes the outbox entries among changed documents of the record store, and finishes transactions that are committed:
 * a process that ended may have left something to be unfolded (docs/adr/0013).
 */
export async function publishEvents(
  { publisher, records, clock }: PublishDependencies,
  changed: readonly unknown[],
): Promise<PublishedEvents> {
  for (const decision of changed.filter(isDecision)) await finishTransaction(records, decision);
  const events = changed.filter(isEvent);
  if (events.length === 0) return { count: 0 };
  await publisher.publish(events.map(withoutSystemProperties));
  const oldest = Math.min(...events.map(({ lastUpdated }) => Date.parse(lastUpdated)));
  // The clock of whoever committed may be ahead of ours.
  return { count: events.length, lagMs: Math.max(0, clock.now().getTime() - oldest) };
}

const isEvent = (document: unknown): document is EventDocument => kindOf(document) === 'event';

const isDecision = (document: unknown): document is DecisionDocument => kindOf(document) === 'decision';

const kindOf = (document: unknown): unknown =>
  typeof document === 'object' && document !== null ? (document as Partial<RecordDocument>).kind : undefined;

/** The change feed delivers documents with what Cosmos DB adds to them. */
function withoutSystemProperties(event: EventDocument): EventDocument {
  return Object.fromEntries(
    Object.entries(event).filter(([key]) => !key.startsWith('_')),
  ) as unknown as EventDocument;
}
