import { describe, expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { indexResource } from '../../../../src/core/fhir/search-index.js';
import { findParameter } from '../../../../src/core/fhir/search/definitions.js';
import { matches } from '../../../../src/core/fhir/search/match.js';
import { parseParameter } from '../../../../src/core/fhir/search/parse-parameter.js';

const context = { baseUrl: 'https://hde.example/fhir', now: '2026-01-01T00:00:00.000Z' };

function isRead(type: string, name: string, value: string): boolean {
  const [code = '', modifier] = name.split(':', 2);
  return parseParameter(findParameter(type, code)!, modifier, value, context).ok;
}

describe('what is refused', () => {
  test.each([
    ['Observation', 'code', ''],
    ['Observation', 'code', '|'],
    ['Observation', 'code', 'a,'],
    ['Observation', 'code', 'a|b|c'],
    ['Observation', 'code:exact', 'a'],
    ['Observation', 'code:of-type', 'a|b|c'],
    ['Observation', 'code:missing', 'yes'],
    ['Observation', 'identifier:of-type', 'a|b'],
    ['Observation', 'date', '2025-13'],
    ['Observation', 'date', 'yesterday'],
    ['Observation', 'date:not', '2025'],
    ['Observation', 'value-quantity', 'x'],
    ['Observation', 'value-quantity', '5|mg'],
    ['Observation', 'value-quantity', '5.4||'],
    ['Observation', 'value-quantity', '5.4|http://unitsofmeasure.org'],
    ['Observation', 'value-quantity', '5.4|http://unitsofmeasure.org|mg|'],
    ['Observation', 'code-value-quantity', 'c'],
    ['Observation', 'code-value-quantity', 'c$x'],
    ['Observation', 'subject', 'a b'],
    ['Observation', 'subject:Encounter', 'a'],
    ['Observation', 'subject:Patient', 'Group/a'],
    ['Observation', 'focus', 'a'],
    ['Observation', '_id', 'a,'],
    ['Observation', '_id:not', 'a'],
    ['Observation', '_lastUpdated:missing', 'true'],
    ['Patient', 'family', ' '],
    ['Patient', 'family:text', 'a'],
    ['Questionnaire', 'url:below', 'urn:oid:1'],
  ])('%s?%s=%s', (type, name, value) => {
    expect(isRead(type, name, value)).toBe(false);
  });

  test('more than 100 alternatives', () => {
    expect(isRead('Patient', 'family', Array(101).fill('a').join(','))).toBe(false);
  });
});

describe('a code that stands alone', () => {
  const finds = (resource: Resource, code: string, value: string, modifier?: string): boolean => {
    const parsed = parseParameter(findParameter(resource.resourceType, code)!, modifier, value, context);
    const record = { resourceType: resource.resourceType, fhirId: 'a', lastUpdated: context.now };
    return parsed.ok && matches({ ...record, index: indexResource(resource) }, parsed.value);
  };
  const patient = { resourceType: 'Patient', gender: 'male' } as Resource;
  const allergy = { resourceType: 'AllergyIntolerance', criticality: 'high', category: ['food'] } as Resource;
  const gender = 'http://hl7.org/fhir/administrative-gender';

  test('is found by its code, and with the system that R4 implies', () => {
    for (const value of ['male', '|male', `${gender}|male`, `${gender}|MALE`, `x|y,${gender}|male`])
      expect([value, finds(patient, 'gender', value)]).toEqual([value, true]);
    expect(finds(allergy, 'criticality', 'http://hl7.org/fhir/allergy-intolerance-criticality|high')).toBe(
      true,
    );
    expect(finds(allergy, 'category', 'http://hl7.org/fhir/allergy-intolerance-category|food')).toBe(true);
  });

  test('is a yes or no of its own system', () => {
    const inactive = { resourceType: 'Patient', active: false } as Resource;
    const system = 'http://terminology.hl7.org/CodeSystem/special-values';
    expect(finds(inactive, 'active', `${system}|false`)).toBe(true);
    expect(finds(inactive, 'active', `${system}|true`)).toBe(false);
    expect(finds(inactive, 'active', 'urn:x|false')).toBe(false);
  });

  test('is not found with another system, nor by another code', () => {
    for (const value of ['http://loinc.org|male', `${gender}|female`, `${gender}|`, 'urn:x|male'])
      expect([value, finds(patient, 'gender', value)]).toEqual([value, false]);
  });

  test('is excluded with its system, too', () => {
    expect(finds(patient, 'gender', `${gender}|male`, 'not')).toBe(false);
    expect(finds(patient, 'gender', 'http://loinc.org|male', 'not')).toBe(true);
  });

  test('is not implied where a coding says its system', () => {
    const coded = {
      resourceType: 'AllergyIntolerance',
      clinicalStatus: { coding: [{ code: 'active' }] },
    } as Resource;
    const system = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical';
    expect(finds(coded, 'clinical-status', `${system}|active`)).toBe(false);
    expect(finds(coded, 'clinical-status', '|active')).toBe(true);
  });
});
