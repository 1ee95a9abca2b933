/** Changes of number whose old or new number has a record already: whom they join, and from whom they keep apart. */
import type { Issue } from '../core/errors.js';
import { isGivenAnew, isOnePerson } from '../core/identity/change-of-number.js';
import type { StatedPerson } from '../core/identity/judge-claim.js';
import type { PatientIdentifier } from '../core/identity/patient-identifiers.js';
import { identifierToken } from '../core/identity/tokens.js';
import type { IdentityStore } from '../ports/identity-store.js';
import { readHolder, readHolders, type LatestRecords } from './verify-claims.js';

interface Dependencies {
  readonly identities: Pick<IdentityStore, 'load'>;
  readonly records: LatestRecords;
  readonly identitySecret: string;
}

/** The old numbers of a person (MRG-1). */
export interface FormerNumbers {
  /** Those by which the person is still to be found. */
  readonly theirs: readonly PatientIdentifier[];
  /** Those that the hospital has given to somebody else since. */
  readonly givenAnew: readonly PatientIdentifier[];
}

/**
 * Tells the old numbers of a person from those that are somebody else's by now: by these the person is not looked for.
 *
 * @param stated what the message says of the person under the new number
 * @param latestEventTime ISO instant before which the number was changed
 */
export async function sortFormerNumbers(
  { identities, records, identitySecret }: Dependencies,
  former: readonly PatientIdentifier[],
  stated: StatedPerson,
  latestEventTime: string,
): Promise<FormerNumbers> {
  const tokenOf = ({ system, value }: PatientIdentifier) => identifierToken(identitySecret, system, value);
  const stored = await identities.load(former.map(tokenOf));
  const holders = await readHolders(
    records,
    [...stored.values()].map(({ claim }) => claim),
  );
  const isAnew = (number: PatientIdentifier): boolean => {
    const holder = holders.get(stored.get(tokenOf(number))?.claim.patientKey ?? '');
    return isGivenAnew(holder, number, stated, latestEventTime);
  };
  return {
    theirs: former.filter((number) => !isAnew(number)),
    givenAnew: former.filter(isAnew),
  };
}

/** That an old number is somebody else's by now. */
export const givenAnewIssue = ({ source }: PatientIdentifier): Issue => ({
  code: 'HDE_IDENTITY_CONFLICT',
  severity: 'warning',
  location: source,
  detail: 'given to another person after it was changed',
});

/** Whether the records of an old and a new number are one person's, of whom a message says that the one became the other. */
export async function areJoined(
  { records }: Pick<Dependencies, 'records'>,
  formerKey: string,
  currentKey: string,
  stated: StatedPerson,
): Promise<boolean> {
  const [former, current] = await Promise.all([formerKey, currentKey].map((key) => readHolder(records, key)));
  return isOnePerson(former, current, stated);
}
