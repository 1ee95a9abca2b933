/** What FHIR requires of a record that a message leaves open. */
import type {
  Appointment,
  Coding,
  DocumentReference,
  Encounter,
  MedicationRequest,
  Resource,
  ServiceRequest,
} from 'fhir/r4.js';

const UNKNOWN_CLASS: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor',
  code: 'UNK',
  display: 'unknown',
};

/**
 * Fills the required elements of a record that is stored for the first time. An update such as A08 states no status,
 * so that the stored one stays; only where there is none is it derived from the dates of the visit.
 */
export function completeNewRecord<T extends Resource>(resource: T): T {
  if (isEncounter(resource)) return { ...resource, ...missingParts(resource) };
  if (isRequest(resource)) return withStatus(resource);
  if (isAppointment(resource)) return withPatient(resource);
  return isDocument(resource) ? withContent(resource) : resource;
}

const isAppointment = (resource: Resource): resource is Appointment =>
  resource.resourceType === 'Appointment';

/** A message that only ends an appointment names nobody; at least the person in whose record it is takes part. */
const withPatient = <T extends Partial<Appointment>>(resource: T): T => {
  if (resource.participant !== undefined) return resource;
  const [key = ''] = (resource.id ?? '').split('.');
  return {
    ...resource,
    participant: [{ actor: { reference: `Patient/${key}` }, status: 'needs-action' }],
  };
};

const isRequest = (resource: Resource): resource is MedicationRequest | ServiceRequest =>
  resource.resourceType === 'MedicationRequest' || resource.resourceType === 'ServiceRequest';
const isDocument = (resource: Resource): resource is DocumentReference =>
  resource.resourceType === 'DocumentReference';

/** Messages about a prescription or an order may leave its status as it was. */
const withStatus = <T extends Partial<MedicationRequest | ServiceRequest>>(resource: T): T =>
  resource.status === undefined ? { ...resource, status: 'unknown' } : resource;

/** A document may be announced before, or without, its content. */
const withContent = <T extends Partial<DocumentReference>>(resource: T): T =>
  resource.content === undefined
    ? { ...resource, content: [{ attachment: { title: 'Not sent' } }] }
    : resource;

const isEncounter = (resource: Resource): resource is Encounter => resource.resourceType === 'Encounter';

function missingParts({ status, class: patientClass, period }: Partial<Encounter>): Partial<Encounter> {
  const derived: Encounter['status'] =
    period?.end !== undefined ? 'finished' : period?.start !== undefined ? 'in-progress' : 'unknown';
  return {
    ...(status === undefined ? { status: derived } : {}),
    ...(patientClass === undefined ? { class: UNKNOWN_CLASS } : {}),
  };
}
