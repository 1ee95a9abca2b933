import { describe, expect, test } from '@jest/globals';
import { compileElementPath, type ElementWriter } from '../../../../src/core/mapping/engine/element-path.js';

const extensions = new Map([['Known', 'https://example.org/known']]);

function writer(path: string): ElementWriter {
  const compiled = compileElementPath(path, extensions);
  if (typeof compiled === 'string') throw new Error(compiled);
  return compiled;
}

describe('an element path', () => {
  test.each([
    ['birthDate', {}, 'birthDate', { birthDate: 'x' }],
    ['period.start', {}, 'period.start', { period: { start: 'x' } }],
    ['period.end', { period: { start: 'a' } }, 'period.end', { period: { start: 'a', end: 'x' } }],
    ['name[+]', {}, 'name[0]', { name: ['x'] }],
    ['name[+]', { name: ['a'] }, 'name[1]', { name: ['a', 'x'] }],
    ['code.coding[0].display', {}, 'code.coding[0].display', { code: { coding: [{ display: 'x' }] } }],
    [
      'extension(Known).valueCode',
      {},
      'extension[0].valueCode',
      { extension: [{ url: 'https://example.org/known', valueCode: 'x' }] },
    ],
    [
      'extension(Known).valueCode',
      { extension: [{ url: 'https://example.org/other' }] },
      'extension[1].valueCode',
      {
        extension: [
          { url: 'https://example.org/other' },
          { url: 'https://example.org/known', valueCode: 'x' },
        ],
      },
    ],
    [
      '_birthDate.extension(Known).valueCode',
      { birthDate: '1980' },
      'birthDate.extension[0].valueCode',
      {
        birthDate: '1980',
        _birthDate: { extension: [{ url: 'https://example.org/known', valueCode: 'x' }] },
      },
    ],
  ])('%s writes into %j', (path, resource: Record<string, unknown>, element, expected) => {
    expect(writer(path).isFilled(resource)).toBe(false);
    expect(writer(path).locate(resource)).toBe(element);
    writer(path).write(resource, 'x');
    expect(resource).toEqual(expected);
  });

  test('is filled once it is written, unless it appends', () => {
    const resource = {};
    writer('period.start').write(resource, 'x');
    writer('name[+]').write(resource, 'x');
    expect(writer('period.start').isFilled(resource)).toBe(true);
    expect(writer('name[+]').isFilled(resource)).toBe(false);
  });

  test.each([
    ['name[+]', 'name'],
    ['hospitalization.admitSource', 'hospitalization.admitSource'],
    ['code.coding[0].display', 'code.coding.display'],
    ['extension(Known).valueCode', 'extension[url=https://example.org/known]'],
    ['period.extension(Known).valueCode', 'period.extension[url=https://example.org/known]'],
    ['_birthDate.extension(Known).valueCode', '_birthDate.extension[url=https://example.org/known]'],
    ['_birthDate', 'birthDate'],
  ])('%s is deleted as "%s"', (path, removable) => {
    expect(writer(path).path).toBe(removable);
  });

  test.each([
    ['', '"" is not an element'],
    ['name[x]', '"name[x]" is not an element'],
    ['name[+].family', '"name[+]" is not an element'],
    ['extension(Unknown).valueCode', 'extension Unknown is not defined'],
    ['extension(Known)[+]', '"extension(Known)[+]" names no element'],
  ])('"%s" is refused: %s', (path, fault) => {
    expect(compileElementPath(path, extensions)).toBe(fault);
  });
});
