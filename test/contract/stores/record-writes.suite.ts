/** What is written is there whole, once, or not at all. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { currentId, receiptId } from '../../../src/core/records/ids.js';
import type { CurrentDocument, RecordDocument } from '../../../src/core/records/types.js';
import type { RecordStore } from '../../../src/ports/record-store.js';

import {
  mrnSystem,
  aCurrent,
  aVersion,
  aLate,
  aReceipt,
  anEvent,
  create,
  replace,
  idsOf,
  helpersOf,
} from './record-samples.js';

export function describeWrites(open: () => RecordStore): void {
  let store: RecordStore;
  beforeAll(() => {
    store = open();
  });
  const { put, etagOf } = helpersOf(() => store);

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

    test('changes nothing where somebody catches up', async () => {
      await put(aCurrent('Patient', 'c26'));
      const ids = [currentId('Patient', 'c26')];
      const before = await store.load('c26', ids);
      for (let times = 1; times <= 2; times++) await store.catchUp('c26');
      expect(await store.load('c26', ids)).toEqual(before);
      expect(idsOf(await store.listPartition('c26', undefined, { limit: 10 }))).toEqual(['c26']);
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
}
