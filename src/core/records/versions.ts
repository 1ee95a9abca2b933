/** Versions of records as documents. */
import type { Resource } from 'fhir/r4.js';
import { indexResource } from '../fhir/search-index.js';
import { currentId, lateId, replacedId } from './ids.js';
import { renouncedAfter } from './renounced.js';
import type {
  CommitOperation,
  CurrentDocument,
  DeletedDocument,
  LatestDocument,
  LateDocument,
  RecordChange,
  RecordMemory,
  RecordSource,
  Stored,
  StoredLineage,
  VersionDocument,
} from './types.js';

/** Who states a version, and when: the event and the commit, as ISO instants. */
interface VersionContext {
  readonly source: RecordSource;
  readonly eventTime: string;
  readonly now: string;
}

/** What a resource says, without what the store adds to it. */
export function contentOf({ meta, ...content }: Resource): unknown {
  return { ...content, profile: meta?.profile, security: meta?.security };
}

/** A version of a record that is about to be stored. */
export function currentDocument(
  partition: string,
  resource: Resource,
  versionId: number,
  lineage: StoredLineage,
  { source, eventTime, now }: VersionContext,
): CurrentDocument {
  const { resourceType, id = '' } = resource;
  return {
    id: currentId(resourceType, id),
    kind: 'resource',
    partition,
    resourceType,
    fhirId: id,
    versionId,
    lastUpdated: now,
    eventTime,
    source,
    index: indexResource(resource),
    resource: { ...resource, meta: { ...resource.meta, versionId: String(versionId), lastUpdated: now } },
    lineage,
  };
}

/** The version or deletion that a new version replaces, as it is kept. */
export function replacedVersion(document: LatestDocument): VersionDocument | DeletedDocument {
  const id = replacedId(document.resourceType, document.fhirId, document.versionId);
  if (document.kind === 'deleted') return { ...document, id };
  const { index, ...stored } = document;
  return { ...stored, id, kind: 'version' };
}

/** What a message states that is kept as evidence only, beside version `versionId`. */
export function lateDocument(
  partition: string,
  resource: Resource,
  versionId: number,
  lineage: StoredLineage,
  { source, eventTime, now }: VersionContext,
): LateDocument {
  const { resourceType, id = '' } = resource;
  return {
    id: lateId(resourceType, id, source.messageId),
    kind: 'late',
    partition,
    resourceType,
    fhirId: id,
    versionId,
    lastUpdated: now,
    eventTime,
    source,
    resource,
    lineage,
  };
}

/** What is remembered of a record. */
export const memoryOf = ({
  eventTime,
  cleared,
  identified,
  standing,
  events,
  withdrawn,
  deferred,
}: CurrentDocument): object => ({
  ...{ eventTime, cleared, identified, standing, events, withdrawn, deferred },
});

/** A document without what is remembered of its record. */
export function withoutMemory(document: CurrentDocument): Omit<CurrentDocument, keyof RecordMemory> {
  const { eventTime, cleared, identified, standing, events, withdrawn, deferred, ...others } = document;
  return others;
}

/** What is kept of the writes of clients when a message changes the record. */
export const writtenByClients = ({
  writtenAt,
  decimals,
}: CurrentDocument): Pick<CurrentDocument, 'writtenAt' | 'decimals'> => ({
  ...(writtenAt !== undefined && { writtenAt }),
  ...(decimals !== undefined && { decimals }),
});

/** A document as another version of its record. @param now ISO instant of the commit */
export function asVersion(document: CurrentDocument, versionId: number, now: string): CurrentDocument {
  const { resource } = document;
  const meta = { ...resource.meta, versionId: String(versionId), lastUpdated: now };
  return { ...document, versionId, lastUpdated: now, resource: { ...resource, meta } };
}

/** Puts a new version or a deletion in the place of what stands, which is kept. */
export const succeed = (
  { document: before, etag }: Stored<LatestDocument>,
  document: LatestDocument,
): CommitOperation[] => [
  { kind: 'create', document: replacedVersion(before) },
  { kind: 'replace', etag, document: { ...document, ...renouncedAfter(before, document) } },
];

/** What a document tells of itself in receipts and events. */
export function changeOf(
  { resourceType, fhirId, versionId }: LatestDocument | LateDocument,
  change: RecordChange['change'],
): RecordChange {
  return { resourceType, id: fhirId, versionId, change };
}
