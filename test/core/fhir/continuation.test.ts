import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { decodeContinuation, encodeContinuation } from '../../../src/core/fhir/continuation.js';

const fhirId = fc.stringMatching(/^[A-Za-z0-9\-.]{1,64}$/);

describe('continuation', () => {
  test('gives the position back to the request it was made for', () => {
    fc.assert(
      fc.property(fc.string(), fhirId, (request, after) => {
        expect(decodeContinuation(request, encodeContinuation(request, after))).toBe(after);
      }),
    );
  });

  test('is short and needs no escaping in a URL', () => {
    fc.assert(
      fc.property(fc.string(), fhirId, (request, after) => {
        const token = encodeContinuation(request, after);
        expect(token.length).toBeLessThanOrEqual(110);
        expect(token).toMatch(/^[A-Za-z0-9_.-]+$/);
      }),
    );
  });

  test('serves no other request', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fhirId, (one, other, after) => {
        fc.pre(one !== other);
        expect(decodeContinuation(other, encodeContinuation(one, after))).toBeUndefined();
      }),
    );
  });

  test('is refused with any character changed, removed or added', () => {
    const token = encodeContinuation('Patient', 'abc.def');
    for (let i = 0; i < token.length; i += 1) {
      const changed = token.charAt(i) === 'x' ? 'y' : 'x';
      expect(decodeContinuation('Patient', token.slice(0, i) + changed + token.slice(i + 1))).toBeUndefined();
      expect(decodeContinuation('Patient', token.slice(0, i) + token.slice(i + 1))).toBeUndefined();
      expect(decodeContinuation('Patient', `${token.slice(0, i)}=${token.slice(i)}`)).toBeUndefined();
    }
    expect(decodeContinuation('Patient', `${token}.`)).toBeUndefined();
  });

  test('refuses any text that it did not make', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), (text) => {
        expect(decodeContinuation('Patient', text)).toBeUndefined();
      }),
    );
    expect(decodeContinuation('Patient', 'A'.repeat(1_000_000))).toBeUndefined();
  });

  test('refuses a sealed position that is no id', () => {
    expect(decodeContinuation('Patient', encodeContinuation('Patient', 'a/b'))).toBeUndefined();
  });
});
