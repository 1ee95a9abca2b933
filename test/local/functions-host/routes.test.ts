import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareRoutes, compileRoute } from '../../../local/functions-host/routes.js';

const match = (template: string, path: string, prefix = 'api') =>
  compileRoute(prefix, template, []).match(path);

describe('route templates', () => {
  test.each([
    ['patients', '/api/patients', {}],
    ['patients', '/API/Patients/', {}],
    ['patients', '/api/patients/1', undefined],
    ['patients', '/patients', undefined],
    ['{id}', '/api/a%20b', { id: 'a b' }],
    ['{id}', '/api/a%2Fb', { id: 'a%2Fb' }],
    ['{id}', '/api/100%', { id: '100%' }],
    ['{id}', '/api', undefined],
    ['x/{id?}', '/api/x', {}],
    ['x/{id?}', '/api/x/1', { id: '1' }],
    ['x/{id=7}', '/api/x', { id: '7' }],
    ['x/{id:int}', '/api/x/12', { id: '12' }],
    ['x/{id:int}', '/api/x/1a', undefined],
    ['x/{id:int?}', '/api/x', {}],
    ['x/{id:int:min(5)}', '/api/x/4', undefined],
    ['x/{id:int:min(5)}', '/api/x/5', { id: '5' }],
    ['x/{*rest}', '/api/x', {}],
    ['x/{*rest}', '/api/x/a/b%20c', { rest: 'a/b c' }],
    ['x/{**rest}', '/api/x/a', { rest: 'a' }],
    ['{name}.{extension}', '/api/scan.tar.gz', { name: 'scan.tar', extension: 'gz' }],
    ['v{version:int}/x', '/api/v2/X', { version: '2' }],
    ['v{version:int}/x', '/api/vb/x', undefined],
    ['fhir/{type}/{id}/$everything', '/api/fhir/Patient/1/$everything', { type: 'Patient', id: '1' }],
    ['x/{id:regex(^\\d{{3}}$)}', '/api/x/123', { id: '123' }],
    ['x/{id:regex(^\\d{{3}}$)}', '/api/x/1234', undefined],
    ['x/{id:length(2,3)}', '/api/x/abcd', undefined],
    [
      'x/{id:guid}',
      '/api/x/310be374-ef35-48b1-81fb-124d72b8716d',
      { id: '310be374-ef35-48b1-81fb-124d72b8716d' },
    ],
  ])('%s against %s gives %j', (template, path, expected) => {
    expect(match(template, path)).toEqual(expected);
  });

  test('an empty prefix leaves the template alone', () => {
    expect(match('fhir/metadata', '/fhir/metadata', '')).toEqual({});
  });

  test.each([
    ['{id', /unbalanced braces/],
    ['{id:nope}', /constraint 'nope' is not known/],
    ['{id:min(x)}', /constraint 'min\(x\)' is not known/],
    ['{*rest}/more', /catch-all parameter must come last/],
    ['{id}/{ID}', /names a parameter twice/],
    ['{}', /cannot be read/],
    ['x{id?}', /must fill its whole segment/],
  ])('%s is refused', (template, message) => {
    expect(() => compileRoute('api', template, [])).toThrow(message);
  });

  test('admin and runtime belong to the host', () => {
    expect(() => compileRoute('', 'admin/users', [])).toThrow(/keeps for itself/);
    expect(() => compileRoute('api', 'admin/users', [])).not.toThrow();
  });

  test('the most specific route comes first', () => {
    const templates = [
      '{*rest}',
      '{type}/{id}',
      '{type}/{id:int}',
      'patient/{id}',
      'patient/search',
      '{type}',
    ];
    const ordered = templates.map((template) => compileRoute('', template, [])).sort(compareRoutes);
    expect(ordered.map(({ template }) => template)).toEqual([
      '/patient/search',
      '/patient/{id}',
      '/{type}',
      '/{type}/{id:int}',
      '/{type}/{id}',
      '/{*rest}',
    ]);
  });

  test('a parameter gives back whatever text was encoded into the path', () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((value) => !value.includes('/') && value !== '.' && value !== '..');
    fc.assert(
      fc.property(text, (value) => {
        expect(match('x/{id}', `/api/x/${encodeURIComponent(value)}`)).toEqual({ id: value });
      }),
    );
  });
});
