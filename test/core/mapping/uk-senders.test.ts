/**
 * Messages as British senders write them (Millennium, Epic, Lorenzo, Careflow, WinPath, CRIS, ICE), and what a clinician
 * must be able to read from them. All people are synthetic.
 */
import { describe, expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import type { Conversion } from '../../../src/core/mapping/types.js';
import { after, convertText, recordOf, recordsOf, resourcesOf, unmapped, warned } from './support.js';

const MSH = (sender: string, type: string, time = '20240612101500') =>
  `MSH|^~\\&|${sender}|RXX|TIE|RXX|${time}||${type}|${sender}1|P|2.4`;
const AMIRA = 'PID|1||A12345^^^RXX^MR~999 000 0018^^^NHS^NH||KHAN^AMIRA^^^MRS||19800229|F';

const sent = (...segments: string[]): Conversion => convertText(segments.join('\r'));
const adt = (event: string, ...segments: string[]) =>
  sent(MSH('PAS', `ADT^${event}`), `EVN|${event}|20240612101500`, ...segments);
const lab = (...segments: string[]) => sent(MSH('WINPATH', 'ORU^R01'), AMIRA, ...segments);
const only = (conversion: Conversion, type: string): Resource => recordOf(conversion, type).resource;
const removedFrom = (conversion: Conversion, type: string) => recordsOf(conversion, type)[0]?.removed;

describe('patient administration', () => {
  test('of Millennium, with "" in the components of names and numbers', () => {
    const conversion = adt(
      'A08',
      'PID|1||A12345^^^RXX^MRN^""~9990000018^^^NHSNBR^NHSNMBR^""||KHAN^AMIRA^""^""^MRS^""^CURRENT||19800229000000|F|""|A' +
        '|1 HIGH ST^""^LEEDS^""^LS1 1AA^GBR^HOME||07700900001^MOBILE~^NET^Internet^amira@example.org',
      'PV1|1|I|W1^B2^3^RXX|22||||||300||||19|||||V1^^^RXX^VISITID',
    );
    const patient = only(conversion, 'Patient');
    expect(JSON.stringify(patient)).not.toContain('""""');
    expect(JSON.stringify(patient)).not.toContain('\\"\\"');
    expect(patient).toMatchObject({
      identifier: [
        { system: 'https://rxx.nhs.uk/id/mrn', value: 'A12345' },
        { system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000018' },
      ],
      name: [{ use: 'official', family: 'KHAN', given: ['AMIRA'], prefix: ['MRS'] }],
      birthDate: '1980-02-29',
      gender: 'female',
      address: [{ line: ['1 HIGH ST'], city: 'LEEDS', postalCode: 'LS1 1AA', use: 'home' }],
      telecom: [
        { system: 'phone', value: '07700900001', use: 'mobile' },
        { system: 'email', value: 'amira@example.org' },
      ],
    });
    expect(patient).not.toHaveProperty('deceasedBoolean');
    expect(only(conversion, 'Encounter')).toMatchObject({
      hospitalization: { admitSource: { coding: [{ code: '19' }] } },
    });
    expect(only(conversion, 'Encounter')).not.toHaveProperty('status');
  });

  test('takes a death back that was recorded in error', () => {
    const dead = adt('A31', `${AMIRA}${'|'.repeat(21)}20240601|Y`);
    const alive = adt('A31', `${AMIRA}${'|'.repeat(21)}""|""`);
    expect(only(dead, 'Patient')).toMatchObject({ deceasedDateTime: '2024-06-01' });
    expect(removedFrom(alive, 'Patient')).toEqual(
      expect.arrayContaining(['deceasedDateTime', 'deceasedBoolean']),
    );
    expect(after(recordsOf(dead, 'Patient')[0]!, recordsOf(alive, 'Patient')[0]!)).not.toHaveProperty(
      'deceasedDateTime',
    );
  });

  test('keeps two visits of a patient apart, and their dates', () => {
    const visit = (number: string, admitted: string) =>
      only(
        adt('A01', AMIRA, `PV1|1|I|W1||||||||||||||||${number}^^^RXX^VN${'|'.repeat(25)}${admitted}`),
        'Encounter',
      );
    const [first, second] = [visit('V1', '20240331003000'), visit('V2', '20241027013000')];
    expect(first.id).not.toBe(second.id);
    expect(first).toMatchObject({ status: 'in-progress', period: { start: '2024-03-31T00:30:00+00:00' } });
    expect(second).toMatchObject({ status: 'in-progress', period: { start: '2024-10-27T01:30:00+01:00' } });
    expect(visit('V3', '20240331013000')).toMatchObject({ period: { start: '2024-03-31T01:30:00+00:00' } });
    expect(visit('V4', '20240701080000')).toMatchObject({ period: { start: '2024-07-01T08:00:00+01:00' } });
    expect(visit('V5', '202407')).toMatchObject({ period: { start: '2024-07' } });
  });

  test('discharges, and takes the discharge back', () => {
    const pv1 = `PV1|1|I|W1||||||||||||||||V1^^^RXX^VN${'|'.repeat(17)}1|19|||||||20240610|20240612093000`;
    const discharged = adt('A03', AMIRA, pv1);
    expect(only(discharged, 'Encounter')).toMatchObject({
      status: 'finished',
      period: { end: '2024-06-12T09:30:00+01:00' },
      hospitalization: { dischargeDisposition: { coding: [{ code: '19' }] } },
    });
    const reopened = adt('A13', AMIRA, pv1);
    const stored = after(recordsOf(discharged, 'Encounter')[0]!, recordsOf(reopened, 'Encounter')[0]!);
    expect(stored).toMatchObject({ status: 'in-progress' });
    expect(JSON.stringify(stored)).not.toContain('"end"');
    expect(JSON.stringify(stored)).not.toContain('dischargeDisposition');
  });

  test.each([
    ['1950', '1950'],
    ['195003', '1950-03'],
    ['19500301', '1950-03-01'],
    ['00000000', undefined],
    ['01/03/1950', undefined],
  ])('reads the birth date %s as %s', (written, birthDate) => {
    const conversion = adt('A28', `PID|1||A12345^^^RXX^MR||KHAN^AMIRA||${written}|F`);
    expect(only(conversion, 'Patient')).toHaveProperty(['resourceType'], 'Patient');
    expect((only(conversion, 'Patient') as { birthDate?: string }).birthDate).toBe(birthDate);
    expect(unmapped(conversion)).toEqual(birthDate === undefined ? ['PID-7[1]'] : []);
  });

  test.each([
    ['ZU8||||2', ['R']],
    ['PV1|1|O||||||||||||||S|||V1', ['R']],
    ['PD1||||||||||||Y', ['R']],
    ['PV1|1|O||||||||||||||N|||V1', undefined],
  ])('hides where somebody is: %s', (segment, labels) => {
    expect(only(adt('A31', AMIRA, segment), 'Patient').meta?.security?.map(({ code }) => code)).toEqual(
      labels,
    );
  });

  test('names the practice and the doctor', () => {
    const conversion = adt('A28', AMIRA, 'PD1|||HIGH ST SURGERY^^A81001|G5612908^JONES^ANN^^^DR^^^GMP');
    expect(only(conversion, 'Patient')).toMatchObject({
      generalPractitioner: [
        { type: 'Organization', display: 'HIGH ST SURGERY' },
        { type: 'Practitioner', display: 'DR ANN JONES' },
      ],
    });
  });
});

describe('allergies', () => {
  const codes = (conversion: Conversion) =>
    resourcesOf(conversion, 'AllergyIntolerance').map(
      (each) => (each as { code?: { coding?: { code?: string }[] } }).code?.coding?.[0]?.code,
    );

  test('with codes of SNOMED CT, Read and the trust', () => {
    const conversion = adt(
      'A31',
      AMIRA,
      'AL1|1|DA^Drug^HL70127|91936005^Allergy to penicillin^SCT|24484000^Severe^SCT|39579001^Anaphylaxis^SCT|2019',
      'AL1|2|FA|SN51.^Food allergy^READ|Moderate|Hives~Vomiting',
      'AL1|3|DA|L77^Latex^L~L78^Plasters^L|3^Severe^L',
    );
    expect(codes(conversion)).toEqual(['91936005', 'SN51.', 'L77', 'L78']);
    const [penicillin, food, latex, plasters] = resourcesOf(conversion, 'AllergyIntolerance');
    expect(penicillin).toMatchObject({
      criticality: 'high',
      category: ['medication'],
      onsetDateTime: '2019',
      clinicalStatus: { coding: [{ code: 'active' }] },
      reaction: [{ severity: 'severe', manifestation: [{ coding: [{ code: '39579001' }] }] }],
    });
    expect(food).toMatchObject({
      category: ['food'],
      code: { coding: [{ system: 'http://read.info/readv2' }] },
      reaction: [
        { severity: 'moderate', manifestation: [{ text: 'Hives' }] },
        { severity: 'moderate', manifestation: [{ text: 'Vomiting' }] },
      ],
    });
    expect(latex).toMatchObject({ criticality: 'high' });
    expect(plasters).toMatchObject({ criticality: 'high' });
    expect(unmapped(conversion)).toEqual([]);
  });

  test.each([
    ['A', 'active'],
    ['U', 'active'],
    ['D', 'inactive'],
    ['X', undefined],
  ])('by IAM-6 %s are %s', (action, status) => {
    const [allergy] = resourcesOf(
      adt('A60', AMIRA, `IAM|1|DA|P^Penicillin^L|SV|Rash|${action}`),
      'AllergyIntolerance',
    );
    const { clinicalStatus } = allergy as { clinicalStatus?: { coding: { code: string }[] } };
    expect(clinicalStatus?.coding[0]?.code).toBe(status);
  });

  test('are not deleted by a field of "" that names none', () => {
    const conversion = adt('A31', AMIRA, 'AL1|1|DA|""|""|""');
    expect(resourcesOf(conversion, 'AllergyIntolerance')).toEqual([]);
    expect(warned(conversion)).toEqual(['HDE_HL7_REQUIRED AL1-3']);
  });

  test('that somebody does not have are no allergies', () => {
    expect(
      codes(adt('A01', AMIRA, 'PV1|1|I|||||||||||||||||V1', 'AL1|1||NKDA^No known drug allergies^L')),
    ).toEqual(['409137002']);
  });
});

describe('blood results of WinPath', () => {
  const OBR = (status: string, number = 'F1') =>
    `OBR|1|P1^ICE|${number}^WINPATH|FBC^Full blood count^WINPATH|||20240612080000|||||||20240612090000|BLD^Blood|G1^JONES^ANN||||||20240612100000||HM|${status}`;
  const OBX = (code: string, value: string, status: string, type = 'NM', subId = '', flag = '') =>
    `OBX|1|${type}|${code}^${code}^WINPATH|${subId}|${value}|g/L|115-165|${flag}|||${status}|||20240612080000`;

  test('that are preliminary and then final are the same records, with fewer or more of them', () => {
    const early = lab(
      OBR('P'),
      OBX('HB', '112', 'P', 'NM', '', 'L'),
      OBX('WBC', '4.0', 'P'),
      OBX('PLT', '', 'I'),
    );
    const late = lab(
      OBR('F'),
      OBX('HB', '113', 'F', 'NM', '', 'L'),
      OBX('WBC', '4.0', 'F'),
      OBX('MCV', '88', 'F'),
    );
    expect(resourcesOf(early, 'Observation')).toMatchObject([
      {
        status: 'preliminary',
        valueQuantity: { value: 112, unit: 'g/L' },
        interpretation: [{ coding: [{ code: 'L' }] }],
      },
      { status: 'preliminary', valueQuantity: { value: 4, _value: { extension: [{ valueInteger: 1 }] } } },
      { status: 'registered' },
    ]);
    const ids = (conversion: Conversion) => resourcesOf(conversion, 'Observation').map(({ id }) => id);
    expect(ids(late).slice(0, 2)).toEqual(ids(early).slice(0, 2));
    expect(ids(early)).not.toContain(ids(late)[2]);
    expect(only(early, 'DiagnosticReport')).toMatchObject({
      id: only(late, 'DiagnosticReport').id,
      status: 'preliminary',
      effectiveDateTime: '2024-06-12T08:00:00+01:00',
      issued: '2024-06-12T10:00:00+01:00',
    });
    expect(only(late, 'DiagnosticReport')).toMatchObject({ status: 'final' });
    expect(resourcesOf(late, 'Observation')[0]).toMatchObject({
      referenceRange: [{ low: { value: 115 }, high: { value: 165 }, text: '115-165' }],
    });
  });

  test('are corrected where they stand, also with sub-ids', () => {
    const final = lab(OBR('F'), OBX('HB', '112', 'F', 'NM', '1'), OBX('HB', '115', 'F', 'NM', '2'));
    const corrected = lab(OBR('C'), OBX('HB', '121', 'C', 'NM', '2'));
    const [first, second] = resourcesOf(final, 'Observation');
    expect(first?.id).not.toBe(second?.id);
    expect(only(corrected, 'Observation')).toMatchObject({
      id: second?.id,
      status: 'corrected',
      valueQuantity: { value: 121 },
    });
    expect(only(corrected, 'DiagnosticReport')).toMatchObject({ status: 'corrected' });
    expect(warned(corrected)).toEqual([]);
  });

  test.each([
    ['NM', '<5', { valueQuantity: { value: 5, comparator: '<' } }],
    ['NM', '>=90', { valueQuantity: { value: 90, comparator: '>=' } }],
    ['NM', '7.10', { valueQuantity: { value: 7.1 } }],
    ['NM', 'Haemolysed', { valueString: 'Haemolysed' }],
    ['SN', '>^90', { valueQuantity: { value: 90, comparator: '>' } }],
    ['SN', '^1^:^40', { valueRatio: { numerator: { value: 1 }, denominator: { value: 40 } } }],
    ['SN', '^5^-^10', { valueRange: { low: { value: 5 }, high: { value: 10 } } }],
    ['SN', '<^10^-^20', { valueString: '< 10 - 20' }],
    ['ST', '<0.01', { valueString: '<0.01', note: [{ text: 'Unit: g/L' }] }],
    ['ST', '12', { valueQuantity: { value: 12, unit: 'g/L' } }],
    ['', '12', { valueQuantity: { value: 12, unit: 'g/L' } }],
    ['CWE', 'POS^Positive^L', { valueCodeableConcept: { coding: [{ code: 'POS' }] } }],
    ['FT', 'Line 1\\.br\\Line 2', { valueString: 'Line 1\nLine 2' }],
    ['TS', '202406', { valueDateTime: '2024-06' }],
  ])('of type %s say %s', (type, value, expected) => {
    expect(only(lab(OBR('F'), OBX('X', value, 'F', type)), 'Observation')).toMatchObject(expected);
  });

  test('that cannot be obtained, or were posted to the wrong patient, do not stand', () => {
    const conversion = lab(OBR('F'), OBX('K', '', 'X'), OBX('NA', '140', 'W'), OBX('UR', '5', 'D'));
    expect(resourcesOf(conversion, 'Observation')).toMatchObject([
      { status: 'cancelled' },
      { status: 'entered-in-error' },
      { status: 'entered-in-error' },
    ]);
  });

  test('of a point of care are told apart by their times', () => {
    const glucose = (time: string, value: string) =>
      `OBX|1|NM|GLU^Glucose^L||${value}|mmol/L|||||F|||${time}`;
    const conversion = sent(
      MSH('POCT', 'ORU^R30'),
      AMIRA,
      'OBR|1|||GLU^Glucose^L',
      glucose('202410270130', '4.1'),
      glucose('202410270230', '5.2'),
    );
    expect(new Set(resourcesOf(conversion, 'Observation').map(({ id }) => id)).size).toBe(2);
    expect(resourcesOf(conversion, 'Observation')).toMatchObject([
      { effectiveDateTime: '2024-10-27T01:30:00+01:00' },
      { effectiveDateTime: '2024-10-27T02:30:00+00:00' },
    ]);
  });
});
