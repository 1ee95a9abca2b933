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
  /** True when the key comes from an existing claim, so that no concurrent claim can change it. */
  readonly isSettled: boolean;
  /** Identifiers that belong to somebody else: they must not be written to this patient's record. */
  readonly contested: readonly PatientIdentifier[];
  /** Tokens to claim for the key, the deciding one first. */
  readonly toClaim: readonly string[];
  readonly issues: readonly Issue[];
}

/**
 * Chooses the patient key: the holder of the sender's local identifier; else the holder of the NHS number, unless the
 * birth dates differ; else a new key made from the NHS number or, without one, from the local identifier.
 */
export function chooseClaims(
  secret: string,
  candidates: readonly Candidate[],
  claims: ReadonlyMap<string, KnownClaim>,
  birthToken: string | undefined,
): ClaimChoice {
  const locals = candidates.filter(({ identifier }) => identifier.kind === 'local');
  const nhs = candidates.filter(({ identifier }) => identifier.kind === 'nhs');
  const localHolder = firstClaim(locals, claims);
  const nhsHolder = firstClaim(nhs, claims);
  const birthDatesDiffer = nhsHolder !== undefined && differ(nhsHolder.claim.birthDateToken, birthToken);
  const trusted = localHolder ?? (birthDatesDiffer ? undefined : nhsHolder);
  const [basis] = birthDatesDiffer ? locals : [...nhs, ...locals];
  // With nothing but a contested NHS number there is no safer identity than the number itself.
  const fallback = basis ?? candidates[0];
  if (fallback === undefined) throw new RangeError('a message without identifiers identifies nobody');
  const patientKey = trusted?.claim.patientKey ?? patientKeyFromToken(secret, fallback.token);
  const doubtful = [...locals, ...nhs].filter(({ token }) => {
    const claim = claims.get(token);
    return claim !== undefined && claim.patientKey !== patientKey;
  });
  return {
    patientKey,
    isSettled: trusted !== undefined,
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
