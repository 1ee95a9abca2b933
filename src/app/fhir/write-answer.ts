import type { OperationOutcome, Resource } from 'fhir/r4.js';
import { versionTag } from '../../core/fhir/version-tag.js';
import { returnPreference } from '../../core/fhir/write/preference.js';
import type { WritePlan } from '../../core/records/plan-write.js';
import type { HistoryDocument, LatestDocument } from '../../core/records/types.js';
import { fhirContentType, type FhirAnswer, type FhirDependencies } from './fhir-answer.js';

/** The headers that name a version. */
export type VersionHeaders = Readonly<Record<'etag' | 'last-modified', string>>;

/**
 * Of a resource, one of its versions, or its deletion.
 *
 * @param isRedacted whether places are left out
 */
export const versionHeaders = (
  { versionId, lastUpdated }: HistoryDocument,
  isRedacted = false,
): VersionHeaders => ({
  etag: versionTag(versionId, isRedacted),
  'last-modified': new Date(lastUpdated).toUTCString(),
});

/**
 * Answers a create, an update or a patch (FHIR R4 sections 3.1.0.4 to 3.1.0.8).
 *
 * @param how `isNamed`: the address did not name the record, so that the answer does (`Location`)
 */
export function answerWrite(
  { baseUrl }: FhirDependencies,
  { document, outcome }: WritePlan,
  { prefer, isNamed }: { readonly prefer: string | undefined; readonly isNamed: boolean },
): FhirAnswer {
  const { resourceType, fhirId, versionId } = document;
  const status = outcome === 'created' ? 201 : 200;
  const location = `${baseUrl}/${resourceType}/${fhirId}/_history/${versionId}`;
  const headers = { ...versionHeaders(document), ...(isNamed ? { location } : {}) };
  const resource = bodyOf(document, outcome, prefer);
  return resource === undefined
    ? { status, headers }
    : {
        ...{ status, headers: { 'content-type': fhirContentType, ...headers }, resource },
        ...(document.kind === 'resource' &&
          document.decimals !== undefined && { decimals: document.decimals }),
      };
}

function bodyOf(
  document: LatestDocument,
  outcome: WritePlan['outcome'],
  prefer: string | undefined,
): Resource | undefined {
  switch (returnPreference(prefer)) {
    case 'minimal':
      return undefined;
    case 'OperationOutcome':
      return done(outcome);
    case 'representation':
      return document.kind === 'resource' ? document.resource : undefined;
  }
}

const done = (outcome: WritePlan['outcome']): OperationOutcome => ({
  resourceType: 'OperationOutcome',
  issue: [
    { severity: 'information', code: 'informational', details: { text: `The resource was ${outcome}.` } },
  ],
});
