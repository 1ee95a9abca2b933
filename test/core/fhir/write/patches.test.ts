import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Resource } from 'fhir/r4.js';
import { parseSimplePath } from '../../../../src/core/fhir/write/fhirpath-path.js';
import { applyFhirPathPatch, readFhirPathPatch } from '../../../../src/core/fhir/write/fhirpath-patch.js';
import { applyJsonPatch, readJsonPatch } from '../../../../src/core/fhir/write/json-patch.js';

describe('a simple path', () => {
  test.each<[string, readonly object[]]>([
    ['Patient', []],
    [
      'Patient.name[2]',
      [
        { kind: 'element', name: 'name' },
        { kind: 'index', index: 2 },
      ],
    ],
    [
      "Patient.name.where(use = 'official' and period.start='2026').first().given.last()",
      [
        { kind: 'element', name: 'name' },
        {
          kind: 'where',
          criteria: [
            { names: ['use'], value: 'official' },
            { names: ['period', 'start'], value: '2026' },
          ],
        },
        { kind: 'first' },
        { kind: 'element', name: 'given' },
        { kind: 'last' },
      ],
    ],
    [
      String.raw`Patient.telecom.where(rank = 1).where(value = 'it\'s ) and x')`,
      [
        { kind: 'element', name: 'telecom' },
        { kind: 'where', criteria: [{ names: ['rank'], value: 1 }] },
        { kind: 'where', criteria: [{ names: ['value'], value: "it's ) and x" }] },
      ],
    ],
    [
      'Patient.contact.where(active=true)',
      [
        { kind: 'element', name: 'contact' },
        { kind: 'where', criteria: [{ names: ['active'], value: true }] },
      ],
    ],
  ])('%s is understood', (text, steps) => {
    expect(parseSimplePath(text)).toEqual({ ok: true, value: { type: 'Patient', steps } });
  });

  test.each([
    '',
    'name',
    'Patient.',
    'Patient name',
    'Patient.name[',
    'Patient.name[-1]',
    'Patient.name.exists()',
    'Patient.name.where()',
    'Patient.name.where(use)',
    "Patient.name.where(use != 'x')",
    'Patient.name | Patient.contact',
    `Patient${'.name'.repeat(300)}`,
  ])('%s is refused', (text) => {
    expect(parseSimplePath(text).ok).toBe(false);
  });

  test('is read in time that hostile texts do not stretch', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('.where(', "a='", ' and ', "\\'", "'", ')', '.a', '[1]', ' ')),
        (parts) => {
          parseSimplePath(`Patient${parts.join('')}`.slice(0, 1000));
        },
      ),
    );
  });
});

const patient = {
  resourceType: 'Patient',
  id: 'p',
  active: true,
  name: [{ given: ['A', 'B'], _given: [null, { id: 'second' }] }],
} as Resource;

/** What a FHIRPath Patch of one operation makes of the patient. */
function patched(...part: object[]): unknown {
  const body = { resourceType: 'Parameters', parameter: [{ name: 'operation', part }] } as Resource;
  const patch = readFhirPathPatch(body);
  if (!patch.ok) return patch.error.code;
  const result = applyFhirPathPatch(patient, patch.value);
  return result.ok ? result.value : result.error.detail;
}

const type = (valueCode: string) => ({ name: 'type', valueCode });
const path = (valueString: string) => ({ name: 'path', valueString });
const at = (name: string, valueInteger: number) => ({ name, valueInteger });

test('what extends the values of a list moves, goes and makes room with them', () => {
  const given = path('Patient.name[0].given');
  expect(patched(type('move'), given, at('source', 1), at('destination', 0))).toMatchObject({
    name: [{ given: ['B', 'A'], _given: [{ id: 'second' }, null] }],
  });
  expect(patched(type('insert'), given, at('index', 1), { name: 'value', valueString: 'C' })).toMatchObject({
    name: [{ given: ['A', 'C', 'B'], _given: [null, null, { id: 'second' }] }],
  });
  expect(patched(type('delete'), path('Patient.name[0].given[0]'))).toMatchObject({
    name: [{ given: ['B'], _given: [{ id: 'second' }] }],
  });
  expect(
    patched(type('replace'), path('Patient.name[0].given[1]'), { name: 'value', valueString: 'C' }),
  ).toMatchObject({ name: [{ given: ['A', 'C'], _given: [null, null] }] });
});

test('what objects inherit is no element', () => {
  for (const name of ['toString', 'constructor', '__proto__'])
    expect(
      patched(
        type('add'),
        path('Patient'),
        { name: 'name', valueString: name },
        { name: 'value', valueString: 'x' },
      ),
    ).toBe('no such element there');
});

test('an element that is there is replaced, not added', () => {
  expect(
    patched(
      type('add'),
      path('Patient'),
      { name: 'name', valueString: 'active' },
      { name: 'value', valueBoolean: false },
    ),
  ).toBe('the element is there already: replace it');
});

test('whatever a JSON Patch asks for, the resource and what objects inherit stay as they are', () => {
  const step = fc.constantFrom(
    '',
    'name',
    '0',
    '-',
    'given',
    '__proto__',
    'constructor',
    'toString',
    'prototype',
    'push',
    'length',
  );
  const pointer = fc.array(step, { minLength: 1, maxLength: 4 }).map((steps) => `/${steps.join('/')}`);
  const operation = fc.record({
    op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
    path: pointer,
    from: pointer,
    value: fc.jsonValue({ maxDepth: 2 }),
  });
  const before = structuredClone(patient);
  fc.assert(
    fc.property(fc.array(operation, { minLength: 1, maxLength: 6 }), (body) => {
      const patch = readJsonPatch(body);
      if (patch.ok) applyJsonPatch(patient, patch.value);
      expect(patient).toEqual(before);
      for (const inherited of [Object.prototype, Array.prototype])
        for (const name of Object.getOwnPropertyNames(inherited))
          expect(
            Object.keys((Object.getOwnPropertyDescriptor(inherited, name)?.value ?? {}) as object),
          ).toEqual([]);
      expect(({} as Record<string, unknown>)['name']).toBeUndefined();
    }),
  );
});

test.each([
  ['no list', {}],
  ['an empty one', []],
  ['too many operations', Array.from({ length: 201 }, () => ({ op: 'remove', path: '/x' }))],
  ['the whole resource', [{ op: 'replace', path: '', value: {} }]],
  ['a path that is no pointer', [{ op: 'remove', path: 'name' }]],
  ['no value', [{ op: 'add', path: '/name' }]],
  ['no source', [{ op: 'move', path: '/name' }]],
])('a JSON Patch of %s is refused', (_, body) => {
  expect(readJsonPatch(body)).toMatchObject({ ok: false, error: { code: 'HDE_REQUEST_INVALID' } });
});

test('what extends one value stays with it when the list of extensions ends early', () => {
  const patient = {
    resourceType: 'Patient',
    name: [{ given: ['A', 'B', 'C'], _given: [{ extension: [{ url: 'urn:a', valueCode: 'a' }] }] }],
  } as Resource;
  const move = {
    resourceType: 'Parameters',
    parameter: [
      {
        name: 'operation',
        part: [
          { name: 'type', valueCode: 'move' },
          { name: 'path', valueString: 'Patient.name.given' },
          { name: 'source', valueInteger: 0 },
          { name: 'destination', valueInteger: 2 },
        ],
      },
    ],
  } as Resource;
  const patch = readFhirPathPatch(move);
  const moved = patch.ok ? applyFhirPathPatch(patient, patch.value) : patch;
  expect(moved).toMatchObject({
    value: { name: [{ given: ['B', 'C', 'A'], _given: [null, null, { extension: [{ url: 'urn:a' }] }] }] },
  });
});

test.each<[string, unknown]>([
  ['an operation', [null]],
  ['a part', [{ name: 'operation', part: [null] }]],
  [
    'a part of a value',
    [
      {
        name: 'operation',
        part: [
          { name: 'type', valueCode: 'add' },
          { name: 'path', valueString: 'Patient' },
          { name: 'name', valueString: 'contact' },
          { name: 'value', part: [null] },
        ],
      },
    ],
  ],
])('null in the place of %s throws nothing', (_what, parameter) => {
  const patch = readFhirPathPatch({ resourceType: 'Parameters', parameter } as Resource);
  if (patch.ok) expect(applyFhirPathPatch({ resourceType: 'Patient' }, patch.value)).toBeDefined();
  else expect(patch.error.code).toBe('HDE_REQUEST_INVALID');
});
