/** Deletions, patches and histories through the FHIR API, over stores in memory. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, Observation, Patient, Resource } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { type Api, aPatient, type Asked, baseUrl, linkOf, send } from './arrange.js';
import { aMinimal } from './minimal.js';

let api: Api;

beforeEach(async () => {
  api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
  await put(aPatient('p1', { value: '1' }));
});

const put = (body: Resource) =>
  send(api, { method: 'PUT', target: `${body.resourceType}/${body.id ?? ''}`, body });
const remove = (target: string, headers: Asked['headers'] = {}) =>
  send(api, { method: 'DELETE', target, headers });
const read = async (target: string) => (await send(api, { target })).resource;
const history = async (target: string) => (await read(target)) as Bundle;
const refused = (code: string, fields: object = {}) => expect.objectContaining({ code, ...fields });

const observation = aMinimal('Observation/o', {
  subject: { reference: 'Patient/p1' },
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  valueQuantity: { value: 70, unit: 'beats/minute' },
});

describe('a delete', () => {
  beforeEach(() => put(observation));

  test('hides the record and keeps what it said', async () => {
    const { status, headers, resource } = await remove('Observation/o');
    expect([status, headers['etag'], resource]).toEqual([204, 'W/"2"', undefined]);
    await expect(read('Observation/o')).rejects.toEqual(refused('HDE_RESOURCE_DELETED'));
    await expect(read('Observation/o/_history/2')).rejects.toEqual(refused('HDE_RESOURCE_DELETED'));
    expect(await read('Observation/o/_history/1')).toMatchObject({ resourceType: 'Observation' });
    const { documents } = await api.records.listPartition('p1', 'Observation', { limit: 9 });
    expect(documents).toEqual([]);
  });

  test('may be said twice, and of what never was', async () => {
    await remove('Observation/o');
    expect((await remove('Observation/o')).headers['etag']).toBe('W/"2"');
    for (const target of ['Observation/never', 'Patient/no_id'])
      expect(await remove(target)).toEqual({ status: 204, headers: {} });
  });

  test('of a stale version is refused', async () => {
    await put({ ...observation, language: 'en' });
    const stale = { 'if-match': 'W/"1"' };
    await expect(remove('Observation/o', stale)).rejects.toEqual(refused('HDE_PRECONDITION_FAILED'));
    await expect(remove('Observation/never', stale)).rejects.toEqual(refused('HDE_PRECONDITION_FAILED'));
    expect((await remove('Observation/o', { 'if-match': 'W/"2"' })).status).toBe(204);
  });

  test('of a patient is refused while there are records about them', async () => {
    await expect(remove('Patient/p1')).rejects.toEqual(
      refused('HDE_PATIENT_NOT_EMPTY', { detail: 'such as one of type Observation' }),
    );
    await remove('Observation/o');
    expect((await remove('Patient/p1')).status).toBe(204);
    await expect(put({ ...observation, id: 'o2' })).rejects.toEqual(refused('HDE_PATIENT_UNKNOWN'));
  });

  test('of a patient is refused while they are linked with others', async () => {
    await put(aPatient('p2', { links: { seealso: 'p1' } }));
    await expect(remove('Patient/p2')).rejects.toEqual(
      refused('HDE_PATIENT_NOT_EMPTY', { location: 'Patient.link' }),
    );
    await remove('Observation/o');
    await expect(remove('Patient/p1')).rejects.toEqual(
      refused('HDE_PATIENT_NOT_EMPTY', { detail: 'Patient/p2 links them' }),
    );
    await put(aPatient('p2'));
    expect((await remove('Patient/p1')).status).toBe(204);
  });

  test('is undone by an update, which goes on counting', async () => {
    await remove('Observation/o');
    const { status, headers } = await put(observation);
    expect([status, headers['etag']]).toEqual([201, 'W/"3"']);
    expect(await read('Observation/o')).toMatchObject({ meta: { versionId: '3' } });
  });

  test('does not let a record come back with another patient', async () => {
    await put(aPatient('p2'));
    await remove('Observation/o');
    const moved = { ...observation, subject: { reference: 'Patient/p2' } } as Resource;
    await expect(put(moved)).rejects.toEqual(refused('HDE_PATIENT_CHANGED'));
  });

  test('leaves the identifiers of a patient to whoever has them, under another key', async () => {
    await remove('Observation/o');
    await remove('Patient/p1');
    const again = await send(api, { method: 'POST', target: 'Patient', body: aPatient('x', { value: '1' }) });
    expect([again.status, again.headers['etag']]).toEqual([201, 'W/"1"']);
    expect(again.resource?.id).not.toBe('p1');
  });
});

describe('a history', () => {
  beforeEach(async () => {
    await put(observation);
    await put({ ...observation, language: 'en' });
    await remove('Observation/o');
    await put({ ...observation, language: 'cy' });
  });

  test('shows each version and deletion, the latest first', async () => {
    const bundle = await history('Observation/o/_history');
    expect(bundle).toMatchObject({ type: 'history', total: 4 });
    expect(
      bundle.entry?.map(({ request, response, resource }) => [
        request?.method,
        response?.etag,
        (resource as Observation | undefined)?.language,
      ]),
    ).toEqual([
      ['PUT', 'W/"4"', 'cy'],
      ['DELETE', 'W/"3"', undefined],
      ['PUT', 'W/"2"', 'en'],
      ['PUT', 'W/"1"', undefined],
    ]);
    expect(bundle.entry?.[0]?.fullUrl).toBe(`${baseUrl}/Observation/o`);
  });

  test('is still there after a deletion', async () => {
    await remove('Observation/o');
    expect((await history('Observation/o/_history')).total).toBe(5);
  });

  test('comes in pages that hold every version once', async () => {
    const seen: (string | undefined)[] = [];
    let next: string | undefined = 'Observation/o/_history?_count=3';
    while (next !== undefined) {
      const bundle: Bundle = await history(next);
      seen.push(...(bundle.entry ?? []).map(({ response }) => response?.etag));
      next = linkOf(bundle, 'next');
      // A version that is added meanwhile disturbs no page.
      if (next !== undefined) await put({ ...observation, language: `x-${seen.length}` });
    }
    expect(seen).toEqual(['W/"4"', 'W/"3"', 'W/"2"', 'W/"1"']);
  });

  test('tells what happened since an instant', async () => {
    const all = await history('Observation/o/_history');
    const since = all.entry?.[1]?.response?.lastModified ?? '';
    const bundle = await history(`Observation/o/_history?_since=${encodeURIComponent(since)}`);
    expect(bundle.entry?.map(({ response }) => response?.etag)).toEqual(['W/"4"', 'W/"3"']);
  });

  test('of a type shows what happened to all of its resources, page by page', async () => {
    await put({ ...observation, id: 'other' });
    const seen: string[] = [];
    let next: string | undefined = 'Observation/_history?_count=2';
    while (next !== undefined) {
      const bundle: Bundle = await history(next);
      expect(bundle.entry?.length).toBeLessThanOrEqual(2);
      for (const { request, response } of bundle.entry ?? [])
        seen.push(`${request?.method ?? ''} ${request?.url ?? ''} ${response?.etag ?? ''}`);
      next = linkOf(bundle, 'next');
    }
    expect(seen).toEqual([
      'PUT Observation/other W/"1"',
      'PUT Observation/o W/"4"',
      'DELETE Observation/o W/"3"',
      'PUT Observation/o W/"2"',
      'PUT Observation/o W/"1"',
    ]);
    await expect(read('Observation/_history?_page=abc')).rejects.toEqual(
      refused('HDE_SEARCH_PARAMETER', { location: '_page' }),
    );
  });

  test.each(['Observation/o/_history', 'Observation/_history'])(
    'of %s: links to pages are opaque, short, of this history alone, and expire',
    async (path) => {
      const next = linkOf(await history(`${path}?_count=2&_since=2026-01-01T00:00:00Z`), 'next') ?? '';
      const token = new URLSearchParams(next.split('?')[1]).get('_page') ?? '';
      expect(token).toMatch(/^[\w-]{30,256}$/);
      expect(Buffer.from(token, 'base64url').toString()).not.toMatch(/2026|Observation/);
      expect((await history(next.replace('_count=2', '_count=9'))).entry).toHaveLength(2);
      const others = [
        ...['2', '0x2', '1e3', ' 2', '', `${token}A`, token.replace(/^./, '_'), token.slice(1)].map(
          (other) => `${path}?_since=2026-01-01T00:00:00Z&_page=${encodeURIComponent(other)}`,
        ),
        ...[next.replace('2026-01-01', '2025-01-01'), next.replace(/Observation(\/o)?/, 'Patient$1')],
      ];
      for (const target of others)
        await expect(read(target)).rejects.toEqual(refused('HDE_SEARCH_PARAMETER', { location: '_page' }));
      const late = () => new Date(Date.UTC(2026, 10, 29));
      await expect(send(api, { target: next, now: late })).rejects.toEqual(
        refused('HDE_SEARCH_PARAMETER', { location: '_page' }),
      );
    },
  );

  test('of nothing is not found', async () => {
    await expect(read('Observation/never/_history')).rejects.toEqual(refused('HDE_RESOURCE_NOT_FOUND'));
  });

  test.each([
    '_count=0',
    '_since=yesterday',
    '_since=2026-02-31T00:00:00Z',
    '_page=abc',
    '_page=0',
    '_at=x',
    '_list=List/1',
    '_count=1&_count=2',
  ])('refuses %s', async (query) => {
    await expect(read(`Observation/o/_history?${query}`)).rejects.toEqual(
      refused('HDE_SEARCH_PARAMETER', { location: query.split('=')[0] }),
    );
  });
});

describe('a JSON Patch', () => {
  const json = { 'content-type': 'application/json-patch+json' };
  const patch = (body: readonly object[], headers: Asked['headers'] = {}) =>
    send(api, { method: 'PATCH', target: 'Observation/o', headers: { ...json, ...headers }, body });

  beforeEach(() => put(observation));

  test('changes what it names', async () => {
    const { status, resource, headers } = await patch([
      { op: 'test', path: '/status', value: 'unknown' },
      { op: 'replace', path: '/status', value: 'final' },
      { op: 'add', path: '/note', value: [{ text: 'at rest' }] },
    ]);
    expect([status, headers['etag']]).toEqual([200, 'W/"2"']);
    expect(resource).toMatchObject({ status: 'final', note: [{ text: 'at rest' }] });
    expect(await read('Observation/o')).toEqual(resource);
  });

  test.each([
    ['a test that fails', [{ op: 'test', path: '/status', value: 'final' }], 'HDE_PATCH_INVALID', 'patch[0]'],
    ['a path to nothing', [{ op: 'remove', path: '/note/0' }], 'HDE_PATCH_INVALID', 'patch[0]'],
    ['an operation that is none', [{ op: 'x', path: '/status' }], 'HDE_REQUEST_INVALID', 'patch[0]'],
    ['what is no patch', [], 'HDE_REQUEST_INVALID', 'patch'],
    ['another id', [{ op: 'replace', path: '/id', value: 'x' }], 'HDE_PATCH_INVALID', undefined],
    [
      'what would not be a resource',
      [{ op: 'remove', path: '/status' }],
      'HDE_RESOURCE_INVALID',
      'Observation.status',
    ],
    ['what objects inherit', [{ op: 'add', path: '/toString/x', value: 1 }], 'HDE_PATCH_INVALID', 'patch[0]'],
    ['the prototype', [{ op: 'add', path: '/__proto__/x', value: 1 }], 'HDE_PATCH_INVALID', 'patch[0]'],
  ])('is refused for %s, and changes nothing', async (_, body, code, location) => {
    await expect(patch(body)).rejects.toEqual(refused(code, { location }));
    expect(await read('Observation/o')).toMatchObject({ meta: { versionId: '1' } });
  });

  test('that copies itself again and again is stopped', async () => {
    const doubling = Array.from({ length: 60 }, () => ({ op: 'copy', from: '/note', path: '/note/-' }));
    const body = [{ op: 'add', path: '/note', value: [{ text: 'x' }] }, ...doubling];
    await expect(patch(body)).rejects.toEqual(refused('HDE_PATCH_INVALID'));
  });

  test('of a stale version is refused', async () => {
    const body = [{ op: 'add', path: '/language', value: 'en' }];
    await expect(patch(body, { 'if-match': 'W/"7"' })).rejects.toEqual(refused('HDE_PRECONDITION_FAILED'));
    expect((await patch(body, { 'if-match': 'W/"1"' })).status).toBe(200);
  });

  test('of many at the same moment is applied each', async () => {
    await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        patch([{ op: 'add', path: '/code/coding/-', value: { code: `c${index}` } }]),
      ),
    );
    expect(((await read('Observation/o')) as Observation).code.coding).toHaveLength(9);
  });

  test('of nothing is not found, and of what was deleted is gone', async () => {
    const body = [{ op: 'add', path: '/language', value: 'en' }];
    const ask = (target: string) => send(api, { method: 'PATCH', target, headers: json, body });
    await expect(ask('Observation/never')).rejects.toEqual(refused('HDE_RESOURCE_NOT_FOUND'));
    await remove('Observation/o');
    await expect(ask('Observation/o')).rejects.toEqual(refused('HDE_RESOURCE_DELETED'));
  });
});

describe('a FHIRPath Patch', () => {
  type Part = Readonly<Record<string, unknown>>;
  const operation = (type: string, path: string, ...parts: Part[]) => ({
    name: 'operation',
    part: [{ name: 'type', valueCode: type }, { name: 'path', valueString: path }, ...parts],
  });
  const patch = async (...parameter: object[]) =>
    (
      await send(api, {
        method: 'PATCH',
        target: 'Patient/p1',
        body: { resourceType: 'Parameters', parameter } as Resource,
      })
    ).resource as Patient;
  const name = (text: string): Part => ({ name: 'name', valueString: text });
  const value = (fields: Part): Part => ({ name: 'value', ...fields });

  test('adds, replaces, inserts, moves and deletes elements', async () => {
    const patched = await patch(
      operation('add', 'Patient', name('birthDate'), value({ valueDate: '1970-01-02' })),
      operation('replace', 'Patient.birthDate', value({ valueDate: '1970-01-03' })),
      operation('add', 'Patient', name('name'), value({ valueHumanName: { use: 'usual', family: 'A' } })),
      operation('add', 'Patient.name[0]', name('given'), value({ valueString: 'One' })),
      operation(
        'insert',
        'Patient.name[0].given',
        { name: 'index', valueInteger: 0 },
        value({ valueString: 'Two' }),
      ),
      operation(
        'insert',
        'Patient.name.first().given',
        { name: 'index', valueInteger: 2 },
        value({ valueString: 'Three' }),
      ),
      operation(
        'move',
        'Patient.name.last().given',
        { name: 'source', valueInteger: 2 },
        { name: 'destination', valueInteger: 0 },
      ),
      operation('delete', "Patient.name.where(use = 'usual').given[1]"),
      operation('delete', 'Patient.telecom'),
    );
    expect(patched).toMatchObject({
      birthDate: '1970-01-03',
      name: [{ use: 'usual', family: 'A', given: ['Three', 'One'] }],
    });
  });

  test('states structures by their parts, and choices by the type of the value', async () => {
    const patched = await patch(
      operation('add', 'Patient', name('deceased'), value({ valueBoolean: true })),
      operation('replace', 'Patient.deceased', value({ valueDateTime: '2026-03-30' })),
      operation('add', 'Patient', name('contact'), {
        name: 'value',
        part: [
          { name: 'gender', valueCode: 'female' },
          { name: 'relationship', valueCodeableConcept: { text: 'sister' } },
        ],
      }),
    );
    expect(patched).toMatchObject({
      deceasedDateTime: '2026-03-30',
      contact: [{ gender: 'female', relationship: [{ text: 'sister' }] }],
    });
    expect(patched).not.toHaveProperty('deceasedBoolean');
  });

  test.each([
    ['a path of another type', operation('delete', 'Observation.status'), 'HDE_PATCH_INVALID'],
    ['a path that is none', operation('delete', 'Patient.name.exists()'), 'HDE_REQUEST_INVALID'],
    [
      'a path to nothing',
      operation('replace', 'Patient.gender', value({ valueCode: 'male' })),
      'HDE_PATCH_INVALID',
    ],
    ['the resource itself', operation('delete', 'Patient'), 'HDE_PATCH_INVALID'],
    [
      'an element that is none',
      operation('add', 'Patient', name('x'), value({ valueCode: 'y' })),
      'HDE_PATCH_INVALID',
    ],
    [
      'a wrong value',
      operation('add', 'Patient', name('gender'), value({ valueCode: '' })),
      'HDE_RESOURCE_INVALID',
    ],
    ['no value', operation('add', 'Patient', name('gender')), 'HDE_REQUEST_INVALID'],
    ['an unknown operation', operation('rename', 'Patient.gender'), 'HDE_REQUEST_INVALID'],
    ['what is no operation', { name: 'x' }, 'HDE_REQUEST_INVALID'],
    [
      'an index beyond',
      operation('insert', 'Patient.name', { name: 'index', valueInteger: 5 }, value({ valueHumanName: {} })),
      'HDE_PATCH_INVALID',
    ],
  ])('is refused for %s', async (_, parameter, code) => {
    await expect(patch(parameter)).rejects.toEqual(refused(code));
  });

  test('of several elements where one is meant is refused', async () => {
    const add = (text: string) =>
      operation('add', 'Patient', name('name'), value({ valueHumanName: { text } }));
    await patch(add('a'), add('b'));
    await expect(patch(operation('delete', 'Patient.name'))).rejects.toEqual(
      refused('HDE_PATCH_INVALID', { detail: 'the path selects several elements' }),
    );
  });

  test('in a body that is neither patch is refused', async () => {
    const ask = send(api, { method: 'PATCH', target: 'Patient/p1', body: aPatient('p1') });
    await expect(ask).rejects.toEqual(refused('HDE_REQUEST_INVALID'));
  });
});
