/** Codes of the NHS Data Model and Dictionary as UK Core 2.0.0 binds them. */
import type { Pack } from '../../engine/pack.js';
import { codesOf, translated } from '../table.js';

const uk = (name: string): string => `https://fhir.hl7.org.uk/CodeSystem/UKCore-${name}`;
const MARITAL_STATUS = 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus';

/** NHS number status indicator code. */
const NUMBER_STATUS = {
  '01': 'Number present and verified',
  '02': 'Number present but not traced',
  '03': 'Trace required',
  '04': 'Trace attempted - No match or multiple match found',
  '05': 'Trace needs to be resolved - (NHS number or patient detail conflict)',
  '06': 'Trace in progress',
  '07': 'Number not present and trace not required',
  '08': 'Trace postponed (baby under six weeks old)',
} as const;

/** As HL72UK writes it: `NSTS01` or `PDS01` in PID-32, `01` in ZU1-27. */
const numberStatus = Object.fromEntries(
  Object.entries(NUMBER_STATUS).flatMap(([code, display]) =>
    ['', 'NSTS', 'PDS'].map((prefix) => [
      `${prefix}${code}`,
      { system: uk('NHSNumberVerificationStatusEngland'), code, display },
    ]),
  ),
);

export const tables: Pack['tables'] = {
  NhsNumberStatus: numberStatus,
  /** Names in use for types of table 0203. */
  IdentifierType: { HOSP: 'MR', MRN: 'MR', NHS: 'NH', PAS: 'MR' },
  /** PERSON GENDER CODE, which senders use in PID-8 instead of table 0001. */
  AdministrativeSex: { '0': 'unknown', '1': 'male', '2': 'female', '9': 'other', X: 'unknown' },
  /** HL72UK additions to table 0200. */
  NameUse: {
    CURRENT: 'official',
    PREFERRED: 'usual',
    PREVIOUS: 'old',
    'PREVIOUS-BACHELOR': 'old',
    'PREVIOUS-BIRTH': 'old',
    'PREVIOUS-MAIDEN': 'maiden',
  },
  AddressUse: { HOME: 'home', WORK: 'work', TEMP: 'temp' },
  TelecomUse: { HOME: 'home', WORK: 'work', MOBILE: 'mobile', NET: 'home' },
  /** PERSON MARITAL STATUS CODE; S, M, D and W mean the same as in table 0002, P does not. */
  MaritalStatus: {
    ...translated(MARITAL_STATUS, { L: ['L', 'Legally Separated'] }),
    ...codesOf(uk('PersonMaritalStatusEngland'), {
      P: 'Separated',
      N: 'Not disclosed',
      '8': 'Not applicable',
      '9': 'Not known',
    }),
  },
  /** HL72UK addition to table 0004: W is the waiting list. */
  PatientClass: translated('http://terminology.hl7.org/CodeSystem/v3-ActCode', {
    W: ['PRENC', 'pre-admission'],
  }),
  EthnicCategory: codesOf(uk('EthnicCategoryEngland'), {
    A: 'White - British',
    B: 'White - Irish',
    C: 'White - Any other White background',
    D: 'Mixed - White and Black Caribbean',
    E: 'Mixed - White and Black African',
    F: 'Mixed - White and Asian',
    G: 'Mixed - Any other mixed background',
    H: 'Asian or Asian British - Indian',
    J: 'Asian or Asian British - Pakistani',
    K: 'Asian or Asian British - Bangladeshi',
    L: 'Asian or Asian British - Any other Asian background',
    M: 'Black or Black British - Caribbean',
    N: 'Black or Black British - African',
    P: 'Black or Black British - Any other Black background',
    R: 'Other Ethnic Groups - Chinese',
    S: 'Other Ethnic Groups - Any other ethnic group',
    Z: 'Not stated',
    '99': 'Not known',
  }),
  AdmissionMethod: codesOf(uk('AdmissionMethodEngland'), {
    '11': 'Elective Admission: Waiting list',
    '12': 'Elective Admission: Booked',
    '13': 'Elective Admission: Planned',
    '21': 'Emergency Admission: Emergency Care Department or dental casualty department of the Health Care Provider',
    '22': 'Emergency Admission: General Practitioner: after a request for immediate admission has been made direct to a Hospital Provider, i.e. not through a Bed bureau, by a General Practitioner or deputy',
    '23': 'Emergency Admission: Bed bureau',
    '24': 'Emergency Admission: Consultant Clinic, of this or another Health Care Provider',
    '25': 'Emergency Admission: Admission via Mental Health Crisis Resolution Team',
    '28': 'Emergency Admission: Other means, examples are: - admitted from the Emergency Care Department of another provider where they had not been admitted - transfer of an admitted Patient from another Hospital Provider in an emergency - baby born at home as intended',
    '2A': 'Emergency Admission: Emergency Care Department of another provider where the Patient had not been admitted',
    '2B': 'Emergency Admission: Transfer of an admitted Patient from another Hospital Provider in an emergency',
    '2C': 'Emergency Admission: Baby born at home as intended',
    '2D': 'Emergency Admission: Other emergency admission',
    '31': 'Maternity Admission: Admitted ante partum',
    '32': 'Maternity Admission: Admitted post partum',
    '81': 'Other Admission: Transfer of any admitted Patient from other Hospital Provider other than in an emergency',
    '82': 'Other Admission: The birth of a baby in this Health Care Provider',
    '83': 'Other Admission: Baby born outside the Health Care Provider except when born at home as intended',
    '98': 'Not applicable',
    '99': 'Admission Method not known',
  }),
  AdmitSource: codesOf(uk('SourceOfAdmissionEngland'), {
    '19': 'Usual place of residence',
    '29': 'Temporary place of residence when usually resident elsewhere',
    '39': 'Penal establishment, Court, or Police Station / Police Custody Suite',
    '49': 'NHS other Hospital Provider - high security psychiatric accommodation',
    '51': 'NHS other Hospital Provider - Ward for general Patients or the younger physically disabled or Emergency Care Department',
    '52': 'NHS other Hospital Provider - Ward for maternity Patients or Neonates',
    '53': 'NHS other Hospital Provider - Ward for Patients who are mentally ill or have Learning Disabilities',
    '54': 'NHS run Care Home',
    '65': 'Local Authority residential accommodation i.e. where care is provided',
    '66': 'Local Authority foster care',
    '79': 'Babies born in or on the way to hospital',
    '85': 'Non-NHS (other than Local Authority) run Care Home',
    '87': 'Non NHS run hospital',
    '88': 'Non-NHS (other than Local Authority) run Hospice',
    '98': 'Not applicable',
    '99': 'Source of admission not known',
  }),
  DischargeDisposition: codesOf(uk('DischargeDestinationEngland'), {
    '19': 'Usual place of residence',
    '29': 'Temporary place of residence when usually resident elsewhere',
    '30': 'Repatriation from high security psychiatric accommodation in an NHS Hospital Provider (NHS Trust or NHS Foundation Trust)',
    '37': 'Court',
    '38': 'Penal establishment or police station',
    '48': 'High Security Psychiatric Hospital, Scotland',
    '49': 'NHS other Hospital Provider - high security psychiatric accommodation',
    '50': 'NHS other Hospital Provider - medium secure unit',
    '51': 'NHS other Hospital Provider - Ward for general patients or the younger physically disabled',
    '52': 'NHS other Hospital Provider - Ward for maternity patients or Neonates',
    '53': 'NHS other Hospital Provider - Ward for patients who are mentally ill or have Learning Disabilities',
    '54': 'NHS run Care Home',
    '65': 'Local Authority residential accommodation i.e. where care is provided',
    '66': 'Local Authority foster care',
    '79': 'Not applicable - Patient died or stillbirth',
    '84': 'Non-NHS run hospital - medium secure unit',
    '85': 'Non-NHS (other than Local Authority) run Care Home',
    '87': 'Non-NHS run hospital',
    '88': 'Non-NHS (other than Local Authority) run Hospice',
    '98': 'Not applicable - Hospital Provider Spell not finished at episode end (i.e. not discharged) or current episode unfinished',
    '99': 'Not known',
  }),
};
