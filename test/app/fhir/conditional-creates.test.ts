/** Creates that find out first what is there (If-None-Exist), over stores in memory. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { type Api, aPatient, mrn, send, type Asked } from './arrange.js';
import { aMinimal } from './minimal.js';

let api: Api;

beforeEach(() => {
  api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
});

const put = (body: Resource, headers: Asked['headers'] = {}) =>
  send(api, { method: 'PUT', target: `${body.resourceType}/${body.id ?? ''}`, headers, body });

const post = (body: Resource, headers: Asked['headers'] = {}) =>
  send(api, { method: 'POST', target: body.resourceType, headers, body });

const refused = (code: string) => expect.objectContaining({ code });

const anObservation = (reference: string, subject: string, fields: object = {}) =>
  aMinimal(reference, { subject: { reference: subject }, ...fields });

const withoutId = ({ id: _id, ...resource }: Resource & { id: string }): Resource => resource;

/** The patient `p1`, stored by a client. */
const storeP1 = () => put(aPatient('p1', { value: '1' }));

describe('a conditional create', () => {
  const identifier = [{ system: 'urn:lab', value: '1' }];
  const create = (criteria: string, fields: object = { identifier }) =>
    post(anObservation('Observation/x', 'Patient/p1', fields), { 'if-none-exist': criteria });
  const once = () => create('identifier=urn:lab|1');

  beforeEach(storeP1);

  test('creates what is not there, and then answers it', async () => {
    const first = await once();
    expect(first.status).toBe(201);
    const again = await once();
    expect([again.status, again.headers['etag'], again.resource]).toEqual([200, 'W/"1"', first.resource]);
    expect(again.headers['location']).toBe(first.headers['location']);
  });

  test('creates anew what was deleted', async () => {
    const { resource } = await once();
    await send(api, { method: 'DELETE', target: `Observation/${resource!.id!}` });
    const again = await once();
    expect([again.status, again.resource?.id, again.headers['etag']]).toEqual([201, resource?.id, 'W/"3"']);
  });

  test('creates another one when the first has another identifier by now', async () => {
    const { resource } = await once();
    await put({ ...resource!, identifier: [{ system: 'urn:lab', value: '2' }] } as Resource);
    const again = await once();
    expect(again.status).toBe(201);
    expect(again.resource?.id).not.toBe(resource?.id);
  });

  test('is refused where several have the identifier', async () => {
    await post(anObservation('Observation/x', 'Patient/p1', { identifier }));
    await post(anObservation('Observation/x', 'Patient/p1', { identifier }));
    await expect(once()).rejects.toEqual(refused('HDE_PRECONDITION_FAILED'));
  });

  test('about another patient does not get the record of the first', async () => {
    await put(aPatient('p2'));
    await once();
    // As in the moment between a search that finds nothing and the claim.
    const records = { ...api.records, findByIdentifier: () => Promise.resolve({ documents: [] }) };
    const body = anObservation('Observation/x', 'Patient/p2', { identifier });
    const headers = { 'if-none-exist': 'identifier=urn:lab|1' };
    await expect(
      send({ ...api, records }, { method: 'POST', target: 'Observation', headers, body }),
    ).rejects.toEqual(refused('HDE_ID_TAKEN'));
  });

  test('of a patient answers whoever has the identifier', async () => {
    const { status, resource } = await post(aPatient('x', { value: '1' }), {
      'if-none-exist': `identifier=${mrn}|1`,
    });
    expect([status, resource?.id]).toEqual([200, 'p1']);
  });

  test.each(['identifier=1', 'identifier=urn:lab|1,urn:lab|2', 'patient=p1&code=1'])(
    'by %s answers what meets it',
    async (criteria) => {
      const coded = { code: { coding: [{ code: '1' }] } };
      const body = anObservation('Observation/x', 'Patient/p1', {
        identifier: [{ system: 'urn:lab', value: '1' }],
        ...coded,
      });
      const ask = () => post(withoutId(body), { 'if-none-exist': criteria });
      const answers = await Promise.all([ask(), ask(), ask()]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
      expect(new Set(answers.map(({ resource }) => resource?.id)).size).toBe(1);
      expect((await ask()).status).toBe(200);
    },
  );

  test.each([
    ['', 'HDE_SEARCH_PARAMETER'],
    ['_count=1', 'HDE_SEARCH_PARAMETER'],
    ['unheard=of', 'HDE_SEARCH_PARAMETER'],
    ['status=final', 'HDE_SEARCH_UNSELECTIVE'],
  ])('by "%s" is refused', async (criteria, code) => {
    await expect(create(criteria)).rejects.toEqual(refused(code));
  });
});

test('a client that may not read is shown nothing that it did not state', async () => {
  await post(aPatient('x', { value: '7' }));
  const body = { resourceType: 'Patient' } as Resource;
  const headers = { 'if-none-exist': `identifier=${mrn}|7` };
  const asked = { method: 'POST', target: 'Patient', headers, body };
  expect((await send(api, { ...asked, mayRead: false })).resource).toBeUndefined();
  expect((await send(api, asked)).resource).toMatchObject({ resourceType: 'Patient' });
});

test('of many that create a record about nobody at once all are answered with the one that there is', async () => {
  const headers = { 'if-none-exist': 'identifier=urn:place|1' };
  const place = aMinimal('Location/x', { identifier: [{ system: 'urn:place', value: '1' }] });
  const answers = await Promise.all(Array.from({ length: 20 }, () => post(place, headers)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(new Set(answers.map(({ resource }) => (resource as { id?: string }).id)).size).toBe(1);
});

test('what was deleted does not keep an identifier from somebody else', async () => {
  await storeP1();
  await put(aPatient('p2', { value: '2' }));
  const headers = { 'if-none-exist': 'identifier=urn:lab|9' };
  const about = (patient: string) =>
    anObservation('Observation/x', patient, { identifier: [{ system: 'urn:lab', value: '9' }] });
  const { resource } = await post(about('Patient/p1'), headers);
  await send(api, { method: 'DELETE', target: `Observation/${(resource as { id: string }).id}` });
  expect((await post(about('Patient/p2'), headers)).status).toBe(201);
});

test('a document is found by its master identifier as by any other one', async () => {
  await storeP1();
  const document = (id: string) =>
    aMinimal('DocumentReference/x', {
      subject: { reference: 'Patient/p1' },
      masterIdentifier: { system: 'urn:docs', value: id },
      identifier: [{ system: 'urn:docs', value: `${id}-other` }],
    });
  const by = (id: string) => ({ 'if-none-exist': `identifier=urn:docs|${id}` });
  const first = await post(document('1'), by('1'));
  expect(first.status).toBe(201);
  for (const id of ['1', '1-other']) {
    const again = await post(document('1'), by(id));
    expect([again.status, again.resource?.id]).toEqual([200, first.resource?.id]);
  }
  expect((await post(document('2'), by('2'))).status).toBe(201);
  const at = 'DocumentReference?identifier=urn:docs|1';
  const updated = await send(api, {
    method: 'PUT',
    target: at,
    body: withoutId(document('1')),
    mayRead: false,
  });
  expect(updated.status).toBe(200);
  await send(api, { method: 'DELETE', target: at });
  await expect(send(api, { target: `DocumentReference/${first.resource?.id ?? ''}` })).rejects.toEqual(
    refused('HDE_RESOURCE_DELETED'),
  );
});

test('of many that create one document at once all are answered with the one that there is', async () => {
  await storeP1();
  const document = aMinimal('DocumentReference/x', {
    ...{ subject: { reference: 'Patient/p1' }, masterIdentifier: { system: 'urn:docs', value: '1' } },
  });
  const create = () => post(document, { 'if-none-exist': 'identifier=urn:docs|1' });
  const answers = await Promise.all(Array.from({ length: 20 }, create));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(new Set(answers.map(({ resource }) => resource?.id)).size).toBe(1);
});
