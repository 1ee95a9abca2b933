/** Value tables of visits, roles and places. */
import type { Pack } from '../../../engine/pack.js';
import { codesOf, translated } from '../../table.js';

const hl7 = (table: string): string => `http://terminology.hl7.org/CodeSystem/v2-${table}`;
const SPECIAL_COURTESY = 'http://terminology.hl7.org/CodeSystem/encounter-special-courtesy';
const SPECIAL_ARRANGEMENT = 'http://terminology.hl7.org/CodeSystem/encounter-special-arrangements';
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

/** Roles that the guide translates; the others keep their own codes. */
const PARTICIPATION = translated('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', {
  AD: ['ADM', 'admitter'],
  AT: ['ATND', 'attender'],
  CP: ['CON', 'consultant'],
  RP: ['REF', 'referrer'],
});

export const visitTables: Pack['tables'] = {
  /** Table 0092. */
  Readmission: codesOf(hl7('0092'), { R: 'Re-admission' }),
  /** Table 0009. */
  AmbulatoryStatus: {
    ...codesOf(hl7('0009'), {
      A0: 'No functional limitations',
      A1: 'Ambulates with assistive device',
      A3: 'Comatose; non-responsive',
      A4: 'Disoriented',
      A5: 'Vision impaired',
      A6: 'Hearing impaired',
      A7: 'Speech impaired',
      A8: 'Non-English speaking',
      A9: 'Functional level unknown',
      B1: 'Oxygen therapy',
      B2: 'Special equipment (tubes, IVs, catheters)',
      B3: 'Amputee',
      B4: 'Mastectomy',
      B5: 'Paraplegic',
      B6: 'Pregnant',
    }),
    ...translated(SPECIAL_ARRANGEMENT, { A2: ['wheel', 'Wheelchair'] }),
  },
  /** Table 0099 is the sender's own; this name of a code is common. */
  VipIndicator: codesOf(SPECIAL_COURTESY, { VIP: 'very important person' }),
  /** Table 0217. */
  VisitPriority: translated('http://terminology.hl7.org/CodeSystem/v3-ActPriority', {
    '1': ['EM', 'emergency'],
    '2': ['UR', 'urgent'],
    '3': ['EL', 'elective'],
  }),
  /** Table 0430. */
  ModeOfArrival: codesOf(hl7('0430'), {
    A: 'Ambulance',
    C: 'Car',
    F: 'On foot',
    H: 'Helicopter',
    O: 'Other',
    P: 'Public Transport',
    U: 'Unknown',
  }),
  /** Table 0136 in PV2-22: who sees the visit is restricted. */
  VisitProtection: translated(CONFIDENTIALITY, { Y: ['R', 'restricted'] }),
  /** Table 0116. */
  BedStatus: codesOf(hl7('0116'), {
    C: 'Closed',
    H: 'Housekeeping',
    I: 'Isolated',
    K: 'Contaminated',
    O: 'Occupied',
    U: 'Unoccupied',
  }),
  /** Table 0287, ours: what an action makes of a role. */
  RoleStatus: {
    AD: 'active',
    CO: 'active',
    DE: 'inactive',
    LI: 'active',
    UC: 'active',
    UN: 'inactive',
    UP: 'active',
  },
  /** Table 0443. */
  ProviderRole: {
    ...codesOf(hl7('0443'), {
      AI: 'Assistant/Alternate Interpreter',
      AP: 'Administering Provider',
      CLP: 'Collecting Provider',
      DP: 'Dispensing Provider',
      EP: 'Entering Provider',
      FHCP: 'Family Health Care Professional',
      IP: 'Initiating Provider',
      MDIR: 'Medical Director',
      OP: 'Ordering Provider',
      PH: 'Pharmacist',
      RO: 'Responsible Observer',
      RT: 'Referred to Provider',
      TN: 'Technician',
      TR: 'Transcriptionist',
      VP: 'Verifying Provider',
      VPS: 'Verifying Pharmaceutical Supplier',
      VTS: 'Verifying Treatment Supplier',
    }),
    ...PARTICIPATION,
    ...translated('http://snomed.info/sct', {
      PI: ['40570005', 'Interpreter'],
      PP: ['446050000', 'Primary care provider'],
    }),
  },
  /** Table 0912. */
  ParticipationRole: {
    ...codesOf(hl7('0912'), {
      AI: 'Assistant/Alternate Interpreter',
      AP: 'Administering Provider',
      AUT: 'Author/Event Initiator',
      DP: 'Dispensing Provider',
      EP: 'Entering Person',
      FHCP: 'Family Health Care Professional',
      MDIR: 'Medical Director',
      OP: 'Ordering Provider',
      PI: 'Primary Interpreter',
      PO: 'Performing Organization',
      PP: 'Primary Care Provider',
      RCT: 'Results Copies To',
      RO: 'Responsible Observer',
      RT: 'Referred to Provider',
      TN: 'Technician',
      TR: 'Transcriptionist',
      VP: 'Verifier (Verifying Person)',
    }),
    ...PARTICIPATION,
    ...translated('http://terminology.hl7.org/CodeSystem/practitioner-role', {
      PH: ['pharmacist', 'Pharmacist'],
    }),
  },
};
