/**
 * Decides whom the identifiers of one message mean, given who claims them already. A wrong join shows one person's
 * record under another's name, so in doubt the sender's own identifier wins and the doubt is reported.
 */
import type { Issue } from '../errors.js';
import type { PatientIdentifier } from './patient-identifiers.js';
import { patientKeyFromToken } from './tokens.js';

export interface Candidate {
  readonly identifier: PatientIdentifier;
  readonly token: string;
}

/** What is known about an identifier that someone claims. */
export interface KnownClaim {
  readonly patientKey: string;
  readonly birthDateToken?: string;
}

export interface ClaimChoice {
  readonly patientKey: string;
  /** Token of the identifier that a new key is made of; absent when somebody is known, or known by a birth date too. */
  readonly madeOf?: string;
  /** Identifiers that belong to somebody else: they must not be written to this patient's record. */
  readonly contested: readonly PatientIdentifier[];
  /** Tokens to claim for the key, the deciding one first. */
  readonly toClaim: readonly string[];
  readonly issues: readonly Issue[];
}

/**
 * Chooses the patient key: the holder of the sender's local identifier; else the holder of the NHS number, unless the
 * birth dates differ; else a new key made from the NHS number or, without one, from the local identifier.
 *
 * @param claims those that hold
 * @param lapsed how often each identifier was claimed anew whose claim no longer holds: somebody new gets another key
 */
export function chooseClaims(
  secret: string,
  candidates: readonly Candidate[],
  claims: ReadonlyMap<string, KnownClaim>,
  birthToken: string | undefined,
  lapsed: ReadonlyMap<string, number> = new Map(),
): ClaimChoice {
  const locals = candidates.filter(({ identifier }) => identifier.kind === 'local');
  const nhs = candidates.filter(({ identifier }) => identifier.kind === 'nhs');
  const localHolder = firstClaim(locals, claims);
  const nhsHolder = firstClaim(nhs, claims);
  const birthDatesDiffer = nhsHolder !== undefined && differ(nhsHolder.claim.birthDateToken, birthToken);
  const trusted = localHolder ?? (birthDatesDiffer ? undefined : nhsHolder);
  const [basis] = birthDatesDiffer ? locals : [...nhs, ...locals];
  const patientKey = trusted?.claim.patientKey ?? newKey(secret, basis, { candidates, birthToken, lapsed });
  const doubtful = [...locals, ...nhs].filter(({ token }) => {
    const claim = claims.get(token);
    return claim !== undefined && claim.patientKey !== patientKey;
  });
  return {
    patientKey,
    ...(trusted === undefined && basis !== undefined ? { madeOf: basis.token } : {}),
    toClaim: [...locals, ...nhs].filter(({ token }) => !claims.has(token)).map(({ token }) => token),
    contested: doubtful.map(({ identifier }) => identifier),
    issues: [
      ...doubtful.map(({ identifier }): Issue => ({
        code: 'HDE_IDENTITY_CONFLICT',
        severity: 'warning',
        location: identifier.source,
        detail: birthDatesDiffer ? 'held by a person with another birth date' : 'held by another person',
      })),
      ...birthDateIssues(localHolder?.claim, birthToken),
    ],
  };
}

interface NewPerson {
  readonly candidates: readonly Candidate[];
  readonly birthToken: string | undefined;
  readonly lapsed: ReadonlyMap<string, number>;
}

/**
 * The key of somebody new. Whom only an NHS number names that is held by a person with another birth date is known by
 * number and birth date together: the number alone may be what the key of that person was made of, or of another's.
 */
function newKey(
  secret: string,
  basis: Candidate | undefined,
  { candidates: [first], birthToken = '', lapsed }: NewPerson,
): string {
  if (basis !== undefined)
    return patientKeyFromToken(secret, basis.token, nextGeneration(lapsed.get(basis.token)));
  if (first === undefined) throw new RangeError('a message without identifiers identifies nobody');
  return patientKeyFromToken(secret, `${first.token} ${birthToken}`);
}

/** The generation of a claim, after that of the lapsed one whose place it takes. */
export const nextGeneration = (lapsed: number | undefined): number => (lapsed === undefined ? 0 : lapsed + 1);

/** Hospitals use numbers again, and correct birth dates: which of both it is, a person must decide. */
function birthDateIssues(claim: KnownClaim | undefined, birthToken: string | undefined): Issue[] {
  if (claim === undefined || !differ(claim.birthDateToken, birthToken)) return [];
  return [{ code: 'HDE_BIRTH_DATE_DIFFERS', severity: 'warning', location: 'PID-7' }];
}

function firstClaim(
  candidates: readonly Candidate[],
  claims: ReadonlyMap<string, KnownClaim>,
): { readonly candidate: Candidate; readonly claim: KnownClaim } | undefined {
  for (const candidate of candidates) {
    const claim = claims.get(candidate.token);
    if (claim !== undefined) return { candidate, claim };
  }
  return undefined;
}

/** Unknown birth dates contradict nothing. */
const differ = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && a !== b;
