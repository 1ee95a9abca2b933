/** Tables about allergies, diagnoses and procedures. */
import type { Pack } from '../../../engine/pack.js';
import { codesOf, translated } from '../../table.js';

const ALLERGY_STATUS = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical';
const ALLERGY_VERIFICATION = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification';

const CONFIRMED = ['confirmed', 'Confirmed'] as const;
const UNCONFIRMED = ['unconfirmed', 'Unconfirmed'] as const;

/** Severities as senders write them: table 0128, words, and codes of SNOMED CT. */
const MILD = ['MI', 'MILD', '255604002'];
// What lies between two is the worse one.
const MODERATE = ['MO', 'MODERATE', 'MILD TO MODERATE', '371923003', '6736007'];
const SEVERE = [
  'SV',
  'SEVERE',
  'MODERATE TO SEVERE',
  'LIFE THREATENING',
  'LIFE-THREATENING',
  'FATAL',
  '24484000',
  '371924009',
  '399166001',
  '442452003',
];

const allAs = (target: string, sent: readonly string[]) =>
  Object.fromEntries(sent.map((each) => [each, target]));

export const clinicalTables: Pack['tables'] = {
  /** Table 0128, and ours. */
  AllergyCriticality: { HIGH: 'high', LOW: 'low', ...allAs('low', MILD), ...allAs('high', SEVERE) },
  ReactionSeverity: {
    ...allAs('mild', MILD),
    ...allAs('moderate', MODERATE),
    ...allAs('severe', SEVERE),
  },
  /** Table 0438, ours: I is confirmed but inactive, the others say how sure the sender is. */
  AllergyClinicalStatus: translated(ALLERGY_STATUS, { I: ['inactive', 'Inactive'] }),
  AllergyVerification: translated(ALLERGY_VERIFICATION, {
    C: CONFIRMED,
    D: UNCONFIRMED,
    E: ['entered-in-error', 'Entered in Error'],
    I: CONFIRMED,
    P: UNCONFIRMED,
    S: UNCONFIRMED,
    U: UNCONFIRMED,
  }),
  /** Table 0436: a contraindication or an adverse reaction may be either. */
  SensitivityType: { AL: 'allergy', IN: 'intolerance', SE: 'intolerance' },
  /** Table 0228. */
  DiagnosisClassification: codesOf('http://terminology.hl7.org/CodeSystem/v2-0228', {
    C: 'Consultation',
    D: 'Diagnosis',
    I: 'Invasive procedure not classified elsewhere (I.V., catheter, etc.)',
    M: 'Medication (antibiotic)',
    O: 'Other',
    R: 'Radiological scheduling (not using ICDA codes)',
    S: 'Sign and symptom',
    T: 'Tissue diagnosis',
  }),
  /** DG1-18: the diagnosis is confidential. */
  ConfidentialDiagnosis: translated('http://terminology.hl7.org/CodeSystem/v3-Confidentiality', {
    Y: ['R', 'restricted'],
  }),
  /** Table 0230. */
  ProcedureCategory: codesOf('http://terminology.hl7.org/CodeSystem/v2-0230', {
    A: 'Anesthesia',
    D: 'Diagnostic procedure',
    I: 'Invasive procedure not classified elsewhere (e.g. IV, catheter, etc.)',
    P: 'Procedure for treatment (therapeutic, including operations)',
  }),
  /** Table 0206: PR1-20 deletes a procedure. */
  ProcedureDeleted: { D: 'entered-in-error' },
};
