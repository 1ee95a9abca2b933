/** A replay reads what was received anew: with the same pack nothing changes, with another its differences are named. */
import { describe, beforeAll, expect, test } from '@jest/globals';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { acceptMessage } from '../../../src/app/accept-message.js';
import { wholeBody } from '../../../src/app/receive-body.js';
import { normaliseMessage } from '../../../src/app/normalise-message.js';
import { applyReplay } from '../../../src/app/replay/apply-replay.js';
import type { RebuildDependencies } from '../../../src/app/replay/rebuild-circle.js';
import {
  replayPage,
  type ReplayPage,
  type ReplayPlace,
  type ReplayRequest,
} from '../../../src/app/replay/replay-page.js';
import { severityOf, type PatientDifference } from '../../../src/core/replay/compare-records.js';
import { loadSampleDay } from '../../../samples/acute-trust.js';
import { createMemoryExchange, type MemoryExchange } from '../../support/exchange.js';
import { sampleFeed } from '../../support/feeds.js';
import { packs } from '../../support/packs.js';

type Replayable = MemoryExchange & RebuildDependencies;

const everything = { selection: { feeds: [sampleFeed.id] }, limit: 50 };

async function receiveSampleDay(): Promise<Replayable> {
  const exchange = { ...createMemoryExchange(), packs, createScratch: createMemoryRecordStore };
  for (const { text } of loadSampleDay()) {
    const sent = exchange.queue.sent.length;
    await acceptMessage(exchange, { feed: sampleFeed, body: wholeBody(Buffer.from(text)), contentType: '' });
    for (const envelope of exchange.queue.sent.slice(sent)) await normaliseMessage(exchange, envelope);
  }
  return exchange;
}

/** All pages of a replay. */
async function allPages<P extends ReplayPage>(
  request: ReplayRequest,
  readPage: (request: ReplayRequest) => Promise<P>,
): Promise<P[]> {
  const pages: P[] = [];
  let continuation: ReplayPlace | undefined;
  do {
    const page = await readPage({ ...request, ...(continuation === undefined ? {} : { continuation }) });
    pages.push(page);
    continuation = page.continuation;
  } while (continuation !== undefined);
  return pages;
}

const preview = (exchange: Replayable, request: ReplayRequest) =>
  allPages(request, (each) => replayPage(exchange, each));

const subjectsOf = (pages: readonly ReplayPage[]): string[] =>
  pages.flatMap(({ differences }) => differences.map(({ subject }) => subject));

/** Every current document of everybody who has an allergy. */
async function allergiesOf(exchange: Replayable): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  const { receipts } = await exchange.messages.search(
    { feeds: [sampleFeed.id], status: 'normalised' },
    { limit: 2000, order: 'oldest' },
  );
  for (const { resourceType, id } of receipts.flatMap(({ changes }) => changes)) {
    if (resourceType !== 'AllergyIntolerance') continue;
    const [patient = ''] = id.split('.');
    found.set(`Patient/${patient}`, [...new Set([...(found.get(`Patient/${patient}`) ?? []), id])].sort());
  }
  return found;
}

const lostAllergies = ({ records }: PatientDifference): string[] =>
  records
    .filter(({ resourceType, difference }) => resourceType === 'AllergyIntolerance' && difference === 'lost')
    .map(({ id }) => id);

describe('a replay of the sample day', () => {
  let exchange: Replayable;

  beforeAll(async () => {
    exchange = await receiveSampleDay();
  }, 120_000);

  test('with the same pack changes nothing', async () => {
    const pages = await preview(exchange, everything);
    expect(pages.reduce((sum, { messages }) => sum + messages, 0)).toBeGreaterThan(700);
    expect(pages.flatMap(({ differences }) => differences)).toEqual([]);
    expect(pages.flatMap(({ failures }) => failures)).toEqual([]);
    expect(pages.flatMap(({ skipped }) => skipped)).toEqual([]);
  }, 120_000);

  test('names everybody who would lose an allergy, first of all and once', async () => {
    const pages = await preview(exchange, { ...everything, pack: 'without-allergies' });
    const expected = await allergiesOf(exchange);
    expect(expected.size).toBeGreaterThan(10);
    const named = new Map(
      pages.flatMap(({ differences }) =>
        differences.map((patient) => [patient.subject, lostAllergies(patient)] as const),
      ),
    );
    expect(subjectsOf(pages)).toHaveLength(named.size);
    expect(named).toEqual(expected);
    for (const { differences } of pages) {
      for (const { records } of differences) expect(severityOf(records[0]!)).toBe(0);
    }
  }, 120_000);

  test('writes nothing while it only looks', async () => {
    const before = await exchange.messages.search(
      { feeds: [sampleFeed.id] },
      { limit: 1000, order: 'newest' },
    );
    expect(before.receipts.length).toBeGreaterThan(700);
    await preview(exchange, { ...everything, limit: 200, pack: 'without-allergies' });
    const after = await exchange.messages.search(
      { feeds: [sampleFeed.id] },
      { limit: 1000, order: 'newest' },
    );
    expect(after).toEqual(before);
    expect(subjectsOf(await preview(exchange, everything))).toEqual([]);
  }, 120_000);

  test('carried out, takes nobody an allergy away but names what it kept', async () => {
    const request = { ...everything, limit: 200, pack: 'without-allergies' };
    const pages = await allPages(request, (each) => applyReplay(exchange, each, 'run 1'));
    const kept = pages.flatMap((page) => page.kept);
    const allergies = [...(await allergiesOf(exchange)).values()].flat();
    expect(allergies.length).toBeGreaterThan(10);
    expect(kept.sort()).toEqual(allergies.map((id) => `AllergyIntolerance/${id}`).sort());
    for (const id of allergies)
      expect(await exchange.records.readCurrent('AllergyIntolerance', id)).toBeDefined();
  }, 120_000);
});
