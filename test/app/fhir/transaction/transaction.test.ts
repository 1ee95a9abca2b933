/** Transactions through the FHIR API, over stores in memory. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, Encounter, Observation, Patient, Resource } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../../src/adapters/memory/record-store.js';
import { ExchangeError } from '../../../../src/core/errors.js';
import type { RecordStore } from '../../../../src/ports/record-store.js';
import { type Api, aPatient, asCurrent, baseUrl, mrn, send } from '../arrange.js';
import { aMinimal } from '../minimal.js';
import { addressOf, anObservation, type Entry, entry, refused, sendBundle, statusesOf } from './bundles.js';

let api: Api;

beforeEach(() => {
  api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
});

const put = (body: Resource) =>
  send(api, { method: 'PUT', target: `${body.resourceType}/${body.id ?? ''}`, body });
const read = async (target: string) => (await send(api, { target })).resource;
const transact = (...entries: Entry[]) => sendBundle(api, 'transaction', entries);

describe('a transaction', () => {
  test('creates a patient and records about them that refer to each other', async () => {
    const bundle = await transact(
      entry('POST', 'Observation', {
        resource: anObservation('Observation/x', 'urn:uuid:1', { encounter: { reference: 'urn:uuid:2' } }),
      }),
      entry('POST', 'Encounter', {
        fullUrl: 'urn:uuid:2',
        resource: aMinimal('Encounter/x', { subject: { reference: 'urn:uuid:1' } }),
      }),
      entry('POST', 'Patient', { fullUrl: 'urn:uuid:1', resource: aPatient('x', { value: '1' }) }),
    );
    expect(statusesOf(bundle)).toEqual(['201', '201', '201']);
    expect(bundle.type).toBe('transaction-response');
    const [observation, encounter, patient] = [0, 1, 2].map((index) => addressOf(bundle, index));
    const stored = (await read(observation!)) as Observation;
    expect(stored.subject?.reference).toBe(patient);
    expect(stored.encounter?.reference).toBe(encounter);
    expect(((await read(encounter!)) as Encounter).subject?.reference).toBe(patient);
    expect(stored.id?.startsWith(`${patient!.slice('Patient/'.length)}.`)).toBe(true);
    expect(bundle.entry?.[0]?.response).toEqual({
      status: '201 Created',
      location: `${baseUrl}/${observation ?? ''}/_history/1`,
      etag: 'W/"1"',
      lastModified: stored.meta?.lastUpdated,
    });
  });

  test('tells of all its changes in one event', async () => {
    const bundle = await transact(
      entry('PUT', 'Patient/p', { resource: aPatient('p') }),
      entry('POST', 'Observation', { resource: anObservation('Observation/x', 'Patient/p') }),
    );
    const document = (await api.records.readCurrent('Patient', 'p'))!;
    const id = `event:${document.source.messageId}`;
    const event = (await api.records.load('p', [id])).get(id)?.document;
    expect(event).toMatchObject({
      changes: [{ id: addressOf(bundle, 1).slice('Observation/'.length) }, { id: 'p' }],
    });
  });

  test('does nothing at all when one of its entries is refused', async () => {
    await put(aPatient('p'));
    await expect(
      transact(
        entry('PUT', 'Patient/p', { resource: { ...aPatient('p'), gender: 'male' } as Patient }),
        entry('PUT', 'Patient/q', { resource: aPatient('q') }),
        entry('PUT', 'Patient/p', { resource: aPatient('p'), request: { ifMatch: 'W/"7"' } }),
      ),
    ).rejects.toEqual(refused('HDE_BUNDLE_INVALID', { location: 'Bundle.entry[2].request.url' }));
    await expect(
      transact(
        entry('PUT', 'Patient/q', { resource: aPatient('q') }),
        entry('PUT', 'Patient/p', { resource: aPatient('p'), request: { ifMatch: 'W/"7"' } }),
      ),
    ).rejects.toEqual(refused('HDE_PRECONDITION_FAILED', { location: 'Bundle.entry[1]' }));
    expect(await api.records.readLatest('Patient', 'q')).toBeUndefined();
    expect((await api.records.readLatest('Patient', 'p'))?.versionId).toBe(1);
  });

  test('deletes first, then creates and updates, and reads what it has written', async () => {
    await put(aPatient('p'));
    await put(anObservation('Observation/p.a', 'Patient/p'));
    const bundle = await transact(
      entry('GET', 'Observation?patient=p'),
      entry('GET', 'Patient/p'),
      entry('PUT', 'Patient/p', { resource: { ...aPatient('p'), gender: 'other' } as Patient }),
      entry('POST', 'Observation', { resource: anObservation('Observation/x', 'Patient/p') }),
      entry('DELETE', 'Observation/p.a'),
    );
    expect(statusesOf(bundle)).toEqual(['200', '200', '200', '201', '204']);
    const [found, patient] = bundle.entry!.map(({ resource }) => resource);
    expect((found as Bundle).entry?.map(({ resource }) => resource?.id)).toEqual([
      addressOf(bundle, 3).slice('Observation/'.length),
    ]);
    expect(patient).toMatchObject({ gender: 'other', meta: { versionId: '2' } });
  });

  test('deletes a patient with all records about them', async () => {
    await put(aPatient('p'));
    await put(anObservation('Observation/p.a', 'Patient/p'));
    await transact(entry('DELETE', 'Patient/p'), entry('DELETE', 'Observation/p.a'));
    await expect(read('Patient/p')).rejects.toEqual(refused('HDE_RESOURCE_DELETED'));
  });

  test('deletes a patient with all records about them, also those that no page has room for together', async () => {
    await put(aPatient('p'));
    const ids = ['a', 'b', 'c', 'd'].map((id) => `Observation/p.${id}`);
    for (const id of ids) await put(anObservation(id, 'Patient/p'));
    const { records, identities } = api;
    // Each page has room for one record.
    const short: RecordStore = {
      ...records,
      listPartition: (partition, type, page) => records.listPartition(partition, type, { ...page, room: 1 }),
    };
    const remove = (...targets: string[]) =>
      sendBundle(
        { records: short, identities },
        'transaction',
        targets.map((target) => entry('DELETE', target)),
      );
    await expect(remove('Patient/p', ...ids.slice(0, 3))).rejects.toEqual(
      refused('HDE_PATIENT_NOT_EMPTY', { detail: 'such as one of type Observation' }),
    );
    expect(statusesOf(await remove('Patient/p', ...ids))).toEqual(['204', '204', '204', '204', '204']);
  });

  test('creates no record about a patient whom it deletes', async () => {
    await put(aPatient('p'));
    await expect(
      transact(
        entry('DELETE', 'Patient/p'),
        entry('POST', 'Observation', { resource: anObservation('Observation/x', 'Patient/p') }),
      ),
    ).rejects.toEqual(refused('HDE_PATIENT_UNKNOWN', { location: 'Bundle.entry[1].resource.subject' }));
  });

  test('finds what conditional references mean, or does nothing', async () => {
    await put(aPatient('p', { value: '1' }));
    const about = (criteria: string) =>
      entry('POST', 'Observation', { resource: anObservation('Observation/x', `Patient?${criteria}`) });
    const bundle = await transact(about(`identifier=${mrn}|1`));
    expect(((await read(addressOf(bundle, 0))) as Observation).subject?.reference).toBe('Patient/p');
    await expect(transact(about(`identifier=${mrn}|2`))).rejects.toEqual(refused('HDE_PRECONDITION_FAILED'));
  });

  test.each<[string, string, Entry[]]>([
    [
      'two writes of one record',
      'HDE_BUNDLE_INVALID',
      [entry('DELETE', 'Patient/p'), entry('DELETE', 'Patient/p')],
    ],
    [
      'a conditional write of a record that another entry names',
      'HDE_BUNDLE_INVALID',
      [
        entry('PUT', 'Patient/p', { resource: aPatient('p', { value: '1' }) }),
        entry('DELETE', `Patient?identifier=${mrn}|1`),
      ],
    ],
    [
      'a placeholder that nothing explains',
      'HDE_BUNDLE_INVALID',
      [
        entry('PUT', 'Encounter/e', {
          resource: aMinimal('Encounter/e', {
            subject: { reference: 'Patient/p' },
            partOf: { reference: 'urn:uuid:9' },
          }),
        }),
      ],
    ],
    [
      'a read of nothing',
      'HDE_RESOURCE_NOT_FOUND',
      [entry('PUT', 'Patient/q', { resource: aPatient('q') }), entry('GET', 'Patient/none')],
    ],
    ['an entry without a request', 'HDE_BUNDLE_INVALID', [{ resource: aPatient('q') }]],
    ['a Bundle in it', 'HDE_BUNDLE_INVALID', [entry('POST', '', { resource: aPatient('q') })]],
    ['an address elsewhere', 'HDE_BUNDLE_INVALID', [entry('GET', 'https://other.example/fhir/Patient/p')]],
  ])('with %s is refused', async (_, code, entries) => {
    await put(aPatient('p', { value: '1' }));
    await expect(transact(...entries)).rejects.toEqual(refused(code));
    expect(await api.records.readLatest('Patient', 'q')).toBeUndefined();
    expect((await api.records.readLatest('Patient', 'p'))?.versionId).toBe(1);
  });

  test('takes patches: JSON Patch in a Binary, FHIRPath Patch as Parameters', async () => {
    await put({ ...aPatient('p'), gender: 'male' } as Patient);
    await put({ ...aPatient('q'), gender: 'male' } as Patient);
    const patch = JSON.stringify([{ op: 'replace', path: '/gender', value: 'female' }]);
    const binary = {
      ...{ resourceType: 'Binary', contentType: 'application/json-patch+json' },
      data: Buffer.from(patch).toString('base64'),
    };
    const operation = [
      { name: 'type', valueCode: 'replace' },
      { name: 'path', valueString: 'Patient.gender' },
      { name: 'value', valueCode: 'other' },
    ];
    const parameters = { resourceType: 'Parameters', parameter: [{ name: 'operation', part: operation }] };
    const bundle = await transact(
      entry('PATCH', 'Patient/p', { resource: binary }),
      entry('PATCH', 'Patient/q', { resource: parameters }),
    );
    expect(bundle.entry?.map(({ resource }) => (resource as Patient).gender)).toEqual(['female', 'other']);
  });

  test('of more than a batch holds is made of all its records', async () => {
    await put(aPatient('p'));
    const values = Array.from({ length: 150 }, (_, index) => String(index));
    const bundle = await transact(
      ...values.map((text) =>
        entry('POST', 'Observation', {
          resource: anObservation('Observation/x', 'Patient/p', { code: { text } }),
        }),
      ),
    );
    const { documents } = await api.records.listPartition('p', 'Observation', { limit: 200 });
    expect(documents).toHaveLength(150);
    expect(bundle.entry?.map(({ resource }) => (resource as Observation).code.text)).toEqual(values);
    expect(await api.records.listStaged('p', documents[0]!.source.messageId, 1)).toEqual([]);
  });

  test('of nothing answers nothing', async () => {
    expect(await transact()).toEqual({ resourceType: 'Bundle', type: 'transaction-response' });
  });

  test('is refused as a whole to who may not do one of its parts', async () => {
    const entries = [entry('PUT', 'Patient/q', { resource: aPatient('q') }), entry('GET', 'Patient/q')];
    for (const rights of [{ mayRead: false }, { mayWrite: false }])
      await expect(sendBundle(api, 'transaction', entries, rights)).rejects.toEqual(refused('HDE_FORBIDDEN'));
    expect(await api.records.readLatest('Patient', 'q')).toBeUndefined();
  });

  test('of more than 500 entries is refused', async () => {
    const entries = Array.from({ length: 501 }, () => entry('GET', 'Patient/p'));
    await expect(transact(...entries)).rejects.toEqual(
      refused('HDE_PAYLOAD_TOO_LARGE', { location: 'Bundle.entry' }),
    );
  });

  test('looks up 500 conditional references and no more', async () => {
    await put(aPatient('p'));
    const performer = Array.from({ length: 501 }, (_, index) => ({
      reference: `Practitioner?identifier=urn:i|${index}`,
    }));
    const calls: string[] = [];
    const { records } = api;
    const findByIdentifier: typeof records.findByIdentifier = (_type, token) => {
      calls.push(token);
      const [system, value = ''] = token.split('|');
      const found = aMinimal(`Practitioner/d${value}`, { identifier: [{ system, value }] });
      return Promise.resolve({ documents: [asCurrent(found)] });
    };
    const resource = anObservation('Observation/x', 'Patient/p', { performer });
    await expect(
      sendBundle({ ...api, records: { ...records, findByIdentifier } }, 'transaction', [
        entry('POST', 'Observation', { resource }),
      ]),
    ).rejects.toEqual(refused('HDE_BUNDLE_INVALID', { location: 'Bundle.entry[0].resource' }));
    expect(calls).toHaveLength(500);
  });

  test('gives back the numbers of its records as they were written', async () => {
    await put(aPatient('p'));
    const resource = anObservation('Observation/x', 'Patient/p', { valueQuantity: { value: 0.5 } });
    const text = JSON.stringify({
      ...{ resourceType: 'Bundle', type: 'transaction' },
      entry: [entry('POST', 'Observation', { resource })],
    }).replace('0.5', '0.50');
    const answer = await send(api, { method: 'POST', target: '', form: text });
    expect(answer.decimals).toEqual({ '/entry/0/resource/valueQuantity/value': '0.50' });
  });

  test('is refused for its own fault, also when its ids cannot be given back', async () => {
    await put(aPatient('p'));
    const { identities } = api;
    let isRefused = false;
    const claim = identities.claim.bind(identities);
    api = {
      ...api,
      identities: {
        ...identities,
        claim: (one) => {
          isRefused = true;
          return claim(one);
        },
        load: (tokens) =>
          isRefused ? Promise.reject(new ExchangeError('HDE_THROTTLED')) : identities.load(tokens),
      },
    };
    const refusal = transact(
      entry('PUT', 'Observation/o', { resource: anObservation('Observation/o', 'Patient/p') }),
      entry('GET', 'Patient/nobody'),
    );
    await expect(refusal).rejects.toEqual(refused('HDE_RESOURCE_NOT_FOUND'));
  });

  test('answers as little as is preferred', async () => {
    const headers = { prefer: 'return=minimal' };
    const bundle = await sendBundle(
      api,
      'transaction',
      [entry('PUT', 'Patient/p', { resource: aPatient('p') })],
      { headers },
    );
    expect(bundle.entry).toEqual([
      { response: expect.objectContaining({ status: '201 Created', etag: 'W/"1"' }) },
    ]);
  });
});

describe('two hundred transactions of one patient', () => {
  test('take effect one after the other', async () => {
    await put(aPatient('p'));
    const counted = (path: string) => [{ op: 'add', path, value: { text: 'one more' } }];
    const patch = {
      ...{ resourceType: 'Binary', contentType: 'application/json-patch+json' },
      data: Buffer.from(JSON.stringify(counted('/name/-'))).toString('base64'),
    };
    await put({ ...aPatient('p'), name: [{ text: 'first' }] } as Patient);
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        transact(
          entry('PATCH', 'Patient/p', { resource: patch }),
          entry('POST', 'Observation', {
            resource: anObservation('Observation/x', 'Patient/p', { code: { text: String(index) } }),
          }),
        ),
      ),
    );
    const seen = answers.map(({ entry: [first] = [] }) => (first?.resource as Patient).name?.length);
    expect(seen.sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual(Array.from({ length: 200 }, (_, i) => i + 2));
    expect((await api.records.readLatest('Patient', 'p'))?.versionId).toBe(202);
    const { documents } = await api.records.listPartition('p', 'Observation', { limit: 300 });
    expect(documents).toHaveLength(200);
  });
});
