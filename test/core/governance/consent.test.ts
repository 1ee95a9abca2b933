import { describe, expect, test } from '@jest/globals';
import { compileConsents, type ConsentAsker } from '../../../src/core/governance/consent.js';
import type { Label } from '../../../src/core/governance/access-vocabulary.js';

const asker: ConsentAsker = {
  subject: 'nurse-1',
  organisation: 'RBD',
  purpose: 'direct-care',
  actions: ['r'],
  now: Date.parse('2026-06-15T12:00:00Z'),
};

const active = (provision: unknown, more = {}) => ({
  resourceType: 'Consent',
  status: 'active',
  provision,
  ...more,
});
const actor = (ods: string) => [{ reference: { identifier: { value: ods } } }];
const concept = (code: string) => ({ coding: [{ code }] });

function refuses(consents: readonly unknown[], type = 'Observation', labels: readonly Label[] = []): boolean {
  return compileConsents(consents, asker)?.(type, labels) ?? false;
}

describe('a refusal holds back', () => {
  test.each<[string, unknown]>([
    ['everything when it says no more', active({ type: 'deny' })],
    ['from the organisation that it names', active({ type: 'deny', actor: actor('RBD') })],
    ['from the person that it names', active({ type: 'deny', actor: actor('nurse-1') })],
    [
      'from an organisation by reference',
      active({ type: 'deny', actor: [{ reference: { reference: 'Organization/RBD' } }] }),
    ],
    ['for the purpose that it names', active({ type: 'deny', purpose: [{ code: 'TREAT' }] })],
    ['the action that it names', active({ type: 'deny', action: [concept('access')] })],
    ['the type that it names', active({ type: 'deny', class: [{ code: 'Observation' }] })],
    ['to the end of its last day', active({ type: 'deny', period: { end: '2026-06-15' } })],
    ['to the end of its last month', active({ type: 'deny', period: { start: '2026', end: '2026-06' } })],
    ['what an exception in a permission names', active({ type: 'permit', provision: [{ type: 'deny' }] })],
    [
      'everything that an opt-out does not except',
      active({ type: 'permit', actor: actor('RZZ') }, { policyRule: concept('OPTOUT') }),
    ],
    ['what an opt-out without provisions says', { status: 'active', policyRule: concept('OPTOUT') }],
    ['although another consent permits it', active({ type: 'deny' })],
    ['when its codes cannot be evaluated', active({ type: 'deny', code: [concept('x')] })],
    [
      'when it names a label that is not known',
      active({ type: 'deny', securityLabel: [{ system: 'http://local', code: 'staff-family' }] }),
    ],
    ['when its period cannot be read', active({ type: 'deny', period: { start: 'soon' } })],
    ['when its purpose is not known', active({ type: 'deny', purpose: [{ code: 'ODD' }] })],
    ['from the organisation that it names loosely', active({ type: 'deny', actor: actor(' rbd ') })],
    [
      'from a person whom it names by a number that is not known here',
      active({
        type: 'deny',
        actor: [
          {
            reference: { identifier: { system: 'https://fhir.hl7.org.uk/Id/gmc-number', value: 'C1234567' } },
          },
        ],
      }),
    ],
    [
      'when it names a type that FHIR does not have',
      active({ type: 'deny', class: [{ code: 'Observaton' }] }),
    ],
    [
      'when it names an organisation by what is no ODS code',
      active({
        type: 'deny',
        actor: [
          {
            reference: {
              identifier: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: 'R-BD' },
            },
          },
        ],
      }),
    ],
    ['when its actor cannot be read', active({ type: 'deny', actor: [{}] })],
    ['when it names a type of provision that is not known', active({ type: 'maybe' })],
    ['when its provision is no object', active('deny')],
    ['when it is no object', 7],
  ])('%s', (_, consent) => {
    expect(refuses([active({ type: 'permit' }), consent])).toBe(true);
  });
});

describe('a refusal does not hold back', () => {
  test.each<[string, unknown]>([
    ['from another organisation', active({ type: 'deny', actor: actor('RZZ') })],
    [
      'from another organisation, by its ODS code',
      active({
        type: 'deny',
        actor: [
          {
            reference: {
              identifier: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: 'RZZ' },
            },
          },
        ],
      }),
    ],
    [
      'from another organisation by reference',
      active({ type: 'deny', actor: [{ reference: { reference: 'Organization/RZZ' } }] }),
    ],
    ['for another purpose', active({ type: 'deny', purpose: [{ code: 'HRESCH' }] })],
    ['another action', active({ type: 'deny', action: [concept('correct')] })],
    ['another type', active({ type: 'deny', class: [{ code: 'Condition' }] })],
    [
      'records without its label',
      active({
        type: 'deny',
        securityLabel: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' }],
      }),
    ],
    ['after its end', active({ type: 'deny', period: { end: '2026-06-14' } })],
    ['before its start', active({ type: 'deny', period: { start: '2026-06-15T12:00:01Z' } })],
    ['when it is no longer active', { ...active({ type: 'deny' }), status: 'inactive' }],
    ['when it was entered in error', { ...active({ type: 'deny' }), status: 'entered-in-error' }],
    ['when it is about a treatment', active({ type: 'deny' }, { scope: concept('treatment') })],
    ['when it is about research', active({ type: 'deny' }, { scope: concept('research') })],
    [
      'what an exception in it permits',
      active({ type: 'deny', provision: [{ type: 'permit', actor: actor('RBD') }] }),
    ],
    [
      'what an exception to an opt-out permits',
      active({ type: 'permit', actor: actor('RBD') }, { policyRule: concept('OPTOUT') }),
    ],
    ['what a policy of consent permits', { status: 'active', policyRule: concept('OPTIN') }],
  ])('%s', (_, consent) => {
    expect(refuses([consent])).toBe(false);
  });
});

test('of exceptions at one level a refusal counts, and a deeper exception to it again', () => {
  const deeper = { type: 'permit', class: [{ code: 'AllergyIntolerance' }] };
  const consents = [
    active({ type: 'permit', provision: [{ type: 'deny', provision: [deeper] }, { type: 'permit' }] }),
  ];
  expect(refuses(consents, 'Observation')).toBe(true);
  expect(refuses(consents, 'AllergyIntolerance')).toBe(false);
});

test('a permission that cannot be evaluated is none', () => {
  const consents = [active({ type: 'deny', provision: [{ type: 'permit', dataPeriod: { start: '2020' } }] })];
  expect(refuses(consents)).toBe(true);
});

test('records with the label that a refusal names are held back', () => {
  const label = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' };
  expect(refuses([active({ type: 'deny', securityLabel: [label] })], 'Observation', ['sensitive'])).toBe(
    true,
  );
});
