import { ExchangeError } from '../../core/errors.js';
import { isFhirId } from '../../core/fhir/references.js';
import type { CurrentDocument, VersionDocument } from '../../core/records/types.js';
import { answerWith, type FhirAnswer, type FhirDependencies } from './fhir-answer.js';
import { requireServed } from './require-served.js';

/** One resource by type and id, or one version of it. */
export interface ReadRequest {
  readonly type: string;
  readonly id: string;
  /** For vread. */
  readonly versionId?: string;
  /** The header of a conditional read. */
  readonly ifNoneMatch?: string | undefined;
}

/**
 * Reads a resource or a version of it (FHIR R4 sections 3.1.0.2 and 3.1.0.3) by a point read. Answers 304 when the
 * client holds this version already.
 *
 * @throws ExchangeError HDE_TYPE_NOT_SUPPORTED, or HDE_RESOURCE_NOT_FOUND for an unknown or malformed id
 */
export async function readResource(deps: FhirDependencies, request: ReadRequest): Promise<FhirAnswer> {
  requireServed(request.type, request.versionId === undefined ? 'read' : 'vread');
  const document = await findDocument(deps, request);
  if (document === undefined) throw new ExchangeError('HDE_RESOURCE_NOT_FOUND');
  const etag = `W/"${document.versionId}"`;
  const headers = { etag, 'last-modified': new Date(document.lastUpdated).toUTCString() };
  return holdsVersion(request.ifNoneMatch, etag)
    ? { status: 304, headers }
    : answerWith(document.resource, headers);
}

async function findDocument(
  { records }: FhirDependencies,
  { type, id, versionId }: ReadRequest,
): Promise<CurrentDocument | VersionDocument | undefined> {
  if (!isFhirId(id)) return undefined;
  if (versionId === undefined) return records.readCurrent(type, id);
  // Versions are counted from 1; fifteen digits stay exact.
  return /^[1-9]\d{0,14}$/.test(versionId) ? records.readVersion(type, id, Number(versionId)) : undefined;
}

/** If-None-Match compares weakly (RFC 9110 section 13.1.2). */
function holdsVersion(ifNoneMatch: string | undefined, etag: string): boolean {
  const weak = (tag: string) => tag.trim().replace(/^W\//, '');
  return (ifNoneMatch ?? '').split(',').some((tag) => tag.trim() === '*' || weak(tag) === weak(etag));
}
