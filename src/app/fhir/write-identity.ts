/** Who a Patient that a client states is: their identifiers find or claim a patient key, as those of messages do. */
import type { Identifier, Patient } from 'fhir/r4.js';
import { ExchangeError } from '../../core/errors.js';
import { chooseClaims, type Candidate } from '../../core/identity/choose-claims.js';
import { birthDateToken } from '../../core/identity/keys.js';
import { NHS_NUMBER_SYSTEM, parseNhsNumber } from '../../core/identity/nhs-number.js';
import { identifierToken, patientKeyFromToken } from '../../core/identity/tokens.js';
import type { IdentityClaim } from '../../ports/identity-store.js';
import type { WriteDependencies, Writer } from './write-dependencies.js';

/**
 * The key of a Patient who is new: that for which one of their identifiers is claimed already, if nobody is stored under
 * it, else one that follows from their identifiers, else a random one.
 *
 * @throws ExchangeError HDE_PATIENT_DUPLICATE, HDE_RESOURCE_REFUSED
 */
export async function keyOfNewPatient(
  deps: WriteDependencies,
  patient: Patient,
  writer: Writer,
): Promise<string> {
  const candidates = candidatesOf(deps, patient);
  const claims = await deps.identities.find(candidates.map(({ token }) => token));
  const [held] = claims.values();
  if (held !== undefined)
    return claimAll(deps, { patient, key: held.patientKey, candidates, claims, writer });
  if (candidates.length === 0) return patientKeyFromToken(deps.identitySecret, writer.requestId);
  const { patientKey } = chooseClaims(deps.identitySecret, candidates, claims, undefined);
  return claimAll(deps, { patient, key: patientKey, candidates, claims, writer });
}

/**
 * Claims the identifiers of a Patient whose key is known.
 *
 * @throws ExchangeError HDE_PATIENT_DUPLICATE when one belongs to somebody else, HDE_RESOURCE_REFUSED
 */
export async function claimIdentifiers(
  deps: WriteDependencies,
  patient: Patient,
  key: string,
  writer: Writer,
): Promise<void> {
  const candidates = candidatesOf(deps, patient);
  const claims = await deps.identities.find(candidates.map(({ token }) => token));
  await claimAll(deps, { patient, key, candidates, claims, writer });
}

interface Claiming {
  readonly patient: Patient;
  readonly key: string;
  readonly candidates: readonly Candidate[];
  readonly claims: ReadonlyMap<string, IdentityClaim>;
  readonly writer: Writer;
}

async function claimAll(deps: WriteDependencies, claiming: Claiming): Promise<string> {
  const { patient, key, candidates, claims, writer } = claiming;
  const foreign = candidates.find(({ token }) => (claims.get(token)?.patientKey ?? key) !== key);
  if (foreign !== undefined) throw duplicate(foreign, claims.get(foreign.token)?.patientKey ?? '');
  const { birthDate } = patient;
  const isWhole = birthDate?.length === 'YYYY-MM-DD'.length;
  for (const candidate of candidates.filter(({ token }) => !claims.has(token))) {
    const held = await deps.identities.claim({
      token: candidate.token,
      patientKey: key,
      messageId: writer.requestId,
      ...(isWhole ? { birthDateToken: birthDateToken(deps.identitySecret, birthDate) } : {}),
    });
    if (held.patientKey !== key) throw duplicate(candidate, held.patientKey);
  }
  return key;
}

const duplicate = ({ identifier }: Candidate, key: string): ExchangeError =>
  new ExchangeError('HDE_PATIENT_DUPLICATE', { location: identifier.source, detail: `Patient/${key}` });

/** The identifiers of a person by which they are known: those that say what system they are of. */
function candidatesOf({ identitySecret }: WriteDependencies, { identifier = [] }: Patient): Candidate[] {
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
  const isNhs = system === NHS_NUMBER_SYSTEM;
  if (isNhs && parseNhsNumber(value) !== value)
    throw new ExchangeError('HDE_RESOURCE_REFUSED', {
      location: source,
      detail: 'an NHS number of ten digits with a valid check digit',
    });
  const token = identifierToken(secret, system, value);
  return { identifier: { system, value, kind: isNhs ? 'nhs' : 'local', source }, token };
}
