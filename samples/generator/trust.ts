/** Northwick and Elmsford University Hospitals: a trust that does not exist, with codes that are not issued. */
import type { Practice, Practitioner, Ward } from './model.js';

export const TRUST = { code: 'RZZ', name: 'Northwick and Elmsford University Hospitals NHS Trust' } as const;

/** The trust's integration engine: MSH-3 of every message. */
export const SENDING_APPLICATION = 'RZZ_TIE';

/** Sites by their ODS code. */
export const SITES = [
  { code: 'RZZ01', name: 'Northwick General Hospital' },
  { code: 'RZZ02', name: 'Elmsford Community Hospital' },
] as const;

const ward = (
  code: string,
  name: string,
  specialty: string,
  options: Partial<Omit<Ward, 'code' | 'name' | 'specialty'>> = {},
): Ward => ({
  code,
  name,
  specialty,
  site: 'RZZ01',
  building: 'Main',
  floor: '2',
  kind: 'N',
  bays: ['BAY1', 'BAY2', 'BAY3', 'BAY4'],
  bedsPerBay: 6,
  ...options,
});

export const EMERGENCY_DEPARTMENT = ward('ED', 'Emergency Department', '180', {
  kind: 'D',
  floor: '0',
  bays: ['MAJORS', 'MINORS', 'RESUS'],
  bedsPerBay: 12,
});

export const ASSESSMENT_UNIT = ward('AMU', 'Acute Medical Unit', '326', { floor: '0' });

export const INPATIENT_WARDS: readonly Ward[] = [
  ward('W11', 'Cardiology, Ward 11', '320', { floor: '1' }),
  ward('W12', 'Respiratory Medicine, Ward 12', '340', { floor: '1' }),
  ward('W21', 'General Medicine, Ward 21', '300'),
  ward('W22', 'Elderly Care, Ward 22', '430'),
  ward('W31', 'General Surgery, Ward 31', '100', { floor: '3' }),
  ward('W32', 'Trauma and Orthopaedics, Ward 32', '110', { floor: '3' }),
  ward('ECH1', 'Rehabilitation, Willow Ward', '314', { site: 'RZZ02', building: 'Willow', floor: '0' }),
];

export const CHILDRENS_WARD = ward('W41', "Children's Ward 41", '420', { floor: '4' });

export const DAY_SURGERY = ward('DSU', 'Day Surgery Unit', '100', {
  floor: '1',
  bays: ['POD1', 'POD2'],
  bedsPerBay: 8,
});

const clinic = (code: string, name: string, specialty: string, site = 'RZZ01'): Ward =>
  ward(code, name, specialty, {
    kind: 'C',
    site,
    building: 'Outpatients',
    floor: '0',
    bays: ['ROOM1', 'ROOM2', 'ROOM3'],
    bedsPerBay: 1,
  });

export const CLINICS: readonly Ward[] = [
  clinic('OPCARD', 'Cardiology Clinic', '320'),
  clinic('OPDIAB', 'Diabetes Clinic', '307'),
  clinic('OPRHEU', 'Rheumatology Clinic', '410'),
  clinic('OPFRAC', 'Fracture Clinic', '110'),
  clinic('OPGAST', 'Gastroenterology Clinic', '301', 'RZZ02'),
];

/** GMC reference numbers of doctors who do not exist: none issued begins with 9. Consultant code: `C` before it. */
export const CONSULTANTS: readonly Practitioner[] = [
  { code: '9990011', family: 'Okafor', given: 'Chidi', prefix: 'Dr' },
  { code: '9990022', family: 'Ellingham', given: 'Ruth', prefix: 'Dr' },
  { code: '9990033', family: 'Raghunathan', given: 'Priya', prefix: 'Dr' },
  { code: '9990044', family: 'McAllister', given: 'Fraser', prefix: 'Mr' },
  { code: '9990055', family: 'Nowicka', given: 'Hanna', prefix: 'Miss' },
  { code: '9990066', family: 'Abdi', given: 'Yusuf', prefix: 'Dr' },
  { code: '9990077', family: 'Prendergast', given: 'Owen', prefix: 'Dr' },
  { code: '9990088', family: "D'Souza", given: 'Maria', prefix: 'Dr' },
];

const gp = (code: string, family: string, given: string): Practitioner => ({
  code,
  family,
  given,
  prefix: 'Dr',
});

export const PRACTICES: readonly Practice[] = [
  {
    code: 'Z99001',
    name: 'Larkspur Road Surgery',
    gps: [gp('G9990101', 'Hargreaves', 'Anne'), gp('G9990102', 'Bhatt', 'Sunil')],
  },
  {
    code: 'Z99002',
    name: 'Marsh & Fenn Medical Practice',
    gps: [gp('G9990201', 'Fenn', 'Gareth'), gp('G9990202', 'Adeyemi', 'Tolu')],
  },
  { code: 'Z99003', name: 'Elmsford Health Centre', gps: [gp('G9990301', 'Kirkbride', 'Moira')] },
  {
    code: 'Z99004',
    name: 'The Weavers Practice',
    gps: [gp('G9990401', 'Siddiqui', 'Nadia'), gp('G9990402', 'Cole', 'Peter')],
  },
];

/** Towns of the invented county, each with its postcode district: no UK postcode begins with Q. */
export const TOWNS = [
  { town: 'Northwick', district: 'QZ1' },
  { town: 'Northwick', district: 'QZ2' },
  { town: 'Elmsford', district: 'QZ5' },
  { town: 'Great Tarrow', district: 'QZ7' },
  { town: 'Saltby-on-Sea', district: 'QZ9' },
] as const;

export const COUNTY = 'Westshire';

export const STREETS: readonly string[] = [
  'Larkspur Road',
  'Tannery Lane',
  'Old Mill Close',
  'Victoria Terrace',
  'Saltmarsh Drive',
  'Weavers Row',
  'Beacon Hill',
  'Station Approach',
  'Orchard Gardens',
  'Cathedral View',
  'Harbour Street',
  'Priory Avenue',
];

/** The postcode that the NHS uses for people of no fixed abode. */
export const NO_FIXED_ABODE = 'ZZ99 3VZ';
