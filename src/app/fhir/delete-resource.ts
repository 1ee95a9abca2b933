import type { Patient } from 'fhir/r4.js';
import { ExchangeError } from '../../core/errors.js';
import { isFhirId } from '../../core/fhir/references.js';
import type { Preconditions } from '../../core/fhir/write/preconditions.js';
import { planDeletion, type WritePlan } from '../../core/records/plan-write.js';
import type { CurrentDocument } from '../../core/records/types.js';
import type { FhirAnswer, FhirDependencies } from './fhir-answer.js';
import { requireServed } from './require-served.js';
import { demand } from './update-resource.js';
import { versionHeaders } from './write-answer.js';
import type { WriteDependencies, Writer } from './write-dependencies.js';
import { writeRecord } from './write-record.js';

/** A resource that is to go. */
export interface DeleteRequest {
  readonly type: string;
  readonly id: string;
  readonly preconditions: Preconditions;
  readonly writer: Writer;
}

/**
 * Deletes a resource (FHIR R4 section 3.1.0.7): it is no longer found, and its versions stay. What is not there, or no
 * longer, is answered in the same way.
 *
 * @throws ExchangeError HDE_TYPE_NOT_SUPPORTED, HDE_PRECONDITION_FAILED, HDE_CONCURRENT_UPDATE, or HDE_PATIENT_NOT_EMPTY for
 * a patient about whom there are records, or who is linked with others
 */
export async function deleteResource(
  deps: WriteDependencies,
  { type, id, preconditions, writer }: DeleteRequest,
): Promise<FhirAnswer> {
  requireServed(type, 'delete');
  const stands = isFhirId(id) ? await deps.records.readLatest(type, id) : undefined;
  if (stands?.kind !== 'resource') {
    demand({ ifMatch: preconditions.ifMatch }, undefined);
    return { status: 204, headers: stands === undefined ? {} : versionHeaders(stands) };
  }
  demand(preconditions, stands);
  if (type === 'Patient') await requireEmpty(deps, stands);
  const place = { type, id, partition: stands.partition };
  const { document } = await writeRecord(deps, place, writer, (before, context): WritePlan => {
    demand(preconditions, before?.document);
    const { document: current = stands, etag = '' } = before ?? {};
    return current.kind === 'deleted'
      ? { operations: [], document: current, outcome: 'unchanged' }
      : planDeletion({ document: current, etag }, context);
  });
  return { status: 204, headers: versionHeaders(document) };
}

/** @throws ExchangeError HDE_PATIENT_NOT_EMPTY */
async function requireEmpty({ records }: FhirDependencies, stands: CurrentDocument): Promise<void> {
  const { link = [] } = stands.resource as Patient;
  if (link.length > 0)
    throw new ExchangeError('HDE_PATIENT_NOT_EMPTY', {
      location: 'Patient.link',
      detail: 'links other patients',
    });
  const { documents } = await records.listPartition(stands.partition, undefined, { limit: 2 });
  const [about] = documents.filter(({ id }) => id !== stands.id);
  if (about !== undefined)
    throw new ExchangeError('HDE_PATIENT_NOT_EMPTY', { detail: `such as one of type ${about.resourceType}` });
}
