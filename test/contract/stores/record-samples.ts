/** Documents of the record store for its suites, and what they ask of it in common. */
import { expect } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { mergeIndexes } from '../../../src/core/fhir/search/merge-indexes.js';
import { indexResource } from '../../../src/core/fhir/search-index.js';
import {
  currentId,
  eventId,
  lateId,
  partitionOf,
  placeKey,
  receiptId,
  replacedId,
} from '../../../src/core/records/ids.js';
import type {
  CommitOperation,
  CurrentDocument,
  EventDocument,
  LateDocument,
  ReceiptDocument,
  RecordDocument,
  StagedDocument,
  VersionDocument,
} from '../../../src/core/records/types.js';
import type { PageRequest, RecordStore, SearchPage } from '../../../src/ports/record-store.js';

export const at = '2026-11-25T09:00:00.000Z';
export const source = { messageId: 'm1', feed: 'pas', pack: { name: 'hl7v2-uk', version: '1.0.0' } };
export const mrnSystem = 'https://trust.example/id/mrn';

export interface Fields {
  readonly version?: number;
  readonly mrn?: string;
  readonly text?: string;
}

export function aResource(resourceType: string, fhirId: string, fields: Fields): Resource & { id: string } {
  const { mrn, text } = fields;
  return {
    resourceType,
    id: fhirId,
    ...(mrn === undefined ? {} : { identifier: [{ system: mrnSystem, value: mrn }] }),
    ...(text === undefined ? {} : { language: text }),
  };
}

function aStored(resourceType: string, fhirId: string, fields: Fields) {
  return {
    partition: partitionOf(fhirId),
    resourceType,
    fhirId,
    versionId: fields.version ?? 1,
    lastUpdated: at,
    eventTime: at,
    source,
    resource: aResource(resourceType, fhirId, fields),
    lineage: { messages: ['m1'], rows: [['id', 0, 'test.id'] as const] },
  };
}

export function aCurrent(resourceType: string, fhirId: string, fields: Fields = {}): CurrentDocument {
  const stored = aStored(resourceType, fhirId, fields);
  const index = indexResource(stored.resource);
  return { ...stored, id: currentId(resourceType, fhirId), kind: 'resource', index };
}

export function aVersion(
  resourceType: string,
  fhirId: string,
  fields: Fields & { version: number },
): VersionDocument {
  const id = replacedId(resourceType, fhirId, fields.version);
  return { ...aStored(resourceType, fhirId, fields), id, kind: 'version' };
}

export function aLate(resourceType: string, fhirId: string, fields: Fields = {}): LateDocument {
  const id = lateId(resourceType, fhirId, 'm0');
  return { ...aStored(resourceType, fhirId, fields), id, kind: 'late' };
}

export function aReceipt(partition: string, messageId = 'm1'): ReceiptDocument {
  const id = receiptId(messageId);
  return { id, kind: 'receipt', partition, source, eventTime: at, lastUpdated: at, changes: [] };
}

/** What message `m9` has staged of a record; `next` is what it makes of it. */
export function aStaged(next: CurrentDocument, current?: CurrentDocument, stage = 1): StagedDocument {
  const { id, partition, resourceType, fhirId } = next;
  return {
    ...{ id, kind: 'staged', partition, resourceType, fhirId, messageId: 'm9', stage, next },
    lastUpdated: (current ?? next).lastUpdated,
    index: mergeIndexes([...(current === undefined ? [] : [current.index]), next.index]),
    ...(current === undefined ? {} : { current }),
  };
}

export function anEvent(partition: string): EventDocument {
  return {
    id: eventId('m1'),
    kind: 'event',
    partition,
    messageId: 'm1',
    feed: 'pas',
    messageType: 'ADT^A01',
    eventTime: at,
    lastUpdated: at,
    changes: [],
  };
}

export const create = (document: RecordDocument): CommitOperation => ({ kind: 'create', document });
export const replace = (document: RecordDocument, etag: string): CommitOperation => ({
  kind: 'replace',
  document,
  etag,
});
export const idsOf = (page: SearchPage) => page.documents.map(({ fhirId }) => fhirId);

/** Follows the continuations to the end. */
export async function allPages(
  limit: number,
  read: (page: PageRequest) => Promise<SearchPage>,
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<string[][]> {
  const pages: string[][] = [];
  let page: PageRequest = { limit };
  for (;;) {
    const { documents, continuation } = await read(page);
    pages.push(documents.map(({ fhirId }) => fhirId));
    if (continuation === undefined) return pages;
    expect(continuation).toBe(placeKey(documents.at(-1)!));
    page = { limit, continuation };
    await between();
  }
}

/** Short ways to ask a store, which is there once the tests run. */
export const helpersOf = (store: () => RecordStore) => ({
  put: async (...documents: RecordDocument[]) => {
    for (const document of documents)
      await expect(store().commit(document.partition, [create(document)])).resolves.toBe('committed');
  },
  etagOf: async (partition: string, id: string) => (await store().load(partition, [id])).get(id)!.etag,
});
