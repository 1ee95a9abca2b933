/** Builders for the record tests: one message's statement and the context it is committed in. */
import type { Resource } from 'fhir/r4.js';
import type { MappedRecord, UpdateMode } from '../../src/core/mapping/types.js';
import { currentId, partitionOf } from '../../src/core/records/ids.js';
import type { CommitContext, CommitPlan } from '../../src/core/records/plan-commit.js';
import type { CurrentDocument, Stored } from '../../src/core/records/types.js';

export function aRecord(
  resource: Resource & { id: string },
  mode: UpdateMode = 'merge',
  removed: readonly string[] = [],
): MappedRecord {
  const lineage = Object.keys(resource)
    .filter((key) => key !== 'resourceType' && key !== 'id')
    .map((key) => ({
      resource: `${resource.resourceType}/${resource.id}`,
      element: `${resource.resourceType}.${key}`,
      source: 'PID-1',
      start: 1,
      end: 2,
      rule: `rule-${key}`,
    }));
  return { partition: partitionOf(resource.id), resource, mode, removed, lineage };
}

export function aContext(
  change: Partial<CommitContext> & { messageId?: string; feed?: string } = {},
): CommitContext {
  const { messageId = 'm1', feed = 'rzz-tie', ...rest } = change;
  return {
    source: { messageId, feed, pack: { name: 'hl7v2-uk', version: '0.1.0' } },
    messageType: 'ADT^A08',
    eventTime: '2026-03-29T10:00:00.000Z',
    latestEventTime: rest.eventTime ?? '2026-03-29T10:00:00.000Z',
    now: '2026-03-29T10:00:01.000Z',
    ...rest,
  };
}

/** The current documents after a plan was carried out. */
export function carryOut(
  plan: CommitPlan,
  before: ReadonlyMap<string, Stored<CurrentDocument>> = new Map(),
): Map<string, Stored<CurrentDocument>> {
  const after = new Map(before);
  for (const { document } of plan.operations) {
    if (document.kind !== 'resource') continue;
    after.set(currentId(document.resourceType, document.fhirId), {
      document,
      etag: `"${document.versionId}"`,
    });
  }
  return after;
}
