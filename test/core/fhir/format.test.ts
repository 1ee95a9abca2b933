import { describe, expect, test } from '@jest/globals';
import { acceptsJson } from '../../../src/core/fhir/format.js';

describe('acceptsJson', () => {
  test.each([
    undefined,
    '',
    '*/*',
    'application/fhir+json',
    'application/json',
    'Application/FHIR+JSON; charset=utf-8',
    'application/fhir+json; fhirVersion=4.0',
    'application/fhir+json; fhirVersion="4.0"',
    'application/fhir+xml;q=0.9, application/fhir+json;q=0.1',
    'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  ])('takes Accept: %s', (accept) => {
    expect(acceptsJson([], accept)).toBe(true);
  });

  test.each([
    'application/fhir+xml',
    'text/html',
    'text/turtle, application/xml',
    'application/fhir+json;q=0',
    'application/fhir+json; fhirVersion=3.0',
    'nonsense',
  ])('refuses Accept: %s', (accept) => {
    expect(acceptsJson([], accept)).toBe(false);
  });

  test.each(['json', 'application/json', 'application/fhir+json', 'application/fhir json', 'text/json'])(
    'takes _format=%s whatever Accept says',
    (format) => {
      expect(acceptsJson([format], 'application/fhir+xml')).toBe(true);
    },
  );

  test.each(['xml', 'application/fhir+xml', 'ttl', 'html', ''])(
    'refuses _format=%s whatever Accept says',
    (format) => {
      expect(acceptsJson([format], 'application/fhir+json')).toBe(false);
    },
  );

  test('refuses two formats of which one is not served', () => {
    expect(acceptsJson(['json', 'xml'], undefined)).toBe(false);
  });
});
