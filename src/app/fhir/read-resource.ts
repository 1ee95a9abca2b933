import { ExchangeError } from '../../core/errors.js';
import { isFhirId } from '../../core/fhir/references.js';
import type { HistoryDocument } from '../../core/records/types.js';
import { answerWith, type FhirAnswer, type FhirDependencies } from './fhir-answer.js';
import { requireServed } from './require-served.js';
import { type VersionHeaders, versionHeaders } from './write-answer.js';

/** One resource by type and id, or one version of it. */
export interface ReadRequest {
  readonly type: string;
  readonly id: string;
  /** For vread. */
  readonly versionId?: string;
  /** The headers of a conditional read. */
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
}

/**
 * Reads a resource or a version of it (FHIR R4 sections 3.1.0.2 and 3.1.0.3) by a point read. Answers 304 when the
 * client holds this version already.
 *
 * @throws ExchangeError HDE_TYPE_NOT_SUPPORTED, HDE_RESOURCE_NOT_FOUND for an unknown or malformed id, or
 * HDE_RESOURCE_DELETED
 */
export async function readResource(deps: FhirDependencies, request: ReadRequest): Promise<FhirAnswer> {
  requireServed(request.type, request.versionId === undefined ? 'read' : 'vread');
  const document = await findDocument(deps, request);
  if (document === undefined) throw new ExchangeError('HDE_RESOURCE_NOT_FOUND');
  if (document.kind === 'deleted') throw new ExchangeError('HDE_RESOURCE_DELETED');
  const headers = versionHeaders(document);
  if (isHeld(request, headers)) return { status: 304, headers };
  const { resource, decimals } = document;
  const answer = answerWith(resource, headers);
  return decimals === undefined ? answer : { ...answer, decimals };
}

function findDocument(
  { records }: FhirDependencies,
  { type, id, versionId }: ReadRequest,
): Promise<HistoryDocument | undefined> | undefined {
  if (!isFhirId(id)) return undefined;
  if (versionId === undefined) return records.readLatest(type, id);
  // Versions are counted from 1; fifteen digits stay exact.
  return /^[1-9]\d{0,14}$/.test(versionId) ? records.readVersion(type, id, Number(versionId)) : undefined;
}

/**
 * Whether the client holds this version, by its tag or else by its time, which counts whole seconds (RFC 9110 section
 * 13.2.2). A date that is none asks for nothing.
 */
function isHeld({ ifNoneMatch, ifModifiedSince }: ReadRequest, headers: VersionHeaders): boolean {
  if (ifNoneMatch !== undefined) return holdsVersion(ifNoneMatch, headers.etag);
  return ifModifiedSince !== undefined && Date.parse(headers['last-modified']) <= Date.parse(ifModifiedSince);
}

/** If-None-Match compares weakly (RFC 9110 section 13.1.2). */
function holdsVersion(ifNoneMatch: string, etag: string): boolean {
  const weak = (tag: string) => tag.trim().replace(/^W\//, '');
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || weak(tag) === weak(etag));
}
