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
  /** Whether places are left out of what is answered. */
  readonly isRedacted: (document: HistoryDocument) => boolean;
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
  const headers = versionHeaders(document, request.isRedacted(document));
  const held = isHeld(deps, request, document, headers);
  if (held instanceof Promise ? await held : held) return { status: 304, headers };
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

/** Whether the client holds this version, by its tag or else by its time (RFC 9110 section 13.2.2). */
function isHeld(
  deps: FhirDependencies,
  request: ReadRequest,
  document: HistoryDocument,
  headers: VersionHeaders,
): boolean | Promise<boolean> {
  const { ifNoneMatch, ifModifiedSince, versionId } = request;
  if (ifNoneMatch !== undefined) return holdsVersion(ifNoneMatch, headers.etag);
  const isSince =
    ifModifiedSince !== undefined && secondOf(ifModifiedSince) === secondOf(document.lastUpdated);
  return isSince && (versionId !== undefined || isAloneInSecond(deps, document));
}

/**
 * HTTP dates name whole seconds, and a version may become visible somewhat later than the time that it states. So a date
 * stands for a version only if it is what `Last-Modified` said of that one, as caches send it (RFC 9111 section 4.3.1), and
 * of no version before; any other date is answered in full, as FHIR permits (R4 section 3.1.0.2.1).
 */
async function isAloneInSecond(
  { records }: FhirDependencies,
  { resourceType, fhirId, versionId, lastUpdated }: HistoryDocument,
): Promise<boolean> {
  if (versionId === 1) return true;
  const before = await records.readVersion(resourceType, fhirId, versionId - 1);
  return before !== undefined && secondOf(before.lastUpdated) !== secondOf(lastUpdated);
}

const secondOf = (date: string): number => Math.floor(Date.parse(date) / 1000);

/** If-None-Match compares weakly (RFC 9110 section 13.1.2). */
function holdsVersion(ifNoneMatch: string, etag: string): boolean {
  const weak = (tag: string) => tag.trim().replace(/^W\//, '');
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || weak(tag) === weak(etag));
}
