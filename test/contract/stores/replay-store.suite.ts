/** The rules of `ReplayStore`, run against every implementation. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReplayStore } from '../../../src/ports/replay-store.js';

export interface OpenedReplayStore {
  readonly store: ReplayStore;
  close(): Promise<void>;
}

export function describeReplayStore(name: string, open: () => Promise<OpenedReplayStore>): void {
  describe(`the replay store on ${name}`, () => {
    let opened: OpenedReplayStore;
    let store: ReplayStore;
    beforeAll(async () => {
      opened = await open();
      store = opened.store;
    });
    afterAll(() => opened.close());

    test('lets a name be used once', async () => {
      expect(await store.useOnce('first', 300)).toBe(true);
      expect(await store.useOnce('first', 300)).toBe(false);
      expect(await store.useOnce('second', 300)).toBe(true);
    });

    test('lets one of a crowd use a name', async () => {
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => store.useOnce('crowd', 300)));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
    });

    test('forgets a name after its time, and not before', async () => {
      expect(await store.useOnce('short', 5)).toBe(true);
      await sleep(500);
      expect(await store.useOnce('short', 5)).toBe(false);
      await sleep(5_600);
      expect(await store.useOnce('short', 5)).toBe(true);
    });
  });
}
