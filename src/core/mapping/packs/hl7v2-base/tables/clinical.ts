/** Tables about allergies, diagnoses and procedures. */
import type { Pack } from '../../../engine/pack.js';
import { codesOf, translated } from '../../table.js';

const ALLERGY_STATUS = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical';
const ALLERGY_VERIFICATION = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification';

const CONFIRMED = ['confirmed', 'Confirmed'] as const;
const UNCONFIRMED = ['unconfirmed', 'Unconfirmed'] as const;

export const clinicalTables: Pack['tables'] = {
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
