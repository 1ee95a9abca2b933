import { describe, expect, test } from '@jest/globals';
import type { ReadResource } from '../../../../src/core/fhir/decimals.js';
import { toJson } from '../../../../src/core/fhir/json-text.js';
import { readJson, readJsonValue } from '../../../../src/core/fhir/read-body.js';
import { applyFhirPathPatch, readFhirPathPatch } from '../../../../src/core/fhir/write/fhirpath-patch.js';
import { applyJsonPatch, readJsonPatch } from '../../../../src/core/fhir/write/json-patch.js';

describe('numbers as they were written', () => {
  const value = (text: string) => `{"code":{"text":"x"},"valueQuantity":{"value":${text}}}`;
  const observation = (own: string, ...components: string[]) =>
    `{"resourceType":"Observation","valueQuantity":{"value":${own}},"component":[${components.map(value).join()}]}`;

  function read(text: string): ReadResource {
    const result = readJson(text);
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    return result.value;
  }

  /** The text of what a patch makes of an observation; what is wrong where it does not fit. */
  function byJsonPatch(before: string, patchText: string): string | undefined {
    const body = readJsonValue(patchText);
    const patch = body.ok ? readJsonPatch(body.value.value, body.value.decimals) : undefined;
    if (patch?.ok !== true) throw new Error('no patch');
    const result = applyJsonPatch(read(before), patch.value);
    return result.ok ? toJson(result.value.resource, result.value) : result.error.detail;
  }

  function byPathPatch(before: string, ...parts: string[]): string | undefined {
    const text = `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[${parts.join()}]}]}`;
    const patch = readFhirPathPatch(read(text));
    if (!patch.ok) throw new Error(JSON.stringify(patch.error));
    const result = applyFhirPathPatch(read(before), patch.value);
    return result.ok ? toJson(result.value.resource, result.value) : result.error.detail;
  }

  test('are stored by a JSON Patch, wherever they come to stand', () => {
    const patch = `[
      {"op":"replace","path":"/valueQuantity/value","value":2.50},
      {"op":"add","path":"/component/0","value":${value('1.0')}},
      {"op":"move","from":"/component/0","path":"/component/1"},
      {"op":"copy","from":"/component/1","path":"/component/-"},
      {"op":"remove","path":"/component/2"}]`;
    expect(byJsonPatch(observation('1', '5.00', '6'), patch)).toBe(observation('2.50', '5.00', '1.0', '1.0'));
  });

  test('are compared by what they are', () => {
    const test = (text: string) => `[{"op":"test","path":"/component/0","value":${value(text)}}]`;
    const before = observation('1', '1.50');
    expect(byJsonPatch(before, test('1.5'))).toBe(before);
    expect(byJsonPatch(before, test('1.500'))).toBe(before);
    expect(byJsonPatch(before, test('1.51'))).toBe('the test failed');
  });

  test('are stored by a FHIRPath Patch', () => {
    const replaced = byPathPatch(
      observation('1', '5.00'),
      '{"name":"type","valueCode":"replace"}',
      '{"name":"path","valueString":"Observation.value.value"}',
      '{"name":"value","valueDecimal":2.50}',
    );
    expect(replaced).toBe(observation('2.50', '5.00'));
  });

  test('stay with the items of a list that a FHIRPath Patch moves, and that are found by a number', () => {
    const before = observation('1', '5.00', '6.0', '7');
    const moved = byPathPatch(
      before,
      '{"name":"type","valueCode":"move"}',
      '{"name":"path","valueString":"Observation.component"}',
      '{"name":"source","valueInteger":0}',
      '{"name":"destination","valueInteger":2}',
    );
    expect(moved).toBe(observation('1', '6.0', '7', '5.00'));
    const removed = byPathPatch(
      before,
      '{"name":"type","valueCode":"delete"}',
      '{"name":"path","valueString":"Observation.component.where(valueQuantity.value = 6)"}',
    );
    expect(removed).toBe(observation('1', '5.00', '7'));
  });

  test('do not come from texts that look like the marks of numbers', () => {
    const patch = String.raw`[{"op":"replace","path":"/valueQuantity/value","value":"\u0000x"}]`;
    expect(byJsonPatch(observation('1'), patch)).toContain(String.raw`"value":"\u0000x"`);
  });
});
