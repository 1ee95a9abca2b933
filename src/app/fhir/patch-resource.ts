import type { Resource } from 'fhir/r4.js';
import { ExchangeError, type Issue } from '../../core/errors.js';
import { keptDecimals, readResource } from '../../core/fhir/decimals.js';
import { isFhirId } from '../../core/fhir/references.js';
import { applyJsonPatch, readJsonPatch } from '../../core/fhir/write/json-patch.js';
import type { Preconditions } from '../../core/fhir/write/preconditions.js';
import type { CurrentDocument } from '../../core/records/types.js';
import type { Result } from '../../core/result.js';
import type { FhirAnswer } from './fhir-answer.js';
import { requireServed } from './require-served.js';
import { demand, prepareReplacement } from './update-resource.js';
import { answerWrite } from './write-answer.js';
import type { WriteDependencies, Writer } from './write-dependencies.js';
import { refusalOf } from './refusal.js';
import { type PreparedWrite, writeRecord } from './write-record.js';
import { resourceOf, type Alongside, type RequestBody } from './write-request.js';

/** A resource of which some elements are to change. */
export interface PatchRequest {
  readonly type: string;
  readonly id: string;
  readonly body: RequestBody;
  readonly prefer?: string | undefined;
  readonly preconditions: Preconditions;
  readonly writer: Writer;
  readonly alongside?: Alongside;
}

/**
 * Changes some elements of a resource by a JSON Patch or a FHIRPath Patch (FHIR R4 section 3.1.0.6). What comes out must be
 * as valid as what an update states. Whenever another writer comes first, the patch is applied to what that one wrote.
 *
 * @throws ExchangeError HDE_TYPE_NOT_SUPPORTED, HDE_RESOURCE_NOT_FOUND, HDE_RESOURCE_DELETED, HDE_CONTENT_TYPE,
 * HDE_REQUEST_INVALID for what is no patch, HDE_PATCH_INVALID for one that does not fit or whose test fails, and those of
 * an update
 */
export async function patchResource(deps: WriteDependencies, request: PatchRequest): Promise<FhirAnswer> {
  const plan = await writeRecord(deps, request.writer, () => preparePatch(deps, request));
  return answerWrite(deps, plan, request.prefer);
}

/** Applies a patch to what stands: the write holds for that version only, and is else to be prepared anew. */
export async function preparePatch(deps: WriteDependencies, request: PatchRequest): Promise<PreparedWrite> {
  const { type, id, preconditions } = request;
  requireServed(type, 'patch');
  const patch = await readPatch(request.body);
  const stands = await readStanding(deps, type, id);
  demand(preconditions, stands);
  const resource = apply(patch, stands);
  const statement = readResource(resource, keptDecimals(stands.decimals ?? {}, stands.resource, resource));
  const { place, decide } = await prepareReplacement(deps, { ...request, statement });
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

type Patch = (resource: Resource) => Result<Resource, Issue>;

function apply(patch: Patch, { resource }: CurrentDocument): Resource {
  const patched = patch(resource);
  if (!patched.ok) throw refusalOf(patched.error);
  const { resourceType, id } = patched.value;
  if (resourceType !== resource.resourceType || id !== resource.id)
    throw new ExchangeError('HDE_PATCH_INVALID', { detail: 'A patch does not change the type or the id.' });
  return patched.value;
}

async function readPatch(body: RequestBody): Promise<Patch> {
  if (/^application\/json-patch\+json\b/i.test(body.contentType ?? '')) {
    const patch = readJsonPatch(parse(body.bytes));
    if (!patch.ok) throw refusalOf(patch.error);
    return (resource) => applyJsonPatch(resource, patch.value);
  }
  const { resource } = await resourceOf(body);
  const { readFhirPathPatch, applyFhirPathPatch } = await import('../../core/fhir/write/fhirpath-patch.js');
  const patch = readFhirPathPatch(resource);
  if (!patch.ok) throw refusalOf(patch.error);
  return (target) => applyFhirPathPatch(target, patch.value);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ExchangeError('HDE_REQUEST_INVALID', { detail: 'JSON in UTF-8' });
  }
}
