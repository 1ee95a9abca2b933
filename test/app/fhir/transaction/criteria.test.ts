/** Criteria in transactions that mean one resource, or must: references and conditional creates, over stores in memory. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Observation, Resource } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../../src/adapters/memory/record-store.js';
import { type Api, aPatient, mrn, send } from '../arrange.js';
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
  test('resolves conditional references last: they may mean what another entry makes', async () => {
    const patient = { reference: `Patient?identifier=${mrn}|1` };
    const visit = (id: string) =>
      aMinimal(`Encounter/${id}`, { subject: patient, identifier: [{ system: 'urn:visits', value: '1' }] });
    const encounter = { reference: 'Encounter?identifier=urn:visits|1' };
    const about = entry('POST', 'Observation', {
      resource: aMinimal('Observation/x', { subject: patient, encounter }),
    });
    const first = await transact(
      ...[about, entry('POST', 'Encounter', { resource: visit('x') })],
      entry('POST', 'Patient', { resource: aPatient('x', { value: '1' }) }),
    );
    expect(statusesOf(first)).toEqual(['201', '201', '201']);
    const stored = (await read(addressOf(first, 0))) as Observation;
    expect([stored.subject?.reference, stored.encounter?.reference]).toEqual([
      addressOf(first, 2),
      addressOf(first, 1),
    ]);
    // What the transaction deletes is not meant any more.
    const second = await transact(
      ...[about, entry('DELETE', addressOf(first, 1)), entry('PUT', 'Encounter/e', { resource: visit('e') })],
    );
    expect((await read(addressOf(second, 0))) as Observation).toMatchObject({
      encounter: { reference: 'Encounter/e' },
    });
  });

  test('does nothing where several entries meet the criteria of a reference, or one that finds another', async () => {
    await put(aPatient('p', { value: '1' }));
    const identifier = [{ system: 'urn:visits', value: '1' }];
    const visit = aMinimal('Encounter/x', { subject: { reference: 'Patient/p' }, identifier });
    const create = (request = {}) => entry('POST', 'Encounter', { resource: visit, request });
    const about = entry('POST', 'Observation', {
      resource: anObservation('Observation/x', 'Patient/p', {
        encounter: { reference: 'Encounter?identifier=urn:visits|1' },
      }),
    });
    await expect(transact(create(), about, create())).rejects.toEqual(
      refused('HDE_PRECONDITION_FAILED', { location: 'Bundle.entry[1].resource' }),
    );
    await put(aMinimal('Encounter/other', { subject: { reference: 'Patient/p' }, language: 'en' }));
    const finding = create({ ifNoneExist: '_id=other' });
    await expect(transact(finding, about)).rejects.toEqual(refused('HDE_BUNDLE_INVALID'));
    expect((await api.records.listPartition('p', 'Observation', { limit: 1 })).documents).toEqual([]);
  });

  test('with a conditional create that several resources meet does nothing', async () => {
    await put(aPatient('p'));
    const identifier = [{ system: 'urn:lab', value: '1' }];
    for (const id of ['p.a', 'p.b'])
      await put(anObservation(`Observation/${id}`, 'Patient/p', { identifier }));
    const create = entry('POST', 'Observation', {
      resource: anObservation('Observation/x', 'Patient/p', { identifier }),
      request: { ifNoneExist: 'identifier=urn:lab|1' },
    });
    await expect(transact(entry('PUT', 'Patient/q', { resource: aPatient('q') }), create)).rejects.toEqual(
      refused('HDE_PRECONDITION_FAILED', { location: 'Bundle.entry[1].request.ifNoneExist' }),
    );
    expect(await api.records.readLatest('Patient', 'q')).toBeUndefined();
  });
});
