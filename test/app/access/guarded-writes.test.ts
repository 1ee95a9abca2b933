/** What the access policy lets clients change. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { createMemoryGovernanceStore } from '../../../src/adapters/memory/governance-store.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { ExchangeError } from '../../../src/core/errors.js';
import type { Asker } from '../../../src/app/access/request-access.js';
import { ownPartition } from '../../../src/app/fhir/record-places.js';
import type { AccessPolicy } from '../../../src/core/governance/access-policy.js';
import type { GovernanceStore } from '../../../src/ports/governance-store.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { aClearedSystem, aClinician, anAccess, aSystem, onlyOwn } from '../../support/access.js';
import { type Api, aPatient, asCurrent, send, store, type Asked } from '../fhir/arrange.js';
import { aMinimal } from '../fhir/minimal.js';

const now = Date.UTC(2026, 10, 26, 9);
const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const sensitiveLabel = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' };
const restrictedLabel = { system: confidentiality, code: 'R' };
const foreign = { principal: { ...aSystem, organisation: 'RYY' } };
const cleared = { principal: aClearedSystem };
const sharing = { types: ['*'], purposes: ['direct-care'], start: 0, end: now + 1 } as const;
const hidden = { code: 'HDE_RESOURCE_NOT_FOUND', detail: undefined };
const refused = { code: 'HDE_FORBIDDEN', detail: undefined };

let api: Api;
let governance: GovernanceStore;

let policy: AccessPolicy;

const ask = (asked: Asked, asker: Partial<Asker> = {}) => {
  const access = (found: RecordStore) => anAccess(found, { now, ...asker }, { governance, policy });
  return send(api, { ...asked, access });
};

const observation = (id: string, security: readonly object[] = []): Resource & { id: string } => ({
  ...aMinimal(`Observation/${id}`, { subject: { reference: 'Patient/a' } }),
  ...(security.length === 0 ? {} : { meta: { security: [...security] } }),
  id,
});
const put = (body: Resource & { id: string }, asker?: Partial<Asker>) =>
  ask({ method: 'PUT', target: `${body.resourceType}/${body.id}`, body }, asker);
const post = (body: Resource, asker?: Partial<Asker>, headers = {}) =>
  ask({ method: 'POST', target: body.resourceType, body, headers }, asker);
const remove = (target: string, asker?: Partial<Asker>, headers = {}) =>
  ask({ method: 'DELETE', target, headers }, asker);
const patch = (target: string, asker?: Partial<Asker>) =>
  ask(
    {
      ...{ method: 'PATCH', target, headers: { 'content-type': 'application/json-patch+json' } },
      body: [{ op: 'add', path: '/language', value: 'en' }],
    },
    asker,
  );
const version = async (type: string, id: string) => (await api.records.readLatest(type, id))?.versionId;

beforeEach(async () => {
  api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
  governance = createMemoryGovernanceStore();
  policy = onlyOwn;
  await put(aPatient('a', { value: '1' }));
  await put(observation('a.o'));
});

describe('a patient whom the writer may not see', () => {
  const about = (id: string, patient: string) =>
    aMinimal(`Observation/${id}`, { subject: { reference: patient } });
  const failure = async (work: Promise<unknown>): Promise<object> => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof ExchangeError))
      throw new Error('it was done, or failed otherwise', { cause: error });
    const { code, location, detail } = error;
    return { code, location, detail };
  };
  const unknown = {
    ...{ code: 'HDE_PATIENT_UNKNOWN', location: 'Observation.subject' },
    detail: 'no such patient is stored here',
  };

  test.each(['Patient/a', 'Patient/a/_history/1'])(
    'is as good as not stored to a create (%s)',
    async (named) => {
      const absent = named.replace('/a', '/b');
      for (const patient of [named, absent]) {
        expect(await failure(post(about('x', patient), foreign))).toEqual(unknown);
        expect(await failure(put(about('x', patient), foreign))).toEqual(unknown);
      }
    },
  );

  test('is as good as not stored to an update that would make a record theirs', async () => {
    const own = { ...aPatient('c', { value: '3' }), id: 'c' };
    await put(own, foreign);
    await put(about('c.o', 'Patient/c'), foreign);
    for (const patient of ['Patient/a', 'Patient/b'])
      expect(await failure(put(about('c.o', patient), foreign))).toMatchObject({
        code: 'HDE_PATIENT_CHANGED',
      });
  });
});

describe('a record of another organisation', () => {
  test('is answered as one that does not exist, and stays as it is', async () => {
    await expect(put(observation('a.o'), foreign)).rejects.toMatchObject({ code: 'HDE_PATIENT_UNKNOWN' });
    await expect(patch('Observation/a.o', foreign)).rejects.toMatchObject(hidden);
    const body = {
      resourceType: 'Parameters',
      parameter: [{ name: 'meta', valueMeta: { tag: [{ code: 't' }] } }],
    };
    for (const operation of ['$meta-add', '$meta-delete'])
      await expect(
        ask({ method: 'POST', target: `Observation/a.o/${operation}`, body: body }, foreign),
      ).rejects.toMatchObject(hidden);
    expect(await version('Observation', 'a.o')).toBe(1);
  });

  test('is updated under a condition as one that does not exist', async () => {
    const condition = { 'if-match': 'W/"1"' };
    for (const id of ['a.o', 'a.z']) {
      const update = {
        method: 'PUT',
        target: `Observation/${id}`,
        body: observation(id),
        headers: condition,
      };
      await expect(ask(update, foreign)).rejects.toMatchObject({ code: 'HDE_PRECONDITION_FAILED' });
    }
  });

  test('is not deleted, which is answered as the deletion of nothing', async () => {
    const [denied, absent] = [
      await remove('Observation/a.o', foreign),
      await remove('Observation/a.z', foreign),
    ];
    expect(denied).toEqual(absent);
    await expect(remove('Observation/a.o', foreign, { 'if-match': 'W/"1"' })).rejects.toMatchObject({
      code: 'HDE_PRECONDITION_FAILED',
    });
    expect((await api.records.readLatest('Observation', 'a.o'))?.kind).toBe('resource');
    expect((await remove('Observation/a.o')).status).toBe(204);
    expect((await api.records.readLatest('Observation', 'a.o'))?.kind).toBe('deleted');
  });

  test('does not meet criteria, nor say whose an identifier is', async () => {
    await expect(
      post(aPatient('x', { value: '1' }), foreign, { 'if-none-exist': 'identifier=1' }),
    ).rejects.toMatchObject(refused);
    await expect(post(aPatient('x', { value: '1' }), foreign)).rejects.toMatchObject(refused);
    await expect(post(aPatient('x', { value: '1' }))).rejects.toMatchObject({
      ...{ code: 'HDE_PATIENT_DUPLICATE', detail: 'Patient/a' },
    });
  });
});

describe('a record about a patient', () => {
  test('is created by those only who may have the patient', async () => {
    await expect(post(observation('x'), foreign)).rejects.toMatchObject({ code: 'HDE_PATIENT_UNKNOWN' });
    expect(await api.records.whereStated(['a'], { feeds: [], organisation: 'RYY', since: '' })).toEqual(
      new Set(),
    );
    expect((await post(observation('x'))).status).toBe(201);
    await governance.saveRelationship('a', {
      ...{ id: 'r1', organisation: 'RYY', subject: undefined, start: undefined, end: undefined },
      by: 'operator',
      at: '2026-11-01T00:00:00.000Z',
    });
    expect((await post(observation('x'), foreign)).status).toBe(201);
  });

  test('is created about a patient whom staff state themselves, and then is theirs', async () => {
    const staff = { principal: aClinician };
    const { resource } = await post(aPatient('x', { value: '2' }), staff);
    const about = aMinimal('Observation/x', { subject: { reference: `Patient/${resource?.id ?? ''}` } });
    expect((await post(about, staff)).status).toBe(201);
    expect((await ask({ target: `Patient/${resource?.id ?? ''}` }, staff)).status).toBe(200);
  });

  test('stays that of the organisation that created it', async () => {
    await put({ ...observation('a.o'), language: 'en' });
    expect((await api.records.readLatest('Observation', 'a.o'))?.source.organisation).toBe('RZZ');
  });

  test.each<[string, Resource & { id: string }]>([
    ['a patient', aPatient('b', { value: '2' })],
    ['a result', observation('a.p')],
    ['a practice', { ...aMinimal('Organization/o'), id: 'o' }],
  ])('stays theirs when it was deleted and another organisation states it again: %s', async (_, record) => {
    const target = `${record.resourceType}/${record.id}`;
    await put(record);
    await remove(target);
    const code = record.resourceType === 'Observation' ? 'HDE_PATIENT_UNKNOWN' : hidden.code;
    await expect(put(record, foreign)).rejects.toMatchObject({ code });
    const agreed = { ...sharing, from: 'RZZ', with: ['RYY'] };
    policy = { ...onlyOwn, agreements: [{ ...agreed, id: 'together', actions: ['r', 'u'] }] };
    expect((await put(record, foreign)).status).toBe(201);
    const { resourceType, id } = record;
    const place = resourceType === 'Organization' ? ownPartition(resourceType, id) : undefined;
    expect((await api.records.readLatest(resourceType, id, place))?.source.organisation).toBe('RZZ');
    // Nor do their staff come to care for the patient by it.
    const staff = { principal: { ...aClinician, organisation: 'RYY' } };
    const seen = resourceType === 'Organization' ? 200 : 'HDE_RESOURCE_NOT_FOUND';
    const answer = await ask({ target }, staff).then(
      ({ status }) => status,
      (error: unknown) => (error as { code: string }).code,
    );
    expect(answer).toBe(seen);
    expect((await put({ ...record, language: 'en' })).status).toBe(200);
  });

  test('of a message belongs to the organisation of its feed when a client has changed it', async () => {
    const { source: _source, ...document } = asCurrent(observation('a.m'));
    const source = { messageId: 'm1', feed: 'pas', pack: { name: 'hl7v2-uk', version: '1.0.0' } };
    await store(api.records, { ...document, source });
    await put({ ...observation('a.m'), language: 'en' });
    expect((await api.records.readLatest('Observation', 'a.m'))?.source).toMatchObject({
      ...{ feed: 'fhir-api', organisation: 'RZZ' },
    });
  });
});

describe('labels', () => {
  test('above the clearance of a writer are neither given nor taken away', async () => {
    for (const label of [restrictedLabel, sensitiveLabel]) {
      await expect(put(observation('a.o', [label]))).rejects.toMatchObject(refused);
      await expect(post(observation('x', [label]))).rejects.toMatchObject(refused);
    }
    await put(observation('a.o', [sensitiveLabel]), cleared);
    await expect(put(observation('a.o'))).rejects.toMatchObject(hidden);
    const body = {
      resourceType: 'Parameters',
      parameter: [{ name: 'meta', valueMeta: { security: [sensitiveLabel] } }],
    } as Resource;
    const unlabel = { method: 'POST', target: 'Observation/a.o/$meta-delete', body };
    await expect(ask(unlabel)).rejects.toMatchObject(hidden);
    expect((await ask(unlabel, cleared)).status).toBe(200);
    expect((await put(observation('a.o'))).status).toBe(200);
  });

  test('are not taken away by whoever has broken the glass, who may change the rest', async () => {
    await put(observation('a.o', [sensitiveLabel]), cleared);
    const staff = { principal: aClinician };
    await expect(patch('Observation/a.o', staff)).rejects.toMatchObject(hidden);
    await governance.saveGlass({
      ...{ id: 'g', subject: aClinician.subject, organisation: 'RZZ', review: undefined },
      ...{ patient: 'a', reason: 'unconscious', openedAt: now },
    });
    expect((await patch('Observation/a.o', staff)).status).toBe(200);
    const body = {
      resourceType: 'Parameters',
      parameter: [{ name: 'meta', valueMeta: { security: [sensitiveLabel] } }],
    } as Resource;
    await expect(
      ask({ method: 'POST', target: 'Observation/a.o/$meta-delete', body }, staff),
    ).rejects.toMatchObject(refused);
  });

  test('of a restricted patient keep those from replacing them who are not shown all of them', async () => {
    await put({ ...aPatient('a', { value: '1' }), meta: { security: [restrictedLabel] } }, cleared);
    await governance.saveGlass({
      ...{ id: 'g', subject: aClinician.subject, organisation: 'RZZ', review: undefined },
      ...{ patient: 'a', reason: 'unconscious', openedAt: now },
    });
    const staff = { principal: aClinician };
    const { resource } = await ask({ target: 'Patient/a' }, staff);
    await expect(put(resource as Resource & { id: string }, staff)).rejects.toMatchObject(hidden);
  });
});

describe('a Bundle', () => {
  const entry = (method: string, url: string, resource?: Resource) => ({
    ...{ request: { method, url } },
    ...(resource === undefined ? {} : { resource }),
  });
  const bundle = (type: string, ...entries: object[]) =>
    ({ resourceType: 'Bundle', type, entry: entries }) as unknown as Resource;

  test('does nothing when one of its entries is refused', async () => {
    const body = bundle(
      'transaction',
      entry('POST', 'Observation', observation('n')),
      entry('PUT', 'Observation/a.o', observation('a.o')),
    );
    await expect(ask({ method: 'POST', target: '', body }, foreign)).rejects.toMatchObject({
      code: 'HDE_PATIENT_UNKNOWN',
    });
    expect(await version('Observation', 'a.o')).toBe(1);
    const { documents } = await api.records.listPartition('a', 'Observation', { limit: 10 });
    expect(documents).toHaveLength(1);
  });

  test('reads what it wrote, and nothing of others', async () => {
    const staff = { principal: aClinician };
    const body = bundle(
      'batch',
      entry('PUT', 'Patient/n', aPatient('n', { value: '9' })),
      entry('GET', 'Patient/n'),
      entry('GET', 'Observation/a.o'),
    );
    const answered = (await ask({ method: 'POST', target: '', body }, staff)).resource as unknown as {
      entry: { response: { status: string } }[];
    };
    expect(answered.entry.map(({ response }) => response.status.slice(0, 3))).toEqual(['201', '200', '200']);
    const other = { principal: { ...aClinician, organisation: 'RYY' } };
    const second = (await ask({ method: 'POST', target: '', body }, other))
      .resource as unknown as typeof answered;
    expect(second.entry.map(({ response }) => response.status.slice(0, 3))).toEqual(['404', '404', '404']);
  });
});

describe('a label inside a record', () => {
  const specimen = { resourceType: 'Specimen', id: 's', meta: { security: [sensitiveLabel] } };
  const inside = (security: readonly object[]) =>
    ({
      ...observation('a.i', security),
      contained: [specimen],
      specimen: { reference: '#s' },
    }) as Resource & {
      id: string;
    };
  const fault = { code: 'HDE_RESOURCE_INVALID', location: 'Observation.contained[0]' };

  test('is refused where the record has it not: nobody would hold it back', async () => {
    await expect(put(inside([]), cleared)).rejects.toMatchObject(fault);
    await expect(post(inside([restrictedLabel]), cleared)).rejects.toMatchObject(fault);
  });

  test('holds back the record that is labelled likewise, and keeps it so', async () => {
    await put(inside([sensitiveLabel]), cleared);
    await expect(ask({ target: 'Observation/a.i' })).rejects.toMatchObject({
      code: 'HDE_RESOURCE_NOT_FOUND',
    });
    const body = {
      ...{ resourceType: 'Parameters' },
      parameter: [{ name: 'meta', valueMeta: { security: [sensitiveLabel] } }],
    } as Resource;
    const removed = ask({ method: 'POST', target: 'Observation/a.i/$meta-delete', body }, cleared);
    await expect(removed).rejects.toMatchObject(fault);
  });
});
