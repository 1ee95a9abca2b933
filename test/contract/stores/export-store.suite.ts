/** The rules of `ExportStore`, run against every implementation. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ExportStore } from '../../../src/ports/export-store.js';
import { anExportJob } from '../../support/export-jobs.js';

export interface OpenedExportStore {
  readonly store: ExportStore;
  close(): Promise<void>;
}

export function describeExportStore(name: string, open: () => Promise<OpenedExportStore>): void {
  describe(`the export store on ${name}`, () => {
    let opened: OpenedExportStore;
    let store: ExportStore;
    beforeAll(async () => {
      opened = await open();
      store = opened.store;
    });
    afterAll(() => opened.close());

    test('keeps a job as it was made, for its client alone', async () => {
      const job = anExportJob({ id: 'kept', since: '2026-01-01T00:00:00.000Z' });
      await store.create(job);
      expect((await store.read(job))?.job).toEqual(job);
      expect(await store.read({ ...job, client: 'client-2' })).toBeUndefined();
      expect(await store.read({ ...job, id: 'other' })).toBeUndefined();
    });

    test('never makes one twice', async () => {
      const job = anExportJob({ id: 'once' });
      await store.create(job);
      await expect(store.create({ ...job, resumed: 7 })).rejects.toThrow();
      expect((await store.read(job))?.job).toEqual(job);
    });

    test('of two who change one at a time, one is told that the other came first', async () => {
      const job = anExportJob({ id: 'raced' });
      await store.create(job);
      const { etag = '' } = (await store.read(job)) ?? {};
      expect(await store.replace({ ...job, typesDone: 1 }, etag)).toBe('replaced');
      expect(await store.replace({ ...job, typesDone: 2 }, etag)).toBe('conflict');
      expect((await store.read(job))?.job.typesDone).toBe(1);
    });

    test('what is deleted is gone, and may be deleted again', async () => {
      const job = anExportJob({ id: 'deleted' });
      await store.create(job);
      const { etag = '' } = (await store.read(job)) ?? {};
      await store.delete(job);
      await store.delete(job);
      expect(await store.read(job)).toBeUndefined();
      expect(await store.replace(job, etag)).toBe('conflict');
    });

    test('counts what a client has under way', async () => {
      const client = 'counted';
      await store.create(anExportJob({ id: 'a', client }));
      await store.create(anExportJob({ id: 'b', client, status: 'done' }));
      await store.create(anExportJob({ id: 'c', client }));
      expect(await store.countRunning(client)).toBe(2);
      expect(await store.countRunning('nobody')).toBe(0);
    });

    test('lists what nobody went on with, of all clients', async () => {
      const old = { touchedAt: '2020-01-01T00:00:00.000Z' };
      await store.create(anExportJob({ id: 'f1', client: 'forgotten-1', ...old }));
      await store.create(anExportJob({ id: 'f2', client: 'forgotten-2', ...old }));
      await store.create(anExportJob({ id: 'f3', client: 'forgotten-2', ...old, status: 'cancelled' }));
      const found = await store.listForgotten('2020-01-01T00:00:00.001Z', 10);
      expect(found.map(({ job }) => job.id).sort()).toEqual(['f1', 'f2']);
      expect(await store.listForgotten('2020-01-01T00:00:00.000Z', 10)).toEqual([]);
      expect(await store.listForgotten('2020-01-01T00:00:00.001Z', 1)).toHaveLength(1);
      expect(await store.replace({ ...found[0]!.job, resumed: 1 }, found[0]!.etag)).toBe('replaced');
    });

    test('lists what is gone, of all clients', async () => {
      const job = anExportJob({ id: 'e1', client: 'expired-1', status: 'done' });
      await store.create({ ...job, expiresAt: '2020-01-01T00:00:00.000Z' });
      expect(await store.listExpired('2020-01-01T00:00:00.000Z', 10)).toEqual([
        { client: 'expired-1', id: 'e1' },
      ]);
      expect(await store.listExpired('2019-12-31T23:59:59.999Z', 10)).toEqual([]);
    });
  });
}
