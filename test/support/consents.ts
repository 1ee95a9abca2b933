import type { Resource } from 'fhir/r4.js';

/** An active consent of the patient `a` about privacy, with a provision (FHIR R4 Consent). */
export const aConsent = (provision: object, fields: object = {}): Resource =>
  ({
    ...{ resourceType: 'Consent', status: 'active', patient: { reference: 'Patient/a' } },
    scope: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
    },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    ...{ provision, ...fields },
  }) as Resource;
