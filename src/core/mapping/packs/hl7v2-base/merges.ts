/** MRG: merges, moves, links and changes of number, which link records and lose none. */
import type { ResourceMap, Rule } from '../../engine/pack.js';

/** MRG-1 names another record of the same person. */
const MERGES = 'A18, A30, A34, A36, A39, A40';
/** MRG-1 names the numbers of the person before. */
const RENUMBERS = 'A43, A46, A47, A48, A49, A50, A51';
/** Of those, what says that a person has another number: where both numbers have records, one goes on in the other. */
const JOINS = 'A46, A47';
/** A visit or an account goes from the patient of MRG-1 to the patient of PID-3. */
const MOVES = 'A44, A45';
/** The number of a visit has changed, or that of its patient. */
const VISIT_RENUMBERS = 'A06, A07, A42, A44, A45, A50, A51';
/** The number of an account has changed, or that of its patient. */
const ACCOUNT_RENUMBERS = 'A06, A07, A35, A36, A41, A44, A49';

/** What links a Patient to others and to its own former numbers. */
export const patientLinkRules: readonly Rule[] = [
  {
    id: 'mrg-1-replaces',
    from: 'MRG-1',
    to: 'link[+]',
    using: 'mergeLink(replaces)',
    when: `event in ${MERGES}, ${JOINS}`,
  },
  {
    id: 'mrg-1-former-number',
    from: 'MRG-1[*]',
    to: 'identifier[+]',
    using: 'formerPatientNumber(NhsNumberStatus, IdentifierType)',
    when: `event in ${RENUMBERS}`,
  },
  {
    id: 'mrg-2-former-number',
    from: 'MRG-2[*]',
    to: 'identifier[+]',
    using: 'formerPatientNumber(NhsNumberStatus, IdentifierType)',
    when: `event in ${RENUMBERS}`,
  },
  {
    id: 'mrg-4-former-number',
    from: 'MRG-4[*]',
    to: 'identifier[+]',
    using: 'formerPatientNumber(NhsNumberStatus, IdentifierType)',
    when: `event in ${RENUMBERS}`,
  },
  {
    id: 'mrg-7-former-name',
    from: 'MRG-7[*]',
    to: 'name[+]',
    using: 'formerName(NameUse)',
    when: `event in ${RENUMBERS}`,
  },
  { id: 'pid-see-also', from: 'PID', to: 'link[+]', using: 'seeAlso', when: 'event in A24' },
  // Some senders name the other patient by MRG-1 instead of a second PID.
  { id: 'mrg-1-see-also', from: 'MRG-1', to: 'link[+]', using: 'mergeLink(seealso)', when: 'event in A24' },
  { id: 'pid-unlink', from: 'PID', to: 'link[+]', using: 'unlink', when: 'event in A37' },
];

const patientIdentifier = 'patientIdentifier(NhsNumberStatus, IdentifierType)';

/** The former numbers of a visit, at the record of the visit that goes on. */
export const formerVisitRules: readonly Rule[] = [
  {
    id: 'mrg-5-former-number',
    to: 'identifier[+]',
    using: 'formerNumber(visit, VN, 5)',
    when: `event in ${VISIT_RENUMBERS}`,
  },
  {
    id: 'mrg-6-former-number',
    to: 'identifier[+]',
    using: 'formerNumber(visit, VN, 6)',
    when: `event in ${VISIT_RENUMBERS}`,
  },
  {
    id: 'mrg-visit-taken-up',
    to: 'partOf',
    using: 'takesUp(Encounter)',
    when: `event in ${VISIT_RENUMBERS}`,
  },
];

/** The former number of an account, at the record of the account that goes on. */
export const formerAccountRules: readonly Rule[] = [
  {
    id: 'mrg-3-former-number',
    to: 'identifier[+]',
    using: 'formerNumber(visit, AN, 3)',
    when: `event in ${ACCOUNT_RENUMBERS}`,
  },
  {
    id: 'mrg-account-taken-up',
    to: 'partOf',
    using: 'takesUp(Account)',
    when: `event in ${ACCOUNT_RENUMBERS}`,
  },
];

export const mergeMaps: readonly ResourceMap[] = [
  {
    id: 'mrg-prior-patient',
    segment: 'MRG',
    resource: 'Patient',
    identity: 'priorPatient',
    mode: 'link',
    when: `event in ${MERGES}, ${JOINS}`,
    rules: [
      { id: 'mrg-inactive', to: 'active', using: 'constant(false)' },
      // Whoever looks for the retired number finds the record that leads on.
      { id: 'mrg-1-identifier', from: 'MRG-1[*]', to: 'identifier[+]', using: patientIdentifier },
      {
        id: 'mrg-2-identifier',
        from: 'MRG-2[*]',
        to: 'identifier[+]',
        using: 'otherIdentifier(NhsNumberStatus, IdentifierType)',
      },
      {
        id: 'mrg-4-identifier',
        from: 'MRG-4[*]',
        to: 'identifier[+]',
        using: 'otherIdentifier(NhsNumberStatus, IdentifierType)',
      },
      { id: 'mrg-7-name', from: 'MRG-7[*]', to: 'name[+]', using: 'formerName(NameUse)' },
      { id: 'mrg-1-replaced-by', from: 'MRG-1', to: 'link[+]', using: 'mergeLink(replaced-by)' },
    ],
  },
  {
    id: 'mrg-linked-patient',
    segment: 'MRG',
    resource: 'Patient',
    identity: 'priorPatient',
    mode: 'link',
    when: 'event in A24',
    rules: [
      { id: 'mrg-1-linked-identifier', from: 'MRG-1[*]', to: 'identifier[+]', using: patientIdentifier },
      { id: 'mrg-1-linked', from: 'MRG-1', to: 'link[+]', using: 'mergeLink(seealso)' },
    ],
  },
  // Only a merge takes anything back.
  {
    id: 'mrg-unlinked-patient',
    segment: 'MRG',
    resource: 'Patient',
    identity: 'priorPatient',
    mode: 'merge',
    when: 'event in A37',
    cumulative: ['identifier', 'link'],
    rules: [
      { id: 'mrg-1-unlinked-identifier', from: 'MRG-1[*]', to: 'identifier[+]', using: patientIdentifier },
      { id: 'mrg-unlink', from: 'MRG', to: 'link[+]', using: 'unlink' },
    ],
  },
  // Whom a visit or account is taken from is mentioned in passing.
  {
    id: 'mrg-former-patient',
    segment: 'MRG',
    resource: 'Patient',
    identity: 'priorPatient',
    mode: 'create',
    when: `event in ${MOVES}`,
    rules: [
      { id: 'mrg-1-former-identifier', from: 'MRG-1[*]', to: 'identifier[+]', using: patientIdentifier },
    ],
  },
  {
    id: 'mrg-prior-visit',
    segment: 'MRG',
    resource: 'Encounter',
    identity: 'priorVisit',
    // Never out of date, and no authority on anything else.
    mode: 'link',
    cumulative: ['identifier'],
    when: ['PV1-19', 'PV1-50', 'PID-18']
      .map((number) => `event in ${VISIT_RENUMBERS} and ${number} valued`)
      .join(' or '),
    rules: [
      { id: 'mrg-5-visit-number', from: 'MRG-5', to: 'identifier[+]', using: 'identifier(visit, VN)' },
      { id: 'mrg-6-visit-number', from: 'MRG-6', to: 'identifier[+]', using: 'identifier(visit, VN)' },
      // Nothing more happens under the number, and nobody may be looked for in two beds.
      { id: 'mrg-visit-status', to: 'status', using: 'formerStatus(finished)' },
      { id: 'mrg-visit-subject', to: 'subject', using: 'formerSubject' },
      { id: 'mrg-visit-part-of', to: 'partOf', using: 'survivor(Encounter)' },
    ],
  },
  {
    id: 'mrg-prior-account',
    segment: 'MRG',
    resource: 'Account',
    identity: 'priorAccount',
    mode: 'link',
    cumulative: ['identifier'],
    when: `event in ${ACCOUNT_RENUMBERS} and MRG-3 valued`,
    rules: [
      { id: 'mrg-3-account-number', from: 'MRG-3', to: 'identifier[+]', using: 'identifier(visit, AN)' },
      { id: 'mrg-account-status', to: 'status', using: 'formerStatus(inactive)' },
      { id: 'mrg-account-subject', to: 'subject[+]', using: 'formerSubject' },
      { id: 'mrg-account-part-of', to: 'partOf', using: 'survivor(Account)' },
    ],
  },
];
