/**
 * Whom a change of number (A46, A47) is about where its old and its new number have records already, because its events
 * arrived late. A wrong join is worse than a missing one: the records must bear out what the message says.
 */
import type { HumanName, Patient } from 'fhir/r4.js';
import { statedAt } from '../records/identified.js';
import { statedIdentifiers } from '../records/renounced.js';
import type { CurrentDocument, LatestDocument } from '../records/types.js';
import { birthDateOf, type StatedPerson } from './judge-claim.js';
import { NHS_NUMBER_SYSTEM } from './nhs-number.js';

/**
 * Whether two records are one person's, of whom a message says that the number of one became that of the other: they
 * state the same birth date, and neither they nor the message different NHS numbers or given names.
 *
 * @param former the record of the old number
 * @param current the record of the new one
 * @param stated what the message says of the person
 */
export function isOnePerson(
  former: LatestDocument | undefined,
  current: LatestDocument | undefined,
  { identifiers, birthDate }: StatedPerson,
): boolean {
  if (former?.kind !== 'resource' || current?.kind !== 'resource') return false;
  const born = birthDateOf(former);
  if (born === undefined || born !== birthDateOf(current)) return false;
  if (birthDate !== undefined && birthDate !== born) return false;
  const numbers = [...nhsNumbersOf(current), ...nhsNumbersIn(identifiers)];
  return agree(nhsNumbersOf(former), numbers) && agree(givenNames(former), givenNames(current));
}

/**
 * Whether somebody else has got a number that a message says was changed: it was stated after that, and with another birth
 * date or NHS number.
 *
 * @param holder the record of whoever has the old number
 * @param former the old number
 * @param latestEventTime ISO instant before which the number was changed
 */
export function isGivenAnew(
  holder: LatestDocument | undefined,
  former: { readonly system: string; readonly value: string },
  { identifiers, birthDate }: StatedPerson,
  latestEventTime: string,
): boolean {
  if (holder?.kind !== 'resource') return false;
  const since = statedAt(holder, former);
  if (since === undefined || since <= latestEventTime) return false;
  const born = birthDateOf(holder);
  if (born !== undefined && birthDate !== undefined && born !== birthDate) return true;
  return !agree(nhsNumbersOf(holder), nhsNumbersIn(identifiers));
}

/** Whether two lists have a value in common, or one of them says nothing. */
const agree = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === 0 || others.length === 0 || some.some((value) => others.includes(value));

const nhsNumbersOf = ({ resource }: CurrentDocument): string[] =>
  [...statedIdentifiers(resource)].filter((key) => key.startsWith(`${NHS_NUMBER_SYSTEM}|`));

const nhsNumbersIn = (identifiers: StatedPerson['identifiers']): string[] =>
  identifiers.filter(({ kind }) => kind === 'nhs').map(({ value }) => `${NHS_NUMBER_SYSTEM}|${value}`);

/** The first given name of each name: twins have one birth date. */
function givenNames({ resource }: CurrentDocument): string[] {
  const { name = [] } = resource as Partial<Patient>;
  return name.flatMap(({ given }: HumanName) => given?.[0]?.trim().toUpperCase() ?? []);
}
