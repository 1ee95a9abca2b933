/** Messages do not stop coming while a replay is looked at page by page: all the same it names everybody. */
import { beforeEach, expect, test } from '@jest/globals';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { normaliseMessage } from '../../../src/app/normalise-message.js';
import type { RebuildDependencies } from '../../../src/app/replay/rebuild-circle.js';
import { replayPage, type ReplayPage, type ReplayPlace } from '../../../src/app/replay/replay-page.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../../support/exchange.js';
import { sampleFeed } from '../../support/feeds.js';
import { packs } from '../../support/packs.js';
import { aMessage, type MessageParts } from '../../support/messages.js';

const onePerPage = { selection: { feeds: [sampleFeed.id] }, limit: 1, pack: 'without-allergies' };

let exchange: MemoryExchange & RebuildDependencies;

const accept = (parts: MessageParts) => acceptBytes(exchange, aMessage({ nhsNumber: '', ...parts }));

async function receive(parts: MessageParts): Promise<string> {
  const { changes } = await normaliseMessage(exchange, await accept(parts));
  return `Patient/${changes.find(({ resourceType }) => resourceType === 'Patient')?.id ?? ''}`;
}

const allergic = (mrn: string) =>
  receive({ mrn, controlId: `${mrn}-1`, more: ['AL1|1|DA|372687004^Amoxicillin^SCT|SV|Anaphylaxis'] });

/** Everybody whom the pages name, and whatever happens after the first of them. */
async function named(meanwhile: () => Promise<unknown>): Promise<string[]> {
  const pages: ReplayPage[] = [];
  let continuation: ReplayPlace | undefined;
  do {
    pages.push(await replayPage(exchange, { ...onePerPage, ...(continuation && { continuation }) }));
    if (continuation === undefined) await meanwhile();
    continuation = pages.at(-1)?.continuation;
  } while (continuation !== undefined);
  return pages.flatMap(({ differences }) => differences.map(({ subject }) => subject));
}

beforeEach(() => {
  exchange = { ...createMemoryExchange(), packs, createScratch: createMemoryRecordStore };
});

test('each of them is named once while nothing comes', async () => {
  const people = [await allergic('P1'), await allergic('P2'), await allergic('P3')];
  await receive({ mrn: 'P1', controlId: 'P1-2', type: 'ADT^A31' });
  expect((await named(() => Promise.resolve())).sort()).toEqual(people.sort());
});

test('somebody is named about whom a new message came after the first page', async () => {
  const people = [await allergic('P1'), await allergic('P2'), await allergic('P3')];
  const found = await named(() => receive({ mrn: 'P1', controlId: 'P1-2', type: 'ADT^A31' }));
  expect([...new Set(found)].sort()).toEqual(people.sort());
});

test('somebody is named about whom an earlier message waited at the first page', async () => {
  const people = [await allergic('P1'), await allergic('P2')];
  const waiting = await accept({ mrn: 'P1', controlId: 'P1-2', type: 'ADT^A31' });
  people.push(await allergic('P3'));
  const found = await named(() => normaliseMessage(exchange, waiting));
  expect([...new Set(found)].sort()).toEqual(people.sort());
});

test('somebody is named who was merged after the first page with somebody on it', async () => {
  const people = [await allergic('P1'), await allergic('P2'), await allergic('P3')];
  const merge = { controlId: 'M', type: 'ADT^A40', mrn: 'P3', more: ['MRG|P1^^^RZZ^MR'] };
  const found = await named(() => receive(merge));
  expect([...new Set(found)].sort()).toEqual(people.sort());
});
