/** Fields about people and their conditions that say nothing about a record, each with the reason. */
import type { IgnoredFields } from '../../engine/pack.js';

export const ignoredPeople: readonly IgnoredFields[] = [
  {
    id: 'people-set-id',
    from: 'IAM-1, PR1-1, GT1-1, IN3-1, DB1-1, DRG-1',
    because: 'Counts segments.',
  },
  {
    id: 'pid-31-known',
    from: 'PID-31',
    because: 'N: who the person is is known, as always.',
    when: 'PID-31 in N',
  },
  {
    id: 'pid-10-race',
    from: 'PID-10',
    because: 'Race as the United States classify it: UK Core holds the ethnic category, which PID-22 states.',
    when: 'PID-10.3 in HL70005, HL7000, CDCREC',
  },
  {
    id: 'pid-27-veteran',
    from: 'PID-27',
    because: 'Status as a veteran of the United States: UK Core has no element for it.',
  },
  {
    id: 'pid-32-reliability',
    from: 'PID-32',
    because: 'How sure the sender is of who it is; the trace status of the NHS number is read from it.',
  },
  {
    id: 'pid-33-update',
    from: 'PID-33, PID-34',
    because:
      'When and by whom the sender last changed its record; the receipt says when it was sent and by whom.',
  },
  {
    id: 'pid-37-animal',
    from: 'PID-36, PID-37, PID-38',
    because: 'About animals.',
  },
  {
    id: 'pd1-household',
    from: 'PD1-1, PD1-2, PD1-5, PD1-9',
    because: 'Household, studies and separate bills: no element of UK Core.',
  },
  {
    id: 'pd1-publicity',
    from: 'PD1-11, PD1-13, PD1-16, PD1-17, PD1-18',
    because: 'How reminders of an immunisation registry reach the person: no element of UK Core.',
  },
  {
    id: 'pd1-12-no-protection',
    from: 'PD1-12',
    because: 'N says that nothing needs protection; what another message protects stays so.',
    when: 'PD1-12 in N',
  },
  {
    id: 'pd1-military',
    from: 'PD1-19, PD1-20, PD1-21',
    because: 'Rank and unit in the armed forces of the United States.',
  },
  {
    id: 'db1-other-person',
    from: 'DB1',
    because: 'The disability of a guarantor or insured person, not of the patient.',
    when: 'DB1-2 valued and DB1-2 not in PT',
  },
  {
    id: 'db1-patient',
    from: 'DB1-2, DB1-3',
    because: 'That the disabled person is the patient, whom PID identifies.',
  },
  {
    id: 'gt1-self',
    from: 'GT1',
    because: 'Patients who pay for themselves are who PID says they are.',
    when: 'GT1-11 in SEL, SELF, SLF, 18',
  },
  {
    id: 'iam-6-action',
    from: 'IAM-6',
    because: 'What to do with the record of the allergy: decides its status.',
  },
  {
    id: 'iam-25-changes',
    from: 'IAM-25, IAM-26',
    because: 'Who last changed the record of the allergy and when; the receipt says when it was sent.',
  },
  { id: 'iam-14-self', from: 'IAM-14', because: 'The patient: PID says who.', when: 'IAM-15 in SEL' },
  {
    id: 'iam-15-relationship',
    from: 'IAM-15',
    because: 'Who reported the allergy: decides whether it was the patient, else the name is shown.',
  },
  { id: 'dg1-21-action', from: 'DG1-21', because: 'What to do with the record: decides its status.' },
  {
    id: 'dg1-grouping',
    from: 'DG1-7, DG1-8, DG1-9, DG1-10, DG1-11, DG1-12, DG1-13, DG1-14, DG1-23, DG1-24, DG1-25, DRG',
    because: 'Grouping for the payment of American hospitals; the NHS groups from what is coded.',
  },
  {
    id: 'pr1-2-method',
    from: 'PR1-2',
    because: 'Names the coding method again that PR1-3 names; deprecated.',
  },
  {
    id: 'pr1-20-action',
    from: 'PR1-20',
    because: 'What to do with the record of the procedure: decides its status.',
  },
  {
    id: 'pr1-grouping',
    from: 'PR1-14, PR1-17',
    because: 'Rank of the procedure on a bill and its group for payment: no element of Procedure.',
  },
  {
    id: 'in3-review',
    from: 'IN3',
    because: 'Certification and utilisation review by American insurers.',
  },
];
