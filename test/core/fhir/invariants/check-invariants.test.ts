import { describe, expect, test } from '@jest/globals';
import { checkInvariants } from '../../../../src/core/fhir/invariants/check-invariants.js';

/** The keys of what a resource breaks, without the narrative that it should have. */
const broken = (resource: object): string[] =>
  checkInvariants(resource)
    .map(({ detail = '', location = '' }) => `${location} ${detail.split(':')[0] ?? ''}`)
    .filter((text) => !text.endsWith(' dom-6'));

const terminology = (name: string): string => `http://terminology.hl7.org/CodeSystem/${name}`;
const concept = (system: string, code: string) => ({ coding: [{ system: terminology(system), code }] });

describe('what published expressions cannot say', () => {
  const condition = {
    resourceType: 'Condition',
    category: [concept('condition-category', 'problem-list-item')],
  };

  test.each([
    ['a problem without a status', condition, ['Condition con-3']],
    [
      'a problem in error',
      { ...condition, verificationStatus: concept('condition-ver-status', 'entered-in-error') },
      [],
    ],
    [
      'a diagnosis without a status',
      { ...condition, category: [concept('condition-category', 'encounter-diagnosis')] },
      [],
    ],
  ])('%s', (_, resource, expected) => {
    expect(broken(resource)).toEqual(expected);
  });

  test.each(['patient-privacy', 'research', 'adr', 'treatment'])(
    'a consent about %s has its patient',
    (scope) => {
      const consent = {
        resourceType: 'Consent',
        policyRule: { text: 'x' },
        scope: concept('consentscope', scope),
      };
      expect(broken(consent)).toEqual([expect.stringMatching(/^Consent ppc-[2-5]$/)]);
      expect(broken({ ...consent, patient: { reference: 'Patient/p' } })).toEqual([]);
    },
  );

  test.each([
    [5, 'mg', 4, 'mg', ['Observation.valueRange rng-2']],
    [4, 'mg', 4, 'mg', []],
    [5, 'mg', 4, 'g', []],
  ])('a range from %d %s to %d %s', (low, unit, high, other, expected) => {
    const valueRange = { low: { value: low, unit }, high: { value: high, unit: other } };
    expect(broken({ resourceType: 'Observation', valueRange })).toEqual(expected);
  });

  test.each([
    ['Practitioner/a', []],
    ['Patient/a', ['CareTeam.participant[0] ctm-1']],
    ['urn:uuid:a', []],
  ])('a member who is %s acts for somebody', (reference, expected) => {
    const participant = [{ member: { reference }, onBehalfOf: { reference: 'Organization/o' } }];
    expect(broken({ resourceType: 'CareTeam', participant })).toEqual(expected);
  });
});

describe('times', () => {
  test.each([
    ['2020-02-01', '2020-01-31', true],
    ['2020-02-01', '2020-02', false],
    ['2020-03', '2020-02-28', true],
    ['2020-01-02', '2020-01-02T01:00:00+02:00', false],
    ['2020-01-02T01:00:00+02:00', '2020-01-01T23:30:00Z', false],
    ['2020-01-02T02:00:00+02:00', '2020-01-01T23:30:00Z', true],
    ['2020-01-01', undefined, false],
  ])('from %s to %s', (start, end, isBroken) => {
    const period = { start, ...(end === undefined ? {} : { end }) };
    expect(broken({ resourceType: 'Encounter', period })).toEqual(isBroken ? ['Encounter.period per-1'] : []);
  });
});

describe('what is contained', () => {
  const organization = { resourceType: 'Organization', id: 'o', name: 'x' };
  const patient = (more: object) => ({ resourceType: 'Patient', contained: [organization], ...more });

  test('is referred to by what contains it, and refers to it', () => {
    expect(broken(patient({}))).toEqual(['Patient dom-3']);
    expect(broken(patient({ managingOrganization: { reference: '#o' } }))).toEqual([]);
    expect(broken(patient({ managingOrganization: { reference: '#p' } }))).toEqual([
      ...['Patient dom-3', 'Patient.managingOrganization ref-1'],
    ]);
    const back = { ...organization, partOf: { reference: '#' } };
    expect(broken(patient({ contained: [back] }))).toEqual([]);
  });

  test('keeps the rules of its type, but for an organisation at home', () => {
    const nobody = {
      resourceType: 'Organization',
      id: 'o',
      telecom: [{ value: '1', system: 'phone', use: 'home' }],
    };
    expect(broken(patient({ contained: [nobody], managingOrganization: { reference: '#o' } }))).toEqual([
      ...['Patient.contained[0] org-1', 'Patient.contained[0] org-3'],
    ]);
  });
});

test('a comparator stands in no SimpleQuantity, and findings have a bound', () => {
  const referenceRange = Array.from({ length: 60 }, () => ({ low: { value: 1, comparator: '<' } }));
  const found = broken({
    resourceType: 'Observation',
    referenceRange,
    valueQuantity: { value: 1, comparator: '<' },
  });
  expect(found[0]).toBe('Observation.referenceRange[0].low sqty-1');
  expect(found).toHaveLength(49);
});
