import { ExchangeError } from '../../core/errors.js';
import { planWrite, type Identified, type WritePlan } from '../../core/records/plan-write.js';
import { prepareConditionalCreate } from './create-conditionally.js';
import type { FhirAnswer } from './fhir-answer.js';
import { requireServed } from './require-served.js';
import { answerWrite } from './write-answer.js';
import { placeOfNew } from './place-of-new.js';
import type { WriteDependencies } from './write-dependencies.js';
import { type PreparedWrite, writeRecord } from './write-record.js';
import { requireType, requireValid, type CreateRequest } from './write-request.js';

/**
 * Creates a resource under an id of ours (FHIR R4 section 3.1.0.8): a Patient under the key that follows from their
 * identifiers, a record about a patient in their partition.
 *
 * @throws ExchangeError HDE_TYPE_NOT_SUPPORTED, HDE_RESOURCE_MISMATCH, HDE_RESOURCE_INVALID, HDE_RESOURCE_REFUSED,
 * HDE_PATIENT_UNKNOWN, or HDE_PATIENT_DUPLICATE for a patient who is stored already
 */
export async function createResource(deps: WriteDependencies, request: CreateRequest): Promise<FhirAnswer> {
  const plan = await writeRecord(deps, request.writer, () => prepareCreate(deps, request));
  return answerCreate(deps, plan, request);
}

/** Checks a create and finds its place. */
export async function prepareCreate(deps: WriteDependencies, request: CreateRequest): Promise<PreparedWrite> {
  const { type, ifNoneExist } = request;
  const { resource, decimals } = request.statement;
  requireServed(type, 'create');
  requireType(resource, type);
  await requireValid(resource);
  if (ifNoneExist !== undefined) return prepareConditionalCreate(deps, request, ifNoneExist);
  const place = await placeOfNew(deps, request);
  const stated: Identified = { ...resource, id: place.id };
  return {
    place,
    decide: (before, context) => {
      if (before?.document.kind === 'resource')
        throw new ExchangeError('HDE_PATIENT_DUPLICATE', { detail: `${type}/${place.id}` });
      return planWrite(place.partition, { resource: stated, decimals }, before, context);
    },
  };
}

/** Answers a create; what was there already is shown only to who may read. */
export function answerCreate(
  deps: WriteDependencies,
  plan: WritePlan,
  { prefer, writer }: Pick<CreateRequest, 'prefer' | 'writer'>,
): FhirAnswer {
  const isShown = plan.outcome === 'created' || writer.mayRead;
  return answerWrite(deps, plan, isShown ? prefer : 'return=minimal');
}
