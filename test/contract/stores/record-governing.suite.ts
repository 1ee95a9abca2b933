/** The rules of `RecordStore` about what decides who may see a partition, run against every implementation. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { planDeletion, planWrite } from '../../../src/core/records/plan-write.js';
import type { CurrentDocument, ReceiptDocument } from '../../../src/core/records/types.js';
import type { RecordStore } from '../../../src/ports/record-store.js';

const now = '2026-11-25T09:00:00.000Z';
const label = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };
const namesOf = (documents: readonly CurrentDocument[] = []): string[] =>
  documents.map(({ resourceType, fhirId }) => `${resourceType}/${fhirId}`).sort();
const labelled = { meta: { security: [label] } };
const byId = (one: CurrentDocument, other: CurrentDocument): number => (one.id < other.id ? -1 : 1);

export function describeRecordGoverning(
  name: string,
  open: () => Promise<{ store: RecordStore; close: () => Promise<void> }>,
): void {
  describe(`what governs the records of the record store ${name}`, () => {
    let store: RecordStore;
    let close: () => Promise<void>;

    beforeAll(async () => {
      ({ store, close } = await open());
    }, 60_000);
    afterAll(() => close(), 60_000);

    const write = async (reference: string, fields: object = {}, organisation?: string) => {
      const [resourceType = '', id = ''] = reference.split('/');
      const partition = id.split('.')[0] ?? '';
      const resource = { resourceType, id, ...fields } as Resource & { id: string };
      const context = { requestId: `r-${reference}`, client: 'app', organisation, now };
      const { operations, document } = planWrite(partition, { resource }, undefined, context);
      expect(await store.commit(partition, operations)).toBe('committed');
      return document as CurrentDocument;
    };

    const governing = async (partition: string, limit = 10) =>
      namesOf((await store.listGoverning([partition], limit)).get(partition));

    test('is the Patient, the consents and what is labelled, and nothing else', async () => {
      await write('Patient/g');
      await write('Consent/g.c', { status: 'active' });
      await write('Observation/g.o', labelled);
      await write('Observation/g.p', { meta: { tag: [{ code: 'R' }] } });
      await write('Condition/other.o', labelled);
      expect((await governing('g')).sort()).toEqual(['Consent/g.c', 'Observation/g.o', 'Patient/g']);
      expect(await governing('nobody')).toEqual([]);
    });

    test('is all of a Patient or consent, and of other records what the policy asks for', async () => {
      const ids = ['i', 'j'];
      const whole: CurrentDocument[] = [];
      for (const id of ids) {
        whole.push(await write(`Patient/${id}`, { ...labelled, gender: 'other' }));
        whole.push(await write(`Consent/${id}.c`, { status: 'active', language: 'en' }));
        const code = { coding: [{ system: 'urn:codes', code: '1' }] };
        await write(`Observation/${id}.o`, { ...labelled, code, valueString: 'what nobody asks for' });
      }
      // Of one partition, and of several.
      for (const asked of [['i'], ids]) {
        const found = await store.listGoverning(asked, 10);
        for (const id of asked) {
          const documents = found.get(id) ?? [];
          const part = documents.find(({ resourceType }) => resourceType === 'Observation');
          expect(documents.filter((each) => each !== part).sort(byId)).toEqual(
            whole.filter(({ partition }) => partition === id).sort(byId),
          );
          expect(part?.index.token?.['code']).toContain('urn:codes|1');
          expect(part).toEqual({
            ...{ id: `Observation:${id}.o`, kind: 'resource', partition: id, resourceType: 'Observation' },
            ...{ fhirId: `${id}.o`, versionId: 1, lastUpdated: now, eventTime: now },
            source: expect.objectContaining({ client: 'app' }),
            index: part?.index,
            resource: {
              ...{ resourceType: 'Observation', id: `${id}.o` },
              meta: { versionId: '1', lastUpdated: now, ...labelled.meta },
            },
            lineage: { messages: [], rows: [] },
          });
        }
      }
    });

    test('holds the consents however many records are labelled, and nothing that was deleted', async () => {
      await write('Patient/h');
      for (const id of ['a', 'b', 'c', 'd']) await write(`Observation/h.${id}`, labelled);
      await write('Consent/h.z', { status: 'active' });
      expect(await governing('h', 2)).toEqual(expect.arrayContaining(['Consent/h.z', 'Patient/h']));
      const gone = await write('Observation/h.x', labelled);
      const stored = (await store.load('h', [gone.id])).get(gone.id);
      const { operations } = planDeletion(
        { document: gone, etag: stored?.etag ?? '' },
        { requestId: 'r', client: 'app', now },
      );
      expect(await store.commit('h', operations)).toBe('committed');
      expect(await governing('h')).not.toContain('Observation/h.x');
    });

    test('holds the Patient, whatever ids clients have given consents', async () => {
      await write('Patient/w');
      for (const id of ['a', 'b', 'c']) {
        const consent = { resourceType: 'Consent', id: `${id}-w`, status: 'inactive' } as Resource & {
          id: string;
        };
        const context = { requestId: id, client: 'app', organisation: undefined, now };
        const { operations } = planWrite('w', { resource: consent }, undefined, context);
        expect(await store.commit('w', operations)).toBe('committed');
      }
      const found = await governing('w', 2);
      expect(found).toContain('Patient/w');
      expect(found.filter((name) => name.startsWith('Consent/')).length).toBeGreaterThanOrEqual(2);
    });

    test('knows which clients and feeds have stated something, also in a message that changed nothing', async () => {
      await write('Patient/s', {}, 'RZZ');
      const receipt: ReceiptDocument = {
        ...{
          id: 'receipt:m1',
          kind: 'receipt',
          partition: 's',
          eventTime: now,
          lastUpdated: now,
          changes: [],
        },
        source: { messageId: 'm1', feed: 'lab', pack: { name: 'hl7v2-uk', version: '1.0.0' } },
      };
      expect(await store.commit('s', [{ kind: 'create', document: receipt }])).toBe('committed');
      const since = now;
      const stated = (organisation: string, ...feeds: string[]) =>
        store.whereStated(['s'], { organisation, feeds, since }).then((found) => found.has('s'));
      expect(await stated('RZZ')).toBe(true);
      expect(await stated('RYY')).toBe(false);
      expect(await stated('RYY', 'pas')).toBe(false);
      expect(await stated('RYY', 'pas', 'lab')).toBe(true);
      const sources = { organisation: 'RZZ', feeds: ['lab'], since };
      // Nor do they count for longer than is asked for.
      const later = { ...sources, since: new Date(Date.parse(now) + 1).toISOString() };
      expect(await store.whereStated(['s'], later)).toEqual(new Set());
      // What a client stated besides the Patient it may have by an agreement.
      await write('Condition/u.d', {}, 'RZZ');
      expect(await store.whereStated(['u'], sources)).toEqual(new Set());
      expect(await store.whereStated(['nobody'], sources)).toEqual(new Set());
      expect(await store.whereStated([], sources)).toEqual(new Set());
      await write('Patient/t', {}, 'RYY');
      expect(await store.whereStated(['t', 'nobody', 's'], sources)).toEqual(new Set(['s']));
    });

    test('is read of many partitions at once', async () => {
      const ids = ['m', 'n', 'o', 'p'];
      for (const id of ids) {
        await write(`Patient/${id}`);
        await write(`Consent/${id}.c`, { status: 'active' });
        await write(`Condition/${id}.d`);
      }
      const found = await store.listGoverning([...ids, 'nobody'], 10);
      expect([...found].map(([id, documents]) => [id, namesOf(documents)])).toEqual([
        ...ids.map((id) => [id, [`Consent/${id}.c`, `Patient/${id}`]]),
        ['nobody', []],
      ]);
    });
  });
}
