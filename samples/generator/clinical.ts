/** Diagnoses and allergies that an acute hospital sees every day. */
import type { Allergy, Coded, Diagnosis } from './model.js';

const sct = (code: string, text: string): Coded => ({ code, text, system: 'SCT' });

const diagnosis = (icd10: string, icd10Text: string, snomed: string, snomedText: string): Diagnosis => ({
  icd10: { code: icd10, text: icd10Text, system: 'I10' },
  snomed: sct(snomed, snomedText),
});

export const MEDICAL_DIAGNOSES: readonly Diagnosis[] = [
  diagnosis('J18.9', 'Pneumonia, unspecified', '233604007', 'Pneumonia'),
  diagnosis(
    'I21.4',
    'Acute subendocardial myocardial infarction',
    '401314000',
    'Acute non-ST segment elevation myocardial infarction',
  ),
  diagnosis('I50.0', 'Congestive heart failure', '42343007', 'Congestive heart failure'),
  diagnosis(
    'I48.9',
    'Atrial fibrillation and atrial flutter, unspecified',
    '49436004',
    'Atrial fibrillation',
  ),
  diagnosis(
    'J44.1',
    'Chronic obstructive pulmonary disease with acute exacerbation, unspecified',
    '195951007',
    'Acute exacerbation of chronic obstructive pulmonary disease',
  ),
  diagnosis('N39.0', 'Urinary tract infection, site not specified', '68566005', 'Urinary tract infection'),
  diagnosis('A41.9', 'Sepsis, unspecified', '91302008', 'Sepsis'),
  diagnosis('N17.9', 'Acute renal failure, unspecified', '14669001', 'Acute kidney injury'),
  diagnosis('L03.1', 'Cellulitis of other parts of limb', '128045006', 'Cellulitis'),
  diagnosis('I63.9', 'Cerebral infarction, unspecified', '432504007', 'Cerebral infarction'),
  diagnosis('R07.4', 'Chest pain, unspecified', '29857009', 'Chest pain'),
  diagnosis('K92.2', 'Gastrointestinal haemorrhage, unspecified', '74474003', 'Gastrointestinal haemorrhage'),
];

export const SURGICAL_DIAGNOSES: readonly Diagnosis[] = [
  diagnosis('K80.2', 'Calculus of gallbladder without cholecystitis', '235919008', 'Gallbladder calculus'),
  diagnosis('K35.8', 'Acute appendicitis, other and unspecified', '85189001', 'Acute appendicitis'),
  diagnosis('S72.0', 'Fracture of neck of femur', '5913000', 'Fracture of neck of femur'),
  diagnosis(
    'K40.9',
    'Unilateral or unspecified inguinal hernia, without obstruction or gangrene',
    '396232000',
    'Inguinal hernia',
  ),
  diagnosis('H26.9', 'Cataract, unspecified', '193570009', 'Cataract'),
];

export const LONG_TERM_DIAGNOSES: readonly Diagnosis[] = [
  diagnosis(
    'E11.9',
    'Type 2 diabetes mellitus without complications',
    '44054006',
    'Diabetes mellitus type 2',
  ),
  diagnosis('I10', 'Essential (primary) hypertension', '59621000', 'Essential hypertension'),
  diagnosis('J45.9', 'Asthma, unspecified', '195967001', 'Asthma'),
  diagnosis('D50.9', 'Iron deficiency anaemia, unspecified', '87522002', 'Iron deficiency anaemia'),
];

type AllergyKind = Omit<Allergy, 'severity' | 'since'>;

export const ALLERGIES: readonly AllergyKind[] = [
  { kind: 'DA', substance: sct('91936005', 'Allergy to penicillin'), reaction: 'Widespread rash' },
  { kind: 'DA', substance: sct('294505008', 'Allergy to amoxicillin'), reaction: 'Facial swelling' },
  { kind: 'DA', substance: sct('293586001', 'Allergy to aspirin'), reaction: 'Wheeze' },
  { kind: 'FA', substance: sct('91935009', 'Allergy to peanut'), reaction: 'Anaphylaxis' },
  { kind: 'FA', substance: sct('91930004', 'Allergy to eggs'), reaction: 'Urticaria & vomiting' },
  { kind: 'FA', substance: sct('300913006', 'Allergy to shellfish'), reaction: 'Swollen lips' },
  { kind: 'MA', substance: sct('300916003', 'Latex allergy'), reaction: 'Contact dermatitis' },
  { kind: 'EA', substance: sct('232350006', 'House dust mite allergy'), reaction: 'Itchy eyes' },
];
