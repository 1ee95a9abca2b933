/** Updates, patches and deletions of what criteria mean, over stores in memory. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Patient, Resource } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { createTurns } from '../../../src/app/in-turn.js';
import { type Api, aPatient, mrn, send, type Asked } from './arrange.js';
import { aMinimal } from './minimal.js';

let api: Api;

beforeEach(async () => {
  api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
  await send(api, { method: 'PUT', target: 'Patient/p', body: aPatient('p', { value: '1' }) });
});

const target = `Patient?identifier=${mrn}|`;
const refused = (code: string, more: object = {}) => expect.objectContaining({ code, ...more });
const withoutId = ({ id: _id, ...resource }: Resource & { id: string }): Resource => resource;
const update = (body: Resource, value: string, headers: Asked['headers'] = {}) =>
  send(api, { method: 'PUT', target: `${target}${value}`, body, headers });
const male = (id: string, value: string) =>
  ({ ...aPatient(id, { value }), gender: 'male' }) as Patient & { id: string };

/** Two observations that the same criteria mean. */
async function storeTwo(): Promise<string> {
  for (const id of ['p.a', 'p.b'])
    await send(api, {
      ...{ method: 'PUT', target: `Observation/${id}` },
      body: aMinimal(`Observation/${id}`, { subject: { reference: 'Patient/p' } }),
    });
  return 'Observation?patient=p';
}

describe('a conditional update', () => {
  test('changes the one resource that is meant', async () => {
    expect(await update(withoutId(male('x', '1')), '1')).toMatchObject({
      status: 200,
      resource: { id: 'p' },
    });
    expect(await update(male('p', '1'), '1')).toMatchObject({ status: 200, headers: { etag: 'W/"2"' } });
  });

  test('with another id than that of the resource is refused', async () => {
    await expect(update(male('other', '1'), '1')).rejects.toEqual(refused('HDE_RESOURCE_MISMATCH'));
  });

  test('creates what is not there, under the id of the client if it has one', async () => {
    expect(await update(male('q', '2'), '2')).toMatchObject({ status: 201, resource: { id: 'q' } });
    const { status, resource } = await update(withoutId(male('x', '3')), '3');
    expect([status, resource?.id]).toEqual([201, expect.stringMatching(/^[a-z2-7]{26}$/)]);
  });

  test('of which two hundred come at once creates one resource', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => update(withoutId(male('x', '4')), '4')),
    );
    expect(new Set(answers.map(({ resource }) => resource?.id)).size).toBe(1);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  });

  test('that demands a version of what is not there is refused, and claims nothing', async () => {
    await expect(update(withoutId(male('x', '5')), '5', { 'if-match': 'W/"1"' })).rejects.toEqual(
      refused('HDE_PRECONDITION_FAILED'),
    );
    expect(await update(male('q', '5'), '5')).toMatchObject({ status: 201, resource: { id: 'q' } });
  });

  test('that nothing meets leaves alone what has the id of its body all the same', async () => {
    await expect(update(male('p', '2'), '2')).rejects.toEqual(
      refused('HDE_PRECONDITION_FAILED', { location: 'Patient.id' }),
    );
    const { resource } = await send(api, { target: 'Patient/p' });
    expect(resource).toMatchObject({ meta: { versionId: '1' }, identifier: [{ system: mrn, value: '1' }] });
    // Nothing was claimed for it.
    expect(await update(withoutId(male('x', '2')), '2')).toMatchObject({ status: 201 });
  });

  test('under one id, of which many come at once, creates it and updates it', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => update(male('q', '6'), '6')));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(new Set(answers.map(({ resource }) => resource?.id))).toEqual(new Set(['q']));
  });

  test('of several resources is refused', async () => {
    const several = await storeTwo();
    const body = withoutId(aMinimal('Observation/x', { subject: { reference: 'Patient/p' } }));
    await expect(send(api, { method: 'PUT', target: several, body })).rejects.toEqual(
      refused('HDE_PRECONDITION_FAILED'),
    );
  });

  test.each(['Patient', 'Patient?_count=1'])('at %s, which means any, is refused', async (all) => {
    await expect(send(api, { method: 'PUT', target: all, body: male('p', '1') })).rejects.toEqual(
      refused('HDE_SEARCH_PARAMETER'),
    );
  });
});

test('who may not read names what is meant by one identifier, and learns nothing by other criteria', async () => {
  const about = aMinimal('Observation/x', { subject: { reference: 'Patient/p' } });
  const writer = { mayRead: false };
  await storeTwo();
  for (const criteria of [
    'patient=p',
    'patient=p&status=final',
    '_id=p.a',
    `identifier=${mrn}|1&gender=male`,
  ]) {
    const at = `Observation?${criteria}`;
    const headers = { 'if-none-exist': criteria };
    for (const asked of [
      { method: 'PUT', target: at, body: withoutId(about) },
      { method: 'DELETE', target: at },
      { method: 'POST', target: 'Observation', body: about, headers },
    ])
      await expect(send(api, { ...asked, ...writer })).rejects.toEqual(refused('HDE_FORBIDDEN'));
  }
  const body = withoutId(male('x', '1'));
  expect((await send(api, { method: 'PUT', target: `${target}1`, body, ...writer })).status).toBe(200);
});

test.each<[object, string]>([
  [{ system: 'urn:a,b', value: '1' }, 'urn:a\\,b|1'],
  [{ system: 'urn:a', value: '1|2' }, 'urn:a|1\\|2'],
  [{ value: 'urn:a|1' }, 'urn:a\\|1'],
  [{ system: 'urn:a?b=c', value: '1' }, 'urn:a?b=c|1'],
])('%j is created once by criteria that escape what it holds', async (identifier, token) => {
  const body = withoutId(
    aMinimal('Observation/x', { subject: { reference: 'Patient/p' }, identifier: [identifier] }),
  );
  const headers = { 'if-none-exist': `identifier=${token}` };
  const create = () => send(api, { method: 'POST', target: 'Observation', body, headers });
  expect((await create()).status).toBe(201);
  expect((await create()).status).toBe(200);
});

test('criteria that are not UTF-8 create nothing', async () => {
  const headers = { 'if-none-exist': `identifier=${mrn}|%E9` };
  const create = send(api, { method: 'POST', target: 'Patient', body: withoutId(male('x', '1')), headers });
  await expect(create).rejects.toEqual(refused('HDE_SEARCH_PARAMETER'));
});

test('criteria with alternatives are each of them', async () => {
  const headers = { 'if-none-exist': `identifier=nobodys,${mrn}|1` };
  const create = send(api, { method: 'POST', target: 'Patient', body: withoutId(male('x', '1')), headers });
  expect((await create).status).toBe(200);
});

describe('a conditional patch', () => {
  const patch = (at: string) =>
    send(api, {
      ...{ method: 'PATCH', target: at, body: [{ op: 'add', path: '/language', value: 'en' }] },
      headers: { 'content-type': 'application/json-patch+json' },
    });

  test('changes the one resource that is meant', async () => {
    expect(await patch(`${target}1`)).toMatchObject({ status: 200, resource: { id: 'p', language: 'en' } });
  });

  test('of nothing finds nothing, and of several is refused', async () => {
    await expect(patch(`${target}9`)).rejects.toEqual(refused('HDE_RESOURCE_NOT_FOUND'));
    await expect(patch(await storeTwo())).rejects.toEqual(refused('HDE_PRECONDITION_FAILED'));
  });
});

describe('a conditional delete', () => {
  const remove = (at: string) => send(api, { method: 'DELETE', target: at });

  test('deletes the one resource that is meant, and answers the same when there is none', async () => {
    expect((await remove(`${target}1`)).status).toBe(204);
    await expect(send(api, { target: 'Patient/p' })).rejects.toEqual(refused('HDE_RESOURCE_DELETED'));
    expect((await remove(`${target}1`)).status).toBe(204);
  });

  test('of several deletes none of them', async () => {
    const several = await storeTwo();
    await expect(remove(several)).rejects.toEqual(refused('HDE_PRECONDITION_FAILED'));
    expect((await api.records.listPartition('p', 'Observation', { limit: 5 })).documents).toHaveLength(2);
  });
});

describe('what meets the criteria no longer when the write comes to be committed', () => {
  /** Somebody gives the patient another identifier after they were found by the first. */
  const overtaken = (): Api => {
    let isFirst = true;
    const findByIdentifier: typeof api.records.findByIdentifier = async (...asked) => {
      const found = await api.records.findByIdentifier(...asked);
      if (isFirst) {
        isFirst = false;
        await send(api, { method: 'PUT', target: 'Patient/p', body: aPatient('p', { value: '2' }) });
      }
      return found;
    };
    return { ...api, records: { ...api.records, findByIdentifier }, inTurn: createTurns() };
  };
  const standing = async () => (await send(api, { target: 'Patient/p' })).resource as Patient;

  test('is not deleted', async () => {
    expect((await send(overtaken(), { method: 'DELETE', target: `${target}1` })).status).toBe(204);
    expect((await standing()).identifier).toEqual([{ system: mrn, value: '2' }]);
  });

  test('is not patched', async () => {
    const body = [{ op: 'add', path: '/language', value: 'en' }];
    const headers = { 'content-type': 'application/json-patch+json' };
    const asked = { method: 'PATCH', target: `${target}1`, body, headers };
    await expect(send(overtaken(), asked)).rejects.toEqual(refused('HDE_RESOURCE_NOT_FOUND'));
    expect(await standing()).not.toHaveProperty('language');
  });

  test('is not overwritten', async () => {
    const body = withoutId(male('x', '1'));
    // The request has claimed the identifier for them; a later one creates somebody else.
    await expect(send(overtaken(), { method: 'PUT', target: `${target}1`, body })).rejects.toEqual(
      refused('HDE_CONCURRENT_UPDATE'),
    );
    expect((await standing()).identifier).toEqual([{ system: mrn, value: '2' }]);
  });
});
