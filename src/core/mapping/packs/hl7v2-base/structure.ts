/**
 * What belongs to what in HL7 v2 messages (as far as rules rely on it), and which messages the pack understands.
 */
import type { Pack } from '../../engine/pack.js';

/** Queries, their answers and acknowledgements: they carry copies and requests, not statements about a person. */
const NOT_STATEMENTS = [
  'ACK',
  'MCF',
  'NMD',
  'NMQ',
  'NMR',
  'OSQ',
  'OSR',
  'QBP',
  'QCK',
  'QCN',
  'QRY',
  'QSB',
  'QSX',
  'QVR',
  'RSP',
  'RTB',
  'SPQ',
  'SQM',
  'SQR',
  'SRM',
  'TBR',
  'UDM',
  'VXQ',
  'VXR',
  'VXX',
];

/** Types without a row are mapped by their segments: a sender's own type says no less than a known one. */
export const messages: Pack['messages'] = {
  '*': {},
  ...Object.fromEntries(NOT_STATEMENTS.map((type) => [type, { refused: true as const }])),
  ADT: {
    // The answer to a query.
    unsupported: ['A19'],
    // A44 and A45 move an account or a visit, the others retire the patient of MRG-1.
    merges: ['A18', 'A30', 'A34', 'A36', 'A39', 'A40', 'A44', 'A45'],
    renumbers: ['A43', 'A46', 'A47', 'A48', 'A49', 'A50', 'A51'],
    joins: ['A46', 'A47'],
  },
  // The state of a bed.
  'ADT^A20': { withoutPatient: true },
  MFN: { withoutPatient: true },
  // The ORC of an OBR goes before it in R21 and follows it in the others (HL7 v2.5.1 sections 7.3.6 to 7.3.9).
  OUL: { pairsFollow: true },
};

const PATIENT = { under: ['PID'] } as const;
const VISIT = { under: ['PV1', 'PID'] } as const;
const ORDER = { under: ['ORC', 'PID'], pairs: 'ORC' } as const;
const MEDICATION = ['RXA', 'RXD', 'RXE', 'RXG', 'RXO'];
/** Directly under the appointment: FHIR has no groups of resources (RGS). */
const RESOURCE = { under: ['SCH'] } as const;

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
  IN2: { under: ['IN1'], context: true },
  IN3: { under: ['IN1'], context: true },
  ZU1: { under: ['PID'], context: true },
  ZU2: PATIENT,
  ZU3: { ...PATIENT, context: true },
  ZU4: PATIENT,
  ZU5: PATIENT,
  ZU6: PATIENT,
  ZU7: PATIENT,
  ZU8: PATIENT,
  PV1: { under: ['PID'], context: true },
  PV2: { under: ['PV1'], context: true },
  NPU: { under: ['MSH'] },
  ROL: { under: ['PRB', 'GOL', 'PTH', 'OBR', 'PR1', 'IN1', 'PV1', 'PID'] },
  PRT: { under: ['OBX', 'OBR', 'ORC', 'SPM', 'PR1', 'PV1', 'PID'] },
  DB1: VISIT,
  ACC: { ...VISIT, context: true },
  DG1: { under: ['FT1', 'OBR', 'PV1', 'PID'] },
  DRG: VISIT,
  PR1: { under: ['FT1', 'OBR', 'PV1', 'PID'] },
  ORC: { under: ['PID'] },
  OBR: ORDER,
  RXO: { ...ORDER, context: true },
  RXE: { ...ORDER, context: true },
  RXD: ORDER,
  RXG: ORDER,
  RXA: ORDER,
  RXR: { under: MEDICATION },
  RXC: { under: MEDICATION },
  TQ1: { under: ['OBR', ...MEDICATION, 'ORC', 'SCH'], context: true },
  TQ2: { under: ['TQ1'] },
  CTD: { under: ['OBR', 'RF1', 'PRD', 'ORC', 'PID'] },
  CTI: { under: ['OBR', 'ORC', 'PID'] },
  SPM: { under: ['OBR', 'PID'] },
  // In OML^O35 several containers of a specimen stand each before its orders.
  SAC: { under: ['SPM', 'PID'] },
  FT1: { under: ['PID'] },
  BLG: { under: ['ORC'] },
  OBX: { under: ['TXA', 'PRB', 'GOL', 'SPM', 'OBR', 'RXA', 'RXD', 'RXE', 'RXG', 'RXO', 'PV1', 'PID'] },
  TXA: { under: ['PID', 'ORC'] },
  SCH: { under: ['MSH'], context: true },
  RGS: { under: ['SCH'] },
  AIS: RESOURCE,
  AIG: RESOURCE,
  AIL: RESOURCE,
  AIP: RESOURCE,
  RF1: { under: ['MSH'], context: true },
  PRD: { under: ['RF1', 'PID'] },
  GOL: PATIENT,
  PRB: PATIENT,
  PTH: PATIENT,
  VAR: { under: ['GOL', 'PRB', 'PTH', 'PID'] },
  MFI: { under: ['MSH'], context: true },
  MFE: { under: ['MFI', 'MSH'] },
  STF: { under: ['MFE', 'MSH'] },
  PRA: { under: ['STF'], context: true },
  ORG: { under: ['STF'] },
  LOC: { under: ['MFE', 'MSH'] },
  LCH: { under: ['LOC'] },
  LRL: { under: ['LOC'] },
  LDP: { under: ['LOC'] },
};
