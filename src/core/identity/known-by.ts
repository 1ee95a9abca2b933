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
  identifiersToday(patient, system).flatMap(({ value }) => textOf(value) ?? []);

/**
 * Whether somebody who has shown that an identifier is theirs is the patient of a record, as far as the record says: one
 * that states that the number is not verified may be about somebody else whose number was mistyped.
 */
export const isOwnedBy = (patient: Resource | undefined, { system, value }: NamedIdentifier): boolean =>
  identifiersToday(patient, system).some((each) => each['value'] === value && !isDoubted(each));

type Fields = Readonly<Record<string, unknown>>;

const identifiersToday = (patient: Resource | undefined, system: string): readonly Fields[] =>
  listOf((patient as Partial<Patient> | undefined)?.identifier).flatMap((each) => {
    const identifier = fieldsOf(each);
    return identifier?.['system'] === system && identifier['use'] !== 'old' ? [identifier] : [];
  });

/** UK Core extension NHSNumberVerificationStatus: of its codes only 01 is that of a number which was verified. */
const isDoubted = ({ extension }: Fields): boolean =>
  listOf(extension)
    .map(fieldsOf)
    .filter((each) => textOf(each?.['url'])?.endsWith('NHSNumberVerificationStatus') === true)
    .flatMap((each) => listOf(fieldsOf(each?.['valueCodeableConcept'])?.['coding']))
    .some((coding) => fieldsOf(coding)?.['code'] !== '01');
