import { expect, test } from '@jest/globals';
import { doubtsOfConsent } from '../../../src/core/governance/consent-doubts.js';
import { aConsent } from '../../support/consents.js';

const ods = { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: 'RYY' };
const places = (provision: object, fields: object = {}) =>
  doubtsOfConsent(aConsent(provision, fields)).map(({ location }) => location);

test.each<[object, object?]>([
  [{ type: 'deny' }],
  [{ type: 'deny', actor: [{ reference: { identifier: ods } }], purpose: [{ code: 'TREAT' }] }],
  [{ type: 'deny', action: [{ coding: [{ code: 'access' }] }], class: [{ code: 'Observation' }] }],
  [{ type: 'deny', class: [{ code: 'ImagingStudy' }, { code: 'MedicationRequest' }] }],
  [{ type: 'deny', actor: [{ reference: { identifier: { ...ods, value: ' ryy ' } } }] }],
  [{ type: 'permit', provision: [{ type: 'deny', period: { start: '2026' } }] }],
  [{ actor: [{ reference: { identifier: ods } }] }, { policyRule: { coding: [{ code: 'OPTOUT' }] } }],
  // As in the example that UK Core publishes.
  [{ purpose: [{ code: 'GOV' }] }, { policy: [{ uri: 'https://policies.example.nhs.uk/1' }] }],
  [{ code: [{ text: 'x' }] }, { status: 'draft' }],
  [{ code: [{ text: 'x' }] }, { scope: { coding: [{ code: 'treatment' }] } }],
])('%j can be told', (provision, fields = {}) => {
  expect(places(provision, fields)).toEqual([]);
});

test.each<[string, object, object?]>([
  ['Consent.provision.actor[1]', { type: 'deny', actor: [{ reference: { identifier: ods } }, {}] }],
  ['Consent.provision.actor[0]', { type: 'deny', actor: [{ reference: { reference: 'Practitioner/x' } }] }],
  ['Consent.provision.action[0]', { type: 'deny', action: [{ text: 'look' }] }],
  ['Consent.provision.purpose[0]', { type: 'deny', purpose: [{ code: 'HMARKT' }] }],
  ['Consent.provision.class[0]', { type: 'deny', class: [{ code: 'application/pdf' }] }],
  ['Consent.provision.class[0]', { type: 'deny', class: [{ code: 'Observaton' }] }],
  [
    'Consent.provision.actor[0]',
    { type: 'deny', actor: [{ reference: { identifier: { ...ods, value: 'R-YY' } } }] },
  ],
  ['Consent.provision.securityLabel[0]', { type: 'deny', securityLabel: [{ system: 'urn:x', code: 'x' }] }],
  ['Consent.provision.provision[0].code[0]', { type: 'permit', provision: [{ code: [{ text: 'x' }] }] }],
  ['Consent.provision.type', {}],
  ['Consent.provision.type', {}, { policyRule: { coding: [{ code: 'x' }] }, policy: [{ uri: 'urn:x' }] }],
  [
    'Consent.provision.purpose[0]',
    { type: 'deny', purpose: [{ code: 'GOV' }] },
    { policy: [{ uri: 'urn:x' }] },
  ],
  ['Consent.scope', { type: 'deny' }, { scope: { text: 'mine' } }],
  ['Consent.patient', { type: 'deny' }, { patient: undefined }],
])('%s cannot be told', (place, provision, fields = {}) => {
  expect(places(provision, fields)).toEqual([place]);
});
