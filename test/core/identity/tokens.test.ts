import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
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

  test('are the first 130 bits of SHA-256 over the parts as JSON, whatever the parts hold', () => {
    const base32 = (digest: Buffer): string => {
      const bits = [...digest].map((byte) => byte.toString(2).padStart(8, '0')).join('');
      const digits = bits.slice(0, 130).match(/.{5}/g) ?? [];
      return digits.map((five) => 'abcdefghijklmnopqrstuvwxyz234567'.charAt(parseInt(five, 2))).join('');
    };
    const part = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('"', '\\', '\u001f', '\u007f', '\ud800', 'é'),
    );
    fc.assert(
      fc.property(part, part, part, (key, feed, identity) => {
        const text = JSON.stringify(['record', key, 'Observation', feed, identity]);
        const expected = base32(createHash('sha256').update(text).digest());
        expect(recordId(key, 'Observation', feed, identity)).toBe(`${key}.${expected}`);
      }),
    );
  });

  test('of records of several people and feeds in turn are those that each has alone', () => {
    const ids = (): string[] =>
      ['one', 'two'].flatMap((key) =>
        ['lab', 'pas', 'lab'].map((feed) => recordId(key, 'Encounter', feed, 'V1')),
      );
    const [oneLab, onePas, oneLabAgain, twoLab, twoPas] = ids();
    expect(new Set([oneLab, onePas, twoLab, twoPas]).size).toBe(4);
    expect(oneLabAgain).toBe(oneLab);
    expect(ids()).toEqual([oneLab, onePas, oneLab, twoLab, twoPas, twoLab]);
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
