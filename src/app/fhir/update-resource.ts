import type { Patient } from 'fhir/r4.js';
import { ExchangeError } from '../../core/errors.js';
import { isFhirId } from '../../core/fhir/references.js';
import { areMet, type Preconditions } from '../../core/fhir/write/preconditions.js';
import { parseNhsNumber } from '../../core/identity/nhs-number.js';
import { planWrite, type Identified, type WritePlan } from '../../core/records/plan-write.js';
import type { LatestDocument } from '../../core/records/types.js';
import type { FhirAnswer } from './fhir-answer.js';
import { claimPlace, ownPartition } from './record-places.js';
import { requireServed } from './require-served.js';
import { answerWrite } from './write-answer.js';
import type { WriteDependencies, Writer } from './write-dependencies.js';
import { claimIdentifiers } from './write-identity.js';
import { writeRecord } from './write-record.js';
import { requireType, requireValid, type UpdateRequest } from './write-request.js';
import { findSubject } from './write-subject.js';

/**
 * Replaces a resource by what the client states, or creates it under the client's id (FHIR R4 section 3.1.0.5).
 *
 * @throws ExchangeError HDE_TYPE_NOT_SUPPORTED, HDE_RESOURCE_MISMATCH, HDE_RESOURCE_INVALID, HDE_RESOURCE_REFUSED,
 * HDE_PATIENT_UNKNOWN, HDE_PATIENT_CHANGED, HDE_PATIENT_DUPLICATE, HDE_ID_TAKEN, HDE_PRECONDITION_FAILED or HDE_CONCURRENT_UPDATE
 */
export async function updateResource(deps: WriteDependencies, request: UpdateRequest): Promise<FhirAnswer> {
  const { type, id } = request;
  const { resource } = request.statement;
  requireServed(type, 'update');
  requireType(resource, type);
  if (resource.id !== id)
    throw new ExchangeError('HDE_RESOURCE_MISMATCH', {
      location: `${type}.id`,
      detail: 'the id of the address',
    });
  return answerWrite(deps, await replaceRecord(deps, request), request.prefer);
}

/** Does what an update does, once it is known what the record is to say. */
export async function replaceRecord(
  deps: WriteDependencies,
  { type, id, statement, preconditions, writer }: UpdateRequest,
): Promise<WritePlan> {
  const { resource, decimals } = statement;
  await requireValid(resource);
  const stated: Identified = { ...resource, id };
  const stands = await deps.records.readLatest(type, id);
  // Nothing may be claimed for a write that is refused.
  demand(preconditions, stands);
  const partition =
    type === 'Patient'
      ? await placeOfPatient(deps, stated as Patient & Identified, stands, writer)
      : await placeOfRecord(deps, stated, stands, writer);
  return writeRecord(deps, { type, id, partition }, writer, (before, context) => {
    demand(preconditions, before?.document);
    return planWrite(partition, { resource: stated, decimals }, before, context);
  });
}

/** @throws ExchangeError HDE_PRECONDITION_FAILED */
export function demand(preconditions: Preconditions, stands: LatestDocument | undefined): void {
  if (!areMet(preconditions, stands?.kind === 'resource' ? stands.versionId : undefined))
    throw new ExchangeError('HDE_PRECONDITION_FAILED');
}

/** With these the id of each record about the patient, `<patient>.<26 characters>`, is a FHIR id. */
const longestPatientId = 37;

async function placeOfPatient(
  deps: WriteDependencies,
  patient: Patient & Identified,
  stands: LatestDocument | undefined,
  writer: Writer,
): Promise<string> {
  const { id } = patient;
  if (stands === undefined) {
    requireId(id);
    if (id.includes('.') || id.length > longestPatientId)
      throw unusable(`the id of a patient has at most ${longestPatientId} characters and no dot`);
  }
  await claimIdentifiers(deps, patient, id, writer);
  return id;
}

async function placeOfRecord(
  deps: WriteDependencies,
  resource: Identified,
  stands: LatestDocument | undefined,
  writer: Writer,
): Promise<string> {
  const { resourceType: type, id } = resource;
  const patient = await findSubject(deps, resource);
  if (stands !== undefined) {
    const isSame =
      patient === undefined
        ? stands.partition === id || stands.partition === ownPartition(type, id)
        : stands.partition === patient;
    if (!isSame) throw new ExchangeError('HDE_PATIENT_CHANGED');
    return stands.partition;
  }
  requireId(id);
  const partition = patient ?? ownPartition(type, id);
  const claimed = await claimPlace(deps, { type, id, partition, requestId: writer.requestId });
  if (claimed !== partition) throw new ExchangeError('HDE_ID_TAKEN');
  return partition;
}

/** Ids stand in addresses, which platforms log. */
function requireId(id: string): void {
  if (!isFhirId(id)) throw unusable('up to 64 letters, digits, hyphens and dots');
  if (parseNhsNumber(id) !== undefined) throw unusable('an id is not an NHS number');
}

const unusable = (detail: string): ExchangeError =>
  new ExchangeError('HDE_RESOURCE_REFUSED', { location: 'id', detail });
