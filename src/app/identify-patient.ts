/** Finds or makes the patient key of a message from the identifiers it carries. */
import type { Issue } from '../core/errors.js';
import { chooseClaims } from '../core/identity/choose-claims.js';
import type { MentionedPerson, PatientIdentifier } from '../core/identity/patient-identifiers.js';
import { birthDateToken } from '../core/identity/keys.js';
import { identifierToken } from '../core/identity/tokens.js';
import type { IdentityStore } from '../ports/identity-store.js';

export interface IdentifyDependencies {
  readonly identities: IdentityStore;
  /** Secret of the keyed hashes: identifiers are short enough to be tried one by one without it. */
  readonly identitySecret: string;
}

export interface IdentifiedPatient {
  readonly patientKey: string;
  /** `system|value` of identifiers that belong to somebody else. */
  readonly contested: ReadonlySet<string>;
  /** Doubts that an operator should see: they never stop the message. */
  readonly issues: readonly Issue[];
}

/**
 * Resolves everyone whom a message mentions, by label. Those of whom it states no identifier are left out.
 *
 * @param renumbers whether MRG and the PID before it name one person, who gets the identifiers of PID
 */
export async function identifyPeople(
  deps: IdentifyDependencies,
  people: readonly MentionedPerson[],
  renumbers: boolean,
  messageId: string,
): Promise<Map<string, IdentifiedPatient>> {
  const identified = new Map<string, IdentifiedPatient>();
  for (const [index, { label, identifiers, birthDate }] of people.entries()) {
    if (identifiers.length === 0) continue;
    const next = people[index + 1];
    // Whoever holds the old number holds the new one from now on.
    const earlier = renumbers && next?.label.startsWith('MRG') === true ? next.identifiers : [];
    const all = [...identifiers, ...earlier];
    identified.set(label, await identifyPatient(deps, all, birthDate, messageId));
  }
  return identified;
}

/**
 * Resolves identifiers to one patient key and claims those that nobody holds yet. Concurrent messages about the same
 * new person agree, because a claim is created only where none exists and the key follows from the identifier.
 */
export async function identifyPatient(
  { identities, identitySecret }: IdentifyDependencies,
  identifiers: readonly PatientIdentifier[],
  birthDate: string | undefined,
  messageId: string,
): Promise<IdentifiedPatient> {
  const candidates = identifiers.map((identifier) => ({
    identifier,
    token: identifierToken(identitySecret, identifier.system, identifier.value),
  }));
  const birthToken = birthDate === undefined ? undefined : birthDateToken(identitySecret, birthDate);
  const claims = await identities.find(candidates.map(({ token }) => token));
  const choice = chooseClaims(identitySecret, candidates, claims, birthToken);
  let patientKey = choice.patientKey;
  const issues = [...choice.issues];
  for (const token of choice.toClaim) {
    const held = await identities.claim({
      token,
      patientKey,
      messageId,
      ...(birthToken === undefined ? {} : { birthDateToken: birthToken }),
    });
    if (held.patientKey === patientKey) continue;
    // Another message claimed this identifier since we looked. The first claim is on the sender's own identifier
    // and decides; a later one is a doubt.
    if (token === choice.toClaim[0] && !choice.isSettled) patientKey = held.patientKey;
    else issues.push({ code: 'HDE_IDENTITY_CONFLICT', severity: 'warning', location: 'PID-3' });
  }
  const contested = new Set(choice.contested.map(({ system, value }) => `${system}|${value}`));
  return { patientKey, contested, issues };
}
