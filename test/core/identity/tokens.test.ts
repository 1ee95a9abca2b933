import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  identifierToken,
  patientKeyFromToken,
  recordId,
  sharedId,
} from '../../../src/core/identity/tokens.js';
import { partitionOf } from '../../../src/core/records/ids.js';

const HASH = /^[a-z2-7]{26}$/;

describe('tokens and ids', () => {
  test('are 26 characters of base32, the same every time', () => {
    expect(identifierToken('secret', 'system', 'value')).toBe('iy6bzhninug5i6exiwitwgrgk4');
    expect(patientKeyFromToken('secret', 'token')).toBe('sscgrz7pxttbn3kkykqe66bayg');
    expect(sharedId('Organization', 'system', 'RXX')).toBe('5hfyv5drbhkq5l4hmbaevca4rg');
  });

  test('of a record begin with the patient key and fit into a FHIR id', () => {
    const key = patientKeyFromToken('secret', 'token');
    const id = recordId(key, 'Observation', 'lab', '1|GLU|');
    expect(id).toMatch(/^[A-Za-z0-9.-]{1,64}$/);
    expect(id.slice(0, 27)).toBe(`${key}.`);
    expect(id.slice(27)).toMatch(HASH);
    expect(partitionOf(id)).toBe(key);
  });

  test('of a shared resource are its partition', () => {
    const id = sharedId('Location', 'system', 'WARD 1');
    expect(partitionOf(id)).toBe(id);
  });

  test('depend on the secret', () => {
    expect(identifierToken('one', 's', 'v')).not.toBe(identifierToken('two', 's', 'v'));
    expect(patientKeyFromToken('one', 't')).not.toBe(patientKeyFromToken('two', 't'));
  });

  test('a patient key does not show the token it comes from', () => {
    const token = identifierToken('secret', 's', 'v');
    expect(patientKeyFromToken('secret', token)).not.toBe(token);
  });

  test('keep their parts apart, whatever the parts hold', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (a, b, c, d) => {
        fc.pre(a !== c || b !== d);
        expect(identifierToken('s', a, b)).not.toBe(identifierToken('s', c, d));
        expect(recordId('k', 'T', a, b)).not.toBe(recordId('k', 'T', c, d));
        expect(sharedId('T', a, b)).not.toBe(sharedId('T', c, d));
        expect(sharedId('T', a, b)).toMatch(HASH);
      }),
    );
  });
});
