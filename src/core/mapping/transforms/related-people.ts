/** NK1 as a contact of the patient. */
import type { CodeableConcept, Patient, Period } from 'fhir/r4.js';
import type { Step } from '../engine/run.js';
import type { Transform, TransformFactory, TransformSetting } from '../engine/transform.js';
import { address } from './addresses.js';
import { conceptBy } from './coded-values.js';
import { contactPoint } from './contact-points.js';
import { humanName } from './human-names.js';
import { organisation } from './organisations.js';
import { readPart, readParts } from './parts.js';
import { code, dateTime } from './simple-values.js';

type Contact = NonNullable<Patient['contact']>[number];

const telecom = (setting: TransformSetting, ...use: string[]): Transform =>
  contactPoint(['TelecomUse', 'TelecomSystem', ...use], setting);

/**
 * `contact`, `contact(uk)`: NK1 as an entry of Patient.contact; the argument is that of `address`. Somebody without a
 * name, an address, a number or an organisation is none (FHIR R4 pat-1).
 */
export const contact: TransformFactory = ([country], setting) => {
  const readName = humanName(['NameUse'], setting);
  const readAddress = address(
    ['AddressUse', 'AddressType', ...(country === undefined ? [] : [country])],
    setting,
  );
  const readGender = code(['AdministrativeSex'], setting);
  const readOrganisation = organisation([], setting);
  const readTime = dateTime([], setting);
  const relationships = [
    [3, conceptBy(['Relationship'], setting)],
    [7, conceptBy(['ContactRole'], setting)],
  ] as const;
  const points = [
    [5, telecom(setting, 'home')],
    [6, telecom(setting, 'work')],
    [40, telecom(setting)],
    [41, telecom(setting)],
  ] as const;
  return (step) => {
    const name = readPart(step, 2, 'name', readName) as Contact['name'];
    const numbers = readParts(step, 'telecom', points) as NonNullable<Contact['telecom']>;
    const home = readPart(step, 4, 'address', readAddress) as Contact['address'];
    const employer = readPart(step, 13, 'organization', readOrganisation) as Contact['organization'];
    if (name === undefined && home === undefined && employer === undefined && numbers.length === 0)
      return undefined;
    const relationship = readParts(step, 'relationship', relationships) as CodeableConcept[];
    const gender = readPart(step, 15, 'gender', readGender) as Contact['gender'];
    const period = readPeriod(step, readTime);
    const result: Contact = {};
    if (relationship.length > 0) result.relationship = relationship;
    if (name !== undefined) result.name = name;
    if (numbers.length > 0) result.telecom = numbers;
    if (home !== undefined) result.address = home;
    if (gender !== undefined) result.gender = gender;
    if (employer !== undefined) result.organization = employer;
    if (period !== undefined) result.period = period;
    return result;
  };
};

function readPeriod(step: Step, readTime: Transform): Period | undefined {
  const start = readPart(step, 8, 'period.start', readTime) as string | undefined;
  const end = readPart(step, 9, 'period.end', readTime) as string | undefined;
  if (start === undefined && end === undefined) return undefined;
  return { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) };
}
