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
const patched = (...part: object[]): unknown => patchOf(part, patient);

function patchOf(part: readonly object[], resource: Resource): unknown {
  const body = { resourceType: 'Parameters', parameter: [{ name: 'operation', part }] } as Resource;
  const patch = readFhirPathPatch({ resource: body });
  if (!patch.ok) return patch.error.code;
  const result = applyFhirPathPatch({ resource }, patch.value);
  return result.ok ? result.value.resource : result.error.detail;
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
  ).toMatchObject({ name: [{ given: ['A', 'C'] }] });
});

test.each<[string, object]>([
  ['an extension of the value', { valueDate: '1970-01-02', _valueDate: { extension: [{ url: 'urn:x' }] } }],
  ['a second value', { valueDate: '1970-01-02', valueString: 'x' }],
  ['an extension alone', { extension: [{ url: 'urn:x', valueCode: 'y' }] }],
])('what would be lost of a value is refused: %s', (_, given) => {
  const value = { name: 'value', ...given };
  const birthDate = { name: 'name', valueString: 'birthDate' };
  expect(patched(type('add'), path('Patient'), birthDate, value)).toBe('HDE_REQUEST_INVALID');
  const contact = { name: 'name', valueString: 'contact' };
  const structure = { name: 'value', part: [{ name: 'gender', valueCode: 'other' }, value] };
  expect(patched(type('add'), path('Patient'), contact, structure)).toBe('HDE_REQUEST_INVALID');
});

test('a list of what extends values goes when nothing is left in it', () => {
  const second = path('Patient.name[0].given[1]');
  const changes = [[type('replace'), { name: 'value', valueString: 'C' }], [type('delete')]] as const;
  for (const [operation, ...value] of changes)
    expect(patched(operation, second, ...value)).not.toHaveProperty('name[0]._given');
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

describe('a value that an extension says is absent', () => {
  const unknown = [
    { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' },
  ];
  const before = {
    ...{ resourceType: 'Patient', id: 'p', _birthDate: { extension: unknown } },
    _deceasedBoolean: { extension: unknown },
  } as Resource;
  const bare = { resourceType: 'Patient', id: 'p' };
  const date = { name: 'value', valueDate: '1970-01-01' };
  const after = (...part: object[]) => patchOf(part, before);

  test('is deleted', () => {
    const { _deceasedBoolean } = before as Resource & { _deceasedBoolean: object };
    expect(after(type('delete'), path('Patient.birthDate'))).toEqual({ ...bare, _deceasedBoolean });
  });

  test('gives way to the value that replaces it, of a choice also to one of another type', () => {
    expect(after(type('replace'), path('Patient.birthDate'), date)).toEqual({
      ...bare,
      ...{ birthDate: '1970-01-01', _deceasedBoolean: { extension: unknown } },
    });
    const time = { name: 'value', valueDateTime: '2026-01-01' };
    expect(after(type('replace'), path('Patient.deceased'), time)).toEqual({
      ...bare,
      ...{ deceasedDateTime: '2026-01-01', _birthDate: { extension: unknown } },
    });
  });

  test('has no value added beside it', () => {
    expect(after(type('add'), path('Patient'), { name: 'name', valueString: 'birthDate' }, date)).toBe(
      'the element is there already: replace it',
    );
  });
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

test.each([
  ['/prototype', '/length', 'there is nothing at its path'],
  ['/constructor', '/x', 'there is nothing at its path'],
  ['/name/0/prototype', '/name/0/x', 'there is nothing at its path'],
  ['/name', '/name/0/x', 'nothing moves into itself'],
])('a JSON Patch moves nothing from %s to %s', (from, path, detail) => {
  const patch = readJsonPatch([{ op: 'move', from, path }]);
  expect(patch.ok && applyJsonPatch({ resource: patient }, patch.value)).toMatchObject({
    error: { code: 'HDE_PATCH_INVALID', location: 'patch[0]', detail },
  });
});

test.each([
  { op: 'replace', path: '/name/0/given/-', value: 'C' },
  { op: 'replace', path: '/name/0/given/length', value: 0 },
  { op: 'replace', path: '/name/0/given/2', value: 'C' },
  { op: 'remove', path: '/name/0/given/-' },
  { op: 'remove', path: '/toString' },
  { op: 'copy', from: '/name/0/given/-', path: '/name/0/family' },
  { op: 'move', from: '/valueOf', path: '/gender' },
  { op: 'add', path: '/name/0/given/3', value: 'C' },
  { op: 'copy', from: '/name/0/given/0', path: '/name/0/given/3' },
  { op: 'move', from: '/name/0/family', path: '/name/0/given/3' },
  { op: 'move', from: '/name/0/given/0', path: '/name/0/given/2' },
  { op: 'move', from: '/name/0/given/0', path: '/name/0/given/1000000000000' },
])('a JSON Patch of what is not there fails instead of doing nothing: $op $path', (operation) => {
  const patch = readJsonPatch([operation]);
  expect(patch.ok && applyJsonPatch({ resource: patient }, patch.value)).toMatchObject({
    error: { code: 'HDE_PATCH_INVALID', location: 'patch[0]', detail: 'there is nothing at its path' },
  });
});

test.each([
  ['/name/0', '/name/1/given/0', { error: { detail: 'there is nothing at its path' } }],
  [
    '/name/0/given/0',
    '/name/0/given/1',
    { value: { resource: { name: [{ given: ['B', 'A'] }, { text: 'C' }] } } },
  ],
  [
    '/name/0/given/0',
    '/name/0/given/-',
    { value: { resource: { name: [{ given: ['B', 'A'] }, { text: 'C' }] } } },
  ],
  [
    '/name/0/given/1',
    '/name/0/given/1',
    { value: { resource: { name: [{ given: ['A', 'B'] }, { text: 'C' }] } } },
  ],
  ['/name/1', '/name/0', { value: { resource: { name: [{ text: 'C' }, { given: ['A', 'B'] }] } } }],
  ['/name/1/text', '/name/0/given/2', { value: { resource: { name: [{ given: ['A', 'B', 'C'] }, {}] } } }],
])('a JSON Patch removes what it moves from %s before it puts it to %s', (from, path, outcome) => {
  const named = { ...patient, name: [{ given: ['A', 'B'] }, { text: 'C' }] } as Resource;
  const patch = readJsonPatch([{ op: 'move', from, path }]);
  expect(patch.ok && applyJsonPatch({ resource: named }, patch.value)).toMatchObject(outcome);
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
      if (patch.ok) applyJsonPatch({ resource: patient }, patch.value);
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

test('a value that only its extension tells of is one of its list', () => {
  const absent = { extension: [{ url: 'urn:absent', valueCode: 'unknown' }] };
  const of = (name: object) => ({ resourceType: 'Patient', name: [name] }) as Resource;
  const given = path('Patient.name[0].given');
  const name = { name: 'name', valueString: 'given' };
  const value = { name: 'value', valueString: 'B' };
  const add = [type('add'), path('Patient.name[0]'), name, value];
  // What extends nothing that is written stands behind the values, or alone.
  const behind = of({ given: ['A'], _given: [null, absent] });
  const alone = of({ _given: [absent] });
  expect(patchOf(add, behind)).toEqual(of({ given: ['A', null, 'B'], _given: [null, absent, null] }));
  expect(patchOf(add, alone)).toEqual(of({ given: [null, 'B'], _given: [absent, null] }));
  expect(patchOf([type('insert'), given, at('index', 1), value], behind)).toEqual(
    of({ given: ['A', 'B', null], _given: [null, null, absent] }),
  );
  expect(patchOf([type('move'), given, at('source', 1), at('destination', 0)], behind)).toEqual(
    of({ given: [null, 'A'], _given: [absent, null] }),
  );
  expect(patchOf([type('delete'), path('Patient.name[0].given[0]')], behind)).toEqual(
    of({ _given: [absent] }),
  );
});

test('an extension is named by its address', () => {
  const extension = ['urn:a', 'urn:b'].map((url) => ({ url, valueString: url }));
  const before = { resourceType: 'Patient', extension } as Resource;
  const of = (url: string, rest = '') => path(`Patient.extension('${url}')${rest}`);
  const value = { name: 'value', valueBoolean: true };
  expect(patchOf([type('replace'), of('urn:b', '.value'), value], before)).toMatchObject({
    extension: [extension[0], { url: 'urn:b', valueBoolean: true }],
  });
  expect(patchOf([type('delete'), of('urn:a')], before)).toMatchObject({ extension: [extension[1]] });
  expect(patchOf([type('replace'), of('urn:c', '.value'), value], before)).toBe('the path selects nothing');
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
  const patch = readFhirPathPatch({ resource: move });
  const moved = patch.ok ? applyFhirPathPatch({ resource: patient }, patch.value) : patch;
  const name = [{ given: ['B', 'C', 'A'], _given: [null, null, { extension: [{ url: 'urn:a' }] }] }];
  expect(moved).toMatchObject({ value: { resource: { name } } });
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
  const patch = readFhirPathPatch({ resource: { resourceType: 'Parameters', parameter } as Resource });
  if (patch.ok)
    expect(applyFhirPathPatch({ resource: { resourceType: 'Patient' } }, patch.value)).toBeDefined();
  else expect(patch.error.code).toBe('HDE_REQUEST_INVALID');
});
