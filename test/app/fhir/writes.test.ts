/** Creates and updates through the FHIR API, over stores in memory. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { OperationOutcome, Patient, Resource } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { identifierToken } from '../../../src/core/identity/tokens.js';
import { currentId } from '../../../src/core/records/ids.js';
import type { CurrentDocument, EventDocument } from '../../../src/core/records/types.js';
import { patientOf } from '../../../src/app/access/record-facts.js';
import { findingPlaces } from '../../../src/app/fhir/record-places.js';
import {
  type Api,
  aPatient,
  asCurrent,
  baseUrl,
  identitySecret,
  mrn,
  send,
  store,
  type Asked,
} from './arrange.js';
import { aMinimal } from './minimal.js';

const nhs = 'https://fhir.nhs.uk/Id/nhs-number';

let api: Api;

beforeEach(() => {
  api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
});

const put = (body: Resource, headers: Asked['headers'] = {}) =>
  send(api, { method: 'PUT', target: `${body.resourceType}/${body.id ?? ''}`, headers, body });

const post = (body: Resource, headers: Asked['headers'] = {}) =>
  send(api, { method: 'POST', target: body.resourceType, headers, body });

const read = async (target: string) => (await send(api, { target })).resource;

const refused = (code: string, fields: object = {}) => expect.objectContaining({ code, ...fields });

const anObservation = (reference: string, subject: string, fields: object = {}) =>
  aMinimal(reference, { subject: { reference: subject }, ...fields });

const withoutId = ({ id: _id, ...resource }: Resource & { id: string }): Resource => resource;

/** The patient `p1`, stored by a client. */
const storeP1 = () => put(aPatient('p1', { value: '1' }));

describe('a Patient that a client creates', () => {
  test('gets an id of ours, a version and an address', async () => {
    const { status, headers, resource } = await post(withoutId(aPatient('mine', { value: '1' })));
    const { id = '', meta } = resource as Patient;
    expect(status).toBe(201);
    expect(id).toMatch(/^[a-z2-7]{26}$/);
    expect(headers).toMatchObject({
      location: `${baseUrl}/Patient/${id}/_history/1`,
      etag: 'W/"1"',
      'last-modified': new Date(meta?.lastUpdated ?? '').toUTCString(),
    });
    expect(meta?.versionId).toBe('1');
    expect(await read(`Patient/${id}`)).toEqual(resource);
  });

  test('is found by messages under the same identifier, and tells who stated it', async () => {
    const { resource } = await post(withoutId(aPatient('mine', { value: '1' })));
    const loaded = await api.records.load(resource!.id!, [currentId('Patient', resource!.id!)]);
    const document = [...loaded.values()][0]?.document as CurrentDocument;
    const [claim] = (await allClaims([`${mrn}|1`])) as [string];
    expect(claim).toBe(resource!.id);
    expect(document).toMatchObject({
      source: { client: 'app-7', feed: 'fhir-api' },
      eventTime: document.lastUpdated,
      writtenAt: document.lastUpdated,
      lineage: { messages: [document.source.messageId], rows: [['identifier[0]', 0, 'fhir-api']] },
    });
  });

  test('has an event in the same batch', async () => {
    const { resource } = await post(withoutId(aPatient('mine')));
    const { id = '' } = resource!;
    const stored = (await api.records.readCurrent('Patient', id))!;
    const eventId = `event:${stored.source.messageId}:Patient:${id}:v1`;
    const event = (await api.records.load(id, [eventId])).get(eventId)?.document as EventDocument;
    expect(event).toMatchObject({
      kind: 'event',
      feed: 'fhir-api',
      messageType: 'fhir-api',
      changes: [{ resourceType: 'Patient', id, versionId: 1, change: 'created' }],
    });
  });

  test('without identifiers gets a key of its own each time', async () => {
    const [one, two] = await Promise.all([post(withoutId(aPatient('x'))), post(withoutId(aPatient('x')))]);
    expect(one.resource?.id).not.toBe(two.resource?.id);
  });

  test('who is stored already is refused, with the place of the record and without the identifier', async () => {
    const { resource } = await post(withoutId(aPatient('mine', { value: '4711' })));
    const again = post(withoutId(aPatient('mine', { value: '4711' })));
    await expect(again).rejects.toEqual(
      refused('HDE_PATIENT_DUPLICATE', { detail: `Patient/${resource!.id!}` }),
    );
  });

  test('whose identifier was claimed when its write broke off is created under that key', async () => {
    const { resource } = await post(withoutId(aPatient('mine', { value: '1' })));
    const other = { records: createMemoryRecordStore(), identities: api.identities };
    const again = await send(other, {
      method: 'POST',
      target: 'Patient',
      body: aPatient('x', { value: '1' }),
    });
    expect([again.status, again.resource?.id]).toEqual([201, resource?.id]);
  });

  test('with a wrong NHS number is refused', async () => {
    const body = { resourceType: 'Patient', identifier: [{ system: nhs, value: '9990000011' }] };
    await expect(post(body as Patient)).rejects.toEqual(
      refused('HDE_RESOURCE_REFUSED', { location: 'Patient.identifier[0].value' }),
    );
  });

  test('of two at the same moment is one', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => post(withoutId(aPatient('mine', { value: '1' })))),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

async function allClaims(tokens: readonly string[]): Promise<(string | undefined)[]> {
  const keys = tokens.map((token) => {
    const [system = '', value = ''] = token.split('|');
    return identifierToken(identitySecret, system, value);
  });
  const claims = await api.identities.find(keys);
  return keys.map((key) => claims.get(key)?.patientKey);
}

/** Whom the policy takes an Observation to be about. */
async function whomOf(id: string): Promise<string | undefined> {
  const document = await findingPlaces(api.records, { ...api, identitySecret }).readLatest('Observation', id);
  if (document === undefined) throw new Error('there is none');
  return patientOf(document);
}

describe('a record about a patient', () => {
  test('that is created lives with the patient', async () => {
    await storeP1();
    const { status, resource } = await post(withoutId(anObservation('Observation/x', 'Patient/p1')));
    expect(status).toBe(201);
    expect(resource?.id).toMatch(/^p1\.[a-z2-7]{26}$/);
    expect(await read(`Observation/${resource!.id!}`)).toEqual(resource);
  });

  test.each([
    ['is not stored', { reference: 'Patient/nobody' }, 'Observation.subject'],
    ['is stored elsewhere', { reference: 'https://other.example/fhir/Patient/p1' }, 'Observation.subject'],
    ['is named by an identifier only', { identifier: { system: mrn, value: '1' } }, 'Observation.subject'],
    ['has a name only', { display: 'Somebody' }, 'Observation.subject'],
  ])('who %s is refused: nobody would find it', async (_, subject, location) => {
    await storeP1();
    const body = aMinimal('Observation/o', { subject });
    await expect(post(body)).rejects.toEqual(refused('HDE_PATIENT_UNKNOWN', { location }));
    await expect(put(body)).rejects.toEqual(refused('HDE_PATIENT_UNKNOWN', { location }));
  });

  test('of two patients is refused', async () => {
    await storeP1();
    await put(aPatient('p2'));
    const participant = ['p1', 'p2'].map((id) => ({
      actor: { reference: `Patient/${id}` },
      status: 'accepted',
    }));
    await expect(post(aMinimal('Appointment/a', { participant }))).rejects.toEqual(
      refused('HDE_PATIENT_UNKNOWN', { location: 'Appointment.participant[1].actor' }),
    );
  });

  test('about nobody is kept for the organisation that states it', async () => {
    const subject = { reference: 'Location/ward' };
    const body = aMinimal('Observation/o', { subject });
    const { resource } = await post(body);
    expect(await read(`Observation/${resource?.id ?? ''}`)).toMatchObject({ subject });
    expect(await whomOf(resource?.id ?? '')).toBeUndefined();
    await put(body);
    expect(await read('Observation/o')).toMatchObject({ subject });
    expect(await whomOf('o')).toBeUndefined();
  });

  test('keeps the id of a client, and is found by it and with the patient', async () => {
    await storeP1();
    const { status } = await put(anObservation('Observation/my-id', 'Patient/p1'));
    expect(status).toBe(201);
    expect(await read('Observation/my-id')).toMatchObject({ id: 'my-id' });
    expect(await read('Observation/my-id/_history/1')).toMatchObject({ id: 'my-id' });
    const found = await read('Observation?patient=p1');
    expect(found).toMatchObject({ total: 1 });
  });

  test('of a type may have the id of a patient or of a record of another type', async () => {
    await put(aPatient('example'));
    await storeP1();
    await put(anObservation('Observation/example', 'Patient/p1'));
    await put(aMinimal('Condition/example', { subject: { reference: 'Patient/p1' } }));
    expect(await read('Observation/example')).toMatchObject({ subject: { reference: 'Patient/p1' } });
    expect(await read('Observation?patient=example')).toMatchObject({ total: 0 });
    expect(await read('Condition/example')).toMatchObject({ resourceType: 'Condition' });
  });

  test('does not move to another patient', async () => {
    await storeP1();
    await put(aPatient('p2'));
    await put(anObservation('Observation/o', 'Patient/p1'));
    for (const subject of ['Patient/p2', 'Location/ward'])
      await expect(put(anObservation('Observation/o', subject))).rejects.toEqual(
        refused('HDE_PATIENT_CHANGED'),
      );
  });

  test('does not come to be about a patient later', async () => {
    await store(api.records, asCurrent(anObservation('Observation/o', 'Location/ward')));
    await storeP1();
    await expect(put(anObservation('Observation/o', 'Patient/p1'))).rejects.toEqual(
      refused('HDE_PATIENT_CHANGED'),
    );
  });

  test('of one id and two patients at the same moment is one record', async () => {
    await storeP1();
    await put(aPatient('p2'));
    const results = await Promise.allSettled(
      ['p1', 'p2'].map((id) => put(anObservation('Observation/o', `Patient/${id}`))),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('an update', () => {
  test('makes the next version and keeps the one before', async () => {
    await storeP1();
    const { status, headers } = await put({ ...aPatient('p1', { value: '1' }), language: 'en' });
    expect([status, headers['etag']]).toEqual([200, 'W/"2"']);
    expect(headers['location']).toBeUndefined();
    expect(await read('Patient/p1')).toMatchObject({ language: 'en', meta: { versionId: '2' } });
    expect(await read('Patient/p1/_history/1')).toMatchObject({ meta: { versionId: '1' } });
  });

  test('that changes nothing makes no version', async () => {
    await storeP1();
    const { status, headers } = await storeP1();
    expect([status, headers['etag']]).toEqual([200, 'W/"1"']);
  });

  test('without the id of its address is refused', async () => {
    const ask = (target: string, body: Resource) => send(api, { method: 'PUT', target, body });
    for (const [target, body] of [
      ['Patient/p1', { resourceType: 'Patient' }],
      ['Patient/p1', aPatient('p2')],
      ['Patient/p1', aMinimal('Observation/p1')],
      ['Observation', aPatient('p1')],
    ] as const)
      await expect(
        target === 'Observation'
          ? send(api, { method: 'POST', target, body })
          : ask(target, body as Resource),
      ).rejects.toEqual(refused('HDE_RESOURCE_MISMATCH'));
  });

  test.each(['9990000018', 'a.b', 'x'.repeat(38), 'a_b', 'nobody-1'])(
    'creates no patient of the id %s',
    async (id) => {
      await expect(put(aPatient(id))).rejects.toEqual(refused('HDE_RESOURCE_REFUSED', { location: 'id' }));
    },
  );

  test.each(['9990000018', '999-000-0018', '999.000.0018'])('does not have the id %s', async (id) => {
    const body = { resourceType: 'Location', id } as Resource;
    await expect(put(body)).rejects.toEqual(refused('HDE_RESOURCE_REFUSED', { location: 'id' }));
  });

  test('does not get the partition of a record about nobody', async () => {
    const { resource } = await post({ resourceType: 'Location', name: 'Ward' } as Resource);
    await expect(put(aPatient(resource!.id!))).rejects.toEqual(refused('HDE_ID_TAKEN'));
  });

  test('is refused when its version is stale', async () => {
    await storeP1();
    await put({ ...aPatient('p1', { value: '1' }), language: 'en' });
    const stale = put({ ...aPatient('p1', { value: '1' }), language: 'cy' }, { 'if-match': 'W/"1"' });
    await expect(stale).rejects.toEqual(refused('HDE_PRECONDITION_FAILED'));
    const fresh = await put({ ...aPatient('p1', { value: '1' }), language: 'cy' }, { 'if-match': 'W/"2"' });
    expect(fresh.headers['etag']).toBe('W/"3"');
  });

  test('of a version that nobody has is refused and claims nothing', async () => {
    await expect(put(aPatient('p1', { value: '1' }), { 'if-match': '*' })).rejects.toEqual(
      refused('HDE_PRECONDITION_FAILED'),
    );
    expect(await allClaims([`${mrn}|1`])).toEqual([undefined]);
  });

  test('looks up so many identifiers and new links, and no more', async () => {
    const identifier = Array.from({ length: 501 }, (_, index) => ({ system: mrn, value: `${index}` }));
    await expect(put({ ...aPatient('p1'), identifier } as Patient)).rejects.toEqual(
      refused('HDE_RESOURCE_REFUSED', { location: 'Patient.identifier' }),
    );
    expect(await allClaims([`${mrn}|1`])).toEqual([undefined]);
    const link = Array.from({ length: 501 }, (_, index) => ({
      ...{ other: { reference: `Patient/q${index}` }, type: 'seealso' },
    }));
    await expect(put({ ...aPatient('p1'), link } as Patient)).rejects.toEqual(
      refused('HDE_RESOURCE_REFUSED', { location: 'Patient.link' }),
    );
  });

  test('only creates with If-None-Match: *', async () => {
    const once = { 'if-none-match': '*' };
    expect((await put(aPatient('p1'), once)).status).toBe(201);
    await expect(put(aPatient('p1'), once)).rejects.toEqual(refused('HDE_PRECONDITION_FAILED'));
  });

  test('of one version wins once among many', async () => {
    await storeP1();
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) =>
        put({ ...aPatient('p1', { value: '1' }), language: `x-${index}` }, { 'if-match': 'W/"1"' }),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await read('Patient/p1')).toMatchObject({ meta: { versionId: '2' } });
  });

  test('keeps labels and tags that it leaves out, and takes the profiles as they are stated', async () => {
    const restricted = { system: 'urn:labels', code: 'R' };
    const added = { system: 'urn:labels', code: 'X' };
    const meta = { security: [restricted], tag: [{ code: 't' }], profile: ['urn:one'] };
    await put({ ...aPatient('p1'), meta });
    await put({
      ...aPatient('p1'),
      language: 'en',
      meta: { security: [added], profile: ['urn:two'] },
    });
    const { meta: after } = (await read('Patient/p1'))!;
    expect(after).toMatchObject({
      security: [added, restricted],
      tag: [{ code: 't' }],
      profile: ['urn:two'],
      versionId: '2',
    });
  });

  test('does not take an identifier from somebody else', async () => {
    await storeP1();
    await expect(put(aPatient('p2', { value: '1' }))).rejects.toEqual(
      refused('HDE_PATIENT_DUPLICATE', { detail: 'Patient/p1' }),
    );
  });
});

describe('what a client wants back', () => {
  test.each([
    ['return=minimal', undefined],
    ['return=representation', 'Patient'],
    ['return=OperationOutcome', 'OperationOutcome'],
    ['handling=strict', 'Patient'],
  ])('%s', async (prefer, type) => {
    const { resource, headers } = await put(aPatient('p1'), { prefer });
    expect((resource as OperationOutcome | undefined)?.resourceType).toBe(type);
    expect(headers['etag']).toBe('W/"1"');
  });
});

describe('whom a record is about', () => {
  beforeEach(storeP1);

  test.each<[string, object]>([
    ['somebody of another type', { reference: 'Organization/x' }],
    ['a group that only a name tells of', { type: 'Group', display: 'Everybody' }],
    [
      'a patient of another server, called a device',
      { reference: 'https://other.example/Patient/p1', type: 'Device' },
    ],
    ['nobody but an identifier', { type: 'Group', identifier: { system: nhs, value: '9990000018' } }],
  ])('cannot be %s where R4 allows a patient only', async (_what, patient) => {
    await expect(post(aMinimal('AllergyIntolerance/x', { patient }))).rejects.toEqual(
      refused('HDE_PATIENT_UNKNOWN', { location: 'AllergyIntolerance.patient' }),
    );
  });

  test.each<[string, object]>([
    ['a part of a patient', { reference: 'Patient/p1#x' }],
    ['a patient with a query', { reference: 'Patient/p1?a=b' }],
    ['a malformed id', { reference: 'Patient/bad_id' }],
    ['an NHS number alone', { identifier: { system: nhs, value: '9990000018' } }],
  ])('is not lost where anybody may take part: %s', async (_what, actor) => {
    await expect(
      post(aMinimal('Appointment/x', { participant: [{ status: 'accepted', actor }] })),
    ).rejects.toEqual(refused('HDE_PATIENT_UNKNOWN', { location: 'Appointment.participant[0].actor' }));
  });
});

test('a whole number with a fraction is refused, however it is written', async () => {
  for (const number of ['1.0', '1e0']) {
    const form = `{"resourceType":"Patient","multipleBirthInteger":${number}}`;
    await expect(send(api, { method: 'POST', target: 'Patient', form })).rejects.toEqual(
      refused('HDE_RESOURCE_INVALID', { location: 'Patient.multipleBirthInteger' }),
    );
  }
});
