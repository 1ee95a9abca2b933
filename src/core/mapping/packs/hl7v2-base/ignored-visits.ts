/** Fields of events and visits that say nothing about a record, each with the reason. */
import type { IgnoredFields } from '../../engine/pack.js';

export const ignoredInVisits: readonly IgnoredFields[] = [
  {
    id: 'evn-circumstances',
    from: 'EVN-3, EVN-4, EVN-5, EVN-7',
    because:
      'Why, where and by whom the event was recorded or is planned: no part of the visit; the archived message holds it.',
  },
  {
    id: 'sft-software',
    from: 'SFT',
    because: 'Names the software that wrote the message; the archived message holds it.',
  },
  {
    id: 'msa-acknowledgement',
    from: 'MSA',
    because: 'Acknowledges another message and says nothing about a record.',
  },
  {
    id: 'msh-transport',
    from: 'MSH-8, MSH-14, MSH-22, MSH-23, MSH-24, MSH-25',
    because: 'Says by whom and over which addresses the message travels.',
  },
  {
    id: 'pv1-45-cancelled-discharge',
    from: 'PV1-45',
    because: 'The discharge that A13 or A25 takes back.',
    when: 'event in A13, A25',
  },
  {
    id: 'pv1-45-no-discharge',
    from: 'PV1-45',
    because: 'The end of a transfer or of a leave of absence, not of the visit.',
    when: 'event in A15, A21, A52',
  },
  {
    id: 'pv1-45-expected-discharge',
    from: 'PV1-45',
    because: 'PV2-9 says when the patient is expected to leave.',
    when: 'event in A16 and PV2-9 valued',
  },
  {
    id: 'pv2-9-cancelled-discharge',
    from: 'PV2-9',
    because: 'The discharge that A25 takes back.',
    when: 'event in A25',
  },
  {
    id: 'pv2-13-repeated',
    from: 'PV2-13',
    because: 'PV1-8 says who referred the patient.',
    when: 'PV1-8 valued',
  },
  {
    id: 'pv1-billing',
    from: [21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 41, 46, 47, 48, 49]
      .map((field) => `PV1-${field}`)
      .join(', '),
    because: 'Prices, contracts and balances of the sender: no part of the health record.',
  },
  {
    id: 'pv1-40-bed-status',
    from: 'PV1-40',
    because: 'The state of a bed is stated by A20; a visit only mentions the bed.',
  },
  {
    id: 'pv1-51-indicator',
    from: 'PV1-51',
    because: 'Says whether the segment is of a visit or of an account.',
  },
  {
    id: 'pv1-36-37-taken-back',
    from: 'PV1-36, PV1-37',
    because: 'The discharge that A13 takes back.',
    when: 'event in A13',
  },
  {
    id: 'pv1-no-visit',
    from: 'PV1-2',
    because: 'Not applicable: there is no visit, but the standard requires the segment.',
    when: 'PV1-2 in N',
  },
  {
    id: 'pv1-class-alone',
    from: 'PV1-2',
    because: 'Nothing but a class: the standard requires the segment, and no visit is told apart.',
    when: 'PV1-3 empty and PV1-7 empty and PV1-19 empty and PV1-44 empty and PV1-50 empty',
  },
  {
    id: 'pv1-merge',
    from: 'PV1, PV2',
    because: 'A merge or deletion of people moves no visit.',
    when: 'event in A18, A29, A30, A34, A36, A39, A40',
  },
  {
    id: 'mrg-1-same-patient',
    from: 'MRG-1',
    because: 'Names the patient whose visit or account has another number now; PID-3 does too.',
    when: 'event in A06, A07, A35, A41, A42',
  },
];
