import type { Bundle, BundleEntry } from 'fhir/r4.js';
import type { HistoryDocument } from '../records/types.js';
import { versionTag } from './version-tag.js';

/** One page of the history of a resource. */
export interface HistoryPage {
  /** Base address of the FHIR API, without a slash at its end. */
  readonly baseUrl: string;
  /** Of this page. */
  readonly self: string;
  /** Of the next page, if there is one. */
  readonly next?: string | undefined;
  /** How many versions there are on all pages; absent where that is not known. */
  readonly total?: number | undefined;
  /** The latest first. */
  readonly versions: readonly HistoryDocument[];
  /** Whether places are left out of a version. */
  readonly isRedacted: (version: HistoryDocument) => boolean;
}

/** A Bundle of type history (FHIR R4 section 3.1.0.12): deletions are entries without a resource. */
export function historyBundle(page: HistoryPage): Bundle {
  const { self, next, total, versions } = page;
  const link = [
    { relation: 'self', url: self },
    ...(next === undefined ? [] : [{ relation: 'next', url: next }]),
  ];
  return {
    resourceType: 'Bundle',
    type: 'history',
    ...(total === undefined ? {} : { total }),
    link,
    ...(versions.length === 0 ? {} : { entry: versions.map((version) => entryOf(page, version)) }),
  };
}

/** Which method a client used is not kept: a first version may as well have been created under its id. */
function entryOf({ baseUrl, isRedacted }: HistoryPage, version: HistoryDocument): BundleEntry {
  const { resourceType, fhirId, versionId, lastUpdated } = version;
  const address = `${resourceType}/${fhirId}`;
  const isDeleted = version.kind === 'deleted';
  const status = isDeleted ? '204' : versionId === 1 ? '201' : '200';
  return {
    fullUrl: `${baseUrl}/${address}`,
    ...(isDeleted ? {} : { resource: version.resource }),
    request: { method: isDeleted ? 'DELETE' : 'PUT', url: address },
    response: { status, etag: versionTag(versionId, isRedacted(version)), lastModified: lastUpdated },
  };
}
