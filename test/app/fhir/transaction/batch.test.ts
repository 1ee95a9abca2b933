/** Batches through the FHIR API, over stores in memory. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../../src/adapters/memory/record-store.js';
import { type Api, aPatient, baseUrl, linkOf, mrn, send } from '../arrange.js';
import { aMinimal } from '../minimal.js';
import { entry, sendBundle, statusesOf } from './bundles.js';

let api: Api;

beforeEach(() => {
  api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
});

const batch = (...entries: Parameters<typeof sendBundle>[2]) => sendBundle(api, 'batch', entries);
const anObservation = (id: string, subject: string) =>
  aMinimal(`Observation/${id}`, { subject: { reference: subject } });

describe('a batch', () => {
  test('carries out each entry by itself, whatever becomes of the others', async () => {
    const bundle = await batch(
      entry('GET', 'Patient/p'),
      entry('PUT', 'Patient/p', { resource: aPatient('p') }),
      entry('POST', 'Observation', { resource: anObservation('x', 'Patient/nobody') }),
      entry('GET', 'Patient/none'),
      entry('DELETE', 'Patient/none'),
      { resource: aPatient('q') },
      entry('GET', 'Nothing/here/at/all'),
      entry('PUT', 'Patient/p', { resource: aPatient('p'), request: { ifMatch: 'W/"7"' } }),
      entry('GET', 'metadata'),
    );
    expect(bundle.type).toBe('batch-response');
    expect(statusesOf(bundle)).toEqual([
      ...['200', '201', '422 HDE_PATIENT_UNKNOWN', '404 HDE_RESOURCE_NOT_FOUND', '204'],
      ...['400 HDE_BUNDLE_INVALID', '400 HDE_BUNDLE_INVALID', '412 HDE_PRECONDITION_FAILED', '200'],
    ]);
    expect(bundle.entry?.[0]).toMatchObject({ fullUrl: `${baseUrl}/Patient/p`, resource: { id: 'p' } });
    expect(bundle.entry?.[5]?.response?.outcome).toMatchObject({
      issue: [{ expression: ['Bundle.entry[0].request'.replace('0', '5')] }],
    });
  });

  test('has pages that hold less than those of searches by themselves, and lead on', async () => {
    await send(api, { method: 'PUT', target: 'Patient/p', body: aPatient('p') });
    const valueString = 'x'.repeat(1024 * 1024);
    for (const id of ['o1', 'o2', 'o3', 'o4', 'o5']) {
      const body = aMinimal(`Observation/${id}`, { subject: { reference: 'Patient/p' }, valueString });
      await send(api, { method: 'PUT', target: `Observation/${id}`, body });
    }
    const targets = [
      ...['Observation?patient=p', 'Observation?patient=p&_sort=_id', 'Observation?_id=o1,o2,o3,o4,o5'],
      ...[
        'Patient/p/$everything?_type=Observation',
        'Observation/_history',
        'Observation?encounter:missing=true&patient=p',
      ],
    ];
    for (const target of targets) {
      const found: string[] = [];
      for (let next: string | undefined = target; next !== undefined;) {
        const bundle = await batch(entry('GET', next));
        const page = bundle.entry?.[0]?.resource as Bundle;
        const matches = (page.entry ?? []).map(({ resource }) => resource?.id ?? '');
        expect(matches.length).toBeLessThanOrEqual(3);
        found.push(...matches);
        next = linkOf(page, 'next');
      }
      expect([target, found.sort()]).toEqual([target, ['o1', 'o2', 'o3', 'o4', 'o5']]);
    }
    // All of them are looked at, and the latest is shown.
    const [latest] = (await batch(entry('GET', 'Observation/$lastn?patient=p'))).entry ?? [];
    expect(latest?.resource).toMatchObject({ entry: [{ resource: { resourceType: 'Observation' } }] });
  });

  test('reads as long as there is room for the answers', async () => {
    const valueString = 'x'.repeat(1024 * 1024);
    await send(api, { method: 'PUT', target: 'Patient/p', body: aPatient('p') });
    const resource = aMinimal('Observation/o', { subject: { reference: 'Patient/p' }, valueString });
    await send(api, { method: 'PUT', target: 'Observation/o', body: resource });
    const reads = Array.from({ length: 80 }, () => entry('GET', 'Observation/o'));
    const bundle = await batch(...reads, entry('PUT', 'Patient/q', { resource: aPatient('q') }));
    const statuses = statusesOf(bundle);
    expect(statuses.filter((status) => status === '200').length).toBeGreaterThanOrEqual(64);
    expect(statuses.slice(-2)).toEqual(['413 HDE_ANSWER_TOO_LARGE', '201']);
    const many = [...reads, entry('PUT', 'Patient/r', { resource: aPatient('r') })];
    await expect(sendBundle(api, 'transaction', many)).rejects.toMatchObject({
      code: 'HDE_ANSWER_TOO_LARGE',
    });
    await expect(send(api, { target: 'Patient/r' })).rejects.toMatchObject({
      code: 'HDE_RESOURCE_NOT_FOUND',
    });
  });

  test('knows no links between its entries', async () => {
    const bundle = await batch(
      entry('POST', 'Patient', { fullUrl: 'urn:uuid:1', resource: aPatient('x', { value: '1' }) }),
      entry('POST', 'Observation', { resource: anObservation('x', 'urn:uuid:1') }),
    );
    expect(statusesOf(bundle)).toEqual(['201', '422 HDE_PATIENT_UNKNOWN']);
  });

  test('answers 403 to what the client may not do', async () => {
    await send(api, { method: 'PUT', target: 'Patient/p', body: aPatient('p') });
    const entries = [
      entry('GET', 'Patient/p'),
      entry('PUT', 'Patient/q', { resource: aPatient('q') }),
      entry('PATCH', 'Patient/p', { resource: { resourceType: 'Parameters' } }),
    ];
    const reader = await sendBundle(api, 'batch', entries, { mayWrite: false });
    expect(statusesOf(reader)).toEqual(['200', '403 HDE_FORBIDDEN', '403 HDE_FORBIDDEN']);
    const writer = await sendBundle(api, 'batch', entries, { mayRead: false });
    expect(statusesOf(writer)).toEqual(['403 HDE_FORBIDDEN', '201', '403 HDE_FORBIDDEN']);
  });

  test('with identical conditional creates creates once', async () => {
    const request = { ifNoneExist: `identifier=${mrn}|1` };
    const bundle = await batch(
      ...Array.from({ length: 20 }, () =>
        entry('POST', 'Patient', { resource: aPatient('x', { value: '1' }), request }),
      ),
    );
    expect(statusesOf(bundle).sort()).toEqual([...Array.from({ length: 19 }, () => '200'), '201']);
    expect(new Set(bundle.entry?.map(({ resource }) => resource?.id)).size).toBe(1);
  });
});
