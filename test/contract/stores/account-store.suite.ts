/** The rules of `AccountStore`, run against every implementation. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AccountStore } from '../../../src/ports/account-store.js';

export interface OpenedAccountStore {
  readonly store: AccountStore;
  close(): Promise<void>;
}

export function describeAccountStore(name: string, open: () => Promise<OpenedAccountStore>): void {
  describe(`the account store on ${name}`, () => {
    let opened: OpenedAccountStore;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    test('knows of each feed what was noted last, and of others nothing', async () => {
      const { store } = opened;
      expect(await store.balancedUntil('a')).toBeUndefined();
      await store.noteBalanced('a', '2026-03-29T00:00:00.000Z');
      await store.noteBalanced('b', '2026-03-28T00:00:00.000Z');
      await store.noteBalanced('a', '2026-03-30T00:00:00.000Z');
      expect(await store.balancedUntil('a')).toBe('2026-03-30T00:00:00.000Z');
      expect(await store.balancedUntil('b')).toBe('2026-03-28T00:00:00.000Z');
      expect(await store.balancedUntil('c')).toBeUndefined();
    });
  });
}
