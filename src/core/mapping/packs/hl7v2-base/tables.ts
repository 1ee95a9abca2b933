/** Value tables of the HL7 v2-to-FHIR guide, with the choices that it leaves open (marked). */
import type { Pack } from '../../engine/pack.js';
import { codesOf, translated } from '../table.js';

const ACT_CODES = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const PATIENT_CLASS = 'http://terminology.hl7.org/CodeSystem/v2-0004';
const MARITAL_STATUS = 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus';
const NULL_FLAVOUR = 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor';
const OBSERVATION_CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
const VERIFICATION = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';

/** Sections of table 0074 whose work is done in a laboratory. */
const LABORATORY: readonly (readonly [string, string])[] = [
  ['BG', 'Blood Gases'],
  ['BLB', 'Blood Bank'],
  ['CG', 'Cytogenetics'],
  ['CH', 'Chemistry'],
  ['CP', 'Cytopathology'],
  ['GE', 'Genetics'],
  ['HM', 'Hematology'],
  ['IMM', 'Immunology'],
  ['LAB', 'Laboratory'],
  ['MB', 'Microbiology'],
  ['MCB', 'Mycobacteriology'],
  ['MYC', 'Mycology'],
  ['OSL', 'Outside Lab'],
  ['SP', 'Surgical Pathology'],
  ['SR', 'Serology'],
  ['TX', 'Toxicology'],
  ['VR', 'Virology'],
];

const IMAGING: readonly (readonly [string, string])[] = [
  ['CT', 'CAT Scan'],
  ['CUS', 'Cardiac Ultrasound'],
  ['NMR', 'Nuclear Magnetic Resonance'],
  ['NMS', 'Nuclear Medicine Scan'],
  ['OUS', 'OB Ultrasound'],
  ['RAD', 'Radiology'],
  ['RUS', 'Radiology Ultrasound'],
  ['RX', 'Radiograph'],
  ['VUS', 'Vascular Ultrasound'],
  ['XRC', 'Cineradiograph'],
];

const category = (code: string, display: string) => ({ system: OBSERVATION_CATEGORY, code, display });

export const tables: Pack['tables'] = {
  /** Table 0136. */
  YesNo: { N: 'false', NO: 'false', Y: 'true', YES: 'true' },
  /** Table 0001. */
  AdministrativeSex: {
    F: 'female',
    M: 'male',
    O: 'other',
    U: 'unknown',
    A: 'other',
    N: 'other',
    FEMALE: 'female',
    MALE: 'male',
    OTHER: 'other',
    UNKNOWN: 'unknown',
  },
  /** Table 0200; types without a row give the name no use. */
  NameUse: {
    BAD: 'old',
    D: 'usual',
    L: 'official',
    M: 'maiden',
    MSK: 'anonymous',
    N: 'nickname',
    NAV: 'temp',
    R: 'official',
    TEMP: 'temp',
  },
  /** Table 0190. */
  AddressUse: { BA: 'old', BI: 'billing', C: 'temp', B: 'work', H: 'home', O: 'work' },
  AddressType: { M: 'postal', SH: 'postal' },
  /** As AddressUse: nothing of an organisation is at home (R4 org-2, org-3). */
  OrganisationAddressUse: { BA: 'old', BI: 'billing', C: 'temp', B: 'work', O: 'work' },
  OrganisationTelecomUse: { WPN: 'work', PRS: 'mobile' },
  /** Table 0201. */
  TelecomUse: { PRN: 'home', WPN: 'work', PRS: 'mobile' },
  /** Table 0202. */
  TelecomSystem: {
    PH: 'phone',
    FX: 'fax',
    MD: 'other',
    CP: 'phone',
    SAT: 'other',
    BP: 'pager',
    INTERNET: 'email',
    'X.400': 'email',
    TDD: 'other',
    TTY: 'other',
  },
  /** Table 0002. */
  MaritalStatus: {
    ...translated(MARITAL_STATUS, {
      A: ['L', 'Legally Separated'],
      B: ['U', 'unmarried'],
      C: ['C', 'Common Law'],
      D: ['D', 'Divorced'],
      E: ['L', 'Legally Separated'],
      G: ['T', 'Domestic partner'],
      I: ['I', 'Interlocutory'],
      M: ['M', 'Married'],
      N: ['A', 'Annulled'],
      P: ['T', 'Domestic partner'],
      R: ['T', 'Domestic partner'],
      S: ['S', 'Never Married'],
      W: ['W', 'Widowed'],
    }),
    ...translated(NULL_FLAVOUR, { O: ['OTH', 'other'], T: ['NAVU', 'Not available'], U: ['UNK', 'unknown'] }),
  },
  /** Table 0445 has no NHS number; the UK pack fills this one. */
  NhsNumberStatus: {},
  /** Table 0004. */
  PatientClass: {
    ...translated(ACT_CODES, {
      E: ['EMER', 'emergency'],
      I: ['IMP', 'inpatient encounter'],
      O: ['AMB', 'ambulatory'],
      P: ['PRENC', 'pre-admission'],
      // As some senders write it out.
      ED: ['EMER', 'emergency'],
      EMERGENCY: ['EMER', 'emergency'],
      ER: ['EMER', 'emergency'],
      INPATIENT: ['IMP', 'inpatient encounter'],
      IP: ['IMP', 'inpatient encounter'],
      OP: ['AMB', 'ambulatory'],
      OUTPATIENT: ['AMB', 'ambulatory'],
      // As FHIR has it.
      AMB: ['AMB', 'ambulatory'],
      EMER: ['EMER', 'emergency'],
      IMP: ['IMP', 'inpatient encounter'],
    }),
    ...codesOf(PATIENT_CLASS, {
      B: 'Obstetrics',
      C: 'Commercial Account',
      N: 'Not Applicable',
      R: 'Recurring patient',
      U: 'Unknown',
    }),
  },
  /**
   * Table 0003. An event without a row tells nothing about the state of the visit: an update (A08, A31, A54) or a
   * cancelled movement (A32, A33) leaves it as it was. A04 differs from the guide, which says `planned`: the person
   * has arrived. The guide has no rows but A01 to A05, A08, A11 and A13; the others are ours: a cancellation restores
   * the state before (A12, A25, A26, A52, A53) or says that the visit will not take place (A27, A38).
   */
  EncounterStatusByEvent: {
    A01: 'in-progress',
    A02: 'in-progress',
    A03: 'finished',
    A04: 'in-progress',
    A05: 'planned',
    A06: 'in-progress',
    A07: 'in-progress',
    A09: 'in-progress',
    A10: 'in-progress',
    A11: 'cancelled',
    A12: 'in-progress',
    A13: 'in-progress',
    A14: 'planned',
    A15: 'in-progress',
    A16: 'in-progress',
    A17: 'in-progress',
    A21: 'onleave',
    A22: 'in-progress',
    A23: 'entered-in-error',
    A25: 'in-progress',
    A26: 'in-progress',
    A27: 'cancelled',
    A38: 'cancelled',
    A52: 'in-progress',
    A53: 'onleave',
  },
  /** Table 0007. */
  AdmissionType: codesOf('http://terminology.hl7.org/CodeSystem/v2-0007', {
    A: 'Accident',
    C: 'Elective',
    E: 'Emergency',
    L: 'Labor and Delivery',
    N: 'Newborn',
    R: 'Routine',
    U: 'Urgent',
  }),
  /** Table 0069. */
  HospitalService: {
    ...translated('http://terminology.hl7.org/CodeSystem/service-type', {
      MED: ['382', 'Emergency Medical'],
      URO: ['222', 'Urology'],
    }),
    ...codesOf('http://terminology.hl7.org/CodeSystem/v2-0069', {
      CAR: 'Cardiac Service',
      PUL: 'Pulmonary Service',
      SUR: 'Surgical Service',
    }),
  },
  AdmitSource: {},
  DischargeDisposition: {},
  /** Table 0052. */
  DiagnosisRole: translated('http://terminology.hl7.org/CodeSystem/diagnosis-role', {
    A: ['AD', 'Admission diagnosis'],
  }),
  /** Table 0052, ours: the guide does not say what a diagnosis type means for its certainty. */
  DiagnosisCertainty: translated(VERIFICATION, {
    F: ['confirmed', 'Confirmed'],
    W: ['provisional', 'Provisional'],
  }),
  /** Table 0206: DG1-21 deletes a diagnosis. */
  DiagnosisDeleted: translated(VERIFICATION, { D: ['entered-in-error', 'Entered in Error'] }),
  /** Table 0127. */
  AllergyCategory: {
    AA: 'biologic',
    DA: 'medication',
    EA: 'environment',
    FA: 'food',
    LA: 'environment',
    PA: 'environment',
    // Words that senders write instead (ours), here and below.
    DRUG: 'medication',
    ENVIRONMENT: 'environment',
    FOOD: 'food',
    MEDICATION: 'medication',
  },
  AllergyType: {
    AA: 'allergy',
    DA: 'allergy',
    EA: 'allergy',
    FA: 'allergy',
    LA: 'allergy',
    MA: 'allergy',
    PA: 'allergy',
  },
  /**
   * Table 0085. B, I, N, R, S, U and V are ours: what is registered has no value yet; one that is partial or not verified
   * is preliminary; what is verified, appended or final without retransmission is final.
   */
  ObservationStatus: {
    A: 'amended',
    B: 'final',
    C: 'corrected',
    D: 'entered-in-error',
    F: 'final',
    I: 'registered',
    N: 'registered',
    P: 'preliminary',
    R: 'preliminary',
    S: 'preliminary',
    U: 'final',
    V: 'final',
    W: 'entered-in-error',
    X: 'cancelled',
  },
  /** Table 0123 for results without a status of their own. */
  ObservationStatusOfReport: {
    A: 'preliminary',
    C: 'corrected',
    F: 'final',
    I: 'registered',
    M: 'preliminary',
    N: 'registered',
    O: 'registered',
    P: 'preliminary',
    R: 'preliminary',
    S: 'registered',
    X: 'cancelled',
  },
  /** Table 0123. A, M and N are ours; Y and Z say that the sender knows no such order or patient. */
  ReportStatus: {
    A: 'partial',
    C: 'corrected',
    F: 'final',
    I: 'registered',
    M: 'preliminary',
    N: 'registered',
    O: 'registered',
    P: 'preliminary',
    R: 'partial',
    S: 'registered',
    X: 'cancelled',
  },
  /** Table 0085: final, and the value that was sent as preliminary is not sent again. */
  ReleasedAsSent: { U: { system: 'http://terminology.hl7.org/CodeSystem/v2-0085', code: 'U' } },
  /** Table 0085: the sender did not ask for this result. */
  NotAsked: {
    N: {
      system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason',
      code: 'not-asked',
      display: 'Not Asked',
    },
  },
  /** Table 0078. */
  Interpretation: codesOf('http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', {
    '<': 'Off scale low',
    '>': 'Off scale high',
    A: 'Abnormal',
    AA: 'Critical abnormal',
    B: 'Better',
    CAR: 'Carrier',
    D: 'Significant change down',
    DET: 'Detected',
    E: 'Equivocal',
    EX: 'outside threshold',
    EXP: 'Expected',
    H: 'High',
    HH: 'Critical high',
    HU: 'Significantly high',
    I: 'Intermediate',
    IE: 'Insufficient evidence',
    IND: 'Indeterminate',
    L: 'Low',
    LL: 'Critical low',
    LU: 'Significantly low',
    N: 'Normal',
    NCL: 'No CLSI defined breakpoint',
    ND: 'Not detected',
    NEG: 'Negative',
    NR: 'Non-reactive',
    NS: 'Non-susceptible',
    POS: 'Positive',
    R: 'Resistant',
    RR: 'Reactive',
    S: 'Susceptible',
    SDD: 'Susceptible-dose dependent',
    'SYN-R': 'Synergy - resistant',
    'SYN-S': 'Synergy - susceptible',
    U: 'Significant change up',
    UNE: 'Unexpected',
    W: 'Worse',
    WR: 'Weakly reactive',
  }),
  /** Table 0074. */
  DiagnosticSection: codesOf('http://terminology.hl7.org/CodeSystem/v2-0074', {
    ...Object.fromEntries([...LABORATORY, ...IMAGING]),
    AU: 'Audiology',
    CTH: 'Cardiac Catheterization',
    EC: 'Electrocardiac (e.g., EKG,  EEC, Holter)',
    EN: 'Electroneuro (EEG, EMG,EP,PSG)',
    ICU: 'Bedside ICU Monitoring',
    NRS: 'Nursing Service Measures',
    OT: 'Occupational Therapy',
    OTH: 'Other',
    PF: 'Pulmonary Function',
    PHR: 'Pharmacy',
    PHY: 'Physician (Hx. Dx, admission note, etc.)',
    PT: 'Physical Therapy',
    RC: 'Respiratory Care (therapy)',
    RT: 'Radiation Therapy',
  }),
  /** Table 0074, ours: what kind of observations a section makes. */
  ObservationCategory: {
    ...Object.fromEntries(LABORATORY.map(([section]) => [section, category('laboratory', 'Laboratory')])),
    ...Object.fromEntries(IMAGING.map(([section]) => [section, category('imaging', 'Imaging')])),
  },
};
