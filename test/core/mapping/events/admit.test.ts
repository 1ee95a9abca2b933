import { describe, expect, test } from '@jest/globals';
import { sharedId } from '../../../../src/core/identity/tokens.js';
import { convertText, hl7, PATIENT_KEY, patientRecordId, recordOf, resourceOf, segment } from '../support.js';

const profile = (name: string) => ({
  profile: [`https://fhir.hl7.org.uk/StructureDefinition/UKCore-${name}`],
});
const uk = (name: string) => `https://fhir.hl7.org.uk/CodeSystem/UKCore-${name}`;
const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';
const TYPES = 'http://terminology.hl7.org/CodeSystem/v2-0203';
const id = patientRecordId;
const practitioner = (number: string) =>
  `Practitioner/${sharedId('Practitioner', 'https://fhir.hl7.org.uk/Id/gmc-number', number)}`;
const trust = `Organization/${sharedId('Organization', ODS, 'RXX')}`;

const message = hl7(
  'ADT^A01',
  segment('PID', {
    1: '1',
    3: '9990000018^^^NHS^NH~A12345^^^RXX^MR',
    5: 'Khan^Amira^Jane^^Mrs^^L~Kay^Mimi^^^^^N',
    7: '198002291530',
    8: 'F',
    11: '12 Mill Lane^^Leeds^West Yorkshire^LS11AA^GBR^H',
    13: '01134960000^PRN^PH~^NET^Internet^a.khan@example.org',
    14: '01134960001',
    15: 'EN',
    16: 'M',
    22: 'A',
    32: 'NSTS01',
  }),
  'PD1|||THE SURGERY^^A81001|G5612908^Jones^Ann^^^Dr^^^GMP',
  segment('PV1', {
    1: '1',
    2: 'I',
    3: 'WARD7^^BED3^RXX01',
    4: '21',
    6: 'AE^^^RXX01',
    7: 'C1234567^Patel^Ravi^^^Mr',
    8: '^Jones^Ann',
    10: '300',
    14: '19',
    19: 'V001^^^RXX',
    44: '20240105083000',
  }),
  'PV2|||^Chest pain',
  'DG1|1||I21.9^Acute myocardial infarction^I10|Heart attack|20240105|A',
  'AL1|1|DA^Drug allergy|373270004^Penicillin^SCT|SV|Rash~Wheeze|2010',
  'OBX|1|NM|8302-2^Body height^LN||162|cm|||||F|||20240105084500',
);
const conversion = convertText(message);

describe('ADT^A01, an admission', () => {
  test('is known by type, time and pack, with nothing to report', () => {
    const { messageType, eventTime, pack, issues } = conversion;
    expect({ messageType, eventTime, pack, issues }).toEqual({
      messageType: 'ADT^A01',
      eventTime: '2024-01-05T08:59:00.000Z',
      pack: { name: 'hl7v2-uk', version: '1.0.0' },
      issues: [],
    });
  });

  test('states the patient', () => {
    const record = recordOf(conversion, 'Patient');
    expect(record.mode).toBe('merge');
    expect(record.partition).toBe(PATIENT_KEY);
    expect(record.removed).toEqual([]);
    expect(record.resource).toEqual({
      resourceType: 'Patient',
      id: PATIENT_KEY,
      meta: profile('Patient'),
      identifier: [
        {
          system: 'https://fhir.nhs.uk/Id/nhs-number',
          value: '9990000018',
          extension: [
            {
              url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus',
              valueCodeableConcept: {
                coding: [
                  {
                    system: uk('NHSNumberVerificationStatusEngland'),
                    code: '01',
                    display: 'Number present and verified',
                  },
                ],
              },
            },
          ],
        },
        {
          type: { coding: [{ system: TYPES, code: 'MR' }] },
          system: 'https://rxx.nhs.uk/id/mrn',
          value: 'A12345',
          assigner: { display: 'RXX' },
        },
      ],
      active: true,
      name: [
        { family: 'Khan', given: ['Amira', 'Jane'], prefix: ['Mrs'], use: 'official' },
        { family: 'Kay', given: ['Mimi'], use: 'nickname' },
      ],
      telecom: [
        { value: '01134960000', system: 'phone', use: 'home' },
        { value: 'a.khan@example.org', system: 'email', use: 'home' },
        { value: '01134960001', system: 'phone', use: 'work' },
      ],
      gender: 'female',
      birthDate: '1980-02-29',
      _birthDate: {
        extension: [
          {
            url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime',
            valueDateTime: '1980-02-29T15:30:00+00:00',
          },
        ],
      },
      address: [
        {
          line: ['12 Mill Lane'],
          city: 'Leeds',
          district: 'West Yorkshire',
          postalCode: 'LS1 1AA',
          country: 'GBR',
          use: 'home',
        },
      ],
      maritalStatus: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', code: 'M', display: 'Married' },
        ],
      },
      generalPractitioner: [
        {
          reference: `Organization/${sharedId('Organization', ODS, 'A81001')}`,
          display: 'THE SURGERY',
          type: 'Organization',
        },
        {
          reference: `Practitioner/${sharedId('Practitioner', 'https://fhir.hl7.org.uk/Id/gmp-number', 'G5612908')}`,
          display: 'Dr Ann Jones',
          type: 'Practitioner',
        },
      ],
      communication: [
        {
          language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'en', display: 'English' }], text: 'EN' },
          preferred: true,
        },
      ],
      managingOrganization: { reference: trust },
      extension: [
        {
          url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory',
          valueCodeableConcept: {
            coding: [{ system: uk('EthnicCategoryEngland'), code: 'A', display: 'White - British' }],
          },
        },
      ],
    });
  });

  test('states the visit', () => {
    const record = recordOf(conversion, 'Encounter');
    expect(record.mode).toBe('merge');
    const location = (place: string) =>
      `Location/${sharedId('Location', 'https://rxx.nhs.uk/id/location', place)}`;
    const participant = (code: string, display: string, individual: object) => ({
      type: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code, display }] },
      ],
      individual,
    });
    expect(record.resource).toEqual({
      resourceType: 'Encounter',
      id: id('Encounter', 'V001|RXX'),
      meta: profile('Encounter'),
      identifier: [
        {
          type: { coding: [{ system: TYPES, code: 'VN' }] },
          system: 'https://rxx.nhs.uk/id/mrn',
          value: 'V001',
          assigner: { display: 'RXX' },
        },
      ],
      status: 'in-progress',
      class: {
        system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
        code: 'IMP',
        display: 'inpatient encounter',
      },
      serviceType: {
        coding: [
          { system: uk('PracticeSettingCodeEngland'), code: '300', display: 'General Internal Medicine' },
        ],
      },
      subject: { reference: `Patient/${PATIENT_KEY}` },
      participant: [
        participant('ATND', 'attender', { reference: practitioner('1234567'), display: 'Mr Ravi Patel' }),
        participant('REF', 'referrer', { display: 'Ann Jones' }),
      ],
      period: { start: '2024-01-05T08:30:00+00:00' },
      reasonCode: [{ text: 'Chest pain' }],
      diagnosis: [
        {
          condition: { reference: `Condition/${id('Condition', 'V001|RXX|I21.9|I10')}` },
          use: {
            coding: [
              {
                system: 'http://terminology.hl7.org/CodeSystem/diagnosis-role',
                code: 'AD',
                display: 'Admission diagnosis',
              },
            ],
          },
        },
      ],
      hospitalization: {
        admitSource: {
          coding: [
            { system: uk('SourceOfAdmissionEngland'), code: '19', display: 'Usual place of residence' },
          ],
        },
        extension: [
          {
            url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AdmissionMethod',
            valueCodeableConcept: {
              coding: [
                {
                  system: uk('AdmissionMethodEngland'),
                  code: '21',
                  display:
                    'Emergency Admission: Emergency Care Department or dental casualty department of the Health Care Provider',
                },
              ],
            },
          },
        ],
      },
      location: [
        {
          location: { reference: location('RXX01///WARD7//BED3'), display: 'BED3, WARD7' },
          status: 'active',
        },
        { location: { reference: location('RXX01///AE'), display: 'AE' }, status: 'completed' },
      ],
      serviceProvider: { reference: trust },
    });
  });

  test('states diagnosis, allergy and observation', () => {
    const patient = { reference: `Patient/${PATIENT_KEY}` };
    const encounter = { reference: `Encounter/${id('Encounter', 'V001|RXX')}` };
    expect(resourceOf(conversion, 'Condition')).toEqual({
      resourceType: 'Condition',
      id: id('Condition', 'V001|RXX|I21.9|I10'),
      meta: profile('Condition'),
      category: [
        {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/condition-category',
              code: 'encounter-diagnosis',
            },
          ],
        },
      ],
      code: {
        coding: [
          { system: 'http://hl7.org/fhir/sid/icd-10', code: 'I21.9', display: 'Acute myocardial infarction' },
        ],
        text: 'Heart attack',
      },
      subject: patient,
      encounter,
      onsetDateTime: '2024-01-05',
    });
    const reaction = (text: string) => ({ manifestation: [{ text }], severity: 'severe' });
    expect(resourceOf(conversion, 'AllergyIntolerance')).toEqual({
      resourceType: 'AllergyIntolerance',
      id: id('AllergyIntolerance', '373270004|SCT'),
      meta: profile('AllergyIntolerance'),
      clinicalStatus: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' },
        ],
      },
      type: 'allergy',
      category: ['medication'],
      criticality: 'high',
      code: { coding: [{ system: 'http://snomed.info/sct', code: '373270004', display: 'Penicillin' }] },
      patient,
      onsetDateTime: '2010',
      reaction: [reaction('Rash'), reaction('Wheeze')],
    });
    expect(resourceOf(conversion, 'Observation')).toEqual({
      resourceType: 'Observation',
      id: id('Observation', 'visit V001|RXX|at 20240105084500|8302-2|LN|'),
      meta: profile('Observation'),
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '8302-2', display: 'Body height' }] },
      subject: patient,
      encounter,
      effectiveDateTime: '2024-01-05T08:45:00+00:00',
      valueQuantity: { value: 162, unit: 'cm', system: 'http://unitsofmeasure.org', code: 'cm' },
    });
    // What a message leaves out of an allergy or diagnosis, it does not take back.
    expect(recordOf(conversion, 'Condition').mode).toBe('merge');
    expect(recordOf(conversion, 'AllergyIntolerance').mode).toBe('merge');
    expect(recordOf(conversion, 'Observation').mode).toBe('replace');
  });

  test('mentions staff, organisations and places only to be created', () => {
    const shared = conversion.records.filter(({ mode }) => mode === 'create');
    expect(shared.map(({ resource }) => resource.resourceType).sort()).toEqual([
      'Location',
      'Location',
      'Location',
      'Organization',
      'Organization',
      'Organization',
      'Practitioner',
      'Practitioner',
    ]);
    for (const { partition, resource, removed } of shared) {
      expect(partition).toBe(resource.id);
      expect(removed).toEqual([]);
    }
  });

  test('accounts for every field', () => {
    const unmapped = conversion.ledger.filter(({ fate }) => fate === 'unmapped').map(({ source }) => source);
    expect(unmapped).toEqual([]);
  });
});
