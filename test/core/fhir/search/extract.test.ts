import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { indexResource } from '../../../../src/core/fhir/search-index.js';
import { parameterisedTypes } from '../../../../src/core/fhir/search/definitions.js';
import { anyResource } from './any-resource.js';

/** The index of a resource of a type with some elements. */
const indexOf = (resourceType: string, elements: object) => indexResource({ resourceType, ...elements });

const day = (date: string) => ({ lo: `${date}T00:00:00.000Z`, hi: `${date}T23:59:59.999Z` });

describe('tokens', () => {
  test.each<[string, object, readonly string[] | undefined]>([
    ['a code in a system', { coding: [{ system: 'urn:a', code: 'X' }] }, ['urn:a|x', '*|x', 'urn:a|']],
    ['a code without one', { coding: [{ code: 'X' }] }, ['|x', '*|x']],
    ['a system alone', { coding: [{ system: 'urn:a' }] }, ['urn:a|']],
    [
      'two codes of a system, the system once',
      {
        coding: [
          { system: 'urn:a', code: 'x' },
          { system: 'urn:a', code: 'y' },
        ],
      },
      ['urn:a|x', '*|x', 'urn:a|', 'urn:a|y', '*|y'],
    ],
    ['a text alone', { text: 'x' }, undefined],
  ])('of %s', (_, code, expected) => {
    expect(indexOf('Condition', { code }).token?.['code']).toEqual(expected);
  });

  test('of a boolean and a code', () => {
    expect(indexOf('Practitioner', { active: false, gender: 'female' }).token).toEqual({
      active: ['|false', '*|false'],
      gender: ['|female', '*|female'],
    });
  });

  test('of an identifier, with its type', () => {
    const type = { coding: [{ system: 'urn:types', code: 'MR' }], text: 'Hospital number' };
    const { identifier, token, ofType, text } = indexOf('Account', {
      identifier: [{ system: 'urn:a', value: 'A1', type }],
    });
    expect({ identifier, token, ofType, text }).toEqual({
      identifier: ['|A1', 'urn:a|A1'],
      token: { identifier: ['urn:a|a1', '*|a1', 'urn:a|'] },
      ofType: { identifier: ['urn:types|mr|a1'] },
      text: { identifier: ['hospital number'] },
    });
  });

  test('of contacts by their system, a telephone number also without its spaces', () => {
    const telecom = [
      { system: 'phone', value: '07700 900123' },
      { system: 'email', value: 'Ann@Example.test' },
    ];
    const phone = ['|07700 900123', '*|07700 900123', '|07700900123', '*|07700900123'];
    const email = ['|ann@example.test', '*|ann@example.test'];
    expect(indexOf('Practitioner', { telecom }).token).toEqual({
      phone,
      email,
      telecom: [...phone, ...email],
    });
  });

  test('have the texts of concepts and codings', () => {
    const code = {
      coding: [
        { code: '1', display: 'Hb' },
        { code: '2', display: 'hb' },
      ],
      text: 'Haemoglobin',
    };
    expect(indexOf('Condition', { code }).text).toEqual({ code: ['hb', 'haemoglobin'] });
  });

  test.each([
    ['nothing', {}, 'false'],
    ['a living patient', { deceasedBoolean: false }, 'false'],
    ['one who died', { deceasedBoolean: true }, 'true'],
    ['one who died on a day', { deceasedDateTime: '2020-02-01' }, 'true'],
  ])('of deceased, from %s', (_, elements, expected) => {
    expect(indexOf('Patient', elements).token).toEqual({ deceased: [`|${expected}`, `*|${expected}`] });
  });
});

describe('strings', () => {
  test('of several words sound as each of them, and as the whole', () => {
    expect(indexOf('Practitioner', { name: [{ family: 'van de Heuvel' }] }).string?.['phonetic']).toEqual([
      ...['V531', 'V500', 'D000', 'H140'],
    ]);
  });

  test('of a name are its parts, as searches compare them and as written', () => {
    const name = [{ family: "O'Brien", given: ['Seán', 'Tom'], prefix: ['Dr'], use: 'official' }];
    const { string, exact } = indexOf('Practitioner', { name });
    expect({ string, exact }).toEqual({
      string: {
        family: ['obrien'],
        given: ['sean', 'tom'],
        name: ['obrien', 'sean', 'tom', 'dr'],
        phonetic: ['O165', 'S500', 'T500'],
      },
      exact: {
        family: ["O'Brien"],
        given: ['Seán', 'Tom'],
        name: ["O'Brien", 'Seán', 'Tom', 'Dr'],
      },
    });
  });

  test('of an address are its parts', () => {
    const address = { line: ['1 High Street'], city: 'Poole', postalCode: 'BH15 1AA', use: 'work' };
    expect(indexOf('Location', { address }).string).toEqual({
      address: ['1 high street', 'poole', 'bh15 1aa'],
      'address-city': ['poole'],
      'address-postalcode': ['bh15 1aa'],
    });
  });

  test('are cut at 256 characters', () => {
    const { string, exact } = indexOf('Account', { name: 'A'.repeat(300) });
    expect([string?.['name'], exact?.['name']]).toEqual([['a'.repeat(256)], ['A'.repeat(256)]]);
  });
});

describe('dates', () => {
  test.each<[string, object, object | undefined]>([
    ['a day', { effectiveDateTime: '2024-02-01' }, day('2024-02-01')],
    [
      'a moment with an offset',
      { effectiveInstant: '2024-05-01T00:30:00+01:00' },
      { lo: '2024-04-30T23:30:00.000Z', hi: '2024-04-30T23:30:00.999Z' },
    ],
    [
      'a period',
      { effectivePeriod: { start: '2024-02-01', end: '2024-02' } },
      { lo: '2024-02-01T00:00:00.000Z', hi: '2024-02-29T23:59:59.999Z' },
    ],
    [
      'a period without an end',
      { effectivePeriod: { start: '2024-02-01' } },
      { lo: '2024-02-01T00:00:00.000Z', hi: '9999-12-31T23:59:59.999Z' },
    ],
    [
      'a period without a start',
      { effectivePeriod: { end: '2024-02-01' } },
      { lo: '0000-01-01T00:00:00.000Z', hi: '2024-02-01T23:59:59.999Z' },
    ],
    [
      'a period that ends before it starts',
      { effectivePeriod: { start: '2024-02-03', end: '2024-02-01' } },
      { lo: '2024-02-01T00:00:00.000Z', hi: '2024-02-03T23:59:59.999Z' },
    ],
    [
      'a timing: its outer limits',
      {
        effectiveTiming: {
          event: ['2024-02-09', '2024-02-02'],
          repeat: { boundsPeriod: { start: '2024-02-04', end: '2024-02-20' } },
        },
      },
      { lo: '2024-02-02T00:00:00.000Z', hi: '2024-02-20T23:59:59.999Z' },
    ],
    ['a period without either', { effectivePeriod: {} }, undefined],
    ['a timing without dates', { effectiveTiming: { repeat: { count: 3 } } }, undefined],
    ['no date', { effectiveDateTime: '2024-02-30' }, undefined],
  ])('of %s', (_, elements, expected) => {
    expect(indexOf('Observation', elements).date?.['date']).toEqual(expected && [expected]);
  });
});

describe('quantities', () => {
  const least = -Number.MAX_VALUE;
  const most = Number.MAX_VALUE;

  test.each<[string, object, object | undefined]>([
    [
      'a number and its unit',
      { value: 7.2, unit: 'g/L', system: 'urn:u', code: 'g' },
      { value: 7.2, system: 'urn:u', code: 'g', unit: 'g/L' },
    ],
    ['less than', { value: 5, comparator: '<' }, { lo: least, hi: 4.999999999999999 }],
    ['at most', { value: 5, comparator: '<=' }, { lo: least, hi: 5 }],
    ['more than', { value: 5, comparator: '>' }, { lo: 5.000000000000001, hi: most }],
    ['less than nothing', { value: 0, comparator: '<' }, { lo: least, hi: -Number.MIN_VALUE }],
    ['less than the least', { value: least, comparator: '<' }, { lo: least, hi: least }],
    ['at least', { value: 5, comparator: '>=' }, { lo: 5, hi: most }],
    ['no number', { value: '5' }, undefined],
  ])('of %s', (_, valueQuantity, expected) => {
    expect(indexOf('Observation', { valueQuantity }).quantity?.['value-quantity']).toEqual(
      expected && [expected],
    );
  });

  test.each<[string, object, object | undefined]>([
    [
      'both ends',
      { low: { value: 20, code: 'a' }, high: { value: 30, code: 'a' } },
      { lo: 20, hi: 30, code: 'a' },
    ],
    ['a low', { low: { value: 20 } }, { lo: 20, hi: most }],
    ['a high', { high: { value: 30 } }, { lo: least, hi: 30 }],
    ['neither', {}, undefined],
  ])('of a range with %s', (_, onsetRange, expected) => {
    expect(indexOf('Condition', { onsetRange }).quantity?.['onset-age']).toEqual(expected && [expected]);
  });

  test.each<[string, object, object | undefined]>([
    ['samples', { data: '2 -1 5', factor: 2 }, { lo: 8, hi: 20, unit: 'mV' }],
    [
      'samples beyond its limits',
      { data: 'L 3 U E', lowerLimit: -10, upperLimit: 10 },
      { lo: 0, hi: 20, unit: 'mV' },
    ],
    ['no samples', { data: 'E' }, undefined],
  ])('of sampled data with %s', (_, sampled, expected) => {
    const valueSampledData = { origin: { value: 10, unit: 'mV' }, period: 1, dimensions: 1, ...sampled };
    expect(indexOf('Observation', { valueSampledData }).quantity?.['value-quantity']).toEqual(
      expected && [expected],
    );
  });

  test('of money, and of a number', () => {
    const { quantity, number } = indexOf('ChargeItem', {
      priceOverride: { value: 12.5, currency: 'GBP' },
      factorOverride: 2,
    });
    expect(quantity?.['price-override']).toEqual([
      { value: 12.5, system: 'urn:iso:std:iso:4217', code: 'GBP' },
    ]);
    expect(number).toEqual({ 'factor-override': [{ value: 2 }] });
  });
});

describe('references', () => {
  test.each<[string, object, string | undefined, string | undefined]>([
    ['a relative one', { reference: 'Patient/a' }, 'Patient/a', 'Patient/a'],
    ['one with a version', { reference: 'Patient/a/_history/3' }, 'Patient/a', 'Patient/a'],
    ['another type', { reference: 'Group/a' }, 'Group/a', undefined],
    [
      'an address',
      { reference: 'https://a.test/fhir/Patient/a' },
      'https://a.test/fhir/Patient/a',
      'https://a.test/fhir/Patient/a',
    ],
    [
      'an address of another type',
      { reference: 'https://a.test/Patient/Group/a', type: 'Patient' },
      'https://a.test/Patient/Group/a',
      undefined,
    ],
    ['a URN that says what it is', { reference: 'urn:uuid:1', type: 'Patient' }, 'urn:uuid:1', 'urn:uuid:1'],
    ['a URN', { reference: 'urn:uuid:1' }, 'urn:uuid:1', undefined],
    ['a contained one, which is not missing', { reference: '#a', type: 'Patient' }, '#', '#'],
    ['one that is a name alone', { display: 'Somebody' }, '#', undefined],
  ])('of %s', (_, subject, any, patient) => {
    const { reference } = indexOf('Observation', { subject });
    expect([reference?.['subject']?.[0], reference?.['patient']?.[0]]).toEqual([any, patient]);
  });

  test('by identifier', () => {
    const subject = { type: 'Patient', identifier: { system: 'urn:a', value: 'A1' } };
    const tokens = ['urn:a|a1', '*|a1', 'urn:a|'];
    expect(indexOf('Observation', { subject }).referenceIdentifier).toEqual({
      subject: tokens,
      patient: tokens,
    });
  });

  test('and canonicals and URIs, with a version and without', () => {
    const elements = {
      meta: { profile: ['urn:profile|2'], source: 'urn:a|b' },
      instantiatesCanonical: ['urn:plan|1.0'],
      instantiatesUri: ['urn:b|c'],
    };
    const { reference, uri } = indexOf('ServiceRequest', elements);
    expect({ reference, uri }).toEqual({
      reference: { 'instantiates-canonical': ['urn:plan|1.0', 'urn:plan'] },
      uri: {
        _profile: ['urn:profile|2', 'urn:profile'],
        _source: ['urn:a|b'],
        'instantiates-uri': ['urn:b|c'],
      },
    });
  });
});

describe('composites', () => {
  const code = (text: string) => ({ coding: [{ code: text }] });
  const token = (key: string, text: string) => ({ token: { [key]: [`|${text}`, `*|${text}`] } });
  const quantity = (key: string, value: number) => ({
    quantity: { [key]: [{ value }] },
  });

  test('keep together what stands in one element', () => {
    const { composite } = indexOf('Observation', {
      code: code('bp'),
      component: [
        { code: code('sys'), valueQuantity: { value: 120 } },
        { code: code('dia'), valueQuantity: { value: 80 } },
      ],
    });
    const [codes, values] = ['component-code', 'component-value-quantity'];
    const [combos, combined] = ['combo-code', 'combo-value-quantity'];
    expect(composite).toEqual({
      'component-code-value-quantity': [
        [token(codes, 'sys'), quantity(values, 120)],
        [token(codes, 'dia'), quantity(values, 80)],
      ],
      'combo-code-value-quantity': [
        [token(combos, 'sys'), quantity(combined, 120)],
        [token(combos, 'dia'), quantity(combined, 80)],
      ],
    });
  });

  test('are there only where every part has a value', () => {
    expect(indexOf('Observation', { code: code('x') }).composite).toBeUndefined();
    expect(indexOf('Observation', { valueString: 'x' }).composite).toBeUndefined();
  });
});

test('what documents say themselves is not in the index', () => {
  expect(indexOf('Basic', { id: 'a', meta: { lastUpdated: '2024-05-01T00:00:00Z' } })).toEqual({
    identifier: [],
  });
});

describe('any resource', () => {
  const anyType = fc.constantFrom(...parameterisedTypes);

  test('is indexed without empty lists and repeated entries, the same each time', () => {
    fc.assert(
      fc.property(anyType.chain(anyResource), (resource) => {
        const index = indexResource(resource as never);
        expect(indexResource(structuredClone(resource) as never)).toEqual(index);
        const { identifier, ...parts } = index;
        const lists = [
          identifier,
          ...Object.values(parts).flatMap((part) => Object.values(part as Record<string, unknown>)),
        ];
        for (const list of lists as unknown[][]) {
          expect(new Set(list.map((entry) => JSON.stringify(entry))).size).toBe(list.length);
        }
        for (const list of lists.slice(1) as unknown[][]) expect(list.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });

  /** The same resource with any values at any places. */
  const bend = (value: unknown, pick: () => number, odd: () => unknown): unknown => {
    if (pick() % 5 === 0) return odd();
    if (Array.isArray(value)) return value.map((each) => bend(each, pick, odd));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, bend(each, pick, odd)]));
  };

  test('never throws, whatever its shape', () => {
    const odd = fc.anything({ withNullPrototype: true, maxDepth: 2 });
    fc.assert(
      fc.property(
        anyType.chain(anyResource),
        fc.infiniteStream(fc.nat()),
        fc.infiniteStream(odd),
        (resource, picks, odds) => {
          const pick = () => Number(picks.next().value);
          const bent = Object.entries(resource).map(([key, value]) => [
            key,
            key === 'resourceType' ? value : bend(value, pick, () => odds.next().value),
          ]);
          const index = indexResource(Object.fromEntries(bent) as never);
          expect(JSON.parse(JSON.stringify(index))).toEqual(index);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('may be deep or long', () => {
    const deep = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`) as unknown;
    expect(indexOf('Patient', { name: deep, telecom: [deep] }).string).toBeUndefined();
    const member = Array.from({ length: 20_000 }, (_, i) => ({ entity: { reference: `Patient/p${i}` } }));
    expect(indexOf('Group', { member }).reference?.['member']).toHaveLength(20_000);
  });
});
