import { describe, expect, test } from '@jest/globals';
import { findParameter } from '../../../../src/core/fhir/search/definitions.js';
import { parseParameter } from '../../../../src/core/fhir/search/parse-parameter.js';

function isRead(type: string, name: string, value: string): boolean {
  const [code = '', modifier] = name.split(':', 2);
  const context = { baseUrl: 'https://hde.example/fhir', now: '2026-01-01T00:00:00.000Z' };
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
    ['Observation', 'value-quantity', '5.4|http://unitsofmeasure.org|'],
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
