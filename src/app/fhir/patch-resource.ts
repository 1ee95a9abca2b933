import { ExchangeError, type Issue } from '../../core/errors.js';
import type { ReadResource } from '../../core/fhir/decimals.js';
import { decodeText, type JsonValue, readJsonValue } from '../../core/fhir/read-body.js';
import { formatOfContentType, patchFormats } from '../../core/fhir/format.js';
import { isFhirId } from '../../core/fhir/references.js';
import { applyJsonPatch, readJsonPatch } from '../../core/fhir/write/json-patch.js';
import { withoutOutdatedNarrative } from '../../core/fhir/write/patched-narrative.js';
import type { Preconditions } from '../../core/fhir/write/preconditions.js';
import type { CurrentDocument } from '../../core/records/types.js';
import type { Result } from '../../core/result.js';
import { demand, prepareUpdate } from './update-resource.js';
import type { WriteDependencies, Writer } from './write-dependencies.js';
import { refusalOf } from './refusal.js';
import type { PreparedWrite } from './write-record.js';
import { requireValid, resourceOf, type Alongside, type RequestBody } from './write-request.js';

/** A resource of which some elements are to change. */
export interface PatchRequest {
  readonly type: string;
  readonly id: string;
  readonly body: RequestBody;
  readonly preconditions: Preconditions;
  readonly writer: Writer;
  readonly alongside?: Alongside;
}

/**
 * Prepares the change of some elements of a resource by a JSON Patch or a FHIRPath Patch (FHIR R4 section 3.1.0.6). What
 * comes out must be as valid as what an update states. It holds for the version that stands: whenever another writer comes
 * first, it is prepared anew, for what that one wrote.
 *
 * @throws ExchangeError HDE_RESOURCE_NOT_FOUND, HDE_RESOURCE_DELETED, HDE_CONTENT_TYPE, HDE_REQUEST_INVALID for what is no
 * patch, HDE_PATCH_INVALID for one that does not fit or whose test fails, and those of an update
 */
export async function preparePatch(deps: WriteDependencies, request: PatchRequest): Promise<PreparedWrite> {
  const { type, id, preconditions, alongside } = request;
  const patch = await readPatch(request.body);
  const stands = await readStanding(deps, type, id);
  demand(preconditions, stands);
  const patched = apply(patch, stands);
  const resource = (await alongside?.relink?.(patched.resource, stands.resource)) ?? patched.resource;
  const statement = { ...patched, resource };
  await requireValid(statement);
  const { place, decide } = await prepareUpdate(deps, { ...request, statement, removesLabels: true });
  return {
    place,
    decide: (before, context) =>
      before?.document.versionId === stands.versionId ? decide(before, context) : undefined,
  };
}

async function readStanding(deps: WriteDependencies, type: string, id: string): Promise<CurrentDocument> {
  const stands = isFhirId(id) ? await deps.records.readLatest(type, id) : undefined;
  if (stands === undefined) throw new ExchangeError('HDE_RESOURCE_NOT_FOUND');
  if (stands.kind === 'deleted') throw new ExchangeError('HDE_RESOURCE_DELETED');
  return stands;
}

type Patch = (resource: ReadResource) => Result<ReadResource, Issue>;

function apply(patch: Patch, stands: CurrentDocument): ReadResource {
  const { resource } = stands;
  const patched = patch(stands);
  if (!patched.ok) throw refusalOf(patched.error);
  const { resourceType, id } = patched.value.resource;
  if (resourceType !== resource.resourceType || id !== resource.id)
    throw new ExchangeError('HDE_PATCH_INVALID', { detail: 'A patch does not change the type or the id.' });
  return withoutOutdatedNarrative(patched.value, resource);
}

async function readPatch(body: RequestBody): Promise<Patch> {
  if ('bytes' in body && /^application\/json-patch\+json\b/i.test(body.contentType ?? '')) {
    const { value, decimals } = parse(body.bytes);
    const patch = readJsonPatch(value, decimals);
    if (!patch.ok) throw refusalOf(patch.error);
    return (resource) => applyJsonPatch(resource, patch.value);
  }
  if ('bytes' in body && formatOfContentType(body.contentType) === undefined)
    throw new ExchangeError('HDE_CONTENT_TYPE', { detail: patchFormats.join(', ') });
  const statement = await resourceOf(body);
  const { readFhirPathPatch, applyFhirPathPatch } = await import('../../core/fhir/write/fhirpath-patch.js');
  const patch = readFhirPathPatch(statement);
  if (!patch.ok) throw refusalOf(patch.error);
  return (target) => applyFhirPathPatch(target, patch.value);
}

function parse(bytes: Uint8Array): JsonValue {
  const text = decodeText(bytes);
  if (text === undefined) throw new ExchangeError('HDE_REQUEST_INVALID', { detail: 'JSON in UTF-8' });
  const read = readJsonValue(text);
  if (read.ok) return read.value;
  const [first = { code: 'HDE_REQUEST_INVALID', severity: 'error' } as const, ...others] = read.error;
  throw refusalOf(first, others);
}
