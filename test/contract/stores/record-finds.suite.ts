/** What is found by identifiers, in partitions and by receipts, page by page. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { receiptId } from '../../../src/core/records/ids.js';
import type { PageRequest, RecordStore, SearchPage } from '../../../src/ports/record-store.js';

import {
  mrnSystem,
  aCurrent,
  aVersion,
  aLate,
  aReceipt,
  anEvent,
  idsOf,
  allPages,
  helpersOf,
} from './record-samples.js';

export function describeFinds(open: () => RecordStore): void {
  let store: RecordStore;
  beforeAll(() => {
    store = open();
  });
  const { put } = helpersOf(() => store);

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
      await put(aCurrent('Patient', 'c46a', { mrn: 'c46-1' }), aCurrent('Patient', 'c46b', { mrn: 'c46-1' }));
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
      await put(aCurrent('Patient', 'c48a', { mrn: 'c48-1' }), aCurrent('Patient', 'c48c', { mrn: 'c48-1' }));
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

  describe('room on a page', () => {
    /** Its text weighs about a thousand. */
    const large = (resourceType: string, id: string) =>
      aCurrent(resourceType, id, { mrn: 'c56-1', text: 'x'.repeat(1000) });
    const two = 2_500;

    test('bounds pages of every kind, which lead on as others do', async () => {
      await put(...['a', 'b', 'c', 'd', 'e'].map((n) => large('Observation', `c56.${n}`)));
      const ids = ['c56.a', 'c56.b', 'c56.c', 'c56.d', 'c56.e'];
      const criterion = { kind: 'id', ids } as const;
      const reads: ((page: PageRequest) => Promise<SearchPage>)[] = [
        (page) => store.listPartition('c56', undefined, page),
        (page) => store.listPartition('c56', 'Observation', page),
        (page) => store.findRecords({ resourceType: 'Observation', criterion, partition: 'c56' }, page),
        (page) => store.findRecords({ resourceType: 'Observation', criterion }, page),
        (page) => store.findByIdentifier('Observation', '|c56-1', page),
      ];
      for (const read of reads) {
        const within = (room: number) => allPages(10, (page) => read({ ...page, room }));
        expect(await within(two)).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
        expect(await within(1)).toEqual(ids.map((id) => [id]));
        expect(await within(10 * two)).toEqual([ids]);
        expect(await allPages(10, read)).toEqual([ids]);
        expect(await allPages(1, (page) => read({ ...page, room: two }))).toEqual(ids.map((id) => [id]));
      }
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

  test('tells which messages took effect, and in which partitions', async () => {
    await put(aReceipt('c62', 'e1'), aReceipt('c63', 'e1'), aReceipt('c63', 'e2'), anEvent('c62'));
    expect(await store.findEffects(['e1', 'e2', 'e3'])).toEqual(
      new Map([
        ['e1', ['c62', 'c63']],
        ['e2', ['c63']],
      ]),
    );
    expect(await store.findEffects([])).toEqual(new Map());
  });
}
