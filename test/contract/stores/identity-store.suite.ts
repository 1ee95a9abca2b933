/** The rules of `IdentityStore`, run against every implementation. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IdentityStore } from '../../../src/ports/identity-store.js';

export interface OpenedIdentityStore {
  readonly store: IdentityStore;
  close(): Promise<void>;
}

export function describeIdentityStore(name: string, open: () => Promise<OpenedIdentityStore>): void {
  describe(`the identity store on ${name}`, () => {
    let opened: OpenedIdentityStore;
    let store: IdentityStore;
    beforeAll(async () => {
      opened = await open();
      store = opened.store;
    });
    afterAll(() => opened.close());

    test('finds the claims that were made and no others', async () => {
      const claim = { token: 't1', patientKey: 'p1', birthDateToken: 'b1', messageId: 'm1' };
      expect(await store.claim(claim)).toEqual(claim);
      expect(await store.find(['t1', 't2'])).toEqual(new Map([['t1', claim]]));
      expect(await store.find([])).toEqual(new Map());
    });

    test('never gives a claimed token to anybody else', async () => {
      const first = { token: 'held', patientKey: 'p1', messageId: 'm1' };
      await store.claim(first);
      expect(await store.claim({ token: 'held', patientKey: 'p2', messageId: 'm2' })).toEqual(first);
    });

    test('keeps all that is said of a claim', async () => {
      const claim = { token: 'full', patientKey: 'p1', birthDateToken: 'b1', messageId: 'r1' };
      const history = { claimedAt: '2026-03-30T12:00:00.000Z', generation: 2, sinceVersion: 3 };
      const told = { ...claim, ...history, support: ['t1', 't2'] };
      await store.claim(told);
      expect((await store.load(['full', 'nobody'])).get('full')?.claim).toEqual(told);
      expect((await store.load(['full', 'nobody'])).size).toBe(1);
    });

    test('replaces a claim once for each tag, and finds the new one', async () => {
      await store.claim({ token: 'lapsed', patientKey: 'p1', messageId: 'm1' });
      const { etag = '' } = (await store.load(['lapsed'])).get('lapsed') ?? {};
      const anew = Array.from({ length: 20 }, (_, i) => ({
        ...{ token: 'lapsed', patientKey: `q${i}`, messageId: `m${i}`, generation: 1 },
      }));
      const outcomes = await Promise.all(anew.map((claim) => store.replace(claim, etag)));
      expect(outcomes.filter((outcome) => outcome === 'replaced')).toHaveLength(1);
      const winner = anew[outcomes.indexOf('replaced')];
      expect((await store.load(['lapsed'])).get('lapsed')?.claim).toEqual(winner);
      expect((await store.find(['lapsed'])).get('lapsed')).toEqual(winner);
    });

    test('replaces nothing that is not there', async () => {
      const claim = { token: 'never', patientKey: 'p1', messageId: 'm1' };
      expect(await store.replace(claim, '"1"')).toBe('conflict');
    });

    test('makes 200 concurrent first claims one person', async () => {
      const held = await Promise.all(
        Array.from({ length: 200 }, (_, i) =>
          store.claim({ token: 'crowd', patientKey: `p${i}`, messageId: `m${i}` }),
        ),
      );
      expect(new Set(held.map(({ patientKey }) => patientKey)).size).toBe(1);
    });
  });
}
