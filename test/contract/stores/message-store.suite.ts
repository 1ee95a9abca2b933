/** The rules of `MessageStore`, run against every implementation. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { placeOf, type MessageReceipt, type MessageStore } from '../../../src/ports/message-store.js';
import { aReceipt } from '../../support/receipts.js';

export interface OpenedMessageStore {
  readonly store: MessageStore;
  close(): Promise<void>;
}

export function describeMessageStore(name: string, open: () => Promise<OpenedMessageStore>): void {
  describe(`the message store on ${name}`, () => {
    let opened: OpenedMessageStore;
    let store: MessageStore;
    beforeAll(async () => {
      opened = await open();
      store = opened.store;
    });
    afterAll(() => opened.close());

    test('answers exactly the receipt that was stored', async () => {
      const receipt = aReceipt({ id: 'exact' });
      expect(await store.create(receipt)).toEqual({ created: true, receipt });
      expect(await store.get('exact')).toEqual(receipt);
    });

    test('knows no receipt that was never stored', async () => {
      expect(await store.get('nobody')).toBeUndefined();
    });

    test('leaves a stored receipt alone when its id comes again, and answers it', async () => {
      const first = aReceipt({ id: 'twice', sha256: 'b'.repeat(64) });
      await store.create(first);
      expect(await store.create(aReceipt({ id: 'twice' }))).toEqual({ created: false, receipt: first });
    });

    test('lets exactly one of many concurrent creations win', async () => {
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) => store.create(aReceipt({ id: 'race', controlId: `C${i}` }))),
      );
      expect(results.filter(({ created }) => created)).toHaveLength(1);
      expect(new Set(results.map(({ receipt }) => receipt.controlId)).size).toBe(1);
    });

    test('changes only the fields of an update', async () => {
      await store.create(aReceipt({ id: 'update' }));
      await store.update('update', { status: 'normalised', finishedAt: '2026-03-29T10:00:02.000Z' });
      expect(await store.get('update')).toEqual(
        aReceipt({ id: 'update', status: 'normalised', finishedAt: '2026-03-29T10:00:02.000Z' }),
      );
    });

    test('keeps a finished receipt as it is when asked to', async () => {
      await store.create(aReceipt({ id: 'finished', status: 'normalised' }));
      await store.update('finished', { status: 'failed' }, { unlessFinished: true });
      expect((await store.get('finished'))?.status).toBe('normalised');
    });

    test('refuses to update a receipt that does not exist', async () => {
      await expect(store.update('nobody', { status: 'failed' })).rejects.toThrow();
    });

    test('lists unfinished receipts queued before an instant, oldest first and at most as many as asked', async () => {
      const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;
      for (const second of [3, 1, 2, 4])
        await store.create(aReceipt({ id: `u${second}`, queuedAt: at(second) }));
      await store.update('u2', { status: 'normalised' });
      const listed = await store.listUnfinished(at(4), 10);
      expect(listed.map(({ id }) => id)).toEqual(['u1', 'u3']);
      expect(await store.listUnfinished(at(4), 1)).toHaveLength(1);
    });

    test('leaves out of the unfinished those that were put on the queue again and have not waited longer', async () => {
      const at = (second: number) => `2025-01-01T00:00:0${second}.000Z`;
      const queued = (id: string, second: number, requeued: number) =>
        store.create(aReceipt({ id, queuedAt: at(second), requeued }));
      await queued('again-0', 8, 0);
      await queued('new-1', 6, 1);
      await queued('again-1', 5, 1);
      await queued('new-2', 4, 2);
      await queued('again-2', 3, 2);
      await queued('new-7', 3, 7);
      await queued('again-7', 1, 7);
      const ids = async (limit: number, ...requeuedBefore: string[]) =>
        (await store.listUnfinished(at(9), limit, requeuedBefore)).map(({ id }) => id);
      expect(await ids(10, at(6), at(4), at(2))).toEqual(['again-7', 'again-2', 'again-1', 'again-0']);
      // What is left out takes no place of what is due.
      expect(await ids(3, at(6), at(4), at(2))).toEqual(['again-7', 'again-2', 'again-1']);
      expect(await ids(10)).toHaveLength(7);
    });

    test('lists the unfinished messages of a session before a place, those of one instant by id', async () => {
      const receivedAt = (second: number) => `2026-02-01T00:00:0${second}.000Z`;
      const received = (id: string, second: number, status: MessageReceipt['status'] = 'accepted') =>
        store.create(aReceipt({ id, sessionKey: 'busy', receivedAt: receivedAt(second), status }));
      await received('s3', 2);
      await received('s1', 2);
      await received('s2', 2);
      await received('s4', 1);
      await received('s5', 1, 'failed');
      const earlier = await store.listEarlier('busy', placeOf({ receivedAt: receivedAt(2), id: 's3' }));
      expect(earlier.map(({ id }) => id)).toEqual(['s4', 's1', 's2']);
      expect(earlier[0]).toEqual(await store.get('s4'));
      expect(await store.listEarlier('idle', receivedAt(9))).toEqual([]);
    });

    test('counts what a feed received in a time', async () => {
      const received = (id: string, feed: string, minute: number) =>
        store.create(aReceipt({ id, feed, receivedAt: `2026-01-01T10:0${minute}:00.000Z` }));
      await received('r1', 'timed', 1);
      await received('r2', 'timed', 2);
      await received('r3', 'timed', 3);
      await received('r4', 'timed-not', 2);
      const from = '2026-01-01T10:01:00.000Z';
      expect(await store.countReceived('timed', from, '2026-01-01T10:03:00.000Z')).toBe(2);
      expect(await store.countReceived('timed', '2026-01-01T10:04:00.000Z', '2027')).toBe(0);
    });

    test('adds up repetitions, of finished messages too', async () => {
      await store.create(aReceipt({ id: 'repeated', status: 'normalised' }));
      await store.update('repeated', {}, { duplicates: 1 });
      await store.update('repeated', {}, { duplicates: 1 });
      expect(await store.get('repeated')).toMatchObject({ duplicates: 2, attempts: 0, status: 'normalised' });
    });

    test('adds up tries, and only on a receipt that it may change', async () => {
      await store.create(aReceipt({ id: 'tried' }));
      await store.update('tried', {}, { unlessFinished: true, attempts: 1 });
      const failed = { status: 'failed', stage: 'deliver', pack: { name: 'p', version: '1.0.0' } } as const;
      await store.update('tried', failed, { unlessFinished: true, attempts: 10 });
      await store.update('tried', {}, { unlessFinished: true, attempts: 1 });
      expect(await store.get('tried')).toEqual(aReceipt({ id: 'tried', attempts: 11, ...failed }));
    });

    test('takes every field of an update at once', async () => {
      await store.create(aReceipt({ id: 'every' }));
      const change = {
        status: 'failed',
        stage: 'map',
        pack: { name: 'hl7v2-uk', version: '1.0.0' },
        queuedAt: '2026-03-29T10:00:01.000Z',
        finishedAt: '2026-03-29T10:00:02.000Z',
        requeued: 2,
        errorCode: 'HDE_MAPPING_FAILED',
        issues: [{ code: 'HDE_MAPPING_FAILED', severity: 'error' }],
        changes: [{ resourceType: 'Patient', id: 'p', versionId: 1, change: 'created' }],
        unmapped: ['ZRZ-1'],
      } as const;
      await store.update('every', change, { unlessFinished: true, attempts: 1 });
      expect(await store.get('every')).toEqual(aReceipt({ id: 'every', ...change, attempts: 1 }));
    });

    test('counts the receipts of a feed by status', async () => {
      await store.create(aReceipt({ id: 'c1', feed: 'counted' }));
      await store.create(aReceipt({ id: 'c2', feed: 'counted', status: 'failed' }));
      await store.create(aReceipt({ id: 'c3', feed: 'counted', status: 'failed' }));
      expect(await store.countByStatus('counted')).toEqual({
        accepted: 1,
        normalised: 0,
        failed: 2,
        dismissed: 0,
        corrected: 0,
      });
    });
  });
}
