import { describe, expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { applyFhirPathPatch, readFhirPathPatch } from '../../../../src/core/fhir/write/fhirpath-patch.js';

const observation = {
  ...{ resourceType: 'Observation', id: 'o', status: 'final', code: { text: 'x' } },
  valueQuantity: { value: 5 },
  component: [
    { code: { text: 'a' }, valueInteger: 3 },
    { code: { text: 'b' }, valueString: 's' },
  ],
} as Resource;

/** What one operation makes of the Observation, or why it does not. */
function patched(type: string, path: string, ...value: object[]): unknown {
  const part = [{ name: 'type', valueCode: type }, { name: 'path', valueString: path }, ...value];
  const body = { resourceType: 'Parameters', parameter: [{ name: 'operation', part }] } as Resource;
  const patch = readFhirPathPatch({ resource: body });
  if (!patch.ok) return patch.error.detail;
  const result = applyFhirPathPatch({ resource: observation }, patch.value);
  return result.ok ? result.value.resource : result.error.detail;
}

describe('a choice by its common name (FHIRPath, R4 section 2.18.0.3)', () => {
  test.each([
    ['value = 3', [1]],
    ["value = 's'", [0]],
    ["code.text = 'a' and value = 3", [1]],
    ['valueInteger = 3', [1]],
    ['value = 4', [0, 1]],
  ])('is found where %s', (criteria, left) => {
    expect(patched('delete', `Observation.component.where(${criteria})`)).toMatchObject({
      component: left.map((index) => (observation as unknown as { component: object[] }).component[index]),
    });
  });

  test.each([
    ['Observation.value.ofType(Quantity)', true],
    ['Observation.value.ofType(FHIR.Quantity)', true],
    ['Observation.value.as(Quantity)', true],
    ['Observation.component[0].value.ofType(integer)', true],
    ['Observation.value.ofType(string)', false],
    ['Observation.component[0].value.ofType(Quantity)', false],
  ])('is told by its type: %s', (path, isFound) => {
    const result = patched('replace', path, { name: 'value', valueString: 'new' });
    if (isFound) expect(JSON.stringify(result)).toContain('"valueString":"new"');
    else expect(result).toBe('the path selects nothing');
  });

  test('has parts behind its type', () => {
    const value = { name: 'value', valueDecimal: 6 };
    expect(patched('replace', 'Observation.value.ofType(Quantity).value', value)).toMatchObject({
      valueQuantity: { value: 6 },
    });
  });

  test.each(['ofType()', "ofType('Quantity')", 'ofType(Quantity', 'is(Quantity)'])('not by %s', (step) => {
    expect(patched('delete', `Observation.value.${step}`)).toMatch(/^a path of the type/);
  });
});
