/** Whoever is known by what a client wrote, and whoever cannot be read anew, loses nothing in a replay. */
import { beforeEach, expect, test } from '@jest/globals';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { replayPage } from '../../../src/app/replay/replay-page.js';
import { sampleFeed } from '../../support/feeds.js';
import { anMrn, anNhsNumber, createIdentityWorld, filedWith, type IdentityWorld } from '../identity-world.js';

const X = '9990000018';
const everything = { selection: { feeds: [sampleFeed.id] }, limit: 50 };

let world: IdentityWorld;
beforeEach(() => {
  world = createIdentityWorld();
});

const preview = () => replayPage({ ...world.exchange, createScratch: createMemoryRecordStore }, everything);

test('a message that found its patient by a number that a client gave them finds them again', async () => {
  const id = filedWith(await world.receive({ mrn: 'M1' }));
  const identifier = [anMrn('M1'), anNhsNumber(X)];
  await world.ask('PUT', `Patient/${id}`, { resourceType: 'Patient', id, identifier });
  expect(filedWith(await world.receive({ nhs: X, allergies: 2 }))).toBe(id);
  expect(await preview()).toMatchObject({ messages: 2, patients: 1, differences: [], skipped: [] });
});

test('a message of a feed that is gone makes its patient one who cannot be replayed', async () => {
  const id = filedWith(await world.receive({ mrn: 'M1', nhs: X, allergies: 2 }));
  const { feeds } = world.exchange;
  const old = { ...sampleFeed, id: 'old-feed' };
  world = createIdentityWorld({ ...world.exchange, feeds: new Map([...feeds, [old.id, old]]) }, old);
  expect(filedWith(await world.receive({ nhs: X, allergies: 3 }))).toBe(id);
  world = createIdentityWorld({ ...world.exchange, feeds });
  expect(await preview()).toMatchObject({
    differences: [],
    skipped: [{ subject: `Patient/${id}`, reason: 'incomplete' }],
  });
});

test('a message that comes while its patient is looked at is looked at with them', async () => {
  await world.receive({ mrn: 'M1', nhs: X });
  const { records } = world.exchange;
  let looks = 0;
  const disturbed = (times: number): typeof records => ({
    ...records,
    listPartition: async (...page) => {
      if (looks++ < times) await world.receive({ mrn: 'M1', nhs: X, allergies: looks });
      return records.listPartition(...page);
    },
  });
  const previewOver = (store: typeof records) =>
    replayPage({ ...world.exchange, records: store, createScratch: createMemoryRecordStore }, everything);
  expect(await previewOver(disturbed(2))).toMatchObject({ patients: 1, differences: [], skipped: [] });
  looks = 0;
  await expect(previewOver(disturbed(Infinity))).rejects.toMatchObject({ code: 'HDE_CONCURRENT_UPDATE' });
});
