/** What a SMART authorisation server says of how an application was opened (SMART App Launch 2.2, sections 2.0 and 5). */
import { isFhirId } from '../../fhir/references.js';
import { textOf, type TokenPayload } from './token-payload.js';

/**
 * The record id of the patient whom an application was opened for (launch context `patient`); undefined for whatever cannot
 * be one. A text of ten digits is an NHS number, which is nobody's record id.
 */
export function patientOfLaunch(payload: TokenPayload): string | undefined {
  const id = textOf(payload, 'patient');
  return id !== undefined && isFhirId(id) && !/^\d{10}$/.test(id) ? id : undefined;
}

/** Types of `fhirUser`, relative or with the address of their server. */
const userReference = /(?:^|\/)(Practitioner|PractitionerRole|Patient|RelatedPerson|Person)\/[^/]+$/;

/**
 * Whether a person is at work, by `fhirUser`; `somebody` who is not staff signs in where their identity is proved, not with
 * a SMART server.
 */
export function userOf(payload: TokenPayload): 'nobody' | 'staff' | 'somebody' {
  if (payload['fhirUser'] === undefined) return 'nobody';
  const [, type] = userReference.exec(textOf(payload, 'fhirUser') ?? '') ?? [];
  return type === 'Practitioner' || type === 'PractitionerRole' ? 'staff' : 'somebody';
}
