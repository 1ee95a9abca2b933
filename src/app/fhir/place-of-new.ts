import type { Patient } from 'fhir/r4.js';
import { recordId, sharedId } from '../../core/identity/tokens.js';
import { sharedTypes } from '../../core/fhir/interactions.js';
import { nobodysId } from '../../core/records/ids.js';
import { clientFeed } from '../../core/records/plan-write.js';
import type { WriteDependencies } from './write-dependencies.js';
import { keyOfNewPatient } from './write-identity.js';
import type { WritePlace } from './write-record.js';
import type { WriteRequest } from './write-request.js';
import { findSubject, requireLinked } from './write-subject.js';

/**
 * Where a resource is to live that has no id yet.
 *
 * @throws ExchangeError HDE_PATIENT_UNKNOWN, HDE_PATIENT_DUPLICATE, HDE_RESOURCE_REFUSED
 */
export async function placeOfNew(
  deps: WriteDependencies,
  { type, statement: { resource }, writer, alongside }: WriteRequest,
): Promise<WritePlace> {
  if (resource.resourceType === 'Patient') {
    await requireLinked(deps, { patient: resource, stands: undefined }, writer, alongside);
    const key = await keyOfNewPatient(deps, resource as Patient, writer);
    return { type, id: key, partition: key };
  }
  const patient = await findSubject(deps, resource, alongside);
  if (patient !== undefined)
    return { type, id: recordId(patient, type, clientFeed, writer.requestId), partition: patient };
  const hash = sharedId(type, clientFeed, writer.requestId);
  const id = sharedTypes.has(type) ? hash : nobodysId(hash);
  return { type, id, partition: id };
}
