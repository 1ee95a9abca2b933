import { expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { subjectsOf } from '../../../../src/core/fhir/write/patient-compartment.js';
import { findServedType, servedTypes } from '../../../../src/core/fhir/interactions.js';
import { elementsOf } from '../../../../src/core/fhir/elements.js';

const ofType = (resourceType: string, fields: object): Resource => ({ resourceType, ...fields });

test.each<[string, Resource, readonly object[]]>([
  [
    'a subject',
    ofType('Observation', { subject: { reference: 'Patient/p' }, performer: [{ reference: 'Patient/q' }] }),
    [{ element: 'Observation.subject', reference: 'Patient/p', isOpen: false }],
  ],
  [
    'each participant',
    ofType('Appointment', {
      participant: [{ actor: { display: 'x' } }, {}, { actor: { reference: 'Patient/p', type: 'Patient' } }],
    }),
    [
      { element: 'Appointment.participant[0].actor', isOpen: true },
      { element: 'Appointment.participant[2].actor', reference: 'Patient/p', type: 'Patient', isOpen: true },
    ],
  ],
  [
    'several subjects',
    ofType('Account', { subject: [{ reference: 'Patient/p' }, { reference: 'Location/l' }] }),
    [
      { element: 'Account.subject[0]', reference: 'Patient/p', isOpen: false },
      { element: 'Account.subject[1]', reference: 'Location/l', isOpen: false },
    ],
  ],
  [
    'the type of a contained resource',
    ofType('Condition', { contained: [{ resourceType: 'Patient', id: 'c' }], subject: { reference: '#c' } }),
    [{ element: 'Condition.subject', reference: '#c', type: 'Patient', isOpen: false }],
  ],
  ['nothing of a patient', ofType('Patient', { link: [{ other: { reference: 'Patient/q' } }] }), []],
  ['nothing of a place', ofType('Location', {}), []],
  ['nothing of what has another shape', ofType('Observation', { subject: 'Patient/p' }), []],
])('%s is found', (_, resource, expected) => {
  expect(subjectsOf(resource)).toEqual(expected);
});

test('each served type that R4 relates to a patient has an element that names them', () => {
  const about = servedTypes.filter(({ type, scope }) => scope === 'patient' && type !== 'Patient');
  expect(about.length).toBeGreaterThan(4);
  for (const { type } of about) {
    // An element that R4 does not have would never be found.
    const names = ['subject', 'patient', 'beneficiary', 'participant'].filter(
      (name) => elementsOf(type)?.get(name) !== undefined,
    );
    const filled = Object.fromEntries(
      names.map((name) => [name, { reference: 'Patient/p', actor: { reference: 'Patient/p' } }]),
    );
    const found = subjectsOf(ofType(type, filled));
    expect({ type, found: found.length > 0 }).toEqual({ type, found: true });
  }
  expect(findServedType('Organization')?.scope).toBe('shared');
});
