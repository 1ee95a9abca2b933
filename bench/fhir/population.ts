/** People who do not exist, and what is stored about them. */
import type { Bundle, Observation, Patient } from 'fhir/r4.js';

/** Ids of the exchange have 26 characters; this one says its number. */
export const patientIdOf = (n: number): string => `p${String(n).padStart(25, '0')}`;

export const localNumber = { system: 'https://rzz.example.nhs.uk/Id/local-patient-id' } as const;

/** Without an NHS number: 999 is followed by too few of them. */
export const aPatient = (n: number): Patient & { id: string } => ({
  resourceType: 'Patient',
  id: patientIdOf(n),
  meta: { profile: ['https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient'] },
  identifier: [{ ...localNumber, value: `B${n}` }],
  name: [{ use: 'official', family: `Family${n}`, given: ['Amara', 'Ngozi'], prefix: ['Ms'] }],
  telecom: [{ system: 'phone', value: `0113 496 ${String(n % 10_000).padStart(4, '0')}`, use: 'home' }],
  gender: 'female',
  birthDate: `19${String(50 + (n % 50))}-01-02`,
  address: [{ use: 'home', line: [`${n} Example Road`, 'Leeds'], postalCode: 'LS1 1AA' }],
});

export const codes = ['8867-4', '9279-1', '8310-5', '59408-5', '8480-6'] as const;

/** What a device measured; without an id as a client sends it. */
export const anObservation = (patientId: string, n: number): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  category: [
    {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }],
    },
  ],
  code: { coding: [{ system: 'http://loinc.org', code: codes[n % codes.length] ?? codes[0] }] },
  subject: { reference: `Patient/${patientId}` },
  effectiveDateTime: new Date(Date.UTC(2026, 2, 1) + n * 60_000).toISOString(),
  valueQuantity: { value: 60 + (n % 40), unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
});

/** A visit of a ward round: five measurements that count together or not at all. */
export const aTransaction = (patientId: string, n: number): Bundle => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: codes.map((_, i) => ({
    request: { method: 'POST', url: 'Observation' },
    resource: anObservation(patientId, n * codes.length + i),
  })),
});
