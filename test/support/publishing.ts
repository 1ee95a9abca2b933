/** Publishes events of a store to the consumers of a policy, and keeps what they got. */
import { publishEvents, type PublishedEvents } from '../../src/app/publish-events.js';
import type { AccessPolicy } from '../../src/core/governance/access-policy.js';
import type { PatientFacts } from '../../src/core/governance/access-request.js';
import type { AuditEntry } from '../../src/core/governance/audit/entry.js';
import type { ConsumerEvent } from '../../src/ports/event-publisher.js';
import type { RecordStore } from '../../src/ports/record-store.js';
import { policy as worldPolicy } from '../core/governance/access-cases.js';
import { plainJudge } from './judge.js';

export interface Publishing {
  readonly published: readonly ConsumerEvent[];
  /** The audit trail. */
  readonly entries: readonly AuditEntry[];
  publish(documents: readonly unknown[]): Promise<PublishedEvents>;
}

export function publishing(
  records: RecordStore,
  policy: AccessPolicy = worldPolicy,
  patients: ReadonlyMap<string, Partial<PatientFacts>> = new Map(),
): Publishing {
  const published: ConsumerEvent[] = [];
  const entries: AuditEntry[] = [];
  const deps = {
    records,
    policy,
    judgeFor: plainJudge(policy, patients),
    clock: { now: () => new Date('2026-06-15T12:00:02.500Z') },
    publisher: {
      publish: (events: readonly ConsumerEvent[]) => {
        published.push(...events);
        return Promise.resolve();
      },
    },
    trail: {
      record: (entry: AuditEntry) => {
        entries.push(entry);
        return Promise.resolve();
      },
    },
  };
  return { published, entries, publish: (documents) => publishEvents(deps, documents) };
}
