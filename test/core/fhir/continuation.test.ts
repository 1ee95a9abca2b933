import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  decodeContinuation,
  encodeContinuation,
  pageLifetimeMs,
  type PageSeal,
} from '../../../src/core/fhir/continuation.js';

const now = '2026-11-26T09:00:00.000Z';
const seal = (request: string, secret = 'secret'): PageSeal => ({ request, secret });
const fhirId = fc.stringMatching(/^[A-Za-z0-9\-.]{1,64}$/);
const key = fc.oneof(
  fc.constant(null),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ maxLength: 20 }),
);
const position = fc.tuple(fc.array(key, { maxLength: 3 }), fhirId).map(([keys, id]) => [...keys, id]);

describe('a page token', () => {
  test('gives the position back to the request it was made for', () => {
    fc.assert(
      fc.property(fc.string(), position, (request, at) => {
        const token = encodeContinuation(seal(request), at, now);
        expect(decodeContinuation(seal(request), token, now)).toEqual(JSON.parse(JSON.stringify(at)));
      }),
    );
  });

  test('is short, needs no escaping in a URL and shows nothing of the position', () => {
    const at = ['x'.repeat(24), 'windsor', '1970-01-01T00:00:00.000Z', 'a'.repeat(64)];
    const token = encodeContinuation(seal('Patient'), at, now);
    expect(token.length).toBeLessThanOrEqual(256);
    expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(Buffer.from(token, 'base64url').toString('latin1')).not.toContain('windsor');
  });

  test('of two partitions and ids of full length is short too', () => {
    const token = encodeContinuation(
      seal('Patient'),
      [`${'a'.repeat(64)}:MedicationAdministration`, 'b'.repeat(64)],
      now,
    );
    expect(token.length).toBeLessThanOrEqual(256);
  });

  test('serves no other request and no other deployment', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), position, (one, other, at) => {
        fc.pre(one !== other);
        const token = encodeContinuation(seal(one), at, now);
        expect(decodeContinuation(seal(other), token, now)).toBeUndefined();
        expect(decodeContinuation(seal(one, 'other'), token, now)).toBeUndefined();
      }),
    );
  });

  test('expires', () => {
    const token = encodeContinuation(seal('Patient'), ['a'], now);
    const at = (ms: number) => new Date(Date.parse(now) + ms).toISOString();
    expect(decodeContinuation(seal('Patient'), token, at(pageLifetimeMs - 1000))).toEqual(['a']);
    expect(decodeContinuation(seal('Patient'), token, at(pageLifetimeMs))).toBeUndefined();
  });

  test('is refused with any character changed, removed or added', () => {
    const token = encodeContinuation(seal('Patient'), ['abc.def'], now);
    const open = (text: string) => decodeContinuation(seal('Patient'), text, now);
    for (let i = 0; i < token.length; i += 1) {
      const changed = token.charAt(i) === 'x' ? 'y' : 'x';
      expect(open(token.slice(0, i) + changed + token.slice(i + 1))).toBeUndefined();
      expect(open(token.slice(0, i) + token.slice(i + 1))).toBeUndefined();
      expect(open(`${token.slice(0, i)}=${token.slice(i)}`)).toBeUndefined();
    }
    expect(open(`${token}.`)).toBeUndefined();
  });

  test('is nothing that we did not make', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), (text) => {
        expect(decodeContinuation(seal('Patient'), text, now)).toBeUndefined();
      }),
    );
    expect(decodeContinuation(seal('Patient'), 'A'.repeat(1_000_000), now)).toBeUndefined();
  });
});
