/** Fields that say nothing about a record, each with the reason. */
import type { IgnoredFields } from '../../engine/pack.js';
import { ignoredInVisits } from './ignored-visits.js';

export const ignored: readonly IgnoredFields[] = [
  { id: 'msh-syntax', from: 'MSH-1, MSH-2, MSH-18, MSH-20', because: 'Says how the message is written.' },
  {
    id: 'msh-route',
    from: 'MSH-3, MSH-4, MSH-5, MSH-6, MSH-15, MSH-16, MSH-17, MSH-19, MSH-21',
    because: 'Says how the message travels; the receipt and the acknowledgement use it.',
  },
  {
    id: 'msh-control',
    from: 'MSH-7, MSH-9, MSH-10, MSH-11, MSH-12, MSH-13',
    because: 'Identifies the message; the receipt holds it.',
  },
  {
    id: 'evn-event',
    from: 'EVN-1, EVN-2, EVN-6',
    because: 'What happened and when: decides which rules hold and whether the message is stale.',
  },
  {
    id: 'set-id',
    from: 'PID-1, PV1-1, DG1-1, AL1-1, ORC-1, OBR-1, OBX-1, NTE-1, NK1-1, IN1-1',
    because: 'Counts segments or says what to do with the order.',
  },
  {
    id: 'orc-9-transaction',
    from: 'ORC-9',
    because:
      'Says when the event of the order happened, not when it was authored; the receipt knows the event.',
    when: 'ORC-1 not in NW and message in ORU, OUL, OML, OMG, ORL, ORR',
  },
  {
    id: 'dg1-2-method',
    from: 'DG1-2',
    because: 'Names the coding method again that DG1-3 names; deprecated.',
  },
  { id: 'obx-2-type', from: 'OBX-2', because: 'Says how OBX-5 is written.' },
  {
    id: 'obx-11-order-detail',
    from: 'OBX-3, OBX-4, OBX-5, OBX-6, OBX-7, OBX-8, OBX-11, OBX-14',
    because: 'Status O only describes what was ordered; there is no result.',
    when: 'OBX-11 in O',
  },
  {
    id: 'obx-document-envelope',
    from: 'OBX-3, OBX-4, OBX-11, OBX-14',
    because: 'A document is part of its report, which has code, status and time of its own.',
    when: 'OBX-2 in ED, RP or OBX-5.4 in Base64, BASE64, base64',
  },
  {
    id: 'obx-document-withdrawn',
    from: 'OBX-5',
    because: 'The document is deleted, or was posted as wrong: nobody may take it for one of the patient.',
    when: ['OBX-2 in ED, RP', 'OBX-5.4 in Base64, BASE64, base64']
      .map((kind) => `${kind} and OBX-11 in D, W`)
      .join(' or '),
  },
  { id: 'pid-30-implied', from: 'PID-30', because: 'PID-29 says when.', when: 'PID-29 valued' },
  { id: 'pid-24-implied', from: 'PID-24', because: 'PID-25 says which.', when: 'PID-25 valued' },
  {
    id: 'nte-2-source',
    from: 'NTE-2',
    because: 'Says which department wrote the note.',
  },
  {
    id: 'nte-4-kind',
    from: 'NTE-4',
    because: 'Says of what kind the note is.',
    when: 'NTE-3 valued',
  },
  ...ignoredInVisits,
];
