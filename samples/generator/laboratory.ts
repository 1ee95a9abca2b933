/** The pathology laboratory: its panels, and plausible results for them. */
import type { Coded } from './model.js';
import type { Random } from './random.js';

/** A numeric test with its reference interval in the unit it is reported in. */
export interface Analyte {
  readonly code: string;
  readonly name: string;
  readonly loinc: string;
  readonly unit: string;
  readonly low: number;
  readonly high: number;
  readonly places: number;
}

export interface Panel {
  readonly code: string;
  readonly name: string;
  readonly loinc: string;
  /** OBR-24, HL7 table 0074. */
  readonly section: 'HM' | 'CH';
  /** OBR-15: whole blood or serum. */
  readonly specimen: Coded;
  readonly analytes: readonly Analyte[];
}

const analyte = (
  code: string,
  name: string,
  loinc: string,
  unit: string,
  [low, high]: readonly [number, number],
  places: number,
): Analyte => ({ code, name, loinc, unit, low, high, places });

const WHOLE_BLOOD: Coded = { code: 'WB', text: 'Whole blood', system: 'HL70070' };
const SERUM: Coded = { code: 'SER', text: 'Serum', system: 'HL70070' };

const FULL_BLOOD_COUNT: Panel = {
  code: 'FBC',
  name: 'Full blood count',
  loinc: '58410-2',
  section: 'HM',
  specimen: WHOLE_BLOOD,
  analytes: [
    analyte('HB', 'Haemoglobin', '718-7', 'g/L', [115, 180], 0),
    analyte('WBC', 'White cell count', '6690-2', '10*9/L', [4, 11], 1),
    analyte('PLT', 'Platelet count', '777-3', '10*9/L', [150, 450], 0),
    analyte('RBC', 'Red cell count', '789-8', '10*12/L', [3.8, 6], 2),
    analyte('HCT', 'Haematocrit', '4544-3', 'L/L', [0.36, 0.52], 2),
    analyte('MCV', 'Mean cell volume', '787-2', 'fL', [80, 100], 1),
    analyte('MCH', 'Mean cell haemoglobin', '785-6', 'pg', [27, 33], 1),
    analyte('NEUT', 'Neutrophil count', '751-8', '10*9/L', [2, 7.5], 1),
    analyte('LYMP', 'Lymphocyte count', '731-0', '10*9/L', [1, 4], 1),
    analyte('EOS', 'Eosinophil count', '711-2', '10*9/L', [0.04, 0.5], 2),
  ],
};

export const UREA_AND_ELECTROLYTES: Panel = {
  code: 'UE',
  name: 'Urea and electrolytes',
  loinc: '24326-1',
  section: 'CH',
  specimen: SERUM,
  analytes: [
    analyte('NA', 'Sodium', '2951-2', 'mmol/L', [133, 146], 0),
    analyte('K', 'Potassium', '2823-3', 'mmol/L', [3.5, 5.3], 1),
    analyte('UREA', 'Urea', '22664-7', 'mmol/L', [2.5, 7.8], 1),
    analyte('CREA', 'Creatinine', '14682-9', 'umol/L', [45, 104], 0),
  ],
};

const LIVER_FUNCTION: Panel = {
  code: 'LFT',
  name: 'Liver function tests',
  loinc: '24325-3',
  section: 'CH',
  specimen: SERUM,
  analytes: [
    analyte('BILI', 'Total bilirubin', '14631-6', 'umol/L', [1, 20], 0),
    analyte('ALT', 'Alanine aminotransferase', '1742-6', 'U/L', [5, 40], 0),
    analyte('ALP', 'Alkaline phosphatase', '6768-6', 'U/L', [30, 130], 0),
    analyte('ALB', 'Albumin', '1751-7', 'g/L', [35, 50], 0),
  ],
};

const C_REACTIVE_PROTEIN: Panel = {
  code: 'CRP',
  name: 'C-reactive protein',
  loinc: '1988-5',
  section: 'CH',
  specimen: SERUM,
  analytes: [analyte('CRP', 'C-reactive protein', '1988-5', 'mg/L', [0, 5], 0)],
};

export const PANELS: readonly Panel[] = [
  FULL_BLOOD_COUNT,
  UREA_AND_ELECTROLYTES,
  LIVER_FUNCTION,
  C_REACTIVE_PROTEIN,
];

/** One measured value; `flag` is empty inside the reference interval (HL7 table 0078). */
export interface NumericResult {
  readonly analyte: Analyte;
  readonly value: string;
  /** The value is below what the method can measure. */
  readonly belowLimit: boolean;
  readonly flag: '' | 'L' | 'H' | 'LL' | 'HH';
}

function flagOf(value: number, { low, high }: Analyte): NumericResult['flag'] {
  const width = high - low;
  if (value < low) return value < low - width / 2 ? 'LL' : 'L';
  if (value > high) return value > high + width / 2 ? 'HH' : 'H';
  return '';
}

/** Measures one analyte: mostly inside its interval, sometimes a little and seldom far outside. */
export function measure(analyte: Analyte, random: Random): NumericResult {
  const { low, high, places } = analyte;
  const width = high - low;
  const excess = random.chance(0.2) ? width * (random.integer(5, 90) / 100) : 0;
  const position = low + width * (random.integer(10, 90) / 100);
  const raised = random.chance(0.6);
  const raw = excess === 0 ? position : raised ? high + excess : Math.max(low - excess, low * 0.6);
  const value = raw.toFixed(places);
  const belowLimit = Number(value) < 1 && places === 0;
  return { analyte, value: belowLimit ? '1' : value, belowLimit, flag: flagOf(Number(value), analyte) };
}

/** What grows in a culture plate, with how often it is found. */
export const ORGANISMS: readonly Coded[] = [
  { code: '112283007', text: 'Escherichia coli', system: 'SCT' },
  { code: '3092008', text: 'Staphylococcus aureus', system: 'SCT' },
  { code: '56415008', text: 'Klebsiella pneumoniae', system: 'SCT' },
];

export const NO_GROWTH: Coded = { code: '264868006', text: 'No growth', system: 'SCT' };

export const URINE_CULTURE = { code: 'UMCS', name: 'Urine microscopy and culture', loinc: '630-4' } as const;
export const HISTOLOGY = { code: 'HIST', name: 'Histopathology report', loinc: '11529-5' } as const;

const HISTOLOGY_SECTIONS = [
  'CLINICAL DETAILS',
  'MACROSCOPIC DESCRIPTION',
  'MICROSCOPIC DESCRIPTION',
  'IMMUNOHISTOCHEMISTRY',
  'CONCLUSION',
] as const;

const HISTOLOGY_SENTENCES = [
  'The specimen was received in formalin and is labelled with the name and hospital number of the patient.',
  'Sections show a gallbladder wall with mild chronic inflammation and Rokitansky-Aschoff sinuses.',
  'The mucosa is focally ulcerated & shows reactive epithelial changes only.',
  'The cystic duct margin (block A1) is free of dysplasia; the serosal surface is unremarkable.',
  'Several pigmented calculi measuring 3 ~ 8 mm lie in the lumen.',
  'No granulomas, parasites or viral inclusions are seen.',
  'There is no evidence of malignancy in the material examined.',
  'Levels were examined at 50 µm intervals, and the findings were discussed at the departmental meeting.',
] as const;

/** A narrative report of several thousand characters, as histopathologists write them. */
export function writeHistologyReport(random: Random): string {
  const paragraph = (): string =>
    Array.from({ length: 14 }, () => random.pick(HISTOLOGY_SENTENCES)).join(' ');
  return HISTOLOGY_SECTIONS.map((title) => `${title}\n${paragraph()}`).join('\n\n');
}
