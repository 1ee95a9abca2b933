/**
 * Whether a claim decides whom an identifier means: only as long as the record of the patient bears it out
 * (docs/adr/0005). A claim alone would outlive the mistake that made it.
 */
import type { Patient } from 'fhir/r4.js';
import { statedAt } from '../records/identified.js';
import { identifierKey, statedIdentifiers } from '../records/renounced.js';
import type { CurrentDocument, LatestDocument } from '../records/types.js';
import { isKnownBy } from './known-by.js';
import { NHS_NUMBER_SYSTEM } from './nhs-number.js';
import type { PatientIdentifier } from './patient-identifiers.js';
import { identifierToken } from './tokens.js';

/** What of a claim counts here; see `IdentityClaim`. */
export interface JudgedClaim {
  readonly claimedAt?: string;
  readonly sinceVersion?: number;
  readonly support?: readonly string[];
}

interface SystemAndValue {
  readonly system: string;
  readonly value: string;
}

/**
 * - `holds`: the record states the identifier, or nobody is stored yet whom it could mean by mistake;
 * - `vacant`: the client who claimed it for a patient to be created never wrote that patient;
 * - `writing`: a client has claimed it just now, and may be about to write the record that states it;
 * - `unstated`: a message claimed it, and no version ever stated it: what became of that message decides (`bearsOut`);
 * - `lapsed`: the record no longer states it, or states none of the identifiers by which the message that claimed it was
 *   filed there, or the client who claimed it never wrote that it does.
 */
export type ClaimStanding = 'holds' | 'vacant' | 'writing' | 'unstated' | 'lapsed';

/** How long a client's write may take from the claim to the commit, in milliseconds. */
const longestWrite = 10_000;

/** By what a claim is judged. */
export interface Judging {
  /** Secret of the tokens. */
  readonly secret: string;
  readonly now: Date;
}

/**
 * Judges the claim of an identifier.
 *
 * @param holder what stands under the id of the patient for whom it is claimed; undefined when nobody ever did
 */
export function judgeClaim(
  claim: JudgedClaim,
  identifier: SystemAndValue,
  holder: LatestDocument | undefined,
  { secret, now }: Judging,
): ClaimStanding {
  const { claimedAt } = claim;
  const isOld = claimedAt !== undefined && Math.abs(now.getTime() - Date.parse(claimedAt)) >= longestWrite;
  if (holder === undefined) return isOld ? 'vacant' : 'holds';
  const key = identifierKey(identifier);
  if (identifying(holder).has(key) && (holder.kind === 'resource' || claimedAt === undefined)) return 'holds';
  if (isOld || isRenounced(claim, holder, key)) return 'lapsed';
  if (claimedAt !== undefined) return 'writing';
  return claim.support === undefined || supports(claim.support, holder, secret) ? 'unstated' : 'lapsed';
}

/** Whether the record of a patient bears out one of the identifiers with these tokens. */
export function supports(tokens: readonly string[], holder: LatestDocument, secret: string): boolean {
  return [...identifying(holder)].some((key) => {
    // Systems are URIs, in which no bar stands.
    const bar = key.indexOf('|');
    return tokens.includes(identifierToken(secret, key.slice(0, bar), key.slice(bar + 1)));
  });
}

/**
 * The identifiers by which a patient is known. Whom a client deleted comes back by a number under which a sender of
 * messages knows them; an NHS number may have been theirs by the very mistake that the client mended.
 */
function identifying(holder: LatestDocument): Set<string> {
  if (holder.kind === 'resource') return statedIdentifiers(holder.resource);
  const last = Object.entries(holder.renounced ?? {}).filter(([, version]) => version === holder.versionId);
  return new Set(last.map(([key]) => key).filter((key) => !key.startsWith(`${NHS_NUMBER_SYSTEM}|`)));
}

const isRenounced = (
  { sinceVersion = 0 }: JudgedClaim,
  { renounced }: LatestDocument,
  key: string,
): boolean => (renounced?.[key] ?? 0) > sinceVersion;

/**
 * Whether a claim of a message that is done still decides although no version of the record states the identifier:
 * result messages claim identifiers and change no Patient. It does not against another NHS number.
 */
export const bearsOut = ({ system, value }: SystemAndValue, holder: LatestDocument | undefined): boolean =>
  system !== NHS_NUMBER_SYSTEM || holder?.kind !== 'resource' || !hasOtherNhsNumber(holder, value);

const hasOtherNhsNumber = ({ resource }: CurrentDocument, value: string): boolean =>
  [...statedIdentifiers(resource)].some(
    (key) =>
      key.startsWith(`${NHS_NUMBER_SYSTEM}|`) && key !== identifierKey({ system: NHS_NUMBER_SYSTEM, value }),
  );

/** What a message says of who somebody is. */
export interface StatedPerson {
  readonly identifiers: readonly PatientIdentifier[];
  /** `YYYY-MM-DD`. */
  readonly birthDate: string | undefined;
  /** ISO instant before which the event was not; absent where that is not known. */
  readonly eventTime?: string | undefined;
}

/**
 * Whether a message means somebody other than a patient for whom identifiers of it are claimed: it knows them by none of
 * the hospital numbers that the record states, or by former ones only, which may be somebody else's since; and gives them
 * another birth date or, unless that one is claimed for them as well, another NHS number.
 *
 * @param isNumberTheirs whether an earlier message claimed the NHS number of this one for the patient
 */
export function isSomebodyElse(
  person: StatedPerson,
  holder: LatestDocument | undefined,
  isNumberTheirs: boolean,
): boolean {
  if (holder?.kind !== 'resource') return false;
  const { identifiers, birthDate } = person;
  const stated = statedIdentifiers(holder.resource);
  const isTheirs = (each: PatientIdentifier) =>
    each.kind === 'local' && stated.has(identifierKey(each)) && !wasGivenUp(each, person, holder);
  if (identifiers.some(isTheirs)) return false;
  const known = birthDateOf(holder);
  if (known !== undefined && birthDate !== undefined && known !== birthDate) return true;
  if (isNumberTheirs) return false;
  const numbers = identifiers.filter(({ kind }) => kind === 'nhs');
  return numbers.length > 0 && numbers.every(({ value }) => hasOtherNhsNumber(holder, value));
}

/** Whether an identifier was a former one of a patient when the event of a message happened. */
export function wasGivenUp(
  identifier: SystemAndValue,
  { eventTime }: Pick<StatedPerson, 'eventTime'>,
  holder: LatestDocument | undefined,
): boolean {
  if (holder?.kind !== 'resource' || eventTime === undefined) return false;
  const { resource } = holder;
  if (!statedIdentifiers(resource).has(identifierKey(identifier)) || isKnownBy(resource, identifier))
    return false;
  return eventTime > (statedAt(holder, identifier) ?? eventTime);
}

/**
 * The NHS number by which a message changes that of a patient who is known by hospital numbers that it does not state: the
 * number is corrected, or two people were joined by it before and each is still filed with the other.
 *
 * @param holder the record of the patient whom the message means
 */
export function doubtfulNumber(
  { identifiers }: Pick<StatedPerson, 'identifiers'>,
  holder: LatestDocument | undefined,
): PatientIdentifier | undefined {
  if (holder?.kind !== 'resource') return undefined;
  const others = new Set(statedIdentifiers(holder.resource));
  for (const each of identifiers) others.delete(identifierKey(each));
  const isShared = [...others].some((key) => !key.startsWith(`${NHS_NUMBER_SYSTEM}|`));
  const number = identifiers.find(({ kind }) => kind === 'nhs');
  return isShared && number !== undefined && hasOtherNhsNumber(holder, number.value) ? number : undefined;
}

/** The whole birth date of a patient (`YYYY-MM-DD`), as the record states it now. */
export function birthDateOf(holder: LatestDocument | undefined): string | undefined {
  if (holder?.kind !== 'resource') return undefined;
  const { birthDate } = holder.resource as Patient;
  return birthDate?.length === 'YYYY-MM-DD'.length ? birthDate : undefined;
}
