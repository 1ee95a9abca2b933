import { describe, expect, test } from '@jest/globals';
import { chooseFormat, formatOfContentType } from '../../../src/core/fhir/format.js';

describe('the format that is chosen', () => {
  test.each([
    [undefined, 'json'],
    ['', 'json'],
    ['*/*', 'json'],
    ['application/*', 'json'],
    ['application/fhir+json', 'json'],
    ['application/json', 'json'],
    ['Application/FHIR+JSON; charset=utf-8', 'json'],
    ['application/fhir+json; fhirVersion=4.0', 'json'],
    ['application/fhir+json; fhirVersion="4.0"', 'json'],
    ['application/fhir+xml', 'xml'],
    ['application/xml', 'xml'],
    ['text/xml; q=0.2', 'xml'],
    ['application/fhir+xml;q=0.9, application/fhir+json;q=0.1', 'xml'],
    ['application/fhir+xml;q=0.1, application/fhir+json;q=0.9', 'json'],
    ['application/fhir+xml, application/fhir+json', 'xml'],
    ['application/fhir+json, application/fhir+xml', 'json'],
    ['application/fhir+xml, */*', 'xml'],
    ['*/*, application/fhir+xml', 'xml'],
    ['*/*;q=0.8, application/fhir+xml;q=0.5', 'json'],
    ['application/fhir+json;q=0, */*', 'xml'],
    ['application/fhir+json; fhirVersion=3.0, application/fhir+xml; fhirVersion=4.0', 'xml'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'xml'],
  ])('by Accept: %s is %s', (accept, format) => {
    expect(chooseFormat([], accept)).toBe(format);
  });

  test.each([
    'text/html',
    'text/turtle',
    'application/fhir+json;q=0',
    'application/fhir+json;q=nonsense',
    'application/fhir+json; fhirVersion=3.0',
    'nonsense',
  ])('is none for Accept: %s', (accept) => {
    expect(chooseFormat([], accept)).toBeUndefined();
  });

  test.each([
    ['json', 'json'],
    ['application/json', 'json'],
    ['application/fhir+json', 'json'],
    ['application/fhir json', 'json'],
    ['text/json', 'json'],
    ['xml', 'xml'],
    ['text/xml', 'xml'],
    ['application/xml', 'xml'],
    ['application/fhir+xml', 'xml'],
    ['application/fhir xml', 'xml'],
    ['application/fhir xml; fhirVersion=4.0', 'xml'],
  ])('is by _format=%s, whatever Accept says: %s', (name, format) => {
    const other = format === 'xml' ? 'application/fhir+json' : 'application/fhir+xml';
    expect(chooseFormat([name], other)).toBe(format);
    expect(chooseFormat([name], 'text/html')).toBe(format);
  });

  test.each(['ttl', 'html', '', '*/*', 'constructor', 'json; fhirVersion=5.0'])(
    'is none for _format=%s, whatever Accept says',
    (format) => {
      expect(chooseFormat([format], 'application/fhir+json')).toBeUndefined();
    },
  );

  test('is the first of several, and none if one of them is not served', () => {
    expect(chooseFormat(['xml', 'json'], undefined)).toBe('xml');
    expect(chooseFormat(['json', 'html'], undefined)).toBeUndefined();
  });
});

describe('the format of a body', () => {
  test.each([
    ['application/fhir+json', 'json'],
    ['application/json; charset=UTF-8', 'json'],
    ['application/fhir+xml;charset="utf-8"', 'xml'],
    ['text/xml', 'xml'],
    ['application/fhir+xml; fhirVersion=4.0', 'xml'],
  ])('%s is %s', (contentType, format) => {
    expect(formatOfContentType(contentType)).toBe(format);
  });

  test.each([
    undefined,
    '',
    'json',
    'text/plain',
    '*/*',
    'application/json; charset=utf-16',
    'application/fhir+json; fhirVersion=3.0',
    'application/json-patch+json',
  ])('%s is none', (contentType) => {
    expect(formatOfContentType(contentType)).toBeUndefined();
  });
});
