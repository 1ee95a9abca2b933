/** Who the patient is: PID, PD1 and the ZU segments of HL72UK. All people are synthetic. */
import { describe, expect, test } from '@jest/globals';
import type { Encounter, Extension, Patient } from 'fhir/r4.js';
import { PID, convertText, hl7, recordOf, resourceOf, segment, type ConvertOptions } from '../support.js';

const IDS = '9990000018^^^NHS^NH~A12345^^^RXX^MR';
const HL7 = 'http://hl7.org/fhir/StructureDefinition';
const UK = 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore';

const convertPid = (fields: Readonly<Record<number, string>>, ...others: string[]) =>
  convertText(hl7('ADT^A31', segment('PID', { 3: IDS, ...fields }), ...others));
const patientOf = (fields: Readonly<Record<number, string>>, ...others: string[]): Patient =>
  resourceOf<Patient>(convertPid(fields, ...others), 'Patient');
const extensionsOf = (patient: Patient, url: string): Extension[] =>
  (patient.extension ?? []).filter((extension) => extension.url === url);
const extensionOf = (patient: Patient, url: string): Extension | undefined => extensionsOf(patient, url)[0];

describe('PID', () => {
  test('states the mother, her number as a relative, and her maiden name', () => {
    const conversion = convertPid({ 6: 'Begum^Nadia', 21: '999 000 0042^^^NHS^NH~M77^^^RXX^MR' });
    expect(
      extensionOf(resourceOf<Patient>(conversion, 'Patient'), `${HL7}/patient-mothersMaidenName`),
    ).toEqual({
      url: `${HL7}/patient-mothersMaidenName`,
      valueString: 'Begum',
    });
    expect(recordOf(conversion, 'RelatedPerson').resource).toMatchObject({
      identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000042' }, { value: 'M77' }],
      relationship: [{ coding: [{ code: 'MTH' }] }],
    });
  });

  test.each([
    ['EN^English^HL70296', 'en', 'English'],
    ['eng', 'en', 'English'],
    ['wel^Welsh', 'cy', 'Welsh'],
    ['en-US^^ISO639', 'en-US', undefined],
    ['ENGLISH', 'en', 'English'],
    ['7^Punjabi^L', 'pa', 'Panjabi'],
    ['BSL^British Sign Language', 'bfi', 'British Sign Language'],
    ['E', 'und', undefined],
  ])('writes the language %s as %s, which the patient prefers', (sent, code, display) => {
    const [communication, ...others] = patientOf({ 15: sent }).communication ?? [];
    expect(others).toEqual([]);
    expect(communication?.preferred).toBe(true);
    expect(communication?.language.coding).toEqual([
      { system: 'urn:ietf:bcp:47', code, ...(display === undefined ? {} : { display }) },
    ]);
    const [sentCode, name = sentCode] = sent.split('^');
    expect(communication?.language.text).toBe(name === '' ? sentCode : name);
  });

  test('states birth place, citizenships and nationality', () => {
    const patient = patientOf({ 23: 'Leeds^^', 26: 'GB^British^ISO3166_1~IE^Irish^ISO3166_1', 28: 'GB' });
    expect(extensionOf(patient, `${HL7}/patient-birthPlace`)?.valueAddress).toEqual({ text: 'Leeds' });
    const citizenships = extensionsOf(patient, `${HL7}/patient-citizenship`);
    expect(
      citizenships.map(({ extension }) => extension?.[0]?.valueCodeableConcept?.coding?.[0]?.code),
    ).toEqual(['GB', 'IE']);
    expect(extensionsOf(patient, `${HL7}/patient-nationality`)).toHaveLength(1);
  });

  test('states the religion by the codes of the standard, but takes no letter for one', () => {
    const religionOf = (sent: string) =>
      extensionOf(patientOf({ 17: sent }), `${HL7}/patient-religion`)?.valueCodeableConcept;
    expect(religionOf('MET')?.coding?.[0]).toEqual({
      system: 'http://terminology.hl7.org/CodeSystem/v3-ReligiousAffiliation',
      code: '1073',
    });
    expect(religionOf('M^Muslim^L')?.coding?.[0]).toEqual({
      system: 'https://rxx.nhs.uk/id/code',
      code: 'M',
      display: 'Muslim',
    });
  });

  test('keeps the driving licence and a number in PID-19 with their types', () => {
    const { identifier = [] } = patientOf({ 19: 'QQ123456C', 20: 'KHAN9802^DVLA^20300101' });
    expect(identifier.slice(2)).toEqual([
      {
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'DL' }] },
        value: 'KHAN9802',
        period: { end: '2030-01-01' },
        assigner: { display: 'DVLA' },
      },
      {
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'SB' }] },
        value: 'QQ123456C',
      },
    ]);
  });

  test('takes an NHS number in PID-19 for nothing else, whoever it belongs to', () => {
    const options: ConvertOptions = { contested: ['https://fhir.nhs.uk/Id/nhs-number|9990000042'] };
    const text = hl7('ADT^A31', segment('PID', { 3: 'A12345^^^RXX^MR', 19: '999 000 0042' }));
    const { identifier } = resourceOf<Patient>(convertText(text, options), 'Patient');
    expect(identifier?.map(({ value }) => value)).toEqual(['A12345']);
  });

  test('states check digit, period and facility of a number', () => {
    const { identifier } = patientOf({ 3: '77^4^M11^^MR^RXX01^20200101^20210101' });
    expect(identifier?.[0]).toMatchObject({
      value: '77',
      extension: [{ url: `${HL7}/identifier-checkDigit`, valueString: '4' }],
      period: { start: '2020-01-01', end: '2021-01-01' },
      assigner: { display: 'RXX01' },
    });
  });

  test('says that it is about an animal, and what kind', () => {
    const conversion = convertPid({ 35: '125097000^Goat^SCT', 36: '1^Angora^L' });
    const animal = extensionOf(resourceOf<Patient>(conversion, 'Patient'), `${HL7}/patient-animal`);
    expect(animal?.extension?.map(({ url }) => url)).toEqual(['species', 'breed']);
    expect(conversion.issues.map(({ location }) => location)).toContain('PID-35[1]');
  });

  test('puts a county that stands alone into the address', () => {
    const address = { 11: '1 Mill Lane^^Leeds^^LS1 1AA', 12: 'WYK' };
    expect(patientOf(address).address?.[0]?.district).toBe('WYK');
    const two = patientOf({ ...address, 11: `${address[11]}~2 Mill Lane^^Leeds` });
    expect(two.address?.map(({ district }) => district)).toEqual([undefined, undefined]);
  });

  test('names whom the patient likes to be called', () => {
    expect(patientOf({ 5: 'Khan^Amira^^^^^L^^^^^^^^Mimi' }).name).toEqual([
      { family: 'Khan', given: ['Amira'], use: 'official' },
      { given: ['Mimi'], use: 'nickname' },
    ]);
  });
});

describe('the ethnic category', () => {
  const categoryOf = (fields: Readonly<Record<number, string>>) =>
    extensionOf(patientOf(fields), `${UK}-EthnicCategory`)?.valueCodeableConcept?.coding?.[0]?.code;

  test.each([
    [{ 22: 'N' }, 'N'],
    [{ 22: 'N^NOT HISPANIC OR LATINO^HL70189' }, undefined],
    [{ 22: 'H^Hispanic' }, undefined],
    [{ 10: 'A^White - British' }, 'A'],
    [{ 10: 'B' }, undefined],
    [{ 10: 'A^Asian' }, undefined],
    [{ 10: 'A^White - British', 22: 'C' }, 'C'],
  ])('of %j is %s', (fields, code) => {
    expect(categoryOf(fields)).toBe(code);
  });
});

describe('a death', () => {
  test.each([{ 29: '20240101' }, { 30: 'Y' }])('stated by %j is one of which a trust has told', (fields) => {
    const patient = patientOf(fields);
    expect(extensionOf(patient, `${UK}-DeathNotificationStatus`)?.extension).toMatchObject([
      { url: 'deathNotificationStatus', valueCodeableConcept: { coding: [{ code: '1' }] } },
    ]);
  });

  test('that is denied notifies nobody', () => {
    expect(extensionOf(patientOf({ 30: 'N' }), `${UK}-DeathNotificationStatus`)).toBeUndefined();
  });
});

describe('PD1', () => {
  test('states disability, consent to donate organs and congregation', () => {
    const patient = patientOf({}, segment('PD1', { 6: 'W^Wheelchair^L', 8: 'Y', 14: 'St Anne' }));
    expect(extensionOf(patient, `${HL7}/patient-disability`)?.valueCodeableConcept?.coding?.[0]?.code).toBe(
      'W',
    );
    expect(extensionOf(patient, `${HL7}/patient-cadavericDonor`)?.valueBoolean).toBe(true);
    expect(extensionOf(patient, `${HL7}/patient-congregation`)?.valueString).toBe('St Anne');
  });

  test('states no decision about organs where relatives are to decide', () => {
    const patient = patientOf({}, segment('PD1', { 8: 'R' }));
    expect(extensionOf(patient, `${HL7}/patient-cadavericDonor`)).toBeUndefined();
  });
});

describe('a record that must be protected', () => {
  const RESTRICTED = [
    {
      system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
      code: 'R',
      display: 'restricted',
    },
  ];
  const securityOf = (...segments: string[]) => patientOf({}, ...segments).meta?.security;

  test.each([
    ['the S-flag (ZU8-4)', segment('ZU8', { 4: '2' })],
    ['PD1-12', segment('PD1', { 12: 'Y' })],
    ['PV1-16', segment('PV1', { 2: 'N', 16: 'S' })],
  ])('is labelled so by %s', (_what, stated) => {
    expect(securityOf(stated)).toEqual(RESTRICTED);
  });

  test('is labelled once, whoever says so', () => {
    expect(securityOf(segment('PD1', { 12: 'Y' }), segment('ZU8', { 4: '2' }))).toEqual(RESTRICTED);
  });

  test.each([
    ['ZU8-4', segment('ZU8', { 4: '0' })],
    ['PD1-12', segment('PD1', { 12: 'N' })],
  ])('is not laid open by a default in %s, nor by silence', (_what, stated) => {
    for (const segments of [[stated], []]) {
      const record = recordOf(convertPid({}, ...segments), 'Patient');
      expect(record.resource.meta?.security).toBeUndefined();
      expect(record.removed).toEqual([]);
    }
  });

  test('is laid open only by whoever takes it back', () => {
    const record = recordOf(convertPid({}, segment('ZU8', { 4: '""' })), 'Patient');
    expect(record.removed).toEqual(['meta.security[rule=zu8-4-location-hidden]']);
  });
});

describe('whether somebody is dead', () => {
  test.each([
    ['20240104', 'Y', '2024-01-04', true],
    ['', 'Y', true, true],
    ['', 'yes', true, true],
    ['00000000', 'Y', true, true],
    ['00000000', 'N', false, false],
    ['', 'N', false, false],
    ['00000000', '', undefined, false],
  ])('is read from PID-29 "%s" and PID-30 "%s"', (died, dead, expected, hasNotice) => {
    const patient = patientOf({ 29: died, 30: dead });
    expect(patient.deceasedDateTime ?? patient.deceasedBoolean).toBe(expected);
    expect(extensionsOf(patient, `${UK}-DeathNotificationStatus`)).toHaveLength(hasNotice ? 1 : 0);
  });
});

describe('an attendance (ZU3-3)', () => {
  const visit = (event: string, attended: string): Encounter => {
    const pv1 = segment('PV1', { 2: 'O', 3: 'CL3', 19: 'V1^^^RXX' });
    const text = hl7(`ADT^${event}`, PID, pv1, segment('ZU3', { 3: attended }));
    return resourceOf<Encounter>(convertText(text), 'Encounter');
  };

  test.each([
    ['A04', '5', 'in-progress', 'active'],
    ['A04', '3', 'cancelled', 'planned'],
    ['A03', '3', 'cancelled', 'planned'],
    ['A08', '7', 'cancelled', 'planned'],
    ['A23', '3', 'entered-in-error', 'completed'],
  ])('in %s of %s makes the visit %s', (event, attended, status, place) => {
    const { status: read, location } = visit(event, attended);
    expect([read, location?.[0]?.status]).toEqual([status, place]);
  });
});

test('the outcome of an attendance (ZU3-4) is part of the visit', () => {
  const text = hl7('ADT^A03', PID, 'PV1|1|O|||||||||||||||||V1^^^RXX', segment('ZU3', { 4: '1' }));
  expect(resourceOf<Encounter>(convertText(text), 'Encounter').extension).toMatchObject([
    { url: `${UK}-OutcomeOfAttendance`, valueCodeableConcept: { coding: [{ code: '1' }] } },
  ]);
});
