/** Asks the records of patients, and what became of messages, whether claims still decide (docs/adr/0005). */
import { ExchangeError, type Issue } from '../core/errors.js';
import {
  bearsOut,
  doubtfulNumber,
  isSomebodyElse,
  judgeClaim,
  type ClaimStanding,
  type StatedPerson,
} from '../core/identity/judge-claim.js';
import type { PatientIdentifier } from '../core/identity/patient-identifiers.js';
import type { LatestDocument } from '../core/records/types.js';
import type { Clock } from '../ports/clock.js';
import type { IdentityClaim } from '../ports/identity-store.js';
import type { MessageStore } from '../ports/message-store.js';
import type { RecordStore } from '../ports/record-store.js';

/** Records as they are now, whichever process wrote them (docs/adr/0020). */
export type LatestRecords = Pick<RecordStore, 'readLatest' | 'catchUp'>;

export interface VerifyDependencies {
  readonly records: LatestRecords;
  readonly messages: Pick<MessageStore, 'get'>;
  readonly clock: Clock;
  readonly identitySecret: string;
}

/** An identifier of a message, and the claim by which it means a patient. */
export interface ReliedClaim {
  readonly identifier: PatientIdentifier;
  readonly claim: IdentityClaim;
}

/** Somebody whom a message means, and the claims by which it does. */
export interface RelyingPerson extends StatedPerson {
  readonly relied: readonly ReliedClaim[];
}

/** Doubts that an operator should see, which only the record of the patient shows. */
export const doubtsOf = (
  people: readonly RelyingPerson[],
  holder: LatestDocument | undefined,
): readonly Issue[] =>
  people.flatMap(({ identifiers, relied }): Issue[] => {
    const number = doubtfulNumber({ identifiers }, holder);
    // What is somebody else's is reported as such, and not written.
    if (number === undefined || !relied.some(({ identifier }) => identifier === number)) return [];
    const detail = 'the record has another NHS number, and hospital numbers that the message does not state';
    return [{ code: 'HDE_IDENTITY_CONFLICT', severity: 'warning', location: number.source, detail }];
  });

/** Thrown when a claim on which a message was about to be filed turns out not to hold: who it means is asked anew. */
export class ClaimLapsed extends Error {
  override readonly name = 'ClaimLapsed';
}

const judgingOf = ({ clock, identitySecret }: VerifyDependencies) => ({
  secret: identitySecret,
  now: clock.now(),
});

/** What stands under a patient key: to take somebody for absent, or for who they were, would make two people of one. */
export async function readHolder(records: LatestRecords, key: string): Promise<LatestDocument | undefined> {
  await records.catchUp(key);
  return records.readLatest('Patient', key);
}

/** What stands under these patient keys; who is not there is absent. */
export async function readHolders(
  records: LatestRecords,
  claims: Iterable<IdentityClaim>,
): Promise<Map<string, LatestDocument>> {
  const keys = new Set([...claims].map(({ patientKey }) => patientKey));
  const found = await Promise.all([...keys].map((key) => readHolder(records, key)));
  const stored = found.filter((document) => document !== undefined);
  return new Map(stored.map((document) => [document.fhirId, document]));
}

/**
 * Whether the claim of an identifier has lapsed.
 *
 * @param holder what stands under the id of the patient for whom it is claimed, as it was read before
 * @param messageId the message that asks: what it claimed itself on an earlier delivery holds
 * @throws ExchangeError HDE_CONCURRENT_UPDATE while a client may be about to write the record that bears the claim out
 */
export async function hasLapsed(
  deps: VerifyDependencies,
  { identifier, claim }: ReliedClaim,
  holder: LatestDocument | undefined,
  messageId: string,
): Promise<boolean> {
  const standing = judgeClaim(claim, identifier, holder, judgingOf(deps));
  if (standing === 'writing') throw new ExchangeError('HDE_CONCURRENT_UPDATE');
  if (standing !== 'unstated') return standing === 'lapsed';
  if (claim.messageId === messageId) return false;
  const status = (await deps.messages.get(claim.messageId))?.status ?? 'normalised';
  // What is accepted is yet to be committed, and will be: somebody who comes first must not become another person.
  if (status === 'accepted') return false;
  if (status !== 'normalised') return true;
  if (bearsOut(identifier, holder)) return false;
  // What the message wrote is surely in a record only if that is read after the message is known to be finished.
  const now = await readHolder(deps.records, claim.patientKey);
  const after = judgeClaim(claim, identifier, now, judgingOf(deps));
  return after === 'lapsed' || (after === 'unstated' && !bearsOut(identifier, now));
}

/**
 * Makes sure that a message may be filed with a patient for whom identifiers of it are claimed: where the record is read
 * anyway, so that a message that its patient's record bears out costs nothing more.
 *
 * @param people those whom the message was found to mean by claims for this patient
 * @param holder what stands under the id of the patient
 * @throws ClaimLapsed, or ExchangeError HDE_CONCURRENT_UPDATE while that cannot be told
 */
export async function confirmClaims(
  deps: VerifyDependencies,
  people: readonly RelyingPerson[],
  holder: LatestDocument | undefined,
  messageId: string,
): Promise<void> {
  const judging = judgingOf(deps);
  if (people.some((person) => person.relied.length > 0 && isAnother(person, holder, messageId)))
    throw new ClaimLapsed();
  const relied = people.flatMap((person) => person.relied);
  const judged = relied.map((each) => ({
    each,
    standing: judgeClaim(each.claim, each.identifier, holder, judging),
  }));
  if (judged.some(({ standing }) => standing === 'lapsed')) throw new ClaimLapsed();
  const isKnown = judged.some(({ standing }) => standing === 'holds');
  for (const { each, standing } of judged) {
    if (!needsAsking(standing, isKnown && bearsOut(each.identifier, holder))) continue;
    if (await hasLapsed(deps, each, holder, messageId)) throw new ClaimLapsed();
  }
}

/** Whether a message means somebody other than the patient for whom these identifiers of it are claimed. */
export const isAnother = (
  person: RelyingPerson,
  holder: LatestDocument | undefined,
  messageId: string,
): boolean =>
  isSomebodyElse(
    person,
    holder,
    person.relied.some(({ identifier, claim }) => identifier.kind === 'nhs' && claim.messageId !== messageId),
  );

/** One identifier that the record states vouches for the others, unless they contradict it. */
const needsAsking = (standing: ClaimStanding, isVouchedFor: boolean): boolean =>
  (standing === 'unstated' || standing === 'writing') && !isVouchedFor;
