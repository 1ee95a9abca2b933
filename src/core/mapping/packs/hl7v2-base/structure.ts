/** What belongs to what in HL7 v2 messages, and which messages the pack understands. */
import type { Pack } from '../../engine/pack.js';

/** Merges and moves of visits, accounts and identifiers, swaps and links: wrong if taken segment by segment. */
const MOVES = [
  'A17',
  'A24',
  'A30',
  'A35',
  'A36',
  'A37',
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
];

export const messages: Pack['messages'] = {
  ADT: { unsupported: MOVES, merges: ['A18', 'A34', 'A39', 'A40'] },
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
