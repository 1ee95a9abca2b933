/** RF1 and PRD (HL7 v2.5.1 chapter 11): referrals. */
import type { IgnoredFields, ResourceMap } from '../../engine/pack.js';

const referral: ResourceMap = {
  id: 'rf1-referral',
  segment: 'RF1',
  resource: 'ServiceRequest',
  identity: 'referral',
  mode: 'merge',
  rules: [
    { id: 'rf1-6-originator', from: 'RF1-6', to: 'identifier[+]', using: 'entityIdentifier(order, PLAC)' },
    { id: 'rf1-11-external', from: 'RF1-11[*]', to: 'identifier[+]', using: 'entityIdentifier(order, FILL)' },
    { id: 'ref-cancelled', to: 'status', using: 'constant(revoked)', when: 'event in I14' },
    { id: 'rf1-1-status', from: 'RF1-1', to: 'status', using: 'code(ReferralStatus)' },
    { id: 'rf1-status-unknown', to: 'status', using: 'constant(unknown)', when: 'RF1-1 valued' },
    // A change without a status leaves the state as it was.
    { id: 'rf1-status', to: 'status', using: 'constant(active)', when: 'event in I12' },
    { id: 'rf1-intent', to: 'intent', using: 'constant(order)' },
    {
      id: 'rf1-category',
      to: 'category[+]',
      using: 'conceptOf(http://snomed.info/sct, 3457005, Patient referral)',
    },
    { id: 'rf1-5-category', from: 'RF1-5', to: 'category[+]', using: 'concept' },
    { id: 'rf1-2-priority', from: 'RF1-2', to: 'priority', using: 'code(ReferralPriority)' },
    { id: 'rf1-3-type', from: 'RF1-3', to: 'code', using: 'concept' },
    // R4 prr-1: a detail is one of a code.
    { id: 'rf1-code', to: 'code', using: 'conceptOf(http://snomed.info/sct, 3457005, Patient referral)' },
    { id: 'rf1-4-disposition', from: 'RF1-4[*]', to: 'orderDetail[+]', using: 'concept' },
    { id: 'rf1-subject', from: 'PID', to: 'subject', using: 'referralPatient' },
    { id: 'rf1-7-start', from: 'RF1-7', to: 'occurrencePeriod.start', using: 'dateTime' },
    { id: 'rf1-8-end', from: 'RF1-8', to: 'occurrencePeriod.end', using: 'dateTime' },
    { id: 'rf1-9-authored', from: 'RF1-9', to: 'authoredOn', using: 'dateTime' },
    {
      id: 'prd-requester',
      from: 'PRD(*)',
      to: 'requester',
      using: 'referralProvider(NameUse)',
      when: 'PRD-1 in RP',
    },
    {
      id: 'prd-performer',
      from: 'PRD(*)',
      to: 'performer[+]',
      using: 'referralProvider(NameUse)',
      when: 'PRD-1 in RT',
    },
    {
      id: 'rf1-20-performer',
      from: 'RF1-20[*]',
      to: 'performer[+]',
      using: 'practitioner(NameUse)',
    },
    { id: 'rf1-19-performer', from: 'RF1-19', to: 'performer[+]', using: 'organisation' },
    { id: 'rf1-10-reason', from: 'RF1-10[*]', to: 'reasonCode[+]', using: 'concept' },
    { id: 'rf1-14-reason', from: 'RF1-14', to: 'reasonCode[+]', using: 'textConcept' },
    { id: 'rf1-diagnoses', to: 'reasonReference', using: 'referralDiagnoses' },
    { id: 'rf1-24-note', from: 'RF1-24', to: 'note[+]', using: 'annotation' },
    { id: 'rf1-note', from: 'NTE(*)-3[*]', to: 'note[+]', using: 'annotation' },
  ],
};

export const referralMaps: readonly ResourceMap[] = [referral];

export const ignoredReferrals: readonly IgnoredFields[] = [
  {
    id: 'prd-6-preferred',
    from: 'PRD-6, PRD-14',
    because: 'Which of the numbers of PRD-5 or PRD-13 is preferred.',
  },
];
