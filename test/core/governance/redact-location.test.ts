import { expect, test } from '@jest/globals';
import { redactLocation } from '../../../src/core/governance/redact-location.js';

const nhs = { system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000018' };
const ods = (value: string, kind = 'organization') => ({
  system: `https://fhir.nhs.uk/Id/ods-${kind}-code`,
  value,
});

const redactedOf = (fields: object) =>
  redactLocation({ resourceType: 'Observation', ...fields }) as unknown as Record<string, unknown>;

test.each<[string, object, object]>([
  [
    'an organisation by its number',
    { performer: [{ identifier: ods('RZZ'), display: 'Refuge' }, { reference: 'Practitioner/p' }] },
    { performer: [{ reference: 'Practitioner/p' }] },
  ],
  ['a site by its number', { performer: [{ identifier: ods('RZZ01', 'site') }] }, {}],
  ['a number of a site', { extension: [{ url: 'urn:at', valueIdentifier: ods('RZZ01', 'site') }] }, {}],
  [
    'who gave an identifier',
    { identifier: [{ ...nhs, assigner: { display: 'Refuge' } }] },
    { identifier: [nhs] },
  ],
  ['an organisation by its reference', { performer: [{ reference: 'Organization/o' }] }, {}],
  ['an organisation by its type', { performer: [{ type: 'Organization', display: 'Refuge' }] }, {}],
  ['a place by its name alone', { locationReference: [{ display: 'Refuge' }] }, {}],
  ['what may be a place, by its name', { participant: [{ actor: { display: 'Room 4, Refuge' } }] }, {}],
  ['a place by a number of its own', { performer: [{ identifier: { system: 'urn:w', value: '7' } }] }, {}],
  ['a place inside the record', { performer: [{ reference: '#l', display: 'Refuge' }] }, {}],
  ['a place by a criterion', { performer: [{ reference: 'Location?identifier=urn:w|7' }] }, {}],
  [
    'what may be a place, by a criterion',
    { performer: [{ reference: 'urn:uuid:1', display: 'Refuge' }] },
    {},
  ],
  [
    'a place by the address of its type',
    { performer: [{ type: 'http://hl7.org/fhir/StructureDefinition/Location', display: 'Refuge' }] },
    {},
  ],
  ['a place by its code', { locationCode: [{ coding: [{ code: 'REFUGE' }] }] }, {}],
  [
    'a note',
    { note: [{ time: '2026-06-15', text: 'Moved to the refuge' }] },
    { note: [{ time: '2026-06-15' }] },
  ],
  ['a narrative', { text: { status: 'generated', div: '<div>Refuge</div>' }, _text: { id: 'Refuge' } }, {}],
  ['the system of a place', { meta: { versionId: '1', source: 'urn:refuge' } }, { meta: { versionId: '1' } }],
  [
    'a resource inside the record',
    { contained: [{ resourceType: 'Location', id: 'l', name: 'Refuge' }, null, 'Refuge'] },
    {},
  ],
])('%s is left out', (_, given, kept) => {
  expect(redactedOf(given)).toEqual({ resourceType: 'Observation', ...kept });
});

test('what is to be known to care for somebody stays: medicines, findings and who gave them', () => {
  const kept = {
    contained: [
      {
        resourceType: 'Medication',
        id: 'm',
        ingredient: [{ itemCodeableConcept: { coding: [{ code: '1' }] } }],
      },
    ],
    medicationReference: { reference: '#m', display: 'Warfarin' },
    code: { coding: [{ display: 'Asthma' }], text: 'Asthma' },
    dosageInstruction: [{ text: 'One at night' }],
    performer: [{ reference: 'https://other.example/fhir/Practitioner/p', display: 'Dr Day' }],
    requester: { type: 'Practitioner', identifier: { system: 'urn:staff', value: 'D1' } },
    partOf: [{ type: 'http://hl7.org/fhir/StructureDefinition/Procedure', display: 'Washout' }],
  };
  expect(redactedOf({ ...kept, text: { div: 'Refuge' } })).toEqual({ resourceType: 'Observation', ...kept });
  const [medicine] = kept.contained;
  const contained = [{ ...medicine, manufacturer: { reference: 'Organization/o' }, text: { div: 'Refuge' } }];
  expect(redactedOf({ contained })).toEqual({ resourceType: 'Observation', contained: [medicine] });
});

test('who somebody is stays', () => {
  const kept = { identifier: [nhs], subject: { reference: 'Patient/a', identifier: nhs, display: 'A' } };
  expect(redactedOf(kept)).toEqual({ resourceType: 'Observation', ...kept });
});
