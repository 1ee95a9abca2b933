import type { Patient } from 'fhir/r4.js';
import { ExchangeError } from '../../core/errors.js';
import { isFhirId } from '../../core/fhir/references.js';
import { areMet, type Preconditions } from '../../core/fhir/write/preconditions.js';
import { parseNhsNumber } from '../../core/identity/nhs-number.js';
import { planWrite, type Identified } from '../../core/records/plan-write.js';
import type { LatestDocument } from '../../core/records/types.js';
import type { FhirAnswer } from './fhir-answer.js';
import { claimPlace, ownPartition } from './record-places.js';
import { requireServed } from './require-served.js';
import { answerWrite } from './write-answer.js';
import type { WriteDependencies, Writer } from './write-dependencies.js';
import { claimIdentifiers } from './write-identity.js';
import { type PreparedWrite, writeRecord } from './write-record.js';
import { requireType, requireValid, type Alongside, type UpdateRequest } from './write-request.js';
import { findSubject } from './write-subject.js';

/**
 * Replaces a resource by what the client states, or creates it under the client's id (FHIR R4 section 3.1.0.5).
 *
 * @throws ExchangeError HDE_TYPE_NOT_SUPPORTED, HDE_RESOURCE_MISMATCH, HDE_RESOURCE_INVALID, HDE_RESOURCE_REFUSED,
 * HDE_PATIENT_UNKNOWN, HDE_PATIENT_CHANGED, HDE_PATIENT_DUPLICATE, HDE_ID_TAKEN, HDE_PRECONDITION_FAILED or HDE_CONCURRENT_UPDATE
 */
export async function updateResource(deps: WriteDependencies, request: UpdateRequest): Promise<FhirAnswer> {
  const plan = await writeRecord(deps, request.writer, () => prepareUpdate(deps, request));
  return answerWrite(deps, plan, request.prefer);
}

/** Checks an update and finds its place. */
export async function prepareUpdate(deps: WriteDependencies, request: UpdateRequest): Promise<PreparedWrite> {
  const { type, id } = request;
  const { resource } = request.statement;
  requireServed(type, 'update');
  requireType(resource, type);
  if (resource.id !== id)
    throw new ExchangeError('HDE_RESOURCE_MISMATCH', {
      location: `${type}.id`,
      detail: 'the id of the address',
    });
  return prepareReplacement(deps, request);
}

/** Prepares an update, once it is known what the record is to say. */
export async function prepareReplacement(
  deps: WriteDependencies,
  { type, id, statement, preconditions, writer, alongside }: UpdateRequest,
): Promise<PreparedWrite> {
  const { resource, decimals } = statement;
  await requireValid(resource);
  const stated: Identified = { ...resource, id };
  const stands = await deps.records.readLatest(type, id);
  // Nothing may be claimed for a write that is refused.
  demand(preconditions, stands);
  const partition =
    type === 'Patient'
      ? await placeOfPatient(deps, stated as Patient & Identified, stands, writer)
      : await placeOfRecord(deps, stated, { stands, writer, alongside });
  return {
    place: { type, id, partition },
    decide: (before, context) => {
      demand(preconditions, before?.document);
      return planWrite(partition, { resource: stated, decimals }, before, context);
    },
  };
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

interface Surroundings {
  readonly stands: LatestDocument | undefined;
  readonly writer: Writer;
  readonly alongside: Alongside | undefined;
}

async function placeOfRecord(
  deps: WriteDependencies,
  resource: Identified,
  { stands, writer, alongside }: Surroundings,
): Promise<string> {
  const { resourceType: type, id } = resource;
  const patient = await findSubject(deps, resource, alongside);
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
