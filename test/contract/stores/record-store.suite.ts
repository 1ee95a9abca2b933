/** The rules of `RecordStore`, run against every implementation. */
import { afterAll, beforeAll, describe } from '@jest/globals';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { describeFinds } from './record-finds.suite.js';
import { describeStaging } from './record-staging.suite.js';
import { describeWrites } from './record-writes.suite.js';

/**
 * Declares the suite. `open` gives a store whose partitions `c01`, `c02` ... and identifiers `c01-...` hold nothing;
 * each test uses partitions of its own, so that one store serves them all.
 */
export function describeRecordStore(
  name: string,
  open: () => Promise<{ store: RecordStore; close(): Promise<void> }>,
): void {
  describe(`record store: ${name}`, () => {
    let opened: { store: RecordStore; close(): Promise<void> };
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    const store = () => opened.store;
    describeWrites(store);
    describeFinds(store);
    describeStaging(store);
  });
}
