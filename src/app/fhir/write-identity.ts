/** Who a Patient that a client states is: their identifiers find or claim a patient key, as those of messages do. */
import type { Identifier, Patient } from 'fhir/r4.js';
import { ExchangeError, type Issue } from '../../core/errors.js';
import { chooseClaims, nextGeneration, type Candidate } from '../../core/identity/choose-claims.js';
import { judgeClaim, type ClaimStanding } from '../../core/identity/judge-claim.js';
import { birthDateToken } from '../../core/identity/keys.js';
import { NHS_NUMBER_SYSTEM, parseNhsNumber } from '../../core/identity/nhs-number.js';
import { identifierToken, patientKeyFromToken } from '../../core/identity/tokens.js';
import type { LatestDocument } from '../../core/records/types.js';
import type { IdentityClaim, StoredClaim } from '../../ports/identity-store.js';
import { readHolders } from '../verify-claims.js';
import { refusalOf } from './refusal.js';
import type { WriteDependencies, Writer } from './write-dependencies.js';

/**
 * The key of a Patient who is new: that for which one of their identifiers is claimed already, if nobody is stored under
 * it, else one that follows from their identifiers, else a random one.
 *
 * @throws ExchangeError HDE_PATIENT_DUPLICATE, HDE_RESOURCE_REFUSED, HDE_CONCURRENT_UPDATE
 */
export const keyOfNewPatient = (deps: WriteDependencies, patient: Patient, writer: Writer): Promise<string> =>
  claim(deps, patient, undefined, writer);

/**
 * Claims the identifiers of a Patient whose key is known. What is claimed decides nothing until a version of the Patient
 * states it, so that a write which is refused afterwards leaves no trace (docs/adr/0005).
 *
 * @throws ExchangeError HDE_PATIENT_DUPLICATE when one belongs to somebody else, HDE_RESOURCE_REFUSED,
 * HDE_CONCURRENT_UPDATE
 */
export async function claimIdentifiers(
  deps: WriteDependencies,
  patient: Patient,
  key: string,
  writer: Writer,
): Promise<void> {
  await claim(deps, patient, key, writer);
}

/** Whoever loses this often meets a fault or a crowd, and is told so. */
const maxAttempts = 20;

async function claim(
  deps: WriteDependencies,
  patient: Patient,
  known: string | undefined,
  writer: Writer,
): Promise<string> {
  const candidates = candidatesOf(deps, patient);
  for (let count = 1; count <= maxAttempts; count++) {
    const judged = await judge(deps, candidates);
    const key = known ?? keyFrom(deps, candidates, judged, writer);
    const foreign = judged.find(({ held, standing }) => isHeld(standing) && held.claim.patientKey !== key);
    if (foreign !== undefined) throw await duplicate(foreign, writer);
    if (known === undefined) await requireOpen(judged, key, writer);
    if (await claimAll(deps, { patient, key, candidates, judged, writer })) return key;
  }
  throw new ExchangeError('HDE_CONCURRENT_UPDATE');
}

/**
 * For a Patient whom the writer may not have nothing is claimed, of whoever has their other identifiers.
 *
 * @throws ExchangeError HDE_FORBIDDEN
 */
async function requireOpen(judged: readonly Judged[], key: string, { access }: Writer): Promise<void> {
  const stands = judged.find(({ held }) => held.claim.patientKey === key)?.holder;
  if (stands?.kind === 'resource' && !(await access.permits('create', stands)))
    throw new ExchangeError('HDE_FORBIDDEN');
}

/** An identifier that somebody claims, and what that claim is worth. */
interface Judged {
  readonly candidate: Candidate;
  readonly held: StoredClaim;
  readonly holder: LatestDocument | undefined;
  readonly standing: ClaimStanding;
}

async function judge(
  { identities, identitySecret: secret, records, clock }: WriteDependencies,
  candidates: readonly Candidate[],
): Promise<Judged[]> {
  const stored = await identities.load(candidates.map(({ token }) => token));
  const holders = await readHolders(
    records,
    [...stored.values()].map(({ claim: each }) => each),
  );
  const judging = { secret, now: clock.now() };
  return candidates.flatMap((candidate) => {
    const held = stored.get(candidate.token);
    if (held === undefined) return [];
    const holder = holders.get(held.claim.patientKey);
    return [
      { candidate, held, holder, standing: judgeClaim(held.claim, candidate.identifier, holder, judging) },
    ];
  });
}

/** Whether a claim keeps an identifier from other patients: also one of a message that no version states yet. */
const isHeld = (standing: ClaimStanding): boolean => standing !== 'lapsed' && standing !== 'vacant';

function keyFrom(
  { identitySecret }: WriteDependencies,
  candidates: readonly Candidate[],
  judged: readonly Judged[],
  writer: Writer,
): string {
  if (candidates.length === 0) return patientKeyFromToken(identitySecret, writer.requestId);
  const usable =
    judged.find(({ standing }) => isHeld(standing)) ?? judged.find(({ standing }) => standing === 'vacant');
  if (usable !== undefined) return usable.held.claim.patientKey;
  const lapsed = new Map(judged.map(({ candidate, held }) => [candidate.token, held.claim.generation ?? 0]));
  return chooseClaims(identitySecret, candidates, new Map(), undefined, lapsed).patientKey;
}

interface Claiming {
  readonly patient: Patient;
  readonly key: string;
  readonly candidates: readonly Candidate[];
  readonly judged: readonly Judged[];
  readonly writer: Writer;
}

/** Claims what is not held; false when somebody else did since it was looked up. */
async function claimAll(deps: WriteDependencies, claiming: Claiming): Promise<boolean> {
  const { patient, key, candidates, judged, writer } = claiming;
  const version = judged.find(({ held }) => held.claim.patientKey === key)?.holder?.versionId;
  const { birthDate } = patient;
  const isWhole = birthDate?.length === 'YYYY-MM-DD'.length;
  const common = {
    patientKey: key,
    messageId: writer.requestId,
    claimedAt: deps.clock.now().toISOString(),
    ...(isWhole ? { birthDateToken: birthDateToken(deps.identitySecret, birthDate) } : {}),
  };
  for (const { token } of candidates) {
    const former = judged.find(({ candidate }) => candidate.token === token);
    if (former !== undefined && isHeld(former.standing)) continue;
    const since = version === undefined ? {} : { sinceVersion: version };
    const made =
      former === undefined
        ? (await deps.identities.claim({ token, ...common })).patientKey === key
        : await replace(deps, former, { token, ...common, ...since });
    if (!made) return false;
  }
  return true;
}

/** Puts a claim in the place of one that has lapsed. */
async function replace(
  { identities }: WriteDependencies,
  { held: { claim: former, etag } }: Judged,
  anew: IdentityClaim,
): Promise<boolean> {
  const generation = nextGeneration(former.generation ?? 0);
  return (await identities.replace({ ...anew, generation }, etag)) === 'replaced';
}

/** Who may not see the other patient is not told who it is. */
async function duplicate({ candidate, held, holder }: Judged, { access }: Writer): Promise<ExchangeError> {
  if (holder !== undefined && !(await access.permits('read', holder)))
    return new ExchangeError('HDE_FORBIDDEN');
  return new ExchangeError('HDE_PATIENT_DUPLICATE', {
    location: candidate.identifier.source,
    detail: `Patient/${held.claim.patientKey}`,
  });
}

/**
 * Demands that a Patient may state their identifiers, and claims none of them: each is nobody else's of whom the asker may
 * know.
 *
 * @param key of the patient; undefined for one who is new
 * @throws ExchangeError HDE_PATIENT_DUPLICATE, HDE_RESOURCE_REFUSED
 */
export async function requireFree(
  deps: WriteDependencies,
  patient: Patient,
  key: string | undefined,
  writer: Writer,
): Promise<void> {
  const judged = await judge(deps, candidatesOf(deps, patient));
  const foreign = judged.find(
    ({ held, holder, standing }) =>
      isHeld(standing) && holder?.kind === 'resource' && held.claim.patientKey !== key,
  );
  if (foreign !== undefined) throw await duplicate(foreign, writer);
}

/** Identifiers of one Patient: each is looked up, and claimed, by itself. */
const mostIdentifiers = 500;

const refusal = (location: string, detail: string): Issue => ({
  code: 'HDE_RESOURCE_REFUSED',
  severity: 'error',
  location,
  detail,
});

/** What is wrong with the identifiers of a Patient by themselves: NHS numbers that are none, or too many. */
export function faultsOfIdentifiers({ identifier = [] }: Patient): Issue[] {
  if (identifier.length > mostIdentifiers)
    return [refusal('Patient.identifier', `at most ${mostIdentifiers} identifiers`)];
  const expected = 'an NHS number of ten digits with a valid check digit';
  return identifier.flatMap(({ system, value }, index) =>
    system !== NHS_NUMBER_SYSTEM || value === undefined || parseNhsNumber(value) === value
      ? []
      : [refusal(`Patient.identifier[${index}].value`, expected)],
  );
}

/**
 * The identifiers of a person by which they are known: those that say what system they are of.
 *
 * @throws ExchangeError HDE_RESOURCE_REFUSED
 */
function candidatesOf({ identitySecret }: WriteDependencies, patient: Patient): Candidate[] {
  const [wrong, ...others] = faultsOfIdentifiers(patient);
  if (wrong !== undefined) throw refusalOf(wrong, others);
  const { identifier = [] } = patient;
  const candidates = new Map<string, Candidate>();
  for (const [index, each] of identifier.entries()) {
    const candidate = candidateOf(identitySecret, each, `Patient.identifier[${index}].value`);
    if (candidate !== undefined && !candidates.has(candidate.token))
      candidates.set(candidate.token, candidate);
  }
  return [...candidates.values()];
}

function candidateOf(secret: string, { system, value }: Identifier, source: string): Candidate | undefined {
  if (system === undefined || value === undefined) return undefined;
  const kind = system === NHS_NUMBER_SYSTEM ? 'nhs' : 'local';
  return { identifier: { system, value, kind, source }, token: identifierToken(secret, system, value) };
}
