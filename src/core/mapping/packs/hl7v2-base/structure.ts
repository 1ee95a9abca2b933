/** What belongs to what in HL7 v2 messages, and which messages the pack understands. */
import type { Pack } from '../../engine/pack.js';

/**
 * Events that would be misunderstood if their segments were taken as an update: cancellations that restore what was
 * before, deletions, queries, the status of beds, and merges, moves, swaps and links of visits, accounts and identifiers.
 */
const NOT_UPDATES = [
  'A12',
  'A17',
  'A19',
  'A20',
  'A23',
  'A24',
  'A25',
  'A26',
  'A27',
  'A29',
  'A30',
  'A32',
  'A33',
  'A35',
  'A36',
  'A37',
  'A41',
  'A42',
  'A43',
  'A44',
  'A45',
  'A46',
  'A47',
  'A48',
  'A49',
  'A50',
  'A51',
  'A52',
  'A53',
  'A55',
  'A62',
];

export const messages: Pack['messages'] = {
  ADT: { unsupported: NOT_UPDATES, merges: ['A18', 'A34', 'A39', 'A40'] },
  ORU: {},
};

const PATIENT = { under: ['PID'] } as const;
const VISIT = { under: ['PV1', 'PID'] } as const;

export const structure: Pack['structure'] = {
  EVN: { under: ['MSH'], context: true },
  SFT: { under: ['MSH'] },
  PID: { under: ['MSH'], context: true },
  PD1: { under: ['PID'], context: true },
  MRG: { under: ['PID'], context: true },
  NK1: PATIENT,
  AL1: PATIENT,
  IAM: PATIENT,
  GT1: PATIENT,
  IN1: PATIENT,
  IN2: { under: ['IN1'] },
  IN3: { under: ['IN1'] },
  ZU1: { under: ['PID'], context: true },
  PV1: { under: ['PID'], context: true },
  PV2: { under: ['PV1'], context: true },
  ROL: VISIT,
  DB1: VISIT,
  ACC: VISIT,
  DG1: { under: ['OBR', 'PV1', 'PID'] },
  PR1: { under: ['OBR', 'PV1', 'PID'] },
  ORC: { under: ['PID'] },
  OBR: { under: ['ORC', 'PID'], pairs: 'ORC' },
  TQ1: { under: ['OBR', 'ORC'] },
  SPM: { under: ['OBR'] },
  OBX: { under: ['OBR', 'PV1', 'PID'] },
};
