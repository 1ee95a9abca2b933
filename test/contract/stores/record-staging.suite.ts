/** What is staged is seen whole once it is decided, and not before. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { currentId, decisionId, receiptId, replacedId } from '../../../src/core/records/ids.js';
import type { CommitOperation, DeletedDocument } from '../../../src/core/records/types.js';
import type { RecordStore } from '../../../src/ports/record-store.js';

import {
  at,
  source,
  aCurrent,
  aReceipt,
  aStaged,
  create,
  replace,
  idsOf,
  allPages,
  helpersOf,
} from './record-samples.js';

export function describeStaging(open: () => RecordStore): void {
  let store: RecordStore;
  beforeAll(() => {
    store = open();
  });
  const { put, etagOf } = helpersOf(() => store);

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
}
