import type { Patient } from 'fhir/r4.js';
import { ExchangeError } from '../../core/errors.js';
import { isFhirId } from '../../core/fhir/references.js';
import type { Preconditions } from '../../core/fhir/write/preconditions.js';
import { planDeletion, type WritePlan } from '../../core/records/plan-write.js';
import type { CurrentDocument, LatestDocument } from '../../core/records/types.js';
import type { FhirAnswer, FhirDependencies } from './fhir-answer.js';
import { requireServed } from './require-served.js';
import { demand } from './update-resource.js';
import { versionHeaders } from './write-answer.js';
import type { WriteDependencies, Writer } from './write-dependencies.js';
import { type PreparedWrite, writeRecord } from './write-record.js';
import type { Alongside } from './write-request.js';

/** A resource that is to go. */
export interface DeleteRequest {
  readonly type: string;
  readonly id: string;
  readonly preconditions: Preconditions;
  readonly writer: Writer;
  readonly alongside?: Alongside;
}

/**
 * Deletes a resource (FHIR R4 section 3.1.0.7): it is no longer found, and its versions stay. What is not there, or no
 * longer, is answered in the same way.
 *
 * @throws ExchangeError HDE_TYPE_NOT_SUPPORTED, HDE_PRECONDITION_FAILED, HDE_CONCURRENT_UPDATE, or HDE_PATIENT_NOT_EMPTY for
 * a patient about whom there are records, or who is linked with others
 */
export async function deleteResource(deps: WriteDependencies, request: DeleteRequest): Promise<FhirAnswer> {
  const prepared = await prepareDelete(deps, request);
  if (prepared === undefined) return answerDelete(undefined);
  return answerDelete(await writeRecord(deps, request.writer, () => Promise.resolve(prepared)));
}

/** Checks a deletion and finds its place; undefined where nothing was ever stored under the id. */
export async function prepareDelete(
  deps: WriteDependencies,
  { type, id, preconditions, alongside }: DeleteRequest,
): Promise<PreparedWrite | undefined> {
  requireServed(type, 'delete');
  const stands = isFhirId(id) ? await deps.records.readLatest(type, id) : undefined;
  const demandOf = (document: LatestDocument | undefined): void => {
    // What is gone already answers in the same way, whatever `If-None-Match` says.
    const isThere = document?.kind === 'resource';
    demand(isThere ? preconditions : { ifMatch: preconditions.ifMatch }, document);
  };
  demandOf(stands);
  if (stands === undefined) return undefined;
  if (stands.kind === 'resource' && type === 'Patient') await requireEmpty(deps, stands, alongside);
  return {
    place: { type, id, partition: stands.partition },
    decide: (before, context) => {
      demandOf(before?.document);
      const { document = stands, etag = '' } = before ?? {};
      return document.kind === 'deleted'
        ? { operations: [], document, outcome: 'unchanged' }
        : planDeletion({ document, etag }, context);
    },
  };
}

/** Answers a deletion (FHIR R4 section 3.1.0.7). */
export const answerDelete = (plan: WritePlan | undefined): FhirAnswer => ({
  status: 204,
  headers: plan === undefined ? {} : versionHeaders(plan.document),
});

/** @throws ExchangeError HDE_PATIENT_NOT_EMPTY */
async function requireEmpty(
  { records }: FhirDependencies,
  stands: CurrentDocument,
  alongside: Alongside | undefined,
): Promise<void> {
  const { link = [] } = stands.resource as Patient;
  if (link.length > 0)
    throw new ExchangeError('HDE_PATIENT_NOT_EMPTY', {
      location: 'Patient.link',
      detail: 'links other patients',
    });
  const gone = alongside?.deleted ?? new Set();
  const { documents } = await records.listPartition(stands.partition, undefined, { limit: 2 + gone.size });
  const [about] = documents.filter(
    ({ id, resourceType, fhirId }) => id !== stands.id && !gone.has(`${resourceType}/${fhirId}`),
  );
  if (about !== undefined)
    throw new ExchangeError('HDE_PATIENT_NOT_EMPTY', { detail: `such as one of type ${about.resourceType}` });
}
