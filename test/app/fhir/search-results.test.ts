/** What comes with the matches of a search, in which order, by which address. */
import { describe, expect, test } from '@jest/globals';
import type { Bundle } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import {
  aPatient,
  aResource,
  ask,
  aStoreWith,
  baseUrl,
  entriesOf,
  linkOf,
  observe,
  pagesOf,
  search,
  send,
} from './arrange.js';

const about = (patient: string, fields: object = {}) => ({
  subject: { reference: `Patient/${patient}` },
  ...fields,
});
const code = (...codes: string[]) => ({ code: { coding: codes.map((each) => ({ code: each })) } });

const aWard = () =>
  aStoreWith(
    aPatient('p', { value: '1' }),
    aPatient('q', { value: '2' }),
    aResource(
      'Encounter/p.e',
      about('p', { status: 'finished', serviceProvider: { reference: 'Organization/o' } }),
    ),
    aResource('Encounter/p.f', about('p', { status: 'planned' })),
    aResource('Encounter/q.e', about('q', { status: 'planned' })),
    aResource(
      'Observation/p.a',
      about('p', {
        ...code('b'),
        effectiveDateTime: '2025-03-01',
        encounter: { reference: 'Encounter/p.e' },
      }),
    ),
    aResource(
      'Observation/p.b',
      about('p', {
        ...code('a', 'z'),
        effectiveDateTime: '2025-01-01',
        encounter: { reference: 'https://hde.example/fhir/Encounter/p.f' },
      }),
    ),
    aResource(
      'Observation/p.c',
      about('p', { ...code('a'), effectiveDateTime: '2025-02-01', encounter: { display: 'A visit' } }),
    ),
    aResource('Observation/q.a', about('q', { ...code('a'), encounter: { reference: 'Encounter/q.e' } })),
    aResource('Organization/o', { name: 'Ward', partOf: { reference: 'Organization/above' } }),
    aResource('Organization/above', { name: 'Trust' }),
  );

const find = async (target: string, mode?: 'include') =>
  entriesOf(await search(await aWard(), target), mode).map((entry) => entry.replace('Observation/', ''));

describe('_sort', () => {
  test.each([
    ['date', ['p.b', 'p.c', 'p.a']],
    ['-date', ['p.a', 'p.c', 'p.b']],
    ['code', ['p.b', 'p.c', 'p.a']],
    ['-code', ['p.b', 'p.a', 'p.c']],
    ['code,-date', ['p.c', 'p.b', 'p.a']],
    ['encounter', ['p.a', 'p.b', 'p.c']],
    ['-_id', ['p.c', 'p.b', 'p.a']],
    ['_lastUpdated,-_id', ['p.c', 'p.b', 'p.a']],
  ])('%s', async (sort, expected) => {
    expect(await find(`Observation?patient=p&_sort=${sort}`)).toEqual(expected);
    const pages = await pagesOf(await aWard(), `Observation?patient=p&_count=1&_sort=${sort}`);
    expect(pages.flatMap((page) => entriesOf(page)).map((entry) => entry.slice(12))).toEqual(expected);
  });

  test.each(['colour', 'code-value-quantity', 'date,', 'a,b,c,d'])('by %s is refused', async (sort) => {
    await expect(ask(await aWard(), `Observation?patient=p&_sort=${sort}`)).rejects.toMatchObject({
      code: 'HDE_SEARCH_PARAMETER',
      location: '_sort',
    });
  });
});

describe('_total', () => {
  const total = async (target: string) => (await search(await aWard(), target)).total;

  test('is known of every page when it is asked for, and of a single page', async () => {
    expect(await total('Observation?patient=p&_count=1&_total=accurate')).toBe(3);
    expect(await total('Observation?patient=p&_count=1&_total=estimate')).toBe(3);
    expect(await total('Observation?patient=p&_count=1')).toBeUndefined();
    expect(await total('Observation?patient=p')).toBe(3);
    expect(await total('Observation?patient=p&_total=none')).toBeUndefined();
  });
});

describe('includes', () => {
  test.each([
    ['Observation?_id=p.a&_include=Observation:encounter', ['Encounter/p.e']],
    ['Observation?_id=p.a&_include=Observation:subject:Patient', ['Patient/p']],
    ['Observation?_id=p.a&_include=Observation:subject:Group', undefined],
    ['Observation?_id=p.a&_include=*', ['Encounter/p.e', 'Patient/p']],
    [
      'Observation?_id=p.a&_include:iterate=*',
      ['Patient/p', 'Encounter/p.e', 'Organization/o', 'Organization/above'],
    ],
    [
      'Observation?_id=p.a&_include=Observation:encounter&_include:iterate=Encounter:service-provider',
      ['Encounter/p.e', 'Organization/o'],
    ],
    [
      'Observation?_id=p.a&_include=Observation:encounter&_include=Encounter:service-provider',
      ['Encounter/p.e'],
    ],
    [
      'Encounter?_id=p.e&_include=Encounter:service-provider&_include:iterate=Organization:partof',
      ['Organization/o', 'Organization/above'],
    ],
    ['Encounter?_id=p.e,p.f&_revinclude=Observation:encounter', ['p.a', 'p.b']],
    [
      'Patient?_id=q&_revinclude=Encounter:patient&_revinclude:iterate=Observation:encounter',
      ['Encounter/q.e', 'q.a'],
    ],
  ])('%s', async (target, expected) => {
    if (expected !== undefined) expect(await find(target, 'include')).toEqual(expected);
    else await expect(find(target)).resolves.toEqual(['p.a']);
  });

  test.each([
    '_include=Observation:code',
    '_include=Nothing:subject',
    '_revinclude=Observation:performer-x',
    '_revinclude=*',
    '_include=encounter',
  ])('%s is refused', async (include) => {
    await expect(ask(await aWard(), `Observation?patient=p&${include}`)).rejects.toMatchObject({
      code: 'HDE_SEARCH_PARAMETER',
    });
  });
});

describe('chains', () => {
  test.each([
    ['Observation?patient.identifier=2', ['q.a']],
    ['Observation?subject:Patient.identifier=1&code=a', ['p.b', 'p.c']],
    ['Observation?patient=p&encounter.status=planned', ['p.b']],
    ['Observation?patient=p&encounter.service-provider.name=war', ['p.a']],
    ['Observation?patient=p&encounter.status:not=planned', ['p.a']],
    ['Encounter?_has:Observation:encounter:code=a&patient=p', ['Encounter/p.f']],
    ['Patient?_has:Observation:patient:code=b&identifier=1,2', ['Patient/p']],
    ['Patient?_has:Encounter:patient:_id=q.e', ['Patient/q']],
    ['Patient?_id=p,q&_has:Encounter:patient:_has:Observation:encounter:code=z', ['Patient/p']],
  ])('%s', async (target, expected) => {
    expect(await find(target)).toEqual(expected);
  });

  test.each([
    ['Observation?encounter.status=planned', 'HDE_SEARCH_UNSELECTIVE'],
    ['Patient?_has:Observation:patient:code=a', 'HDE_SEARCH_UNSELECTIVE'],
    ['Observation?patient=p&code.status=a', 'HDE_SEARCH_PARAMETER'],
    ['Observation?patient=p&encounter.colour=a', 'HDE_SEARCH_PARAMETER'],
    ['Observation?patient=p&encounter:Group.status=a', 'HDE_SEARCH_PARAMETER'],
    ['Observation?patient=p&encounter.patient.organization.name=a', 'HDE_SEARCH_PARAMETER'],
    ['Patient?_id=p&_has:Observation:code:code=a', 'HDE_SEARCH_PARAMETER'],
    ['Patient?_id=p&_has:Observation:patient=a', 'HDE_SEARCH_PARAMETER'],
  ])('%s is refused', async (target, refusal) => {
    await expect(ask(await aWard(), target)).rejects.toMatchObject({ code: refusal });
  });

  test('by patient bring in the records of linked patients', async () => {
    const records = await aStoreWith(
      aPatient('m', { value: '1', links: { replaces: 'a' } }),
      aPatient('a', { links: { 'replaced-by': 'm' } }),
      aResource('AllergyIntolerance/a.1', { patient: { reference: 'Patient/a' } }),
    );
    expect(entriesOf(await search(records, 'AllergyIntolerance?patient.identifier=1'))).toEqual([
      'AllergyIntolerance/a.1',
    ]);
  });
});

describe('addresses', () => {
  const post = async (
    records: RecordStore,
    target: string,
    form: string,
    type = 'application/x-www-form-urlencoded',
  ) => {
    const answer = await send(
      { records, identities: createMemoryIdentityStore() },
      { method: 'POST', target, headers: { 'content-type': type }, form },
    );
    return answer.resource as Bundle;
  };

  test('a search by POST takes the parameters of its body and of its address', async () => {
    const records = await aWard();
    expect(entriesOf(await post(records, 'Observation/_search?patient=p', 'code=b'))).toEqual([
      'Observation/p.a',
    ]);
    expect(entriesOf(await post(records, 'Patient/p/Observation/_search', 'code=b'))).toEqual([
      'Observation/p.a',
    ]);
    await expect(post(records, 'Observation/_search', '{}', 'application/json')).rejects.toMatchObject({
      code: 'HDE_CONTENT_TYPE',
    });
  });

  test('a compartment holds the records about its patient', async () => {
    const { records, calls } = observe(await aWard());
    const bundle = await search(records, 'Patient/p/Encounter?status=planned');
    expect(entriesOf(bundle)).toEqual(['Encounter/p.f']);
    expect(linkOf(bundle, 'self')).toBe('Patient/p/Encounter?status=planned');
    expect(calls).toEqual(['readCurrent Patient p', 'findRecords p Encounter']);
    await expect(ask(records, 'Patient/p/Organization')).rejects.toMatchObject({
      code: 'HDE_ROUTE_NOT_FOUND',
    });
  });
});

test('what is sought of one of several patients is sought in the partitions of all', async () => {
  expect(await find('Observation?patient=p,q&code=a')).toEqual(['p.b', 'p.c', 'q.a']);
});

test('a page of nothing is a count', async () => {
  const bundle = await search(await aWard(), 'Observation?patient=p&_count=0&_include=*');
  expect(bundle).toEqual({
    resourceType: 'Bundle',
    type: 'searchset',
    total: 3,
    link: [{ relation: 'self', url: `${baseUrl}/Observation?patient=p&_include=*&_count=0` }],
  });
});

test('a count alone is accurate', async () => {
  const bundle = await search(await aWard(), 'Observation?patient=p&_count=1&_summary=count');
  expect(bundle).toMatchObject({ total: 3 });
  expect(bundle).not.toHaveProperty('entry');
});
