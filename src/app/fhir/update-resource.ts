import type { Patient } from 'fhir/r4.js';
import { ExchangeError } from '../../core/errors.js';
import type { ReadResource } from '../../core/fhir/decimals.js';
import { isFhirId } from '../../core/fhir/references.js';
import { areMet, type Preconditions } from '../../core/fhir/write/preconditions.js';
import { parseNhsNumber } from '../../core/identity/nhs-number.js';
import { isNobodysId, patientOfId } from '../../core/records/ids.js';
import { planWrite, type Identified } from '../../core/records/plan-write.js';
import type { CurrentDocument, LatestDocument } from '../../core/records/types.js';
import { requireCreatable } from '../access/guard-write.js';
import { patientOf } from '../access/record-facts.js';
import { whileClaimed } from './claim-age.js';
import { claimPlace, ownPartition } from './record-places.js';
import type { WriteDependencies, Writer } from './write-dependencies.js';
import { claimIdentifiers } from './write-identity.js';
import type { PreparedWrite, WritePlace } from './write-record.js';
import type { Alongside, UpdateRequest } from './write-request.js';
import { findSubject, requireLinked, statedSubject } from './write-subject.js';

/**
 * Prepares the replacement of a resource by what the client states, or its creation under the client's id (FHIR R4 section
 * 3.1.0.5). The resource is valid.
 *
 * @throws ExchangeError HDE_RESOURCE_REFUSED, HDE_PATIENT_UNKNOWN, HDE_PATIENT_CHANGED, HDE_PATIENT_DUPLICATE, HDE_ID_TAKEN,
 * HDE_CONCURRENT_UPDATE or HDE_PRECONDITION_FAILED
 */
export async function prepareUpdate(
  deps: WriteDependencies,
  { type, id, statement, preconditions, writer, alongside, removesLabels }: UpdateRequest,
): Promise<PreparedWrite> {
  const stated: Identified = { ...statement.resource, id };
  const stands = await deps.records.readLatest(type, id);
  // Nothing may be claimed for a write that is refused.
  demand(preconditions, stands);
  const { partition, claimedAt }: FoundPlace =
    type === 'Patient'
      ? {
          partition: await placeOfPatient(deps, stated as Patient & Identified, {
            stands,
            writer,
            alongside,
          }),
        }
      : await placeOfRecord(deps, { ...statement, resource: stated }, { stands, writer, alongside });
  const prepared = updateAt({ type, id, partition }, { ...statement, removesLabels }, preconditions);
  return claimedAt === undefined ? prepared : whileClaimed(prepared, { claimedAt });
}

/** Prepares a conditional update that nothing meets: whoever comes first creates the record, the others update it. */
export const updateAt = (
  place: WritePlace,
  { resource, ...rest }: ReadResource & Pick<UpdateRequest, 'removesLabels'>,
  preconditions: Preconditions,
): PreparedWrite => ({
  place,
  decide: (before, context) => {
    demand(preconditions, before?.document);
    const stated: Identified = { ...resource, id: place.id };
    return planWrite(place.partition, { ...rest, resource: stated }, before, context);
  },
});

/** The id that a conditional update leads to; undefined for a new one of ours. */
export function idOfUpdate(
  { type, statement: { resource } }: Pick<UpdateRequest, 'type' | 'statement'>,
  match: CurrentDocument | undefined,
): string | undefined {
  if (match !== undefined && resource.id !== undefined && resource.id !== match.fhirId)
    throw new ExchangeError('HDE_RESOURCE_MISMATCH', {
      location: `${type}.id`,
      detail: 'no id, or that of the resource that meets the criteria',
    });
  return match?.fhirId ?? resource.id;
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
  { stands, writer, alongside }: Surroundings,
): Promise<string> {
  const { id } = patient;
  if (stands === undefined) {
    requireId(id);
    if (id.includes('.') || id.length > longestPatientId || isNobodysId(id))
      throw unusable(
        `the id of a patient has at most ${longestPatientId} characters and no dot, and begins otherwise`,
      );
    await requireNobodys(deps, id);
  }
  await requireLinked(deps, { patient, stands }, writer, alongside);
  await claimIdentifiers(deps, patient, id, writer);
  return id;
}

/** Records about nobody have a partition each: whoever had one of those as theirs would be shown the record there. */
async function requireNobodys({ records }: WriteDependencies, partition: string): Promise<void> {
  const { documents } = await records.listPartition(partition, undefined, { limit: 1 });
  if (documents.length > 0) throw new ExchangeError('HDE_ID_TAKEN');
}

interface Surroundings {
  readonly stands: LatestDocument | undefined;
  readonly writer: Writer;
  readonly alongside: Alongside | undefined;
}

interface FoundPlace {
  readonly partition: string;
  /** ISO instant; absent where nothing had to be claimed. */
  readonly claimedAt?: string;
}

async function placeOfRecord(
  deps: WriteDependencies,
  statement: ReadResource & { readonly resource: Identified },
  { stands, writer, alongside }: Surroundings,
): Promise<FoundPlace> {
  const { resource } = statement;
  const { resourceType: type, id } = resource;
  if (stands !== undefined) {
    // Nobody is looked up for it: whether another patient is stored here is not told.
    const stated = statedSubject(resource, deps.baseUrl)?.patient;
    if (stated !== patientOf(stands)) throw new ExchangeError('HDE_PATIENT_CHANGED');
    await findSubject(deps, resource, alongside);
    return { partition: stands.partition };
  }
  const place = await placeOfNewId(deps, { type, id, statement, writer, alongside });
  const claimedAt = await claimPlace(deps, { ...place, requestId: writer.requestId });
  return { partition: place.partition, claimedAt };
}

/**
 * Where a record is to live that is new, and whose id its client chose: nothing is claimed for it yet.
 *
 * @throws ExchangeError HDE_PATIENT_UNKNOWN, HDE_RESOURCE_REFUSED or HDE_FORBIDDEN
 */
export async function placeOfNewId(
  deps: WriteDependencies,
  {
    type,
    id,
    statement,
    writer,
    alongside,
  }: Omit<UpdateRequest, 'preconditions' | 'alongside'> & { readonly alongside: Alongside | undefined },
): Promise<WritePlace> {
  // What the id says is looked at before anybody is looked up: whether a patient is stored here is not told by it.
  requireId(id);
  const owner = patientOfId(id);
  if (owner !== undefined && owner !== statedSubject(statement.resource, deps.baseUrl)?.patient)
    throw unusable('an id of this form is that of a record about the patient whom it begins with');
  const patient = await findSubject(deps, statement.resource, alongside);
  const place = { type, id, partition: patient ?? ownPartition(type, id) };
  await requireCreatable(deps, writer, 'update', { place, statement });
  return place;
}

/** Ids stand in addresses, which platforms log. */
function requireId(id: string): void {
  if (!isFhirId(id)) throw unusable('up to 64 letters, digits, hyphens and dots');
  if (parseNhsNumber(id.replaceAll('.', '')) !== undefined) throw unusable('an id is not an NHS number');
}

const unusable = (detail: string): ExchangeError =>
  new ExchangeError('HDE_RESOURCE_REFUSED', { location: 'id', detail });
