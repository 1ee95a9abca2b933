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
])('%s is left out', (_, given, kept) => {
  expect(redactedOf(given)).toEqual({ resourceType: 'Observation', ...kept });
});

test('who somebody is stays', () => {
  const kept = { identifier: [nhs], subject: { reference: 'Patient/a', identifier: nhs, display: 'A' } };
  expect(redactedOf(kept)).toEqual({ resourceType: 'Observation', ...kept });
});
