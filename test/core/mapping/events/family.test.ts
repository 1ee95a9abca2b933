/** NK1, GT1 and IN1: who stands around the patient, and who pays. All people are synthetic. */
import { describe, expect, test } from '@jest/globals';
import type { Coverage, Organization, Patient, RelatedPerson } from 'fhir/r4.js';
import {
  PATIENT_KEY,
  PID,
  convertText,
  hl7,
  patientRecordId,
  recordOf,
  recordsOf,
  resourceOf,
  segment,
} from '../support.js';

const A08 = (...segments: string[]) => convertText(hl7('ADT^A08', PID, ...segments));
const BETH =
  'NK1|1|Khan^Beth^^^Ms|SPO^Spouse^HL70063|1 Mill Lane^^Leeds^W Yorks^ls11aa|0113 496 0000|0113 496 0001|N';

describe('a relative', () => {
  test('is a contact of the patient and a person of their own', () => {
    const conversion = A08(`${BETH}|20200101|20300101||||||F`);
    const expected = {
      relationship: [
        { coding: [{ code: 'SPS' }], text: 'Spouse' },
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0131', code: 'N' }] },
      ],
      telecom: [
        { value: '0113 496 0000', system: 'phone', use: 'home' },
        { value: '0113 496 0001', system: 'phone', use: 'work' },
      ],
      gender: 'female',
      period: { start: '2020-01-01', end: '2030-01-01' },
    };
    const address = { line: ['1 Mill Lane'], city: 'Leeds', district: 'W Yorks', postalCode: 'LS1 1AA' };
    const name = { family: 'Khan', given: ['Beth'], prefix: ['Ms'] };
    expect(resourceOf<Patient>(conversion, 'Patient').contact).toMatchObject([
      { ...expected, address, name },
    ]);
    expect(resourceOf<RelatedPerson>(conversion, 'RelatedPerson')).toMatchObject({
      ...expected,
      id: patientRecordId('RelatedPerson', 'KHAN|BETH|SPO|HL70063'),
      meta: { profile: ['https://fhir.hl7.org.uk/StructureDefinition/UKCore-RelatedPerson'] },
      patient: { reference: `Patient/${PATIENT_KEY}` },
      address: [address],
      name: [name],
    });
    const unmapped = conversion.ledger.filter(
      ({ source, fate }) => source.startsWith('NK1') && fate === 'unmapped',
    );
    expect(unmapped).toEqual([]);
  });

  test('is the same in the next message, and when stated twice', () => {
    const [only, ...others] = recordsOf(A08(BETH, BETH.replace('NK1|1', 'NK1|2')), 'RelatedPerson');
    expect(others).toEqual([]);
    expect(only?.resource.id).toBe(
      recordOf(A08(BETH.replace('Khan^Beth', 'KHAN^BETH')), 'RelatedPerson').resource.id,
    );
    expect(only?.mode).toBe('merge');
  });

  test('with a number is known by it', () => {
    const nk1 = segment('NK1', { 2: 'Khan^Beth', 20: 'cy', 33: '999 000 0042^^^NHS^NH' });
    expect(resourceOf<RelatedPerson>(A08(nk1), 'RelatedPerson')).toMatchObject({
      id: patientRecordId('RelatedPerson', 'id 999 000 0042|NHS'),
      identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000042' }],
      communication: [{ language: { coding: [{ code: 'cy' }] } }],
    });
  });

  test.each([
    ['FATHER', 'FTH'],
    ['Wife', 'WIFE'],
    ['NOK', 'N'],
    ['GRD^Guardian', 'GRD'],
    ['ZZ^Carer^L', 'ZZ'],
  ])('called %s is %s', (sent, code) => {
    const { relationship } = resourceOf<RelatedPerson>(A08(`NK1|1|Khan^Beth|${sent}`), 'RelatedPerson');
    expect(relationship?.[0]?.coding?.[0]?.code).toBe(code);
  });

  test('of whom nothing is known but a relationship is nobody', () => {
    const conversion = A08('NK1|1||SPO^Spouse');
    expect(recordsOf(conversion, 'RelatedPerson')).toEqual([]);
    expect(resourceOf<Patient>(conversion, 'Patient').contact).toBeUndefined();
  });

  test('whom a result mentions is only made where there is none', () => {
    const conversion = convertText(hl7('ORU^R01', PID, BETH, 'OBR|1||L1|FBC'));
    expect(recordOf(conversion, 'RelatedPerson').mode).toBe('create');
  });
});

describe('a guarantor', () => {
  test('is a related person in that role', () => {
    const gt1 = 'GT1|1|77^^^RXX|Khan^Beth||1 Mill Lane^^Leeds|0113 496 0000||19700101|F||SPO';
    expect(resourceOf<RelatedPerson>(A08(gt1), 'RelatedPerson')).toMatchObject({
      id: patientRecordId('RelatedPerson', 'guarantor 77|RXX'),
      identifier: [{ value: '77' }],
      relationship: [
        { coding: [{ code: 'SPS' }] },
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleClass', code: 'GUAR' }] },
      ],
      birthDate: '1970-01-01',
    });
  });

  test('who is the patient is not recorded again', () => {
    const conversion = A08('GT1|1||Khan^Amira||||||||SEL');
    expect(recordsOf(conversion, 'RelatedPerson')).toEqual([]);
    expect(
      conversion.ledger.filter(({ source }) => source.startsWith('GT1')).map(({ fate }) => fate),
    ).toEqual(['ignored', 'ignored', 'ignored']);
  });
});

describe('insurance', () => {
  const IN1 = {
    1: '1',
    2: 'GOLD^Gold plan',
    3: 'BUPA01',
    4: 'Example Health',
    5: '1 High St^^London^^EC1A 1BB',
    7: '020 7946 0000',
    8: 'G7',
    9: 'Staff',
    11: 'Example Works',
    12: '20240101',
    13: '20241231',
    15: 'HMO^Managed care',
    36: 'POL123',
  };

  test('of the patient is a coverage that the company pays', () => {
    const conversion = A08(segment('IN1', { ...IN1, 16: 'Khan^Amira', 17: 'SEL^Self' }));
    const coverage = resourceOf<Coverage>(conversion, 'Coverage');
    const payor = conversion.records.find(
      ({ resource }) => (resource as Organization).name === 'Example Health',
    )?.resource;
    expect(payor).toMatchObject({
      identifier: [{ system: 'https://rxx.nhs.uk/id/location/insurer', value: 'BUPA01' }],
      address: [{ postalCode: 'EC1A 1BB' }],
      telecom: [{ value: '020 7946 0000' }],
    });
    expect(coverage).toMatchObject({
      id: patientRecordId('Coverage', 'policy POL123|BUPA01'),
      status: 'active',
      type: { coding: [{ code: 'HMO' }] },
      policyHolder: { display: 'Example Works' },
      subscriber: { reference: `Patient/${PATIENT_KEY}` },
      subscriberId: 'POL123',
      beneficiary: { reference: `Patient/${PATIENT_KEY}` },
      relationship: { coding: [{ code: 'self' }] },
      period: { start: '2024-01-01', end: '2024-12-31' },
      payor: [{ reference: `Organization/${payor?.id ?? ''}`, display: 'Example Health' }],
      class: [
        { type: { coding: [{ code: 'plan' }] }, value: 'GOLD', name: 'Gold plan' },
        { type: { coding: [{ code: 'group' }] }, value: 'G7', name: 'Staff' },
      ],
    });
    expect(recordsOf(conversion, 'RelatedPerson')).toEqual([]);
  });

  test('of somebody else names them as subscriber', () => {
    const conversion = A08(segment('IN1', { 2: 'GOLD', 4: 'Example Health', 16: 'Khan^Beth', 17: 'SPO' }));
    const insured = recordOf(conversion, 'RelatedPerson').resource;
    expect(insured).toMatchObject({
      name: [{ family: 'Khan' }],
      relationship: [{ coding: [{ code: 'SPS' }] }],
    });
    expect(resourceOf<Coverage>(conversion, 'Coverage')).toMatchObject({
      subscriber: { reference: `RelatedPerson/${insured.id}` },
      relationship: { coding: [{ code: 'spouse' }] },
    });
  });

  test("names an insurer whose address and telephone are nobody's home", () => {
    const conversion = A08(
      segment('IN1', {
        2: 'GOLD',
        4: 'Example Health',
        5: '1 High St^^Leeds^^LS1 1AA^^H',
        7: '01134960000^PRN^PH',
      }),
    );
    const payor = conversion.records.find(
      ({ resource }) => 'name' in resource && resource.name === 'Example Health',
    );
    expect(payor?.resource).toMatchObject({
      address: [{ city: 'Leeds' }],
      telecom: [{ value: '01134960000' }],
    });
    expect(JSON.stringify(payor?.resource)).not.toContain('"use"');
  });

  test('without a company still says who pays, as far as it is known', () => {
    const payorOf = (fields: Readonly<Record<number, string>>) =>
      resourceOf<Coverage>(A08(segment('IN1', fields)), 'Coverage').payor;
    expect(payorOf({ 2: 'SELF^Pays for herself' })).toEqual([{ display: 'SELF, Pays for herself' }]);
    expect(payorOf({ 36: 'POL123' })).toEqual([{ display: 'Not stated' }]);
  });
});
