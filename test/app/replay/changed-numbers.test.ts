/** A replay of people whose numbers changed, in whatever order the messages came, changes nothing; without allergies it says who loses one. */
import { expect, test } from '@jest/globals';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { normaliseMessage } from '../../../src/app/normalise-message.js';
import { replayPage } from '../../../src/app/replay/replay-page.js';
import { acceptBytes, createMemoryExchange } from '../../support/exchange.js';
import { sampleFeed } from '../../support/feeds.js';
import { aMessage } from '../../support/messages.js';
import { permutations } from '../../support/orders.js';
import { packs } from '../../support/packs.js';

const about = (event: string, mrn: string, hour: number, more: string[] = []) => ({
  name: `${event} ${mrn} ${hour}`,
  bytes: aMessage({
    type: `ADT^${event}`,
    controlId: `C${hour}`,
    at: `202603300${hour}0000`,
    mrn,
    nhsNumber: '',
    more,
  }),
});
const changed = (event: string, from: string, to: string, hour: number) =>
  about(event, to, hour, [`MRG|${from}^^^RZZ^MR`]);

test.each(['A40', 'A47'])(
  'with the same pack: %s',
  async (event) => {
    const traffic = [about('A08', 'A', 1, ['AL1|1|DA|P']), about('A08', 'B', 3), about('A08', 'C', 5)];
    const changes = [changed(event, 'A', 'B', 2), changed(event, 'B', 'C', 4)];
    for (const order of permutations([...traffic, ...changes])) {
      const exchange = { ...createMemoryExchange(), packs, createScratch: createMemoryRecordStore };
      for (const { bytes } of order) await normaliseMessage(exchange, await acceptBytes(exchange, bytes));
      const { differences, failures, skipped, messages } = await replayPage(exchange, {
        selection: { feeds: [sampleFeed.id] },
        limit: 50,
      });
      const names = order.map(({ name }) => name);
      expect([names, messages, differences, failures, skipped]).toEqual([names, 5, [], [], []]);
      const lossy = await replayPage(exchange, {
        selection: { feeds: [sampleFeed.id] },
        limit: 50,
        pack: 'without-allergies',
      });
      const lost = { resourceType: 'AllergyIntolerance', difference: 'lost' };
      expect([names, lossy.differences[0]?.records[0]]).toEqual([names, expect.objectContaining(lost)]);
    }
  },
  60_000,
);
