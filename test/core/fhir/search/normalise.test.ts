import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  anySystem,
  cutString,
  indexedLength,
  normaliseString,
  plainNumber,
  soundex,
  tokenOf,
  typedIdentifier,
} from '../../../../src/core/fhir/search/normalise.js';

describe('normaliseString', () => {
  test.each([
    ['SMITH', 'smith'],
    ['Seán', 'sean'],
    ['Sea\u0301n', 'sean'],
    ["O'Brien", 'obrien'],
    ['O’Brien', 'obrien'],
    ['Smith-Jones', 'smith jones'],
    ['  St.\tJohn \n', 'st john'],
    ['Łukasz Sørensen Weiß', 'lukasz sorensen weiss'],
    ['İpek', 'ipek'],
    ['李', '李'],
    ['10 mg/mL', '10 mg ml'],
    ['+', '+'],
    ['-', '-'],
    ['   ', ''],
    ['', ''],
  ])('%j is %j', (text, expected) => {
    expect(normaliseString(text)).toBe(expected);
  });

  const anyText = fc.string({ unit: 'binary', maxLength: 300 });

  test('changes nothing that is normal already, and is no longer than what is indexed', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const normal = normaliseString(text);
        expect(normaliseString(normal)).toBe(normal);
        expect(normal.length).toBeLessThanOrEqual(indexedLength);
      }),
    );
  });

  test('makes nothing empty but white space', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const isBlank = /^[\s\u0300-\u036f]*$/.test(text.normalize('NFKD'));
        expect(normaliseString(text) === '').toBe(isBlank);
      }),
    );
  });

  test('does not tell upper and lower case of names apart', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', 'é', 'ö', 'ñ', '-', "'", ' ', 'z') }),
        (text) => {
          expect(normaliseString(text.toUpperCase())).toBe(normaliseString(text));
        },
      ),
    );
  });
});

describe('cutString', () => {
  test('keeps what is short enough', () => {
    expect(cutString('x'.repeat(indexedLength))).toBe('x'.repeat(indexedLength));
  });

  test('cuts what is longer, and no character in two', () => {
    expect(cutString('x'.repeat(indexedLength + 1))).toBe('x'.repeat(indexedLength));
    expect(cutString(`${'x'.repeat(indexedLength - 1)}😀`)).toBe('x'.repeat(indexedLength - 1));
  });
});

describe('tokens', () => {
  test.each([
    ['a system and a code', tokenOf('http://loinc.org', '718-7'), 'http://loinc.org|718-7'],
    ['no system', tokenOf(undefined, 'male'), '|male'],
    ['an empty system', tokenOf('', 'male'), '|male'],
    ['any code of a system', tokenOf('urn:a', ''), 'urn:a|'],
    ['any system', anySystem('Male'), '*|male'],
    ['a code in capitals', tokenOf('urn:a', 'AbC'), 'urn:a|abc'],
    ['an identifier of a type', typedIdentifier('urn:types', 'MR', 'Ab1'), 'urn:types|mr|ab1'],
  ])('of %s', (_, token, expected) => {
    expect(token).toBe(expected);
  });

  test('are alike only where system and code are', () => {
    const text = fc.string({ unit: fc.constantFrom('|', '\\', '*', 'a'), maxLength: 5 });
    fc.assert(
      fc.property(text, text, text, text, (system, code, otherSystem, otherCode) => {
        const isSame = system === otherSystem && code === otherCode;
        expect(tokenOf(system, code) === tokenOf(otherSystem, otherCode)).toBe(isSame);
        expect(tokenOf(system, code)).not.toBe(anySystem(otherCode));
      }),
    );
  });
});

test.each([
  ['07700 900123', '07700900123'],
  ['+44 (0)7700-900.123', '+4407700900123'],
  ['07700 900123 ext 4', undefined],
  ['a@b.example', undefined],
  ['--', undefined],
])('the plain number of %s is %s', (value, expected) => {
  expect(plainNumber(value)).toBe(expected);
});

test.each([
  ['Robert', 'R163'],
  ['Rupert', 'R163'],
  ['Rubin', 'R150'],
  ['Ashcraft', 'A261'],
  ['Tymczak', 'T522'],
  ['Pfister', 'P236'],
  ['Honeyman', 'H555'],
  ["O'Brien", 'O165'],
  ['Müller', 'M460'],
  ['Lee', 'L000'],
  ['李', undefined],
  ['4you', undefined],
  ['', undefined],
])('%s sounds like %s', (name, expected) => {
  expect(soundex(name)).toBe(expected);
});
