import { ExchangeError } from '../../core/errors.js';
import { planWrite, type Identified, type WritePlan } from '../../core/records/plan-write.js';
import { createConditionally } from './create-conditionally.js';
import type { FhirAnswer } from './fhir-answer.js';
import { requireServed } from './require-served.js';
import { answerWrite } from './write-answer.js';
import { placeOfNew } from './place-of-new.js';
import type { WriteDependencies } from './write-dependencies.js';
import { writeRecord } from './write-record.js';
import { requireType, requireValid, type CreateRequest, type WriteRequest } from './write-request.js';

/**
 * Creates a resource under an id of ours (FHIR R4 section 3.1.0.8): a Patient under the key that follows from their
 * identifiers, a record about a patient in their partition.
 *
 * @throws ExchangeError HDE_TYPE_NOT_SUPPORTED, HDE_RESOURCE_MISMATCH, HDE_RESOURCE_INVALID, HDE_RESOURCE_REFUSED,
 * HDE_PATIENT_UNKNOWN, or HDE_PATIENT_DUPLICATE for a patient who is stored already
 */
export async function createResource(deps: WriteDependencies, request: CreateRequest): Promise<FhirAnswer> {
  const { type, ifNoneExist, writer } = request;
  const { resource } = request.statement;
  requireServed(type, 'create');
  requireType(resource, type);
  await requireValid(resource);
  const plan =
    ifNoneExist === undefined
      ? await createAnew(deps, request)
      : await createConditionally(deps, request, ifNoneExist);
  const isShown = plan.outcome === 'created' || writer.mayRead;
  return answerWrite(deps, plan, isShown ? request.prefer : 'return=minimal');
}

async function createAnew(
  deps: WriteDependencies,
  { type, statement: { resource, decimals }, writer }: WriteRequest,
): Promise<WritePlan> {
  const place = await placeOfNew(deps, type, resource as Identified, writer);
  const stated: Identified = { ...resource, id: place.id };
  return writeRecord(deps, place, writer, (before, context) => {
    if (before?.document.kind === 'resource')
      throw new ExchangeError('HDE_PATIENT_DUPLICATE', { detail: `${type}/${place.id}` });
    return planWrite(place.partition, { resource: stated, decimals }, before, context);
  });
}
