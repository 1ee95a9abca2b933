import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Bundle, Resource } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import {
  aPatient,
  aResource,
  asCurrent,
  ask,
  aStoreWith,
  entriesOf,
  linkOf,
  observe,
  pagesOf,
  search,
  send,
  store,
} from './arrange.js';
import { aMinimal } from './minimal.js';

const refer = (...references: string[]) => ({ performer: references.map((reference) => ({ reference })) });

describe('$everything', () => {
  test('answers the patient first, then all their records and nobody else’s', async () => {
    const records = await aStoreWith(
      aResource('Observation/p.b'),
      aPatient('p'),
      aResource('Encounter/p.a'),
      aPatient('q'),
      aResource('Observation/q.a'),
    );
    const bundle = await search(records, 'Patient/p/$everything');
    expect(entriesOf(bundle)).toEqual(['Patient/p', 'Encounter/p.a', 'Observation/p.b']);
    expect(bundle.total).toBe(3);
    expect(linkOf(bundle, 'self')).toBe('Patient/p/$everything');
    expect(linkOf(bundle, 'next')).toBeUndefined();
  });

  test('is asked by POST as by GET, with its parameters in the body or with none', async () => {
    const records = await aStoreWith(aPatient('p'), aResource('Encounter/p.a'), aResource('Observation/p.b'));
    const api = { records, identities: createMemoryIdentityStore() };
    const post = async (body: object | undefined, query = '') => {
      const sent = body === undefined ? { form: '' } : { body: body as Resource };
      const target = `Patient/p/$everything${query}`;
      return (await send(api, { method: 'POST', target, ...sent })).resource as Bundle;
    };
    const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
    const all = await search(records, 'Patient/p/$everything');
    expect((await post(undefined)).entry).toEqual(all.entry);
    expect((await post({ resourceType: 'Parameters' })).entry).toEqual(all.entry);
    const first = await post(parameters({ name: '_count', valueInteger: 2 }));
    expect(entriesOf(first)).toEqual(['Patient/p', 'Encounter/p.a']);
    expect(entriesOf(await post(undefined, '?_count=2'))).toEqual(['Patient/p', 'Encounter/p.a']);
    const next = linkOf(first, 'next') ?? '';
    expect(entriesOf(await search(records, next))).toEqual(['Observation/p.b']);
    for (const [body, code] of [
      [aPatient('p'), 'HDE_REQUEST_INVALID'],
      [parameters({ name: '_count', valueString: 'x' }), 'HDE_SEARCH_PARAMETER'],
      [parameters({ name: '_count', valuePeriod: { start: '2026' } }), 'HDE_SEARCH_PARAMETER'],
    ] as const)
      await expect(post(body)).rejects.toMatchObject({ code });
    await expect(
      send(api, { method: 'POST', target: 'Encounter/p.a/$everything', form: '' }),
    ).rejects.toMatchObject({ code: 'HDE_ROUTE_NOT_FOUND' });
  });

  test('includes shared resources that a page mentions, once, and those they mention', async () => {
    const records = await aStoreWith(
      aPatient('p'),
      aResource('Observation/p.a', refer('PractitionerRole/r', 'Organization/o')),
      aResource('Observation/p.b', refer('PractitionerRole/r', 'Patient/p', 'Observation/p.a', '#c')),
      aResource('PractitionerRole/r', refer('Practitioner/d', 'Organization/o')),
      aResource('Practitioner/d'),
      aResource('Organization/o', refer('Organization/above')),
      aResource('Organization/above', refer('Organization/o')),
      aResource('Location/unrelated'),
    );
    const bundle = await search(records, 'Patient/p/$everything');
    expect(entriesOf(bundle)).toEqual(['Patient/p', 'Observation/p.a', 'Observation/p.b']);
    expect(entriesOf(bundle, 'include')).toEqual([
      'PractitionerRole/r',
      'Organization/o',
      'Practitioner/d',
      'Organization/above',
    ]);
    expect(bundle.total).toBe(3);
  });

  describe('of some records only', () => {
    const dated = (reference: string, effectiveDateTime: string) =>
      aResource(reference, { effectiveDateTime });
    const aStore = () =>
      aStoreWith(
        aResource('Patient/p', {
          birthDate: '1950-02-01',
          managingOrganization: { reference: 'Organization/o' },
          generalPractitioner: [{ reference: 'PractitionerRole/r' }],
        }),
        aResource('AllergyIntolerance/p.a'),
        aResource('Encounter/p.e', { period: { start: '2026-01-30', end: '2026-02-02' } }),
        dated('Observation/p.1', '2026-01-31T23:59:59Z'),
        dated('Observation/p.2', '2026-02-01'),
        dated('Observation/p.3', '2026-03-01'),
        aResource('Organization/o'),
        aResource('PractitionerRole/r', { period: { start: '2001', end: '2010' } }),
      );
    const everything = async (query: string) => {
      const bundle = await search(await aStore(), `Patient/p/$everything?${query}`);
      return [...entriesOf(bundle), ...entriesOf(bundle, 'include')];
    };

    test.each([
      ['_type=Observation', ['Observation/p.1', 'Observation/p.2', 'Observation/p.3']],
      ['_type=Patient,Organization', ['Patient/p', 'Organization/o']],
      ['_type=Encounter&_type=AllergyIntolerance', ['AllergyIntolerance/p.a', 'Encounter/p.e']],
      ['_type=Observation&start=2026-02', ['Observation/p.2', 'Observation/p.3']],
      ['_type=Observation&end=2026-01', ['Observation/p.1']],
      ['_type=Observation,Encounter&start=2026-02-01&end=2026-02-28', ['Observation/p.2', 'Encounter/p.e']],
    ])('%s', async (query, expected) => {
      expect(await everything(query)).toEqual(expected);
    });

    test('keeps the patient and what nobody dated, whatever the days of care', async () => {
      expect(await everything('start=2031&end=2032')).toEqual([
        'Patient/p',
        'AllergyIntolerance/p.a',
        'Organization/o',
        'PractitionerRole/r',
      ]);
    });

    test('_since counts when a record was stored', async () => {
      expect(await everything('_since=2000-01-01T00:00:00Z')).toHaveLength(8);
      expect(await everything('_since=2999')).toEqual([]);
      // A + that nobody escaped is a space.
      expect(await everything('_since=2000-01-01T00:00:00+01:00')).toHaveLength(8);
    });

    test('looks at many records at once, however short its pages are', async () => {
      const many = Array.from({ length: 150 }, (_, index) => aResource(`Observation/p.${String(index)}`));
      const { records, calls } = observe(await aStoreWith(aPatient('p'), ...many, aResource('Goal/p.z')));
      const bundle = await search(records, 'Patient/p/$everything?_type=Goal&_count=1');
      expect(entriesOf(bundle)).toEqual(['Goal/p.z']);
      expect(calls.filter((call) => call.startsWith('listPartition')).length).toBeLessThan(6);
    });

    test('fills its pages, whose links repeat what was asked', async () => {
      const pages = await pagesOf(await aStore(), 'Patient/p/$everything?_type=Observation&_count=2');
      expect(pages.map((page) => entriesOf(page))).toEqual([
        ['Observation/p.1', 'Observation/p.2'],
        ['Observation/p.3'],
      ]);
      expect(linkOf(pages[0]!, 'self')).toBe('Patient/p/$everything?_type=Observation&_count=2');
    });

    test.each([
      '_type=Nonsense',
      '_type=',
      'start=yesterday',
      'end=2026-02-30',
      '_since=now',
      'start=2026&start=2027',
    ])('%s is refused with its place', async (query) => {
      const location = query.slice(0, query.indexOf('='));
      await expect(everything(query)).rejects.toMatchObject({ code: 'HDE_SEARCH_PARAMETER', location });
    });
  });

  test('includes no record of another person, whatever a reference says', async () => {
    const records = await aStoreWith(
      aPatient('p'),
      aResource('Encounter/p.a', refer('Patient/q', 'Observation/q.a', 'Location/q.l', 'Medication/m')),
      aPatient('q'),
      aResource('Observation/q.a'),
      aResource('Location/q.l'),
      aResource('Medication/m'),
    );
    const bundle = await search(records, 'Patient/p/$everything');
    expect(entriesOf(bundle, 'include')).toEqual([]);
  });

  test('says when a page mentions more than comes with it', async () => {
    const mentioned = Array.from({ length: 1001 }, (_, index) => `Organization/o${index}`);
    const records = await aStoreWith(
      aPatient('p'),
      aResource('Observation/p.a', refer(...mentioned)),
      ...mentioned.map((each) => aResource(each)),
    );
    const bundle = await search(records, 'Patient/p/$everything');
    expect(entriesOf(bundle, 'include')).toHaveLength(1000);
    expect(bundle.entry?.at(-1)).toMatchObject({
      search: { mode: 'outcome' },
      resource: { issue: [{ severity: 'warning', expression: ['Bundle.entry'] }] },
    });
  });

  test('includes a place whose id a client chose with a dot in it', async () => {
    const api = { records: await aStoreWith(aPatient('p')), identities: createMemoryIdentityStore() };
    const put = (body: Resource & { id: string }) =>
      send(api, { method: 'PUT', target: `${body.resourceType}/${body.id}`, body });
    await put(aMinimal('Location/ward.7', { name: 'Ward 7' }));
    const location = [{ location: { reference: 'Location/ward.7' } }];
    await put(aMinimal('Encounter/visit', { subject: { reference: 'Patient/p' }, location }));
    const { resource } = await send(api, { target: 'Patient/p/$everything' });
    expect(entriesOf(resource as Bundle, 'include')).toEqual(['Location/ward.7']);
  });

  test('brings in the partitions of linked patients', async () => {
    const records = await aStoreWith(
      aPatient('p', { links: { replaces: 'a' } }),
      aResource('Observation/p.1'),
      aPatient('a', { links: { 'replaced-by': 'p', seealso: 'z' } }),
      aResource('Observation/a.1'),
      aPatient('z'),
    );
    expect(entriesOf(await search(records, 'Patient/p/$everything'))).toEqual([
      'Patient/p',
      'Observation/p.1',
      'Patient/a',
      'Observation/a.1',
      'Patient/z',
    ]);
  });

  test('says when more patients are linked than are read', async () => {
    const link = Array.from({ length: 25 }, (_, n) => ({
      type: 'replaces',
      other: { reference: `Patient/q${n}` },
    }));
    const bundle = await search(await aStoreWith(aResource('Patient/p', { link })), 'Patient/p/$everything');
    expect(bundle.entry?.at(-1)).toMatchObject({
      search: { mode: 'outcome' },
      resource: { issue: [{ severity: 'warning', expression: ['Patient.link'] }] },
    });
  });

  test('gives each record on one page, and with each page the shared resources it mentions', async () => {
    const records = await aStoreWith(
      aPatient('p'),
      ...['a', 'b', 'c'].map((n) => aResource(`Observation/p.${n}`, refer('Organization/o'))),
      aResource('Organization/o'),
    );
    const bundles = await pagesOf(records, 'Patient/p/$everything?_count=2');
    expect(bundles.map((bundle) => entriesOf(bundle))).toEqual([
      ['Patient/p', 'Observation/p.a'],
      ['Observation/p.b', 'Observation/p.c'],
    ]);
    expect(bundles.map((bundle) => entriesOf(bundle, 'include'))).toEqual([
      ['Organization/o'],
      ['Organization/o'],
    ]);
    expect(bundles.map(({ total }) => total)).toEqual([undefined, undefined]);
  });

  test('loses no record at the end of a page whose id a client chose for several types', async () => {
    const records = await aStoreWith(aPatient('p'));
    for (const type of ['Condition', 'Encounter', 'Observation'])
      await store(records, { ...asCurrent(aResource(`${type}/x`)), partition: 'p' });
    for (const count of [1, 2, 3]) {
      const pages = await pagesOf(records, `Patient/p/$everything?_count=${count}`);
      expect(pages.flatMap((page) => entriesOf(page)).sort()).toEqual([
        'Condition/x',
        'Encounter/x',
        'Observation/x',
        'Patient/p',
      ]);
    }
  });

  test('leaves the partitions of linked patients alone until their page comes', async () => {
    const { records, calls } = observe(
      await aStoreWith(
        aPatient('p', { links: { replaces: 'a', seealso: 'b' } }),
        aResource('Observation/p.1'),
        aPatient('a'),
        aPatient('b'),
      ),
    );
    await search(records, 'Patient/p/$everything?_count=1');
    expect(calls.filter((call) => call.startsWith('listPartition'))).toEqual(['listPartition p']);
  });

  test('pages through a link set exactly once, whatever the page size and the keys', async () => {
    const key = fc.stringMatching(/^[a-z0-9-]{1,3}$/);
    const people = fc.uniqueArray(fc.tuple(key, fc.integer({ min: 0, max: 5 })), {
      selector: ([id]) => id,
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(people, fc.integer({ min: 1, max: 7 }), async (keys, count) => {
        const resources = keys.flatMap(([id, records], n) => [
          aPatient(id, { links: { seealso: keys[(n + 1) % keys.length]![0] } }),
          ...Array.from({ length: records }, (_, m) => aResource(`Observation/${id}.${m}`)),
        ]);
        const [root] = keys[0]!;
        const bundles = await pagesOf(
          await aStoreWith(...resources),
          `Patient/${root}/$everything?_count=${count}`,
        );
        const found = bundles.flatMap((bundle) => entriesOf(bundle));
        expect([...found].sort()).toEqual(
          resources.map(({ resourceType, id }) => `${resourceType}/${id}`).sort(),
        );
        expect(found[0]).toBe(`Patient/${root}`);
        for (const bundle of bundles.slice(0, -1)) expect(bundle.entry).toHaveLength(count);
      }),
      { numRuns: 200 },
    );
  });

  test('refuses a token that was altered or is another patient’s', async () => {
    const records = await aStoreWith(aPatient('p'), aResource('Observation/p.a'), aPatient('q'));
    const next = linkOf(await search(records, 'Patient/p/$everything?_count=1'), 'next')!;
    expect(new URLSearchParams(next.split('?')[1]).get('_page')!.length).toBeLessThanOrEqual(256);
    for (const target of [next.replace('/p/', '/q/'), `${next}x`]) {
      await expect(ask(records, target)).rejects.toMatchObject({
        code: 'HDE_SEARCH_PARAMETER',
        location: '_page',
      });
    }
  });

  test('takes no search parameters: they are ignored with a warning, or refused when strict', async () => {
    const records = await aStoreWith(aPatient('p'));
    const bundle = await search(records, 'Patient/p/$everything?code=x');
    expect(bundle.entry?.at(-1)).toMatchObject({ search: { mode: 'outcome' } });
    expect(linkOf(bundle, 'self')).toBe('Patient/p/$everything');
    await expect(
      ask(records, 'Patient/p/$everything?code=x', { prefer: 'handling=strict' }),
    ).rejects.toMatchObject({ code: 'HDE_SEARCH_PARAMETER', location: 'code' });
  });

  test.each(['Patient/nobody/$everything', 'Patient/bad_id/$everything', 'Patient/p.a/$everything'])(
    'finds nothing at %s',
    async (path) => {
      const records = await aStoreWith(aPatient('p'), aResource('Observation/p.a'));
      await expect(ask(records, path)).rejects.toMatchObject({ code: 'HDE_RESOURCE_NOT_FOUND' });
    },
  );
});
