/** By which identifiers somebody is known today. */
import type { Patient, Resource } from 'fhir/r4.js';
import { listOf } from '../fhir/search/shapes.js';

/** What names an identifier. */
export interface NamedIdentifier {
  readonly system: string;
  readonly value: string;
}

/**
 * Whether the record of a patient states an identifier as one that they have: not as a former one (`use` old), which may
 * be somebody else's by now, or may never have been theirs.
 */
export const isKnownBy = (patient: Resource | undefined, { system, value }: NamedIdentifier): boolean =>
  listOf((patient as Partial<Patient> | undefined)?.identifier).some((each) => {
    const identifier = each as NonNullable<Patient['identifier']>[number];
    return identifier.system === system && identifier.value === value && identifier.use !== 'old';
  });
