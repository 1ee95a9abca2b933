/** Finds or makes the patient key of a message from the identifiers it carries. */
import { ExchangeError, type Issue } from '../core/errors.js';
import {
  chooseClaims,
  nextGeneration,
  type Candidate,
  type ClaimChoice,
} from '../core/identity/choose-claims.js';
import type { MentionedPerson, PatientIdentifier } from '../core/identity/patient-identifiers.js';
import { birthDateOf, supports, wasGivenUp, type StatedPerson } from '../core/identity/judge-claim.js';
import { birthDateToken } from '../core/identity/keys.js';
import { identifierToken } from '../core/identity/tokens.js';
import type { LatestDocument } from '../core/records/types.js';
import type { IdentityClaim, IdentityStore, StoredClaim } from '../ports/identity-store.js';
import { areJoined, givenAnewIssue, sortFormerNumbers } from './changes-of-number.js';
import {
  hasLapsed,
  isAnother,
  readHolders,
  type ReliedClaim,
  type RelyingPerson,
  type VerifyDependencies,
} from './verify-claims.js';

export interface IdentifyDependencies {
  readonly identities: IdentityStore;
  /** Secret of the keyed hashes: identifiers are short enough to be tried one by one without it. */
  readonly identitySecret: string;
}

/** `relied` are the claims by which the message means this patient: confirmed where the record is read. */
export interface IdentifiedPatient extends RelyingPerson {
  readonly patientKey: string;
  /** `system|value` of identifiers that belong to somebody else. */
  readonly contested: ReadonlySet<string>;
  /** Doubts that an operator should see: they never stop the message. */
  readonly issues: readonly Issue[];
  /** Of an MRG: whether its record goes on in that of the PID before it, because a change of number says so. */
  readonly isJoined?: boolean;
}

/** A message that is to be identified. */
export interface Identification {
  readonly messageId: string;
  /** ISO instant before which its event was not; absent where that is not known. */
  readonly eventTime?: string | undefined;
  /** Says of MRG and the PID before it that they name one person, who gets the identifiers of PID; absent for others. */
  readonly renumbering?: Renumbering | undefined;
  /**
   * Whether claims are checked against the records of patients first: needed once one turned out to have lapsed. Those of
   * a message about several people always are, because nothing of it may be written before all of them are known.
   */
  readonly verifies: boolean;
}

/** A change of number. */
export interface Renumbering {
  /** ISO instant before which it was. */
  readonly latestEventTime: string;
  /** Whether it joins two records that both numbers have. */
  readonly joins: boolean;
}

type Dependencies = IdentifyDependencies & VerifyDependencies;

/**
 * Resolves everyone whom a message mentions, by label. Those of whom it states no identifier are left out.
 *
 * @throws ExchangeError HDE_CONCURRENT_UPDATE when others claim the same identifiers again and again
 */
export async function identifyPeople(
  deps: Dependencies,
  people: readonly MentionedPerson[],
  { messageId, eventTime, renumbering, verifies }: Identification,
): Promise<Map<string, IdentifiedPatient>> {
  const identified = new Map<string, IdentifiedPatient>();
  const isAboutSeveral = people.filter(({ identifiers }) => identifiers.length > 0).length > 1;
  for (const [index, person] of people.entries()) {
    if (person.identifiers.length === 0) continue;
    const former = formerOf(people, index, renumbering);
    const identify = (identifiers: readonly PatientIdentifier[]) => {
      const { birthDate } = person;
      const stated = { identifiers, birthDate, messageId, eventTime };
      return identifyPatient(deps, stated, verifies || isAboutSeveral);
    };
    identified.set(
      person.label,
      former === undefined || renumbering === undefined
        ? await identify(person.identifiers)
        : await identifyRenumbered(deps, person, former, renumbering, identify),
    );
  }
  for (const [index, person] of people.entries()) {
    const former = formerOf(people, index, renumbering);
    if (former !== undefined && renumbering?.joins === true) await join(deps, identified, person, former);
  }
  return identified;
}

/** The MRG of a PID that a message renumbers. */
function formerOf(
  people: readonly MentionedPerson[],
  index: number,
  renumbering: Renumbering | undefined,
): MentionedPerson | undefined {
  const next = people[index + 1];
  return renumbering !== undefined && next?.label.startsWith('MRG') === true ? next : undefined;
}

/** Whoever holds the old number holds the new one from now on, unless the old one is somebody else's by then. */
async function identifyRenumbered(
  deps: Dependencies,
  { identifiers, birthDate }: MentionedPerson,
  former: MentionedPerson,
  { latestEventTime }: Renumbering,
  identify: (identifiers: readonly PatientIdentifier[]) => Promise<IdentifiedPatient>,
): Promise<IdentifiedPatient> {
  const stated = { identifiers, birthDate };
  const { theirs, givenAnew } = await sortFormerNumbers(deps, former.identifiers, stated, latestEventTime);
  const person = await identify([...identifiers, ...theirs]);
  return {
    ...person,
    contested: new Set([...person.contested, ...givenAnew.map(({ system, value }) => `${system}|${value}`)]),
    issues: [...person.issues, ...givenAnew.map(givenAnewIssue)],
  };
}

/** Joins the record of an old number to that of the new one, where both say that they are one person's. */
async function join(
  deps: Dependencies,
  identified: Map<string, IdentifiedPatient>,
  { label, identifiers, birthDate }: MentionedPerson,
  { label: formerLabel }: MentionedPerson,
): Promise<void> {
  const person = identified.get(label);
  const former = identified.get(formerLabel);
  if (person === undefined || former === undefined || former.patientKey === person.patientKey) return;
  if (!(await areJoined(deps, former.patientKey, person.patientKey, { identifiers, birthDate }))) return;
  // That the old number has a holder of its own is no doubt any more.
  const issues = person.issues.filter(({ location }) => location?.startsWith(`${formerLabel}-`) !== true);
  identified.set(label, { ...person, issues });
  identified.set(formerLabel, { ...former, isJoined: true });
}

/** What a message says of who somebody is. */
export interface StatedIdentity extends StatedPerson {
  readonly messageId: string;
}

/** Other claimants of one identifier are few: whoever loses this often meets a fault, not a race. */
const maxAttempts = 10;

/**
 * Resolves identifiers to one patient key and claims those that nobody holds. Concurrent messages about the same new
 * person agree, because a claim is created only where none exists, one that has lapsed is replaced by tag, and the key
 * follows from the identifier. A claim that would keep an identifier from the patient is checked before it does.
 *
 * @throws ExchangeError HDE_CONCURRENT_UPDATE when others claim the same identifiers again and again
 */
export async function identifyPatient(
  deps: Dependencies,
  stated: StatedIdentity,
  verifies = false,
): Promise<IdentifiedPatient> {
  const { identitySecret: secret, identities } = deps;
  const candidates = stated.identifiers.map((identifier) => ({
    identifier,
    token: identifierToken(secret, identifier.system, identifier.value),
  }));
  const birthToken = stated.birthDate === undefined ? undefined : birthDateToken(secret, stated.birthDate);
  const asked: Asked = { stated, candidates, birthToken };
  if (!verifies) {
    const claims = await identities.find(candidates.map(({ token }) => token));
    const choice = chooseClaims(secret, candidates, claims, birthToken);
    const patient =
      choice.contested.length > 0 || joinsByNumberAlone(choice, candidates)
        ? undefined
        : await claimFor(deps, asked, { choice, claims, lapsed: new Map() });
    if (patient !== undefined) return patient;
  }
  for (let count = 1; count <= maxAttempts; count++) {
    const found = await findVerified(deps, asked);
    const patient = await claimFor(deps, asked, found);
    if (patient !== undefined) return patient;
  }
  throw new ExchangeError('HDE_CONCURRENT_UPDATE');
}

/** Whether a hospital number is to be claimed for a patient whom the message means by an NHS number only. */
const joinsByNumberAlone = ({ madeOf, toClaim }: ClaimChoice, candidates: readonly Candidate[]): boolean =>
  madeOf === undefined &&
  toClaim.length > 0 &&
  candidates.every(({ identifier, token }) => identifier.kind === 'nhs' || toClaim.includes(token));

interface Asked {
  readonly stated: StatedIdentity;
  readonly candidates: readonly Candidate[];
  readonly birthToken: string | undefined;
}

/** Who the identifiers mean by the claims that hold. */
interface Found {
  readonly choice: ClaimChoice;
  readonly claims: ReadonlyMap<string, IdentityClaim>;
  /** Claims that no longer hold, to be replaced. */
  readonly lapsed: ReadonlyMap<string, StoredClaim>;
  /** What stands under the id of the chosen patient, as far as it was read. */
  readonly holder?: LatestDocument | undefined;
}

async function findVerified(deps: Dependencies, { stated, candidates, birthToken }: Asked): Promise<Found> {
  const { messageId } = stated;
  const stored = await deps.identities.load(candidates.map(({ token }) => token));
  const holders = await readHolders(
    deps.records,
    [...stored.values()].map(({ claim }) => claim),
  );
  const claims = new Map<string, IdentityClaim>();
  const lapsed = new Map<string, StoredClaim>();
  const all = candidates.flatMap(({ identifier, token }): ReliedClaim[] => {
    const held = stored.get(token);
    return held === undefined ? [] : [{ identifier, claim: held.claim }];
  });
  for (const each of all) {
    const { claim } = each;
    const held = stored.get(claim.token);
    const holder = holders.get(claim.patientKey);
    const relied = all.filter((other) => other.claim.patientKey === claim.patientKey);
    const isLapsed =
      (await hasLapsed(deps, each, holder, messageId)) ||
      isMistaken(each, { ...stated, relied }, holder, deps.identitySecret, messageId);
    if (isLapsed && held !== undefined) lapsed.set(claim.token, held);
    else claims.set(claim.token, withKnownBirthDate(claim, holder, deps.identitySecret));
  }
  const generations = new Map([...lapsed].map(([token, { claim }]) => [token, claim.generation ?? 0]));
  const choice = chooseClaims(deps.identitySecret, candidates, claims, birthToken, generations);
  return { choice, claims, lapsed, holder: holders.get(choice.patientKey) };
}

/**
 * Whether a claim brought somebody else to a patient. One of an NHS number that an earlier message made stays: that the
 * birth dates differ is told apart when the claims are chosen from.
 */
function isMistaken(
  { identifier, claim }: ReliedClaim,
  person: RelyingPerson,
  holder: LatestDocument | undefined,
  secret: string,
  messageId: string,
): boolean {
  if (identifier.kind === 'nhs' && claim.messageId !== messageId) return false;
  const isStated = holder !== undefined && supports([claim.token], holder, secret);
  if (holder === undefined || (isStated && !wasGivenUp(identifier, person, holder))) return false;
  return isAnother(person, holder, messageId);
}

/** A claim with the birth date that the record states now, which may be known since, or corrected. */
function withKnownBirthDate(
  claim: IdentityClaim,
  holder: LatestDocument | undefined,
  secret: string,
): IdentityClaim {
  const birthDate = birthDateOf(holder);
  return birthDate === undefined ? claim : { ...claim, birthDateToken: birthDateToken(secret, birthDate) };
}

/** Claims what the chosen patient is to hold; undefined when somebody else did since it was looked up. */
async function claimFor(
  { identities, identitySecret }: Dependencies,
  { stated, candidates, birthToken }: Asked,
  found: Found,
): Promise<IdentifiedPatient | undefined> {
  const { messageId, identifiers, birthDate } = stated;
  const { choice, claims, lapsed, holder } = found;
  const { patientKey } = choice;
  const held = new Map(claims);
  const support = supportOf(found, identitySecret);
  // What the claims that hold rest on without being stated themselves is what this one rests on, too.
  const isRooted = holder !== undefined && !supports(support, holder, identitySecret);
  for (const token of choice.toClaim) {
    const known = birthToken === undefined ? {} : { birthDateToken: birthToken };
    const others =
      isRooted || token === choice.madeOf ? {} : { support: support.filter((other) => other !== token) };
    const claim = { token, patientKey, messageId, ...known, ...others };
    const former = lapsed.get(token);
    const made =
      former === undefined
        ? await identities.claim(claim)
        : await claimAnew(identities, former, {
            ...claim,
            ...(holder !== undefined && { sinceVersion: holder.versionId }),
          });
    if (made?.patientKey !== patientKey) return undefined;
    held.set(token, made);
  }
  const relied = candidates.flatMap(({ identifier, token }): ReliedClaim[] => {
    const claim = held.get(token);
    return claim?.patientKey === patientKey ? [{ identifier, claim }] : [];
  });
  return {
    patientKey,
    identifiers,
    birthDate,
    eventTime: stated.eventTime,
    contested: new Set(choice.contested.map(({ system, value }) => `${system}|${value}`)),
    issues: [...choice.issues, ...relied.flatMap((each) => takeoverOf(each, messageId))],
    relied,
  };
}

/** What supports a claim for a patient; more would be a fault. */
const mostSupport = 20;

/**
 * Tokens of the identifiers by which a message means a patient. One that the record does not state adds those with which
 * it came there; one that is stated adds none, or what came by a mistake would be kept by what the mistake came with.
 */
function supportOf({ choice, claims, holder }: Found, secret: string): string[] {
  const { patientKey, toClaim } = choice;
  const tokens = [...claims.values()].flatMap(({ token, patientKey: key, support = [] }) => {
    if (key !== patientKey) return [];
    const isUnstated = holder !== undefined && !supports([token], holder, secret);
    return isUnstated ? [token, ...support] : [token];
  });
  return [...new Set([...tokens, ...toClaim])].slice(0, mostSupport);
}

/** Puts a claim in the place of one that has lapsed; undefined when somebody else did. */
async function claimAnew(
  identities: IdentityStore,
  { claim: { generation = 0 }, etag }: StoredClaim,
  claim: IdentityClaim,
): Promise<IdentityClaim | undefined> {
  const anew = { ...claim, generation: nextGeneration(generation) };
  return (await identities.replace(anew, etag)) === 'replaced' ? anew : undefined;
}

/** That a message took an identifier over is told by each of its deliveries. */
function takeoverOf({ identifier, claim }: ReliedClaim, messageId: string): Issue[] {
  if (claim.generation === undefined || claim.messageId !== messageId) return [];
  return [
    {
      code: 'HDE_IDENTITY_CONFLICT',
      severity: 'warning',
      location: identifier.source,
      detail: 'claimed anew: the record of whoever held it does not state it, or as a former number',
    },
  ];
}
