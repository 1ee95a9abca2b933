import { describe, expect, test } from '@jest/globals';
import { readRepresentation, styleOf, writeResource } from '../../../src/core/fhir/representation.js';

const read = (query: string, accept?: string) => readRepresentation(new URLSearchParams(query), accept);

describe('how a client wants its answer', () => {
  test('is JSON, whole and in one line where it says nothing', () => {
    expect(read('name=a')).toEqual({
      ok: true,
      value: { format: 'json', pretty: false, parameters: [], others: [['name', 'a']] },
    });
  });

  test('is told from the parameters about it, which are no criteria of a search', () => {
    const result = read('a=1&_format=xml&_pretty=true&_elements=name,value[x]&b=2');
    expect(result).toMatchObject({
      ok: true,
      value: {
        format: 'xml',
        pretty: true,
        view: { elements: ['name', 'value'] },
        others: [
          ['a', '1'],
          ['b', '2'],
        ],
      },
    });
  });

  test.each(['_summary=false', '_summary=false&_pretty=false'])('is whole by %s', (query) => {
    expect(read(query)).not.toHaveProperty('value.view');
  });

  test('is told by no parameter without a value', () => {
    const result = read('_format=&_summary=&_elements=&_pretty=&a=', 'application/fhir+xml');
    expect(result).toMatchObject({ value: { format: 'xml', pretty: false, others: [['a', '']] } });
    expect(result).not.toHaveProperty('value.view');
    expect(styleOf(new URLSearchParams('_format='), 'application/fhir+xml').format).toBe('xml');
  });

  test.each([
    ['_format=html', 'HDE_NOT_ACCEPTABLE', undefined],
    ['_summary=some', 'HDE_SEARCH_PARAMETER', '_summary'],
    ['_summary=true&_summary=text', 'HDE_SEARCH_PARAMETER', '_summary'],
    ['_summary=true&_elements=a', 'HDE_SEARCH_PARAMETER', '_elements'],
    ['_elements=a,,b', 'HDE_SEARCH_PARAMETER', '_elements'],
    ['_elements=Patient.name', 'HDE_SEARCH_PARAMETER', '_elements'],
  ])('is refused: %s', (query, code, location) => {
    const { ok, ...rest } = read(query);
    expect([ok, rest]).toMatchObject([false, { error: { code } }]);
    expect(rest).toHaveProperty('error.severity', 'error');
    if (location !== undefined) expect(rest).toHaveProperty('error.location', location);
  });
});

test('the style of a refusal is JSON where no format that is served was asked for', () => {
  expect(styleOf(new URLSearchParams('_format=html'), undefined)).toEqual({ format: 'json', pretty: false });
  expect(styleOf([], 'application/fhir+xml')).toEqual({ format: 'xml', pretty: false });
});

test('a resource is written in either format', async () => {
  const patient = { resourceType: 'Patient', id: 'a' };
  expect(await writeResource(patient, { format: 'json', pretty: true })).toBe(
    JSON.stringify(patient, null, 2),
  );
  expect(await writeResource(patient, { format: 'xml', pretty: false })).toContain(
    '<id value="a"/></Patient>',
  );
});
