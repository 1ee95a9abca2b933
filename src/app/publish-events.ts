import { randomUUID } from 'node:crypto';
import type { Consumer } from '../core/governance/access-policy.js';
import { codeOfPurpose } from '../core/governance/access-vocabulary.js';
import type { ReasonCode } from '../core/governance/decision-reasons.js';
import type { DecisionDocument, EventDocument, RecordDocument } from '../core/records/types.js';
import type { EventPublisher } from '../ports/event-publisher.js';
import { patientOf } from './access/record-facts.js';
import { recordAccess, type AuditedDependencies, type Concerned } from './audit/audited.js';
import {
  tellConsumers,
  type PermittedChange,
  type TellDependencies,
  type ToldConsumer,
} from './events/tell-consumers.js';
import { finishTransaction } from './staged-transactions.js';

export interface PublishDependencies extends TellDependencies, AuditedDependencies {
  readonly publisher: EventPublisher;
}

/** What one batch of the change feed led to. */
export interface PublishedEvents {
  /** Events in the outbox, whoever was told of them. */
  readonly count: number;
  /** Milliseconds since the oldest of the events was committed; absent when there was none. */
  readonly lagMs?: number;
  /** Consumers that were told of restricted records: somebody is to know. */
  readonly alerts: readonly ToldOfRestricted[];
}

/** That a consumer was told of restricted records, for which it is cleared. */
export interface ToldOfRestricted {
  readonly consumer: Pick<Consumer, 'id' | 'organisation'>;
  /** Changes of restricted records of which it was told. */
  readonly count: number;
}

/**
 * Publishes the outbox entries among changed documents of the record store to each consumer that may know of them, and
 * finishes transactions that are committed: a process that ended may have left something to be unfolded (docs/adr/0013).
 * Whoever is told of a record is in the audit trail before.
 */
export async function publishEvents(
  deps: PublishDependencies,
  changed: readonly unknown[],
): Promise<PublishedEvents> {
  for (const decision of changed.filter(isDecision)) await finishTransaction(deps.records, decision);
  const events = changed.filter(isEvent).map(withoutSystemProperties);
  if (events.length === 0) return { count: 0, alerts: [] };
  const now = deps.clock.now().getTime();
  const told = await tellConsumers(deps, events, now);
  await recordTold(deps, told);
  const messages = told.flatMap(({ consumer, events: own }) =>
    own.map((event) => ({ consumer: consumer.id, event })),
  );
  if (messages.length > 0) await deps.publisher.publish(messages);
  const oldest = Math.min(...events.map(({ lastUpdated }) => Date.parse(lastUpdated)));
  // The clock of whoever committed may be ahead of ours.
  return { count: events.length, lagMs: Math.max(0, now - oldest), alerts: alertsOf(told) };
}

/** One entry for each consumer and reason. */
async function recordTold(deps: AuditedDependencies, told: readonly ToldConsumer[]): Promise<void> {
  const request = randomUUID();
  for (const { consumer, changes } of told)
    for (const [reason, concerned] of byReason(changes)) {
      const { id: subject, organisation, purpose } = consumer;
      const access = { subject, organisation, purpose: codeOfPurpose[purpose], request, reason };
      await recordAccess(deps, { ...access, interaction: 'event' }, 'done', concerned);
    }
}

function byReason(changes: readonly PermittedChange[]): ReadonlyMap<ReasonCode, Concerned> {
  const found = new Map<ReasonCode, { readonly records: Set<string>; readonly patients: Set<string> }>();
  for (const { change, decision, partition } of changes) {
    const concerned = found.get(decision.reason) ?? { records: new Set(), patients: new Set() };
    found.set(decision.reason, concerned);
    concerned.records.add(`${change.resourceType}/${change.id}/_history/${change.versionId}`);
    const { resourceType, id: fhirId } = change;
    const patient = patientOf({ resourceType, fhirId, partition });
    if (patient !== undefined) concerned.patients.add(patient);
  }
  return new Map(
    [...found].map(([reason, { records, patients }]) => [
      reason,
      { records: [...records], patients: [...patients] },
    ]),
  );
}

const alertsOf = (told: readonly ToldConsumer[]): readonly ToldOfRestricted[] =>
  told.flatMap(({ consumer: { id, organisation }, changes }) => {
    const count = changes.filter(({ decision }) => decision.obligations.includes('alert')).length;
    return count === 0 ? [] : [{ consumer: { id, organisation }, count }];
  });

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
