/** What FHIR requires of a record that a message leaves open. */
import type { Coding, Encounter, Resource } from 'fhir/r4.js';

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
  return isEncounter(resource) ? { ...resource, ...missingParts(resource) } : resource;
}

const isEncounter = (resource: Resource): resource is Encounter => resource.resourceType === 'Encounter';

function missingParts({ status, class: patientClass, period }: Partial<Encounter>): Partial<Encounter> {
  const derived: Encounter['status'] =
    period?.end !== undefined ? 'finished' : period?.start !== undefined ? 'in-progress' : 'unknown';
  return {
    ...(status === undefined ? { status: derived } : {}),
    ...(patientClass === undefined ? { class: UNKNOWN_CLASS } : {}),
  };
}
