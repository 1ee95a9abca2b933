/**
 * The search parameters of UK Core Access 0.1.0 (HL7 UK), Patient Index Provider and Clinical Data Provider, each with a
 * record that it finds and another that it does not. MedicationStatement, which the guide lists too, is not stored here.
 */
import type { Resource } from 'fhir/r4.js';

export interface AccessParameter {
  readonly expectation: 'SHALL' | 'SHOULD';
  readonly type: string;
  readonly parameter: string;
  /** Finds `found` of its type, and not `other`. */
  readonly query: string;
}

/** The patient of all records that are found; its id is one that the exchange might have given. */
export const accessPatientId = 'accessaccessaccessaccess22';
/** The patient of the others. */
const otherPatientId = 'otherotherotherotherother2';

const system = 'https://rzz.example.nhs.uk/Id/local-patient-id';
/** Of the patient. */
export const accessIdentifier = { system, value: 'A1' } as const;
const patient = `patient=${accessPatientId}`;

const row = (
  expectation: AccessParameter['expectation'],
  type: string,
  parameter: string,
  query: string,
): AccessParameter => ({ expectation, type, parameter, query });

const ofRecords = (type: string, statuses: string, date: readonly [name: string, value: string]) => [
  row('SHOULD', type, '_id', `_id=${accessPatientId}.${type.toLowerCase()}`),
  row('SHALL', type, 'patient', patient),
  row('SHALL', type, 'status', `${patient}&status=${statuses}`),
  row('SHOULD', type, date[0], `${patient}&${date[0]}=${date[1]}`),
];

/** In the order of the guide. */
export const accessParameters: readonly AccessParameter[] = [
  row('SHOULD', 'Patient', '_id', `_id=${accessPatientId}`),
  row('SHALL', 'Patient', 'identifier', `identifier=${system}|A1`),
  row('SHOULD', 'Patient', 'birthdate', 'birthdate=1980-01-02'),
  row('SHOULD', 'Patient', 'family', 'family=okoro'),
  row('SHALL', 'Patient', 'gender', 'gender=female&name=okoro'),
  row('SHOULD', 'Patient', 'given', 'given=amara'),
  row('SHALL', 'Patient', 'name', 'name=okoro'),
  row('SHOULD', 'Patient', 'birthdate, family', 'birthdate=1980-01-02&family=okoro'),
  row('SHOULD', 'AllergyIntolerance', '_id', `_id=${accessPatientId}.allergyintolerance`),
  row('SHALL', 'AllergyIntolerance', 'patient', patient),
  row('SHOULD', 'AllergyIntolerance', 'clinical-status', `${patient}&clinical-status=active`),
  row('SHOULD', 'AllergyIntolerance', 'date', `${patient}&date=2026-03-01`),
  row('SHOULD', 'AllergyIntolerance', 'last-date', `${patient}&last-date=ge2026-02-01`),
  ...ofRecords('Immunization', 'completed', ['date', '2026-03']),
  ...ofRecords('MedicationAdministration', 'completed', ['effective-time', 'le2026-04-01']),
  ...ofRecords('MedicationDispense', 'completed', ['whenprepared', 'ge2026-01-01']),
  ...ofRecords('MedicationRequest', 'active', ['authoredon', '2026-03-01']),
];

const about = (
  resourceType: string,
  patientId: string,
  fields: Readonly<Record<string, unknown>>,
): Resource & { id: string } => ({
  ...{ resourceType, id: `${patientId}.${resourceType.toLowerCase()}`, ...fields },
});

const clinical = (code: string) => ({
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code }],
});
const drug = { text: 'Amoxicillin 500 mg capsules' };

/** What a query of its type finds; the same of another patient it does not, nor what has other values. */
function recordsOf(patientId: string, isFound: boolean): readonly (Resource & { id: string })[] {
  const subject = { reference: `Patient/${patientId}` };
  const day = isFound ? '2026-03-01' : '2019-05-06';
  const status = isFound ? 'completed' : 'stopped';
  return [
    about('AllergyIntolerance', patientId, {
      ...{ patient: subject, clinicalStatus: clinical(isFound ? 'active' : 'resolved') },
      ...{ recordedDate: day, lastOccurrence: day, code: { text: 'Penicillin' } },
    }),
    about('Immunization', patientId, {
      ...{ patient: subject, status: isFound ? 'completed' : 'not-done', occurrenceDateTime: day },
      vaccineCode: { text: 'Influenza vaccine' },
    }),
    about('MedicationAdministration', patientId, {
      ...{
        subject,
        status,
        effectiveDateTime: isFound ? day : '2027-01-01',
        medicationCodeableConcept: drug,
      },
    }),
    about('MedicationDispense', patientId, {
      ...{ subject, status, whenPrepared: day, medicationCodeableConcept: drug },
    }),
    about('MedicationRequest', patientId, {
      ...{ subject, status: isFound ? 'active' : 'stopped', intent: 'order' },
      ...{ authoredOn: day, medicationCodeableConcept: drug },
    }),
  ];
}

const person = (id: string, fields: Readonly<Record<string, unknown>>): Resource & { id: string } => ({
  ...{ resourceType: 'Patient', id, ...fields },
});

/** What each query of `accessParameters` finds of its type: this one record. */
export const accessRecords = [
  person(accessPatientId, {
    ...{ identifier: [accessIdentifier], name: [{ family: 'Okoro', given: ['Amara'] }] },
    ...{ gender: 'female', birthDate: '1980-01-02' },
  }),
  ...recordsOf(accessPatientId, true),
];

/** What none of them finds. */
export const otherRecords = [
  person(otherPatientId, {
    ...{ identifier: [{ system, value: 'A2' }], name: [{ family: 'Byrne', given: ['Jo'] }] },
    ...{ gender: 'male', birthDate: '1991-05-06' },
  }),
  ...recordsOf(otherPatientId, false),
];

/** Records of the same patient with other values, which a query by patient alone finds too. */
export const laterRecords = recordsOf(accessPatientId, false).map((record) => ({
  ...record,
  id: `${record.id}2`,
}));
