/** Why the access policy decided as it did: every reason there is, in the order of the rules. */

/**
 * `deny`: the asker is not to learn that the record exists. `withhold`: they may see the patient's record but not this
 * part of it, and are told that something is missing.
 */
export type Outcome = 'permit' | 'deny' | 'withhold';

interface DecisionReason {
  readonly outcome: Outcome;
  /** A sentence for whoever asks why. */
  readonly text: string;
}

const deny = (text: string): DecisionReason => ({ outcome: 'deny', text });
const withhold = (text: string): DecisionReason => ({ outcome: 'withhold', text });
const permit = (text: string): DecisionReason => ({ outcome: 'permit', text });

export const decisionReasons = {
  'not-understood': deny('The request or what is known of the record cannot be understood.'),
  'not-authenticated': deny('Nobody is known to be asking.'),
  'authentication-too-weak': deny('The asker has not been identified surely enough.'),
  'purpose-missing': deny('The request does not say what the record is wanted for.'),
  'purpose-not-allowed': deny('This kind of asker may not do this for this purpose.'),
  'organisation-unknown': deny('The asker does not act for an organisation that takes part in the exchange.'),
  'scope-missing': deny('No scope of the token allows this for this type of record.'),
  'role-missing': deny(
    'No role or activity of the asker allows this for this type of record and this purpose.',
  ),
  'outside-scope': deny('The scopes of the token are restricted to other records or another patient.'),
  'patient-unknown': deny('It is not known whom the record is about.'),
  'not-own-record': deny('The record is about another patient, for whom the asker does not act.'),
  'custodian-unknown': deny('It is not known which organisation the record belongs to.'),
  'no-agreement': deny(
    'The organisation that holds the record does not share it with the asker for this purpose.',
  ),
  'agreement-not-in-force': deny('The agreement to share this record has not begun or has ended.'),
  'opted-out': deny(
    'The patient does not allow uses beyond their own care, or it is not known that they do.',
  ),
  'very-restricted': deny('The record is very restricted, and the asker is not cleared for it.'),
  restricted: deny('The record is restricted, and the asker is not cleared for it.'),
  'no-relationship': deny('The asker and their organisation have no part in the care of this patient.'),
  'break-glass-not-allowed': deny('None of the roles of the asker may break the glass.'),
  'break-glass-without-reason': deny('The glass can be broken only with a reason.'),
  'break-glass-not-in-force': deny('The time for which the glass was broken is over or has not begun.'),
  'consent-denies': withhold(
    'The patient has refused to share this part of their record, as far as can be told.',
  ),
  sensitive: withhold('This part of the record is sensitive, and the asker is not cleared for it.'),
  'not-for-patient': withhold(
    'A clinician is to speak with the patient before they see this part of the record.',
  ),
  directory: permit('The record is about no patient.'),
  'own-record': permit('The record is about the asker.'),
  'proxy-record': permit('The asker acts for the patient.'),
  'break-glass': permit('The glass was broken with a reason and within its time.'),
  'own-organisation': permit("The record belongs to the asker's own organisation."),
  'sharing-agreement': permit(
    'The organisation that holds the record shares it with the asker for this purpose.',
  ),
} as const satisfies Record<string, DecisionReason>;

export type ReasonCode = keyof typeof decisionReasons;

/** What whoever acts on a decision has to do, in the order of this list. */
export const obligations = {
  audit: 'Enter the decision in the audit trail.',
  alert: 'Tell the privacy officer of the organisation.',
  'redact-location':
    'Leave out addresses, telecoms, contacts, GP practice and places of care, and documents, notes and narratives, which repeat them.',
  'declare-withheld': 'Say in the answer that something is withheld, not what, how much or why.',
  'offer-break-glass': 'Offer to break the glass.',
} as const;

export type Obligation = keyof typeof obligations;

/** What was decided about one record. */
export interface Decision {
  readonly outcome: Outcome;
  readonly reason: ReasonCode;
  readonly obligations: readonly Obligation[];
}

/** A decision is always audited; whatever is withheld is declared. */
export function decisionOf(reason: ReasonCode, ...others: readonly Obligation[]): Decision {
  const plain = plainDecisions[reason];
  return others.length === 0 ? plain : { ...plain, obligations: [...plain.obligations, ...others] };
}

/** Made once: a search decides about each of its records. */
const plainDecisions = Object.fromEntries(
  Object.entries(decisionReasons).map(([reason, { outcome }]) => {
    const declared = outcome === 'withhold' ? ['declare-withheld'] : [];
    return [reason, { outcome, reason, obligations: ['audit', ...declared] }];
  }),
) as unknown as Readonly<Record<ReasonCode, Decision>>;
