/** By which identifiers somebody is known today. */
import type { Patient, Resource } from 'fhir/r4.js';
import { fieldsOf, listOf, textOf } from '../fhir/search/shapes.js';

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
  valuesToday(patient, system).includes(value);

/** The identifiers of a system that a patient has today. */
export const valuesToday = (patient: Resource | undefined, system: string): readonly string[] =>
  listOf((patient as Partial<Patient> | undefined)?.identifier).flatMap((each) => {
    const identifier = fieldsOf(each);
    const value = textOf(identifier?.['value']);
    const isTheirs = identifier?.['system'] === system && identifier['use'] !== 'old';
    return isTheirs && value !== undefined ? [value] : [];
  });
