import { NHS_NUMBER_SYSTEM, parseNhsNumber } from '../../identity/nhs-number.js';
import { noClaims, type Principal } from '../access.js';
import type { RegisteredClient } from '../access-policy.js';
import { statedScopes, withinRegistration } from './registered-claims.js';
import { subjectOf } from './subjects.js';
import { textOf, type TokenPayload } from './token-payload.js';

/** How surely NHS login knows who somebody is (DCB3051), as an assurance of the policy. */
const assuranceOfProofing: ReadonlyMap<unknown, number> = new Map([
  ['P0', 0],
  ['P5', 1],
  ['P9', 3],
]);

/** A vector of trust: one level of identity proofing, and how they signed in (`P9.Cp.Cd`). */
const VECTOR = /^(P[059])((?:\.C[pdkm])+)$/;

/** Who a token of NHS login speaks for: a patient. Their NHS number identifies them to the exchange, never in a log. */
export function principalOfNhsLogin(
  payload: TokenPayload,
  client: RegisteredClient | undefined,
): Principal | undefined {
  const subject = textOf(payload, 'sub');
  // Subjects stand in logs and in the audit trail.
  if (subject === undefined || parseNhsNumber(subject) !== undefined) return undefined;
  const nhsNumber = parseNhsNumber(textOf(payload, 'nhs_number') ?? '');
  const scopes = statedScopes(textOf(payload, 'scope'));
  const stated = { organisations: undefined, purposes: ['patient-access'] as const, scopes };
  return {
    subject: subjectOf('nhs-login', subject),
    claims: {
      ...noClaims,
      ...withinRegistration(stated, client),
      kind: 'patient',
      organisation: undefined,
      assurance: assuranceOf(payload),
      patientIdentifier: nhsNumber === undefined ? undefined : `${NHS_NUMBER_SYSTEM}|${nhsNumber}`,
    },
    roles: [],
    feeds: [],
  };
}

/** The lowest of what the token says: a password alone is one factor (AAL 1), whoever it belongs to. */
function assuranceOf(payload: TokenPayload): number {
  const proofing = assuranceOfProofing.get(payload['identity_proofing_level']) ?? 0;
  if (payload['vot'] === undefined) return proofing;
  const [, level = '', credentials = ''] = VECTOR.exec(textOf(payload, 'vot') ?? '') ?? [];
  const factors = new Set(credentials.split('.').slice(1));
  const isOneFactor = factors.size === 1 && factors.has('Cp');
  return Math.min(proofing, assuranceOfProofing.get(level) ?? 0, isOneFactor ? 1 : 3);
}
