import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Issue } from '../../../src/core/errors.js';
import type { ParameterPair } from '../../../src/core/fhir/bundle.js';
import { findServedType } from '../../../src/core/fhir/interactions.js';
import { parseSearch, prefersStrict, type SearchQuery } from '../../../src/core/fhir/search-parameters.js';

const baseUrl = 'https://hde.example/fhir';
const { searchParameters: served } = findServedType('Encounter')!;

const parse = (parameters: readonly ParameterPair[], strict = false) =>
  parseSearch(parameters, { served, strict, baseUrl });

function accepted(...parameters: ParameterPair[]): SearchQuery {
  const result = parse(parameters);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function refused(...parameters: ParameterPair[]): readonly Issue[] {
  const result = parse(parameters);
  if (result.ok) throw new Error('it was accepted');
  return result.error;
}

describe('identifier', () => {
  test.each([
    ['urn:a|1', { system: 'urn:a', value: '1' }],
    ['1', { system: undefined, value: '1' }],
    ['|1', { system: '', value: '1' }],
    ['urn:a|1\\|2', { system: 'urn:a', value: '1|2' }],
    ['1\\,2', { system: undefined, value: '1,2' }],
    ['1\\$2\\\\', { system: undefined, value: '1$2\\' }],
    ['ward\\bed', { system: undefined, value: 'ward\\bed' }],
    ['1\\', { system: undefined, value: '1\\' }],
    [' 1 ', { system: undefined, value: ' 1 ' }],
  ])('reads %s', (value, token) => {
    expect(accepted(['identifier', value]).identifiers).toEqual([[token]]);
  });

  test('takes alternatives by comma and requirements by repetition', () => {
    const query = accepted(['identifier', 'urn:a|1,2'], ['identifier', '3']);
    expect(query.identifiers).toEqual([
      [
        { system: 'urn:a', value: '1' },
        { system: undefined, value: '2' },
      ],
      [{ system: undefined, value: '3' }],
    ]);
  });

  test.each(['', '|', 'a,', ',a', 'urn:a|', 'urn:a|1,urn:a|', 'urn:a|1|2', Array(11).fill('a').join(',')])(
    'refuses "%s"',
    (value) => {
      expect(refused(['identifier', value])).toMatchObject([
        { code: 'HDE_SEARCH_PARAMETER', severity: 'error', location: 'identifier' },
      ]);
    },
  );

  test('gives back any system and value that were escaped', () => {
    const escape = (text: string) => text.replace(/[\\,|$]/g, '\\$&');
    const text = fc.string({ minLength: 1, unit: fc.constantFrom('a', '\\', ',', '|', '$', 'é') });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 10 }), (tokens) => {
        const value = tokens.map(([system, code]) => `${escape(system)}|${escape(code)}`).join(',');
        expect(accepted(['identifier', value]).identifiers).toEqual([
          tokens.map(([system, code]) => ({ system, value: code })),
        ]);
      }),
    );
  });
});

describe('patient and subject', () => {
  test.each([
    ['patient', 'abc'],
    ['patient', 'Patient/abc'],
    ['patient', `${baseUrl}/Patient/abc`],
    ['patient:Patient', 'abc'],
    ['subject', 'Patient/abc'],
    ['subject:Patient', 'abc'],
  ])('%s=%s names the patient abc', (name, value) => {
    const query = accepted([name, value]);
    expect(query.patient).toBe('abc');
    expect(query.criteria).toEqual([[name, value]]);
  });

  test.each([
    '',
    'Group/abc',
    'Patient/',
    'a,b',
    'Patient/a,Patient/b',
    'https://other.example/Patient/abc',
    'a b',
  ])('refuses "%s"', (value) => {
    expect(refused(['patient', value])).toMatchObject([{ location: 'patient' }]);
  });

  test('are refused together and repeated', () => {
    expect(refused(['patient', 'a'], ['patient', 'a'])).toHaveLength(1);
    expect(refused(['patient', 'a'], ['subject', 'a'])).toMatchObject([{ location: 'subject' }]);
  });
});

describe('_id', () => {
  test('takes alternatives, each once, and drops what cannot be an id', () => {
    expect(accepted(['_id', 'b,a,b,not_an_id']).ids).toEqual(['b', 'a']);
    expect(accepted(['_id', 'not_an_id']).ids).toEqual([]);
  });

  test('refuses an empty value, repetition and more than 100 alternatives', () => {
    expect(refused(['_id', ''])).toHaveLength(1);
    expect(refused(['_id', 'a,'])).toHaveLength(1);
    expect(refused(['_id', 'a'], ['_id', 'b'])).toHaveLength(1);
    expect(accepted(['_id', Array(100).fill('a').join(',')]).ids).toEqual(['a']);
    expect(refused(['_id', Array(101).fill('a').join(',')])).toHaveLength(1);
  });
});

describe('_count', () => {
  test.each([
    ['1', 1],
    ['050', 50],
    ['1000', 1000],
    ['1001', 1000],
    ['9'.repeat(400), 1000],
  ])('_count=%s gives pages of %d', (value, count) => {
    expect(accepted(['_count', value])).toMatchObject({ count, countGiven: true, criteria: [] });
  });

  test('is 50 by default', () => {
    expect(accepted()).toMatchObject({ count: 50, countGiven: false });
  });

  test.each(['0', '', '-1', '1.5', '1e3', 'ten', ' 1'])('refuses _count=%s', (value) => {
    expect(refused(['_count', value])).toMatchObject([{ location: '_count' }]);
  });

  test('is refused twice', () => {
    expect(refused(['_count', '1'], ['_count', '1'])).toHaveLength(1);
  });
});

describe('handling', () => {
  test('lenient ignores unknown parameters and warns of each', () => {
    const query = accepted(['birthdate', '1970-01-01'], ['patient', 'abc'], ['_sort', 'date']);
    expect(query.criteria).toEqual([['patient', 'abc']]);
    expect(query.ignored).toMatchObject([
      { severity: 'warning', location: 'birthdate' },
      { severity: 'warning', location: '_sort' },
    ]);
  });

  test('strict refuses each unknown parameter', () => {
    const result = parse(
      [
        ['birthdate', '1970-01-01'],
        ['patient', 'abc'],
        ['_sort', 'date'],
      ],
      true,
    );
    expect(result).toMatchObject({
      ok: false,
      error: [
        { severity: 'error', location: 'birthdate' },
        { severity: 'error', location: '_sort' },
      ],
    });
  });

  test.each(['identifier:exact', 'patient:missing', 'patient:Group', '_id:not', 'identifier:Patient'])(
    'a modifier that is not served (%s) is refused even when lenient',
    (name) => {
      expect(refused([name, 'abc'])).toMatchObject([{ location: name }]);
    },
  );

  test('a parameter of another type is unknown here', () => {
    const organization = findServedType('Organization')!.searchParameters;
    const result = parseSearch([['patient', 'abc']], { served: organization, strict: false, baseUrl });
    expect(result).toMatchObject({ ok: true, value: { criteria: [], ignored: [{ location: 'patient' }] } });
  });

  test.each([
    'handling=strict',
    'return=minimal, handling=strict',
    'respond-async;handling = "strict"',
    'Handling=Strict',
  ])('Prefer: %s is strict', (prefer) => {
    expect(prefersStrict(prefer)).toBe(true);
  });

  test.each([undefined, '', 'handling=lenient', 'handling=stricter', 'mishandling=strict', 'strict'])(
    'Prefer: %s is lenient',
    (prefer) => {
      expect(prefersStrict(prefer)).toBe(false);
    },
  );
});

describe('any query', () => {
  const name = fc.oneof(
    fc.constantFrom('identifier', 'patient', 'subject', '_id', '_count', '_page', 'patient:Patient', '_id:x'),
    fc.string(),
  );
  const query = fc.array(fc.tuple(name, fc.oneof(fc.string(), fc.constantFrom('a', 'urn:a|b', '5', 'a,b'))));

  test('is either understood or refused with places', () => {
    fc.assert(
      fc.property(query, fc.boolean(), (parameters, strict) => {
        const result = parse(parameters, strict);
        if (result.ok) {
          expect(result.value.count).toBeGreaterThanOrEqual(1);
          expect(result.value.count).toBeLessThanOrEqual(1000);
          if (strict) expect(result.value.ignored).toEqual([]);
        } else {
          expect(result.error.length).toBeGreaterThan(0);
        }
      }),
    );
  });

  test('is never repeated in a finding: neither values nor names that hold anything but letters', () => {
    const secret = '9990000018';
    const poisoned = fc.tuple(
      fc.constantFrom(
        'identifier:x',
        'patient',
        'subject',
        '_id',
        '_count',
        '_page',
        'name',
        secret,
        `a${secret}`,
      ),
      fc.constantFrom(secret, `${secret}|`, `Group/${secret}`, `${secret} `, ''),
    );
    fc.assert(
      fc.property(fc.array(poisoned), fc.boolean(), (parameters, strict) => {
        const result = parse(parameters, strict);
        const issues = result.ok ? result.value.ignored : result.error;
        expect(JSON.stringify(issues)).not.toContain(secret);
      }),
    );
  });
});
