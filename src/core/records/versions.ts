/** Versions of records as documents. */
import type { Resource } from 'fhir/r4.js';
import { indexResource } from '../fhir/search-index.js';
import { currentId, replacedId } from './ids.js';
import type {
  CurrentDocument,
  LateDocument,
  RecordChange,
  RecordSource,
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

/** The version that a new one replaces, as it is kept. */
export function replacedVersion({ index, ...stored }: CurrentDocument): VersionDocument {
  return { ...stored, id: replacedId(stored.resourceType, stored.fhirId, stored.versionId), kind: 'version' };
}

/** What a document tells of itself in receipts and events. */
export function changeOf(
  { resourceType, fhirId, versionId }: CurrentDocument | LateDocument,
  change: RecordChange['change'],
): RecordChange {
  return { resourceType, id: fhirId, versionId, change };
}
