/** Records, events and consumers for tests of what is published. */
import type { Resource } from 'fhir/r4.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import type { AccessPolicy, Consumer } from '../../../src/core/governance/access-policy.js';
import { parseScopes } from '../../../src/core/governance/smart-scopes.js';
import type {
  CurrentDocument,
  EventDocument,
  RecordChange,
  RecordDocument,
} from '../../../src/core/records/types.js';
import { currentDocument } from '../../../src/core/records/versions.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { policy } from '../../core/governance/access-cases.js';

/** One of RBD, for direct care, with all scopes to read. */
export const consumer = (id: string, others: Partial<Consumer> = {}): Consumer => ({
  ...{ id, organisation: 'RBD', scopes: parseScopes('system/*.r'), purpose: 'direct-care', roles: [] },
  ...others,
});

export const withConsumers = (...consumers: readonly Consumer[]): AccessPolicy => ({ ...policy, consumers });

/** The version of a record that stands, as feed `rbd-pas` of RBD stated it. */
export function aRecord(
  type: string,
  id: string,
  versionId = 1,
  others: Partial<CurrentDocument> = {},
  security?: object[],
) {
  const resource = { resourceType: type, id, ...(security && { meta: { security } }) } as Resource;
  const source = { messageId: 'm1', feed: 'rbd-pas', pack: { name: 'hl7v2-uk', version: '1.0.0' } };
  const context = { source, eventTime: '2026-06-15T11:00:00.000Z', now: '2026-06-15T12:00:00.000Z' };
  const [partition = ''] = id.split('.');
  return {
    ...currentDocument(partition, resource, versionId, { messages: [], rows: [] }, context),
    ...others,
  };
}

export const changeOf = (
  { resourceType, fhirId, versionId }: CurrentDocument,
  change: RecordChange['change'] = versionId === 1 ? 'created' : 'updated',
): RecordChange => ({ resourceType, id: fhirId, versionId, change });

export const anEvent = (
  changes: readonly RecordChange[],
  others: Partial<EventDocument> = {},
): EventDocument => ({
  ...{ id: 'event:m1', kind: 'event', partition: 'p1', messageId: 'm1', feed: 'rbd-pas' },
  ...{ messageType: 'ADT^A01', eventTime: 't', lastUpdated: '2026-06-15T12:00:00.000Z', changes },
  ...others,
});

export async function storeOf(...documents: readonly RecordDocument[]): Promise<RecordStore> {
  const store = createMemoryRecordStore();
  for (const document of documents) await store.commit(document.partition, [{ kind: 'create', document }]);
  return store;
}
