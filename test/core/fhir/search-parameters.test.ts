import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Issue } from '../../../src/core/errors.js';
import type { ParameterPair } from '../../../src/core/fhir/bundle.js';
import { parseSearch, prefersStrict, type SearchQuery } from '../../../src/core/fhir/search-parameters.js';

const context = { baseUrl: 'https://hde.example/fhir', now: '2026-11-26T09:00:00.000Z' };

const parse = (
  parameters: readonly ParameterPair[],
  strict = false,
  type: string | undefined = 'Encounter',
) => parseSearch(parameters, { ...context, type, strict });

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

describe('the size of a search', () => {
  const ids = (count: number) => Array.from({ length: count }, (_, i) => `a${i}`).join(',');

  test.each<[string, ParameterPair[], RegExp]>([
    [
      '60 parameters of 100 alternatives',
      Array.from({ length: 60 }, () => ['status', ids(100)] as const),
      /^At most 1000 values /,
    ],
    [
      'references that may be to many types',
      Array.from({ length: 4 }, () => ['participant', ids(100)] as const),
      /^At most 1000 values /,
    ],
    [
      'alternatives behind chains',
      Array.from({ length: 5 }, () => ['patient.general-practitioner', ids(100)] as const),
      /^At most 1000 values /,
    ],
    [
      '20,000 parameters',
      Array.from({ length: 20_000 }, () => ['a', 'b'] as const),
      /^At most 200 parameters /,
    ],
    [
      '31 criteria',
      Array.from({ length: 31 }, () => ['status', 'planned'] as const),
      /^At most 30 criteria /,
    ],
  ])('has bounds: %s', (_, parameters, detail) => {
    expect(refused(...parameters)).toContainEqual(
      expect.objectContaining({
        code: 'HDE_SEARCH_PARAMETER',
        detail: expect.stringMatching(detail) as unknown,
      }),
    );
  });

  test('has room for 10 parameters of 100 codes', () => {
    expect(accepted(...Array.from({ length: 10 }, () => ['status', ids(100)] as const)).terms).toHaveLength(
      10,
    );
  });
});

describe('criteria', () => {
  test.each([
    ['patient', 'abc'],
    ['patient', 'Patient/abc'],
    ['patient', `${context.baseUrl}/Patient/abc`],
    ['patient:Patient', 'abc'],
    ['subject', 'Patient/abc'],
    ['subject:Patient', 'abc'],
  ])('%s=%s is about the patient abc', (name, value) => {
    const query = accepted([name, value]);
    expect(query.terms).toMatchObject([{ kind: 'criterion', patients: ['abc'] }]);
    expect(query.criteria).toEqual([[name, value]]);
  });

  test('a reference to a group is about no patient', () => {
    expect(accepted(['subject', 'Group/abc']).terms[0]).not.toHaveProperty('patients');
  });

  test.each(['Patient/', 'a b', 'a,'])('patient="%s" is refused', (value) => {
    expect(refused(['patient', value])).toMatchObject([
      { code: 'HDE_SEARCH_PARAMETER', location: 'patient' },
    ]);
  });

  test.each<[string, string, string, boolean]>([
    ['Encounter', 'identifier', 'urn:a|1', true],
    ['Encounter', 'identifier', '1,2', true],
    ['Encounter', 'identifier', 'urn:a|', false],
    ['Encounter', 'identifier', '1,urn:a|', false],
    ['Encounter', 'status', 'planned', false],
    ['Encounter', 'status:not', 'planned', false],
    ['Encounter', 'identifier:missing', 'false', false],
    ['Encounter', '_tag', 'urn:a|x', false],
    ['Encounter', '_id', 'a', true],
    ['Encounter', 'date', '2025-01-01', false],
    ['Encounter', 'location', 'Location/a', false],
    ['Encounter', 'part-of', 'Encounter/p.a', true],
    ['Encounter', 'subject:identifier', 'urn:nhs|1', true],
    ['Patient', 'birthdate', '1970-01-01', true],
    // The clocks go back: the day has 25 hours.
    ['Patient', 'birthdate', '2025-10-26', true],
    ['Patient', 'birthdate', '1970-01', false],
    ['Patient', 'birthdate', 'gt1970-01-01', false],
    ['Patient', 'family', 'windsor', true],
    ['Patient', 'family', 'w', false],
    ['Patient', 'gender', 'male', false],
    ['Patient', 'address-city', 'leeds', false],
    ['Patient', 'phone', '0113 496 0000', true],
    ['Practitioner', 'name', 'a', true],
    ['Practitioner', 'active', 'true', true],
    ['Practitioner', 'active:not', 'true', false],
  ])('%s?%s=%s leaves few records: %s', (type, name, value, isSelective) => {
    const result = parse([[name, value]], true, type);
    expect(result).toMatchObject({ ok: true, value: { terms: [{ isSelective }] } });
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

  test('_count=0 counts, where there is something to count', () => {
    expect(accepted(['_count', '00'], ['_total', 'none'])).toMatchObject({ count: 0, total: 'accurate' });
    const everything = { ...context, type: undefined, strict: false };
    expect(parseSearch([['_count', '0']], everything)).toMatchObject({ error: [{ location: '_count' }] });
  });

  test.each(['-1', '1.5', '1e3', 'ten', ' 1'])('refuses _count=%s', (value) => {
    expect(refused(['_count', value])).toMatchObject([{ location: '_count' }]);
  });

  test('is refused twice', () => {
    expect(refused(['_count', '1'], ['_count', '1'])).toHaveLength(1);
  });
});

describe('handling', () => {
  const parameters: ParameterPair[] = [
    ['colour', 'red'],
    ['patient', 'abc'],
    ['encounter.colour', 'a'],
  ];

  test('lenient ignores unknown parameters and warns of each', () => {
    const query = accepted(...parameters.slice(0, 2));
    expect(query.criteria).toEqual([['patient', 'abc']]);
    expect(query.ignored).toMatchObject([{ severity: 'warning', location: 'colour' }]);
  });

  test('strict refuses each unknown parameter', () => {
    expect(parse(parameters, true)).toMatchObject({
      ok: false,
      error: [
        { severity: 'error', location: 'colour' },
        { severity: 'error', location: 'encounter.colour' },
      ],
    });
  });

  test('without a value is as good as not given, unless the client is strict', () => {
    const names = ['patient', 'identifier:of-type', '_count', '_sort', '_include', 'subject:Patient.name'];
    const parameters = names.map((name) => [name, ''] as const);
    const query = accepted(['status', 'planned'], ...parameters);
    expect(query).toMatchObject({ count: 50, countGiven: false, sort: [], includes: [] });
    expect(query.terms).toHaveLength(1);
    expect(query.criteria).toEqual([['status', 'planned']]);
    expect(query.ignored.map(({ location, severity }) => [location, severity])).toEqual(
      names.map((name) => [name, 'warning']),
    );
    expect(parse(parameters, true)).toMatchObject({ error: names.map((location) => ({ location })) });
  });

  test('a named query is refused: nobody here knows what it asks for', () => {
    for (const value of ['name', ''])
      expect(refused(['_query', value])).toMatchObject([{ location: '_query' }]);
  });

  test.each([
    'identifier:exact',
    'patient:below',
    'patient:Group',
    '_id:not',
    'identifier:Patient',
    'status:a:b',
  ])('a modifier that the parameter does not have (%s) is refused even when lenient', (name) => {
    expect(refused([name, 'abc'])).toMatchObject([{ location: name }]);
  });

  test.each(['family=M%FCller', 'name:exact=J%F6rg', 'identifier=urn:a|%E9', '_foo=%FF'])(
    'of %s, which is not UTF-8, is refused: it would find nobody',
    (query) => {
      const [[name, value] = ['', '']] = new URLSearchParams(query);
      expect(parse([[name, value]], false, 'Patient')).toMatchObject({
        error: [{ code: 'HDE_SEARCH_PARAMETER', location: name, detail: 'Expected UTF-8.' }],
      });
    },
  );

  test('where no criteria are taken, all are unknown', () => {
    const result = parseSearch([['patient', 'abc']], { ...context, type: undefined, strict: false });
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

test.each([
  ['criteria', 'family', 30],
  ['chains and _has', '_has:Observation:patient:code', 5],
])('takes as many %s as one search can answer, and no more', (_what, name, most) => {
  const pairs = (count: number) => Array.from({ length: count }, (): [string, string] => [name, 'a']);
  expect(parse(pairs(most), false, 'Patient').ok).toBe(true);
  expect(parse(pairs(most + 1), false, 'Patient').ok).toBe(false);
});
