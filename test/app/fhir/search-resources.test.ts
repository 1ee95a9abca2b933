import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Bundle } from 'fhir/r4.js';
import { createHash } from 'node:crypto';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { matchesIdentifier } from '../../../src/core/fhir/search-index.js';
import { partitionOf } from '../../../src/core/records/ids.js';
import {
  aPatient,
  aResource,
  asCurrent,
  ask,
  aStoreWith,
  entriesOf,
  linkOf,
  mrn,
  observe,
  pagesOf,
  search,
  send,
  store,
} from './arrange.js';

/** A record about the patient whose key its id begins with. */
const aRecord = (reference: string, fields: object = {}) => {
  const [, id = ''] = reference.split('/');
  return aResource(reference, { subject: { reference: `Patient/${partitionOf(id)}` }, ...fields });
};

const query = (parameters: Record<string, string>) => new URLSearchParams(parameters).toString();

describe('search by identifier', () => {
  test('answers a searchset with the total of a single page', async () => {
    const records = await aStoreWith(aPatient('p', { value: '1' }), aPatient('q', { value: '2' }));
    const bundle = await search(records, `Patient?${query({ identifier: `${mrn}|1` })}`);
    expect(bundle).toEqual({
      resourceType: 'Bundle',
      type: 'searchset',
      total: 1,
      link: [
        {
          relation: 'self',
          url: `https://hde.example/fhir/Patient?${query({ identifier: `${mrn}|1` })}`,
        },
      ],
      entry: [
        {
          fullUrl: 'https://hde.example/fhir/Patient/p',
          resource: asCurrent(aPatient('p', { value: '1' })).resource,
          search: { mode: 'match' },
        },
      ],
    });
  });

  test('answers an empty searchset when nobody matches', async () => {
    const bundle = await search(await aStoreWith(), 'Patient?identifier=nobody');
    expect(bundle).toMatchObject({ type: 'searchset', total: 0 });
    expect(bundle).not.toHaveProperty('entry');
  });

  test('takes a value in any system, in none, and alternatives', async () => {
    const records = await aStoreWith(
      aPatient('p', { value: '1' }),
      aResource('Patient/q', { identifier: [{ value: '1' }] }),
      aPatient('r', { value: '2' }),
    );
    const find = async (identifier: string) =>
      entriesOf(await search(records, `Patient?${query({ identifier })}`));
    expect(await find('1')).toEqual(['Patient/p', 'Patient/q']);
    expect(await find('|1')).toEqual(['Patient/q']);
    expect(await find(`${mrn}|1`)).toEqual(['Patient/p']);
    expect(await find(`${mrn}|2,1`)).toEqual(['Patient/p', 'Patient/q', 'Patient/r']);
  });

  test('needs all of repeated parameters', async () => {
    const both = { identifier: [{ value: '1' }, { value: '2' }] };
    const records = await aStoreWith(
      aResource('Patient/p', both),
      aResource('Patient/q', { identifier: [{ value: '1' }] }),
    );
    expect(entriesOf(await search(records, 'Patient?identifier=1&identifier=2'))).toEqual(['Patient/p']);
    expect(entriesOf(await search(records, 'Patient?identifier=1&_id=q,z'))).toEqual(['Patient/q']);
    expect(entriesOf(await search(records, 'Patient?_id=q&identifier=2'))).toEqual([]);
  });

  test('finds other types, shared ones among them', async () => {
    const records = await aStoreWith(
      aResource('Organization/o', { identifier: [{ value: 'RZZ' }] }),
      aRecord('Encounter/p.e', { identifier: [{ value: 'V1' }] }),
      aRecord('Encounter/q.e', { identifier: [{ value: 'V1' }] }),
    );
    expect(entriesOf(await search(records, 'Organization?identifier=RZZ'))).toEqual(['Organization/o']);
    expect(entriesOf(await search(records, 'Encounter?identifier=V1&patient=q'))).toEqual(['Encounter/q.e']);
  });

  test('is one query, however many criteria there are', async () => {
    const patients = Array.from({ length: 40 }, (_, n) =>
      aResource(`Patient/p${String(n).padStart(2, '0')}`, {
        identifier: [{ value: 'common' }, ...(n === 39 ? [{ value: 'rare' }] : [])],
      }),
    );
    const { records, calls } = observe(await aStoreWith(...patients));
    const bundle = await search(records, 'Patient?identifier=common&identifier=rare&_count=1');
    expect(entriesOf(bundle)).toEqual(['Patient/p39']);
    expect(calls).toEqual(['findRecords * Patient']);
  });
});

describe('search by id', () => {
  test('reads the ids that exist by point reads, in order', async () => {
    const { records, calls } = observe(await aStoreWith(aPatient('b'), aPatient('a')));
    const bundle = await search(records, 'Patient?_id=b,a,z,bad_id');
    expect(entriesOf(bundle)).toEqual(['Patient/a', 'Patient/b']);
    expect(bundle.total).toBe(2);
    // Of whoever is not there the policy asks whether they were.
    const asked = ['a', 'b', 'z'].map((id) => `readCurrent Patient ${id}`);
    expect(calls.sort()).toEqual([...asked, 'readLatest Patient z']);
  });

  test('pages, and pages past ids that do not exist', async () => {
    const records = await aStoreWith(aPatient('a'), aPatient('d'), aPatient('e'));
    const bundles = await pagesOf(records, 'Patient?_id=a,b,c,d,e&_count=2');
    expect(bundles.map((bundle) => entriesOf(bundle))).toEqual([['Patient/a', 'Patient/d'], ['Patient/e']]);
  });

  test('of ids that cannot exist finds nothing', async () => {
    expect(await search(await aStoreWith(), 'Patient?_id=bad_id')).toMatchObject({ total: 0 });
  });
});

describe('search by patient', () => {
  const resources = [
    aPatient('p'),
    aRecord('Observation/p.1'),
    aRecord('Observation/p.2'),
    aRecord('Encounter/p.3'),
    aPatient('q'),
    aRecord('Observation/q.1'),
  ];

  test.each([
    'patient=p',
    'patient=Patient/p',
    'subject=p',
    'subject:Patient=p',
    'patient=https://hde.example/fhir/Patient/p',
  ])('by %s finds the records of that type about them alone', async (parameter) => {
    const bundle = await search(await aStoreWith(...resources), `Observation?${parameter}`);
    expect(entriesOf(bundle)).toEqual(['Observation/p.1', 'Observation/p.2']);
    expect(bundle.total).toBe(2);
  });

  test('stays in one partition: one point read and one listing', async () => {
    const { records, calls } = observe(await aStoreWith(...resources));
    await search(records, 'Observation?patient=p');
    expect(calls).toEqual(['readCurrent Patient p', 'findRecords p Observation']);
  });

  test('of an unknown patient finds nothing', async () => {
    expect(await search(await aStoreWith(...resources), 'Observation?patient=nobody')).toMatchObject({
      total: 0,
    });
  });

  test('joined with ids keeps what fits both', async () => {
    const bundle = await search(await aStoreWith(...resources), 'Observation?patient=p&_id=p.2,q.1');
    expect(entriesOf(bundle)).toEqual(['Observation/p.2']);
  });

  test('includes the records of linked patients, the own ones first', async () => {
    const records = await aStoreWith(
      aPatient('m', { links: { replaces: 'a' } }),
      aPatient('a', { links: { 'replaced-by': 'm' } }),
      aRecord('Observation/m.1'),
      aRecord('Observation/a.1'),
      aRecord('Observation/z.1'),
    );
    const find = async (id: string) => entriesOf(await search(records, `Observation?patient=${id}`));
    expect(await find('m')).toEqual(['Observation/m.1', 'Observation/a.1']);
    expect(await find('a')).toEqual(['Observation/a.1', 'Observation/m.1']);
    expect(await find('z')).toEqual(['Observation/z.1']);
  });
});

test('a search by patient says when more patients are linked than are read', async () => {
  const link = Array.from({ length: 25 }, (_, n) => ({
    type: 'replaces',
    other: { reference: `Patient/q${n}` },
  }));
  const records = await aStoreWith(aResource('Patient/p', { link }), aRecord('Observation/p.1'));
  const bundle = await search(records, 'Observation?patient=p');
  expect(entriesOf(bundle)).toEqual(['Observation/p.1']);
  expect(bundle.entry?.at(-1)).toMatchObject({
    search: { mode: 'outcome' },
    resource: { issue: [{ severity: 'warning', expression: ['Patient.link'] }] },
  });
});

describe('paging', () => {
  const observations = (...letters: string[]) => letters.map((letter) => aRecord(`Observation/p.${letter}`));

  test('leads through all matches by next links and repeats what was asked', async () => {
    const records = await aStoreWith(aPatient('p'), ...observations('e', 'd', 'c', 'b', 'a'));
    const bundles = await pagesOf(records, 'Observation?patient=p&_count=2');
    expect(bundles.map((bundle) => entriesOf(bundle))).toEqual([
      ['Observation/p.a', 'Observation/p.b'],
      ['Observation/p.c', 'Observation/p.d'],
      ['Observation/p.e'],
    ]);
    expect(bundles.map(({ total }) => total)).toEqual([undefined, undefined, undefined]);
    expect(linkOf(bundles[0]!, 'self')).toBe('Observation?patient=p&_count=2');
    expect(linkOf(bundles[1]!, 'self')).toBe(linkOf(bundles[0]!, 'next'));
    expect(linkOf(bundles[2]!, 'next')).toBeUndefined();
  });

  test('shows nothing of a person in an address that the client did not make', async () => {
    const records = await aStoreWith(...['a', 'b', 'c'].map((id) => aPatient(id, { value: '9990000018' })));
    const api = { records, identities: createMemoryIdentityStore() };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const form = `identifier=${encodeURIComponent(`${mrn}|9990000018`)}&_count=1`;
    const posted = await send(api, { method: 'POST', target: 'Patient/_search', headers, form });
    const asked = await ask(records, `Patient?${form}`);
    const bundles = [posted.resource as Bundle];
    for (let next = linkOf(bundles[0]!, 'next'); next !== undefined; next = linkOf(bundles.at(-1)!, 'next'))
      bundles.push(await search(records, next));
    expect(bundles.flatMap((bundle) => entriesOf(bundle))).toEqual(['Patient/a', 'Patient/b', 'Patient/c']);
    const links = [
      ...bundles.flatMap(({ link = [] }) => link.map(({ url }) => url)),
      linkOf(asked.resource as Bundle, 'next')!,
    ];
    for (const url of links) {
      expect(url).not.toMatch(/identifier|mrn|9990000018/);
      for (const [name, value] of new URL(url, 'https://x').searchParams)
        expect([name, value.length <= 256]).toEqual([name, true]);
    }
    const self = linkOf(bundles[0]!, 'self')!;
    expect(await search(records, self)).toEqual(bundles[0]);
  });

  test('pages through what many alternatives find, and says so where an address has no room', async () => {
    const records = await aStoreWith(aPatient('p'), ...observations('a', 'b'));
    const codes = (count: number, length: number) =>
      Array.from(
        { length: 10 },
        (_, i) =>
          `code:not=${Array.from({ length: count }, (_, j) => createHash('sha256').update(`${i} ${j}`).digest('hex').slice(0, length)).join()}`,
      ).join('&');
    const api = { records, identities: createMemoryIdentityStore() };
    const post = (form: string) =>
      send(api, {
        method: 'POST',
        target: 'Observation/_search',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        form: `patient=p&_count=1&${form}`,
      });
    const first = (await post(codes(40, 8))).resource as Bundle;
    expect(
      new URL(linkOf(first, 'next')!, 'https://x').searchParams.getAll('_criteria').length,
    ).toBeGreaterThan(5);
    expect(entriesOf(await search(records, linkOf(first, 'next')!))).toEqual(['Observation/p.b']);
    await expect(post(codes(90, 64))).rejects.toMatchObject({ code: 'HDE_SEARCH_PARAMETER' });
  });

  test('says the page size that was used', async () => {
    const bundle = await search(await aStoreWith(), 'Observation?patient=p&_count=5000');
    expect(linkOf(bundle, 'self')).toBe('Observation?patient=p&_count=1000');
  });

  test('neither repeats nor loses a match while others arrive', async () => {
    const records = await aStoreWith(aPatient('p'), ...observations('b', 'd', 'f'));
    const arrivals = observations('a', 'c');
    const bundles = await pagesOf(records, 'Observation?patient=p&_count=1', async () => {
      const next = arrivals.shift();
      if (next !== undefined) await store(records, asCurrent(next));
    });
    expect(bundles.flatMap((bundle) => entriesOf(bundle))).toEqual(
      ['b', 'd', 'f'].map((letter) => `Observation/p.${letter}`),
    );
  });

  test('goes on when the link set changes between two pages', async () => {
    const records = await aStoreWith(aPatient('p'), ...observations('b', 'd'), aRecord('Observation/a.1'));
    const first = await search(records, 'Observation?patient=p&_count=1');
    const id = 'Patient:p';
    const { etag } = (await records.load('p', [id])).get(id)!;
    const merged = asCurrent(aPatient('p', { links: { replaces: 'a' } }), 2);
    await records.commit('p', [{ kind: 'replace', document: merged, etag }]);
    const rest = await pagesOf(records, linkOf(first, 'next')!);
    expect(rest.flatMap((bundle) => entriesOf(bundle))).toEqual(['Observation/p.d', 'Observation/a.1']);
  });

  test('takes another page size in between', async () => {
    const records = await aStoreWith(aPatient('p'), ...observations('a', 'b', 'c', 'd'));
    const next = linkOf(await search(records, 'Observation?patient=p&_count=1'), 'next')!;
    const bundle = await search(records, next.replace('_count=1', '_count=10'));
    expect(entriesOf(bundle)).toEqual(['Observation/p.b', 'Observation/p.c', 'Observation/p.d']);
    expect(bundle.total).toBeUndefined();
  });

  test('refuses a token that was altered or belongs to another search', async () => {
    const records = await aStoreWith(aPatient('p'), aPatient('q'), ...observations('a', 'b'));
    const next = linkOf(await search(records, 'Observation?patient=p&_count=1'), 'next')!;
    const altered = [
      next.replace('_page=', '_page=x'),
      next.replace('_criteria=', '_criteria=x'),
      next.replace(/_criteria=[^&]*/, 'patient=q'),
      next.replace('Observation', 'Encounter'),
      `${next}&identifier=1`,
      'Observation?patient=p&_page=',
      `Observation?patient=p&_page=${'A'.repeat(5000)}`,
    ];
    for (const target of altered) {
      await expect(ask(records, target)).rejects.toMatchObject({
        code: 'HDE_SEARCH_PARAMETER',
        location: expect.stringMatching(/^(_page|_criteria)$/),
      });
    }
  });
});

describe('pages of large records', () => {
  const valueString = 'x'.repeat(1024 * 1024);
  const ids = Array.from({ length: 70 }, (_, n) => `p.${n + 10}`);

  test.each([
    'Observation?patient=p&_count=1000',
    'Observation?patient=p&_sort=_id&_total=accurate',
    'Patient/p/$everything',
  ])('hold fewer of them, and lead to the rest: %s', async (target) => {
    const records = await aStoreWith(
      aPatient('p'),
      ...ids.map((id) => aRecord(`Observation/${id}`, { valueString })),
    );
    const pages = await pagesOf(records, target);
    const found = pages.map((page) => entriesOf(page).filter((each) => each.startsWith('Observation/')));
    expect(found.flat()).toEqual(ids.map((id) => `Observation/${id}`));
    expect(found.map(({ length }) => length)).toEqual([31, 31, 8]);
  });
});

describe('refusals', () => {
  test.each(['Patient', 'Patient?', 'Patient?_count=10', 'Observation?code=x', 'Practitioner?patient=p'])(
    'a search without a criterion (%s) is refused with advice and reads nothing',
    async (target) => {
      const { records, calls } = observe(await aStoreWith(aPatient('p')));
      await expect(ask(records, target)).rejects.toMatchObject({
        code: 'HDE_SEARCH_UNSELECTIVE',
        detail: expect.stringContaining('identifier'),
      });
      expect(calls).toEqual([]);
    },
  );

  test('a chain that leads to more records than can be looked at is refused', async () => {
    const performer = Array.from({ length: 2001 }, (_, n) => ({ reference: `Organization/o${n}` }));
    const records = await aStoreWith(aPatient('p'), aRecord('Observation/p.1', { performer }));
    const target = 'Observation?patient=p&performer:Organization.name=x';
    await expect(ask(records, target)).rejects.toMatchObject({ code: 'HDE_SEARCH_UNSELECTIVE' });
  });

  test('an unknown parameter is ignored with a warning, left out of the self link, or refused when strict', async () => {
    const records = await aStoreWith(aPatient('p'), aRecord('Observation/p.1'));
    const target = 'Observation?patient=p&colour=x';
    const bundle = await search(records, target);
    expect(linkOf(bundle, 'self')).toBe('Observation?patient=p');
    expect(bundle.total).toBe(1);
    expect(entriesOf(bundle)).toEqual(['Observation/p.1']);
    expect(bundle.entry?.at(-1)).toMatchObject({
      search: { mode: 'outcome' },
      resource: {
        resourceType: 'OperationOutcome',
        issue: [{ severity: 'warning', diagnostics: expect.stringMatching(/^colour: /) }],
      },
    });
    await expect(ask(records, target, { prefer: 'handling=strict' })).rejects.toMatchObject({
      code: 'HDE_SEARCH_PARAMETER',
      location: 'colour',
    });
  });

  test('a type that is not served is refused', async () => {
    await expect(ask(await aStoreWith(), 'Medication?_id=1')).rejects.toMatchObject({
      code: 'HDE_TYPE_NOT_SUPPORTED',
    });
  });
});

test('finds what a look at every record finds, whatever the page size', async () => {
  const value = fc.constantFrom('1', '2', '3');
  const system = fc.constantFrom('urn:a', 'urn:b');
  const identifier = fc.record({ system, value }, { requiredKeys: ['value'] });
  const patients = fc.uniqueArray(
    fc.record({
      id: fc.stringMatching(/^[a-z0-9-]{1,2}$/),
      identifier: fc.array(identifier, { maxLength: 3 }),
    }),
    { selector: ({ id }) => id, maxLength: 12 },
  );
  const token = fc.record({ system: fc.oneof(fc.constantFrom(undefined, ''), system), value });
  const groups = fc.array(fc.array(token, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(patients, groups, fc.integer({ min: 1, max: 5 }), async (people, criteria, count) => {
      const resources = people.map(({ id, identifier }) => aResource(`Patient/${id}`, { identifier }));
      const parameters = criteria.map((anyOf): [string, string] => [
        'identifier',
        anyOf.map((t) => (t.system === undefined ? t.value : `${t.system}|${t.value}`)).join(','),
      ]);
      const target = new URLSearchParams([...parameters, ['_count', String(count)]]).toString();
      const bundles = await pagesOf(await aStoreWith(...resources), `Patient?${target}`);
      const expected = resources
        .filter((resource) => criteria.every((anyOf) => anyOf.some((t) => matchesIdentifier(resource, t))))
        .map(({ id }) => `Patient/${id}`)
        .sort();
      expect(bundles.flatMap((bundle) => entriesOf(bundle))).toEqual(expected);
      for (const { entry = [] } of bundles) expect(entry.length).toBeLessThanOrEqual(count);
      if (bundles.length === 1) expect(bundles[0]?.total).toBe(expected.length);
    }),
    { numRuns: 200 },
  );
});
