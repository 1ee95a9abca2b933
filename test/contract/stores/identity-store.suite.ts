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
