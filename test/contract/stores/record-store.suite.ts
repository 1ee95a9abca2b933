/** The rules of `RecordStore`, run against every implementation. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { mergeIndexes } from '../../../src/core/fhir/search/merge-indexes.js';
import { indexResource } from '../../../src/core/fhir/search-index.js';
import {
  currentId,
  decisionId,
  eventId,
  lateId,
  partitionOf,
  placeKey,
  receiptId,
  replacedId,
} from '../../../src/core/records/ids.js';
import type {
  CommitOperation,
  CurrentDocument,
  DeletedDocument,
  EventDocument,
  LateDocument,
  ReceiptDocument,
  RecordDocument,
  StagedDocument,
  VersionDocument,
} from '../../../src/core/records/types.js';
import type { PageRequest, RecordStore, SearchPage } from '../../../src/ports/record-store.js';

const at = '2026-11-25T09:00:00.000Z';
const source = { messageId: 'm1', feed: 'pas', pack: { name: 'hl7v2-uk', version: '1.0.0' } };
const mrnSystem = 'https://trust.example/id/mrn';

interface Fields {
  readonly version?: number;
  readonly mrn?: string;
  readonly text?: string;
}

function aResource(resourceType: string, fhirId: string, fields: Fields): Resource & { id: string } {
  const { mrn, text } = fields;
  return {
    resourceType,
    id: fhirId,
    ...(mrn === undefined ? {} : { identifier: [{ system: mrnSystem, value: mrn }] }),
    ...(text === undefined ? {} : { language: text }),
  };
}

function aStored(resourceType: string, fhirId: string, fields: Fields) {
  return {
    partition: partitionOf(fhirId),
    resourceType,
    fhirId,
    versionId: fields.version ?? 1,
    lastUpdated: at,
    eventTime: at,
    source,
    resource: aResource(resourceType, fhirId, fields),
    lineage: { messages: ['m1'], rows: [['id', 0, 'test.id'] as const] },
  };
}

function aCurrent(resourceType: string, fhirId: string, fields: Fields = {}): CurrentDocument {
  const stored = aStored(resourceType, fhirId, fields);
  const index = indexResource(stored.resource);
  return { ...stored, id: currentId(resourceType, fhirId), kind: 'resource', index };
}

function aVersion(
  resourceType: string,
  fhirId: string,
  fields: Fields & { version: number },
): VersionDocument {
  const id = replacedId(resourceType, fhirId, fields.version);
  return { ...aStored(resourceType, fhirId, fields), id, kind: 'version' };
}

function aLate(resourceType: string, fhirId: string, fields: Fields = {}): LateDocument {
  const id = lateId(resourceType, fhirId, 'm0');
  return { ...aStored(resourceType, fhirId, fields), id, kind: 'late' };
}

function aReceipt(partition: string, messageId = 'm1'): ReceiptDocument {
  const id = receiptId(messageId);
  return { id, kind: 'receipt', partition, source, eventTime: at, lastUpdated: at, changes: [] };
}

/** What message `m9` has staged of a record; `next` is what it makes of it. */
function aStaged(next: CurrentDocument, current?: CurrentDocument, stage = 1): StagedDocument {
  const { id, partition, resourceType, fhirId } = next;
  return {
    ...{ id, kind: 'staged', partition, resourceType, fhirId, messageId: 'm9', stage, next },
    lastUpdated: (current ?? next).lastUpdated,
    index: mergeIndexes([...(current === undefined ? [] : [current.index]), next.index]),
    ...(current === undefined ? {} : { current }),
  };
}

function anEvent(partition: string): EventDocument {
  return {
    id: eventId('m1'),
    kind: 'event',
    partition,
    messageId: 'm1',
    feed: 'pas',
    messageType: 'ADT^A01',
    eventTime: at,
    lastUpdated: at,
    changes: [],
  };
}

const create = (document: RecordDocument): CommitOperation => ({ kind: 'create', document });
const replace = (document: RecordDocument, etag: string): CommitOperation => ({
  kind: 'replace',
  document,
  etag,
});
const idsOf = (page: SearchPage) => page.documents.map(({ fhirId }) => fhirId);

/** Follows the continuations to the end. */
async function allPages(
  limit: number,
  read: (page: PageRequest) => Promise<SearchPage>,
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<string[][]> {
  const pages: string[][] = [];
  let page: PageRequest = { limit };
  for (;;) {
    const { documents, continuation } = await read(page);
    pages.push(documents.map(({ fhirId }) => fhirId));
    if (continuation === undefined) return pages;
    expect(continuation).toBe(placeKey(documents.at(-1)!));
    page = { limit, continuation };
    await between();
  }
}

/**
 * Declares the suite. `open` gives a store whose partitions `c01`, `c02` ... and identifiers `c01-...` hold nothing;
 * each test uses partitions of its own, so that one store serves them all.
 */
export function describeRecordStore(
  name: string,
  open: () => Promise<{ store: RecordStore; close(): Promise<void> }>,
): void {
  describe(`record store: ${name}`, () => {
    let store: RecordStore;
    let opened: { store: RecordStore; close(): Promise<void> };
    beforeAll(async () => {
      opened = await open();
      store = opened.store;
    });
    afterAll(() => opened.close());

    const put = async (...documents: RecordDocument[]) => {
      for (const document of documents) {
        await expect(store.commit(document.partition, [create(document)])).resolves.toBe('committed');
      }
    };
    const etagOf = async (partition: string, id: string) => (await store.load(partition, [id])).get(id)!.etag;

    describe('load', () => {
      test('answers the documents that exist, whole and of every kind', async () => {
        const documents = [
          aCurrent('Patient', 'c01', { version: 2, mrn: 'c01-1' }),
          aVersion('Patient', 'c01', { version: 1 }),
          aLate('Patient', 'c01'),
          aReceipt('c01'),
          anEvent('c01'),
        ];
        await put(...documents);
        const ids = documents.map(({ id }) => id);
        const loaded = await store.load('c01', [...ids, receiptId('absent')]);
        expect([...loaded.keys()].sort()).toEqual([...ids].sort());
        expect(documents.map(({ id }) => loaded.get(id)?.document)).toEqual(documents);
        for (const { etag } of loaded.values()) expect(etag).not.toBe('');
      });

      test('answers nothing for no ids, for unknown ids and for an unknown partition', async () => {
        await put(aReceipt('c02'));
        expect((await store.load('c02', [])).size).toBe(0);
        expect((await store.load('c02', [receiptId('other')])).size).toBe(0);
        expect((await store.load('c02-nobody', [receiptId('m1')])).size).toBe(0);
      });

      test('finds 100 documents at once', async () => {
        const documents = Array.from({ length: 100 }, (_, n) => aReceipt('c03', `m${n}`));
        await store.commit('c03', documents.map(create));
        const ids = documents.map(({ id }) => id);
        expect((await store.load('c03', ids)).size).toBe(100);
      });

      test('keeps partitions apart that hold the same id', async () => {
        await put(aReceipt('c04'), { ...aReceipt('c05'), eventTime: '2026-01-01T00:00:00.000Z' });
        const ids = [receiptId('m1')];
        const read = async (partition: string) => (await store.load(partition, ids)).get(ids[0]!)!.document;
        expect(await read('c04')).toEqual(aReceipt('c04'));
        expect(await read('c05')).toEqual({ ...aReceipt('c05'), eventTime: '2026-01-01T00:00:00.000Z' });
      });
    });

    describe('commit', () => {
      test('applies creates and replaces together and changes the tag', async () => {
        await put(aCurrent('Patient', 'c10', { mrn: 'c10-old' }));
        const id = currentId('Patient', 'c10');
        const etag = await etagOf('c10', id);
        const outcome = await store.commit('c10', [
          create(aVersion('Patient', 'c10', { version: 1, mrn: 'c10-old' })),
          replace(aCurrent('Patient', 'c10', { version: 2, mrn: 'c10-new' }), etag),
          create(aCurrent('Encounter', 'c10.e')),
          create(aReceipt('c10')),
        ]);
        expect(outcome).toBe('committed');
        const stored = (await store.load('c10', [id])).get(id)!;
        expect(stored.document).toEqual(aCurrent('Patient', 'c10', { version: 2, mrn: 'c10-new' }));
        expect(stored.etag).not.toBe(etag);
        expect(idsOf(await store.listPartition('c10', undefined, { limit: 10 }))).toEqual(['c10', 'c10.e']);
      });

      test('applies nothing when a created id exists', async () => {
        await put(aReceipt('c11'));
        const outcome = await store.commit('c11', [
          create(aCurrent('Patient', 'c11', { mrn: 'c11-1' })),
          create(aReceipt('c11')),
        ]);
        expect(outcome).toBe('conflict');
        expect(await store.readCurrent('Patient', 'c11')).toBeUndefined();
        const found = await store.findByIdentifier('Patient', `${mrnSystem}|c11-1`, { limit: 10 });
        expect(found.documents).toEqual([]);
      });

      test('applies nothing when a tag is stale', async () => {
        await put(aCurrent('Patient', 'c12'));
        const stale = await etagOf('c12', currentId('Patient', 'c12'));
        await store.commit('c12', [replace(aCurrent('Patient', 'c12', { version: 2 }), stale)]);
        const outcome = await store.commit('c12', [
          create(aReceipt('c12')),
          replace(aCurrent('Patient', 'c12', { version: 3 }), stale),
        ]);
        expect(outcome).toBe('conflict');
        expect((await store.readCurrent('Patient', 'c12'))?.versionId).toBe(2);
        expect((await store.load('c12', [receiptId('m1')])).size).toBe(0);
      });

      test('answers conflict when a replaced document does not exist', async () => {
        await put(aCurrent('Patient', 'c13'));
        const etag = await etagOf('c13', currentId('Patient', 'c13'));
        const outcome = await store.commit('c13', [replace(aCurrent('Encounter', 'c13.e'), etag)]);
        expect(outcome).toBe('conflict');
        expect(await store.readCurrent('Encounter', 'c13.e')).toBeUndefined();
      });

      test('answers conflict when one batch creates an id twice', async () => {
        const operations = [create(aReceipt('c14')), create(aReceipt('c14'))];
        await expect(store.commit('c14', operations)).resolves.toBe('conflict');
        expect((await store.load('c14', [receiptId('m1')])).size).toBe(0);
      });

      test('lets exactly one of many concurrent creates of one id win, with all that belongs to it', async () => {
        const attempts = Array.from({ length: 10 }, (_, n) =>
          store.commit('c15', [create(aReceipt('c15', `m${n}`)), create(aCurrent('Patient', 'c15'))]),
        );
        const outcomes = await Promise.all(attempts);
        const winner = outcomes.indexOf('committed');
        expect(outcomes.filter((outcome) => outcome === 'committed')).toHaveLength(1);
        const receipts = await store.load(
          'c15',
          outcomes.map((_, n) => receiptId(`m${n}`)),
        );
        expect([...receipts.keys()]).toEqual([receiptId(`m${winner}`)]);
      });

      test('lets exactly one of many concurrent replaces with one tag win', async () => {
        await put(aCurrent('Patient', 'c16'));
        const etag = await etagOf('c16', currentId('Patient', 'c16'));
        const outcomes = await Promise.all(
          Array.from({ length: 10 }, (_, n) =>
            store.commit('c16', [replace(aCurrent('Patient', 'c16', { version: 2 + n }), etag)]),
          ),
        );
        expect(outcomes.filter((outcome) => outcome === 'committed')).toHaveLength(1);
        const stored = await store.readCurrent('Patient', 'c16');
        expect(stored?.versionId).toBe(2 + outcomes.indexOf('committed'));
      });

      test('takes 100 operations', async () => {
        const documents = Array.from({ length: 100 }, (_, n) => aReceipt('c17', `m${n}`));
        await expect(store.commit('c17', documents.map(create))).resolves.toBe('committed');
      });

      test('refuses 101 operations and applies none of them', async () => {
        const documents = Array.from({ length: 101 }, (_, n) => aReceipt('c18', `m${n}`));
        await expect(store.commit('c18', documents.map(create))).rejects.toMatchObject({
          name: 'ExchangeError',
          code: 'HDE_MESSAGE_TOO_LARGE',
        });
        expect((await store.load('c18', [receiptId('m0')])).size).toBe(0);
      });

      test('refuses more than 2 MB and applies nothing', async () => {
        const half = 'x'.repeat(1.1 * 1024 * 1024);
        const operations = [
          create(aCurrent('Observation', 'c19.a', { text: half })),
          create(aCurrent('Observation', 'c19.b', { text: half })),
        ];
        await expect(store.commit('c19', operations)).rejects.toMatchObject({
          name: 'ExchangeError',
          code: 'HDE_MESSAGE_TOO_LARGE',
        });
        expect(await store.readCurrent('Observation', 'c19.a')).toBeUndefined();
      });

      test('changes nothing for an empty list', async () => {
        await expect(store.commit('c20', [])).resolves.toBe('committed');
        expect((await store.listPartition('c20', undefined, { limit: 1 })).documents).toEqual([]);
      });

      test('throws on a document of another partition and applies nothing', async () => {
        const operations = [create(aReceipt('c21')), create(aReceipt('c22'))];
        await expect(store.commit('c21', operations)).rejects.toThrow();
        expect((await store.load('c21', [receiptId('m1')])).size).toBe(0);
        expect((await store.load('c22', [receiptId('m1')])).size).toBe(0);
      });

      test('keeps what it was given, whatever the caller does with its objects afterwards', async () => {
        const document = aCurrent('Patient', 'c23', { mrn: 'c23-1', text: 'en' });
        await put(document);
        const readers: (() => Promise<RecordDocument | undefined>)[] = [
          () => Promise.resolve(document),
          () => store.readCurrent('Patient', 'c23'),
          () => store.readVersion('Patient', 'c23', 1),
          async () => (await store.load('c23', [document.id])).get(document.id)?.document,
          async () => (await store.findByIdentifier('Patient', '|c23-1', { limit: 1 })).documents[0],
          async () => (await store.listPartition('c23', undefined, { limit: 1 })).documents[0],
        ];
        for (const read of readers) {
          // What a store hands out may be frozen; to try is to fail then.
          Reflect.set(((await read()) as CurrentDocument).resource, 'language', 'changed');
          expect((await store.readCurrent('Patient', 'c23'))?.resource.language).toBe('en');
        }
      });
    });

    describe('point reads', () => {
      test('read a patient and a record about them by type and id', async () => {
        const documents = [aCurrent('Patient', 'c30'), aCurrent('Observation', 'c30.abc')];
        await put(...documents);
        expect(await store.readCurrent('Patient', 'c30')).toEqual(documents[0]);
        expect(await store.readCurrent('Observation', 'c30.abc')).toEqual(documents[1]);
      });

      test('answer nothing for another type, another id and a bare version', async () => {
        await put(aCurrent('Patient', 'c31'), aVersion('Encounter', 'c31.e', { version: 1 }));
        expect(await store.readCurrent('Encounter', 'c31')).toBeUndefined();
        expect(await store.readCurrent('Patient', 'c31.x')).toBeUndefined();
        expect(await store.readCurrent('Encounter', 'c31.e')).toBeUndefined();
      });

      test('read each version, the current one among them', async () => {
        const versions = [1, 2].map((version) =>
          aVersion('Patient', 'c32', { version, mrn: `c32-${version}` }),
        );
        const current = aCurrent('Patient', 'c32', { version: 3 });
        await put(...versions, current, aLate('Patient', 'c32'));
        expect(await store.readVersion('Patient', 'c32', 1)).toEqual(versions[0]);
        expect(await store.readVersion('Patient', 'c32', 2)).toEqual(versions[1]);
        expect(await store.readVersion('Patient', 'c32', 3)).toEqual(current);
      });

      test('answer nothing for a version that never was', async () => {
        await put(aCurrent('Patient', 'c33', { version: 2 }));
        for (const version of [0, 1, 3]) {
          expect(await store.readVersion('Patient', 'c33', version)).toBeUndefined();
        }
        expect(await store.readVersion('Patient', 'c33-nobody', 1)).toBeUndefined();
      });
    });

    describe('search by identifier', () => {
      test('finds a resource by system and value, and by value alone', async () => {
        const patient = aCurrent('Patient', 'c40', { mrn: 'c40-1' });
        await put(patient, aCurrent('Patient', 'c41', { mrn: 'c40-10' }));
        for (const token of [`${mrnSystem}|c40-1`, '|c40-1']) {
          expect(await store.findByIdentifier('Patient', token, { limit: 10 })).toEqual({
            documents: [patient],
          });
        }
      });

      test('finds nothing for another type, another system, a part of a value or other letter case', async () => {
        await put(aCurrent('Patient', 'c42', { mrn: 'c42-A' }));
        const find = (type: string, token: string) => store.findByIdentifier(type, token, { limit: 10 });
        expect(await find('Encounter', `${mrnSystem}|c42-A`)).toEqual({ documents: [] });
        expect(await find('Patient', 'https://other.example|c42-A')).toEqual({ documents: [] });
        expect(await find('Patient', '|c42-')).toEqual({ documents: [] });
        expect(await find('Patient', '|c42-a')).toEqual({ documents: [] });
      });

      test('finds current versions only, by what they carry now', async () => {
        await put(
          aCurrent('Patient', 'c43', { version: 2, mrn: 'c43-new' }),
          aVersion('Patient', 'c43', { version: 1, mrn: 'c43-old' }),
          aLate('Patient', 'c43', { mrn: 'c43-old' }),
        );
        const find = (token: string) => store.findByIdentifier('Patient', token, { limit: 10 });
        expect(idsOf(await find('|c43-new'))).toEqual(['c43']);
        expect(idsOf(await find('|c43-old'))).toEqual([]);
      });

      test('takes a token with quotes and other special characters as it is', async () => {
        const mrn = `c44 "it's" \\ | % é`;
        await put(aCurrent('Patient', 'c44', { mrn }));
        expect(idsOf(await store.findByIdentifier('Patient', `|${mrn}`, { limit: 10 }))).toEqual(['c44']);
      });

      test('pages across partitions in order of id', async () => {
        await put(...['d', 'a', 'c', 'e', 'b'].map((n) => aCurrent('Patient', `c45${n}`, { mrn: 'c45-1' })));
        const pages = await allPages(2, (page) => store.findByIdentifier('Patient', '|c45-1', page));
        expect(pages).toEqual([['c45a', 'c45b'], ['c45c', 'c45d'], ['c45e']]);
      });

      test('says there is more only when there is', async () => {
        await put(
          aCurrent('Patient', 'c46a', { mrn: 'c46-1' }),
          aCurrent('Patient', 'c46b', { mrn: 'c46-1' }),
        );
        const find = (limit: number) => store.findByIdentifier('Patient', '|c46-1', { limit });
        expect((await find(1)).continuation).toBe('c46a:Patient');
        expect((await find(2)).continuation).toBeUndefined();
        expect((await find(3)).continuation).toBeUndefined();
      });

      test('neither repeats nor loses a resource while others arrive between pages', async () => {
        await put(...['c', 'e', 'g'].map((n) => aCurrent('Patient', `c47${n}`, { mrn: 'c47-1' })));
        const arrivals = ['a', 'b', 'f'];
        const pages = await allPages(
          1,
          (page) => store.findByIdentifier('Patient', '|c47-1', page),
          async () => {
            const next = arrivals.shift();
            if (next !== undefined) await put(aCurrent('Patient', `c47${next}`, { mrn: 'c47-1' }));
          },
        );
        expect(pages.flat()).toEqual(['c47c', 'c47e', 'c47g']);
        expect(arrivals).toEqual(['f']);
      });

      test('continues after an id that does not exist', async () => {
        await put(
          aCurrent('Patient', 'c48a', { mrn: 'c48-1' }),
          aCurrent('Patient', 'c48c', { mrn: 'c48-1' }),
        );
        const page = { limit: 5, continuation: 'c48b' };
        expect(idsOf(await store.findByIdentifier('Patient', '|c48-1', page))).toEqual(['c48c']);
      });
    });

    describe('partition listing', () => {
      test('lists the current resources of one partition in order of id', async () => {
        await put(
          aCurrent('Observation', 'c50.b'),
          aCurrent('Patient', 'c50', { version: 2 }),
          aCurrent('Encounter', 'c50.a'),
          aVersion('Patient', 'c50', { version: 1 }),
          aLate('Patient', 'c50'),
          aReceipt('c50'),
          anEvent('c50'),
          aCurrent('Patient', 'c50-other'),
          aCurrent('Patient', 'c5'),
        );
        const page = await store.listPartition('c50', undefined, { limit: 10 });
        expect(page).toEqual({
          documents: [
            aCurrent('Patient', 'c50', { version: 2 }),
            aCurrent('Encounter', 'c50.a'),
            aCurrent('Observation', 'c50.b'),
          ],
        });
      });

      test('lists one type, and nothing in a partition that is not there', async () => {
        await put(aCurrent('Observation', 'c51.b'), aCurrent('Encounter', 'c51.a'));
        expect(idsOf(await store.listPartition('c51', 'Observation', { limit: 10 }))).toEqual(['c51.b']);
        expect(await store.listPartition('c51', 'Patient', { limit: 10 })).toEqual({ documents: [] });
        expect(await store.listPartition('c51-nobody', undefined, { limit: 10 })).toEqual({ documents: [] });
      });

      test('pages by type and over all types', async () => {
        await put(
          aCurrent('Patient', 'c52'),
          ...['e', 'b', 'd', 'a'].map((n) => aCurrent('Observation', `c52.${n}`)),
          aCurrent('Encounter', 'c52.c'),
        );
        expect(await allPages(2, (page) => store.listPartition('c52', 'Observation', page))).toEqual([
          ['c52.a', 'c52.b'],
          ['c52.d', 'c52.e'],
        ]);
        expect(await allPages(4, (page) => store.listPartition('c52', undefined, page))).toEqual([
          ['c52', 'c52.a', 'c52.b', 'c52.c'],
          ['c52.d', 'c52.e'],
        ]);
      });

      test('orders ids by code unit, capitals before small letters and digits before both', async () => {
        await put(...['b', 'A', '1', 'a', 'B', '-'].map((n) => aCurrent('Observation', `c53.${n}`)));
        const pages = await allPages(1, (page) => store.listPartition('c53', undefined, page));
        expect(pages.flat()).toEqual(['c53.-', 'c53.1', 'c53.A', 'c53.B', 'c53.a', 'c53.b']);
      });

      test('neither repeats nor loses a resource while others arrive between pages', async () => {
        await put(...['c', 'e', 'g'].map((n) => aCurrent('Observation', `c54.${n}`)));
        const arrivals = ['a', 'd'];
        const pages = await allPages(
          1,
          (page) => store.listPartition('c54', undefined, page),
          async () => {
            const next = arrivals.shift();
            if (next !== undefined) await put(aCurrent('Observation', `c54.${next}`));
          },
        );
        expect(pages.flat()).toEqual(['c54.c', 'c54.e', 'c54.g']);
      });
    });

    describe('a large message', () => {
      /** A patient that it changes, one that it does not, an observation that it changes and one that it makes. */
      const stage = async (partition: string, number = 1) => {
        const before = {
          patient: aCurrent('Patient', partition, { mrn: `${partition}-old` }),
          observation: aCurrent('Observation', `${partition}.b`),
          other: aCurrent('Observation', `${partition}.d`),
        };
        const next = {
          patient: aCurrent('Patient', partition, { version: 2, mrn: `${partition}-new` }),
          fresh: aCurrent('Observation', `${partition}.a`, { mrn: `${partition}-a` }),
          observation: aCurrent('Observation', `${partition}.b`, { version: 2 }),
        };
        await put(
          aStaged(next.patient, before.patient, number),
          aStaged(next.observation, before.observation, number),
          aStaged(next.fresh, undefined, number),
          before.other,
        );
        return { before, next };
      };
      const flip = (partition: string) => put({ ...aReceipt(partition, 'm9'), stage: 1 });
      const all = (partition: string) => store.listPartition(partition, undefined, { limit: 10 });

      test('is not seen while it is staged', async () => {
        const { before } = await stage('c70');
        expect(await store.readCurrent('Patient', 'c70')).toEqual(before.patient);
        expect(await store.readCurrent('Observation', 'c70.a')).toBeUndefined();
        expect(await store.readVersion('Patient', 'c70', 1)).toEqual(before.patient);
        expect(await store.readVersion('Patient', 'c70', 2)).toBeUndefined();
        const found = await store.findByIdentifier('Patient', '|c70-old', { limit: 10 });
        expect(found).toEqual({ documents: [before.patient] });
        expect(idsOf(await store.findByIdentifier('Patient', '|c70-new', { limit: 10 }))).toEqual([]);
        expect(await all('c70')).toEqual({ documents: [before.patient, before.observation, before.other] });
        const ids = [before.patient.id, currentId('Observation', 'c70.a')];
        expect(await store.loadCurrent('c70', ids)).toEqual(new Map([[ids[0], before.patient]]));
      });

      test('is seen whole once its receipt is there, with the versions that it replaces', async () => {
        const { before, next } = await stage('c71');
        await flip('c71');
        expect(await store.readCurrent('Patient', 'c71')).toEqual(next.patient);
        expect(await store.readCurrent('Observation', 'c71.a')).toEqual(next.fresh);
        const { index, ...replaced } = before.patient;
        const version = { ...replaced, id: replacedId('Patient', 'c71', 1), kind: 'version' };
        expect(index.identifier).not.toEqual([]);
        expect(await store.readVersion('Patient', 'c71', 1)).toEqual(version);
        expect(await store.readVersion('Patient', 'c71', 2)).toEqual(next.patient);
        expect(await store.readVersion('Patient', 'c71', 3)).toBeUndefined();
        expect(idsOf(await store.findByIdentifier('Patient', '|c71-old', { limit: 10 }))).toEqual([]);
        const found = await store.findByIdentifier('Patient', '|c71-new', { limit: 10 });
        expect(found).toEqual({ documents: [next.patient] });
        expect(await all('c71')).toEqual({
          documents: [next.patient, next.fresh, next.observation, before.other],
        });
        const ids = [before.patient.id, next.fresh.id, before.other.id, 'a:a', 'b:b'];
        const current = [next.patient, next.fresh, before.other];
        expect(await store.loadCurrent('c71', ids)).toEqual(new Map(current.map((one) => [one.id, one])));
      });

      test('leaves nothing to be seen of an earlier attempt at staging it', async () => {
        const { before } = await stage('c72', 2);
        await flip('c72');
        expect(await all('c72')).toEqual({ documents: [before.patient, before.observation, before.other] });
      });

      test.each([1, 2, 3])('is paged by %i, before and after', async (limit) => {
        const partition = `c73${limit}`;
        await stage(partition);
        const ids = () => allPages(limit, (page) => store.listPartition(partition, undefined, page));
        expect((await ids()).flat()).toEqual([partition, `${partition}.b`, `${partition}.d`]);
        await flip(partition);
        expect((await ids()).flat()).toEqual(['', '.a', '.b', '.d'].map((end) => `${partition}${end}`));
      });

      test('is read by writers as it is stored, with the tags of what is there', async () => {
        const { before, next } = await stage('c74');
        const staged = await store.listStaged('c74', 'm9', 10);
        expect(staged.map(({ document }) => document.id).sort()).toEqual(
          [before.patient, before.observation, next.fresh].map(({ id }) => id).sort(),
        );
        expect(await store.listStaged('c74', 'm9', 2)).toHaveLength(2);
        expect(await store.listStaged('c74', 'm8', 10)).toEqual([]);
        const loaded = await store.load('c74', [next.patient.id]);
        expect(loaded.get(next.patient.id)?.document).toEqual(aStaged(next.patient, before.patient));
        const { etag } = staged.find(({ document }) => document.id === next.patient.id)!;
        expect(await store.commit('c74', [replace(next.patient, etag)])).toBe('committed');
        expect(await store.readCurrent('Patient', 'c74')).toEqual(next.patient);
      });

      test('is cleared away by deletions, which need the tag that is stored', async () => {
        const { next } = await stage('c75');
        const id = next.fresh.id;
        const { document, etag } = (await store.load('c75', [id])).get(id)!;
        const remove = (tag: string): CommitOperation => ({ kind: 'delete', document, etag: tag });
        await store.commit('c75', [replace({ ...aStaged(next.fresh), stage: 2 }, etag)]);
        expect(await store.commit('c75', [create(aReceipt('c75', 'm1')), remove(etag)])).toBe('conflict');
        expect((await store.load('c75', [id, receiptId('m1')])).size).toBe(1);
        expect(await store.commit('c75', [remove(await etagOf('c75', id))])).toBe('committed');
        expect((await store.load('c75', [id])).size).toBe(0);
        expect(await store.commit('c75', [remove(etag)])).toBe('conflict');
      });
    });

    describe('a transaction of two partitions', () => {
      /** One record changed in each, and one deleted; the first of the partitions decides. */
      const stage = async (name: string) => {
        const decidedIn = `${name}a`;
        const before = [aCurrent('Patient', `${name}a`), aCurrent('Patient', `${name}b`)];
        const next = [
          aCurrent('Patient', `${name}a`, { version: 2 }),
          aCurrent('Patient', `${name}b`, { version: 2 }),
        ];
        for (const [index, document] of next.entries())
          await put({ ...aStaged(document, before[index]), messageId: name, decidedIn });
        const gone = aCurrent('Observation', `${name}b.o`);
        const { id, partition, resourceType, fhirId } = gone;
        const deletion: DeletedDocument = {
          ...{ id, kind: 'deleted', partition, resourceType, fhirId, versionId: 2 },
          ...{ lastUpdated: at, eventTime: at, source },
        };
        await put({ ...aStaged(gone, gone), next: deletion, messageId: name, decidedIn });
        return { before, next, gone, deletion };
      };
      const decide = (name: string, outcome: 'committed' | 'aborted') =>
        put({
          ...{ id: decisionId(name), kind: 'decision', partition: `${name}a`, attempt: name, outcome },
          partitions: [],
        });
      const seen = async (name: string) => [
        await store.readCurrent('Patient', `${name}a`),
        ...(await store.listPartition(`${name}b`, undefined, { limit: 10 })).documents,
      ];

      test('is seen in both when it is committed', async () => {
        const { before, next, gone, deletion } = await stage('c76');
        expect(await seen('c76')).toEqual([...before, gone]);
        await decide('c76', 'committed');
        expect(await seen('c76')).toEqual(next);
        expect(await store.readLatest('Observation', 'c76b.o')).toEqual(deletion);
        const versions = await store.listVersions('Observation', 'c76b.o', { limit: 10 });
        expect(versions.map(({ versionId }) => versionId)).toEqual([2, 1]);
      });

      test('is not seen when it is aborted, or when only another one is committed', async () => {
        const { before, gone } = await stage('c77');
        await put(aReceipt('c77a', 'c77'), { ...aReceipt('c77b', 'c77'), stage: 1 });
        expect(await seen('c77')).toEqual([...before, gone]);
        await decide('c77', 'aborted');
        expect(await seen('c77')).toEqual([...before, gone]);
      });
    });

    describe('listing receipts', () => {
      test('gives those of the partition by id, page by page, and nothing else', async () => {
        await put(
          aCurrent('Patient', 'c60'),
          anEvent('c60'),
          ...['m3', 'm1', 'm2'].map((id) => aReceipt('c60', id)),
          aReceipt('c61', 'm4'),
        );
        const first = await store.listReceipts('c60', { limit: 2 });
        expect(first).toEqual({
          receipts: [aReceipt('c60', 'm1'), aReceipt('c60', 'm2')],
          continuation: receiptId('m2'),
        });
        const rest = { limit: 2, continuation: receiptId('m2') };
        expect(await store.listReceipts('c60', rest)).toEqual({ receipts: [aReceipt('c60', 'm3')] });
        expect(await store.listReceipts('c60-nobody', { limit: 2 })).toEqual({ receipts: [] });
      });
    });

    test('tells which messages took effect, in whatever partition', async () => {
      await put(aReceipt('c62', 'e1'), aReceipt('c63', 'e1'), aReceipt('c63', 'e2'), anEvent('c62'));
      expect(await store.findEffects(['e1', 'e2', 'e3'])).toEqual(new Set(['e1', 'e2']));
      expect(await store.findEffects([])).toEqual(new Set());
    });
  });
}
