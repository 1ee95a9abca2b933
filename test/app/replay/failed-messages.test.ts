/** Messages that failed are tried again: what they would change is seen before, and doing it repeats nothing. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Patient } from 'fhir/r4.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { normaliseMessage } from '../../../src/app/normalise-message.js';
import { recoverFailedPage, tryFailedPage, type FailedRequest } from '../../../src/app/replay/failed-page.js';
import { replayInStages, type StagePlace } from '../../../src/app/replay/in-stages.js';
import type { RebuildDependencies } from '../../../src/app/replay/rebuild-circle.js';
import { replayPage } from '../../../src/app/replay/replay-page.js';
import { ExchangeError, type ErrorCode } from '../../../src/core/errors.js';
import { createPackRegistry } from '../../../src/core/mapping/engine/pack-registry.js';
import { hl7v2Base } from '../../../src/core/mapping/packs/hl7v2-base/pack.js';
import { hl7v2Uk } from '../../../src/core/mapping/packs/hl7v2-uk/pack.js';
import { identities } from '../../../src/core/mapping/transforms/identities.js';
import { transforms } from '../../../src/core/mapping/transforms/transforms.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../../support/exchange.js';
import { sampleFeed } from '../../support/feeds.js';
import { aMessage, type MessageParts } from '../../support/messages.js';

type Replayable = MemoryExchange & RebuildDependencies;

/** Knows no A31 yet. */
const young = {
  name: 'young',
  version: '1.0.0',
  extends: 'hl7v2-uk',
  messages: { ADT: { ...hl7v2Base.messages['ADT'], unsupported: ['A31'] } },
};
const packs = createPackRegistry([hl7v2Base, hl7v2Uk, young], { transforms, identities });
const withPack = (pack: string) => new Map([[sampleFeed.id, { ...sampleFeed, pack }]]);
const selection = { feeds: [sampleFeed.id] };
const everything: FailedRequest = { selection, limit: 50 };
const action = { at: '2026-03-31T09:00:00.000Z', by: 'ann', action: 'resubmitted' } as const;

let exchange: Replayable;

/** Takes a message in while the pack is a young one: an A31 fails. @returns its id, and the patient it is about */
async function receive(parts: MessageParts): Promise<{ id: string; patient: string }> {
  const envelope = await acceptBytes(exchange, aMessage(parts));
  const { changes } = await normaliseMessage({ ...exchange, feeds: withPack('young') }, envelope);
  return { id: envelope.messageId, patient: changes[0]?.id ?? '' };
}
const failing = (parts: MessageParts) => receive({ type: 'ADT^A31', ...parts });

const familyOf = async (key: string) =>
  ((await exchange.records.readCurrent('Patient', key))?.resource as Patient | undefined)?.name?.[0]?.family;
const statusOf = async ({ id }: { readonly id: string }) => (await exchange.messages.get(id))?.status;

beforeEach(() => {
  exchange = { ...createMemoryExchange(), packs, createScratch: createMemoryRecordStore };
});

describe('a look at failed messages', () => {
  test('says which would take effect by the pack of their feed now, or by another, and what they would change', async () => {
    const { patient } = await receive({ controlId: 'C1' });
    const { id } = await failing({ controlId: 'C2', at: '20260330110000', family: 'Adebayo' });
    const differences = [
      {
        subject: `Patient/${patient}`,
        records: [
          {
            resourceType: 'Patient',
            id: patient,
            difference: 'changed',
            elements: [{ name: 'name', difference: 'changed' }],
          },
        ],
      },
    ];
    const nothing = { messages: 1, failures: [], skipped: [] };
    expect(await tryFailedPage(exchange, everything)).toEqual({
      ...nothing,
      patients: 1,
      recovered: [id],
      differences,
    });
    expect(await tryFailedPage(exchange, { ...everything, pack: 'young' })).toEqual({
      ...nothing,
      patients: 0,
      recovered: [],
      differences: [],
      failures: [{ messageId: id, errorCode: 'HDE_HL7_TYPE_UNSUPPORTED' }],
    });
  });

  test('writes nothing', async () => {
    await receive({ controlId: 'C1' });
    const failed = await failing({ controlId: 'C2', at: '20260330110000', mrn: 'M2', nhsNumber: '' });
    const forbidden = () => Promise.reject(new Error('written'));
    const { records, identities: claims, messages, archive } = exchange;
    const readOnly = {
      ...exchange,
      records: { ...records, commit: forbidden },
      identities: { ...claims, claim: forbidden, replace: forbidden },
      messages: { ...messages, create: forbidden, update: forbidden, transition: forbidden },
      archive: { ...archive, put: forbidden },
    };
    expect((await tryFailedPage(readOnly, everything)).recovered).toEqual([failed.id]);
  });

  test('tries each after those before it: of a person whom nobody knew yet, too', async () => {
    await failing({ controlId: 'C1', at: '20260330100000' });
    await failing({ controlId: 'C2', at: '20260330110000', nhsNumber: '', family: 'Adebayo' });
    const { differences, patients } = await tryFailedPage(exchange, everything);
    const people = differences.filter(({ subject }) => subject.startsWith('Patient/'));
    expect([patients, people.flatMap(({ records }) => records.map(({ difference }) => difference))]).toEqual([
      1,
      ['gained'],
    ]);
  });

  test('leaves out whose bytes are no longer there, and edited copies that wait for a decision', async () => {
    const { id } = await failing({ controlId: 'C1' });
    const get: MemoryExchange['archive']['get'] = () => Promise.resolve(undefined);
    const page = await tryFailedPage({ ...exchange, archive: { ...exchange.archive, get } }, everything);
    expect(page.skipped).toEqual([{ subject: `message/${id}`, reason: 'incomplete' }]);
    await exchange.messages.update(id, { errorCode: 'HDE_CORRECTION_PENDING' });
    expect((await tryFailedPage(exchange, everything)).skipped).toEqual([
      { subject: `message/${id}`, reason: 'undecided' },
    ]);
  });

  test('goes on behind one that comes to no end, but not where the store is busy', async () => {
    const { id } = await failing({ controlId: 'C1' });
    const next = await failing({ controlId: 'C2', nhsNumber: '9990000026', mrn: 'M2' });
    const page = (code: ErrorCode) => {
      let isFirst = true;
      const find: MemoryExchange['identities']['find'] = (tokens) => {
        if (!isFirst) return exchange.identities.find(tokens);
        isFirst = false;
        return Promise.reject(new ExchangeError(code));
      };
      return tryFailedPage({ ...exchange, identities: { ...exchange.identities, find } }, everything);
    };
    expect(await page('HDE_CONCURRENT_UPDATE')).toMatchObject({
      failures: [{ messageId: id, errorCode: 'HDE_CONCURRENT_UPDATE' }],
      recovered: [next.id],
    });
    await expect(page('HDE_THROTTLED')).rejects.toMatchObject({ code: 'HDE_THROTTLED' });
  });

  test('finds what a message of 150 results would add', async () => {
    const results = Array.from({ length: 150 }, (_, n) => `OBX|${n + 1}|NM|T${n}||${n}|||||F`);
    const parts = { type: 'ORU^R01', controlId: 'C1', more: ['OBR|1||F1|FBC', ...results] };
    const { id } = await acceptBytes(exchange, aMessage(parts)).then(({ messageId }) => ({ id: messageId }));
    await exchange.messages.update(id, { status: 'failed', stage: 'commit', errorCode: 'HDE_INTERNAL' });
    const { differences, recovered } = await tryFailedPage(exchange, everything);
    expect(recovered).toEqual([id]);
    const gained = differences.flatMap(({ records }) => records.map(({ resourceType }) => resourceType));
    expect(gained.filter((type) => type === 'Observation').length).toBeGreaterThanOrEqual(150);
  });
});

describe('failed messages that are taken up', () => {
  test('take effect, which closes their entry in the name of whoever did it', async () => {
    const { patient } = await receive({ controlId: 'C1' });
    const failed = await failing({ controlId: 'C2', at: '20260330110000', family: 'Adebayo' });
    const told: unknown[] = [];
    const done = await recoverFailedPage(exchange, everything, action, (made) => told.push(...made));
    const changes = [{ resourceType: 'Patient', id: patient, versionId: 2, change: 'updated' }];
    expect(done).toMatchObject({ recovered: [failed.id], queued: [], failures: [], changes });
    expect(told).toEqual(changes);
    expect(await familyOf(patient)).toBe('Adebayo');
    const receipt = await exchange.messages.get(failed.id);
    expect(receipt).toMatchObject({
      status: 'normalised',
      history: [{ ...action, failedWith: 'HDE_HL7_TYPE_UNSUPPORTED' }],
    });
    expect(receipt).not.toHaveProperty('errorCode');
    expect(await recoverFailedPage(exchange, everything, action)).toMatchObject({ messages: 0, changes: [] });
  });

  test('overwrite nothing newer', async () => {
    const { patient } = await receive({ controlId: 'C1' });
    await failing({ controlId: 'C2', at: '20260330110000', family: 'Older' });
    await receive({ controlId: 'C3', at: '20260330120000', type: 'ADT^A08', family: 'Newest' });
    const { differences, recovered } = await recoverFailedPage(exchange, everything, action);
    expect([differences, recovered.length]).toEqual([[], 1]);
    expect(await familyOf(patient)).toBe('Newest');
  });

  test('are read by the pack that is named, and those that would fail stay as they failed', async () => {
    const deps = { ...exchange, feeds: withPack('young') };
    const failed = await failing({ controlId: 'C1' });
    expect(await recoverFailedPage(deps, everything, action)).toMatchObject({ recovered: [], changes: [] });
    expect(await exchange.messages.get(failed.id)).toMatchObject({
      status: 'failed',
      history: [],
      attempts: 1,
    });
    await recoverFailedPage(deps, { ...everything, pack: 'hl7v2-uk' }, action);
    expect(await exchange.messages.get(failed.id)).toMatchObject({
      status: 'normalised',
      pack: { name: 'hl7v2-uk' },
    });
  });

  test('wait on the queue for what was accepted before them about the same patient', async () => {
    const earlier = await acceptBytes(exchange, aMessage({ controlId: 'C0' }));
    const failed = await failing({ controlId: 'C1', at: '20260330110000', family: 'Adebayo' });
    const done = await recoverFailedPage(exchange, everything, action);
    expect(done).toMatchObject({ recovered: [], queued: [failed.id], changes: [] });
    expect(await statusOf(failed)).toBe('accepted');
    expect(await exchange.messages.get(earlier.messageId)).toMatchObject({ status: 'accepted' });
    expect(exchange.queue.sent.at(-1)).toMatchObject({ messageId: failed.id, resubmitted: 1 });
  });

  test('are promised again when the process ends in between', async () => {
    const failed = await failing({ controlId: 'C1' });
    const commit = () => Promise.reject(new Error('killed'));
    const dying = { ...exchange, records: { ...exchange.records, commit } };
    await expect(recoverFailedPage(dying, everything, action)).rejects.toThrow('killed');
    expect(await statusOf(failed)).toBe('accepted');
  });

  test('are left alone where somebody decided meanwhile', async () => {
    const { id } = await failing({ controlId: 'C1' });
    const transition = () => Promise.resolve(undefined);
    const deps = { ...exchange, messages: { ...exchange.messages, transition } };
    expect((await recoverFailedPage(deps, everything, action)).skipped).toEqual([
      { subject: `message/${id}`, reason: 'decided' },
    ]);
  });
});

test.each([
  ['failed, which they then take the place of', 'failed', ['copy'], []],
  ['took effect', 'normalised', [], [{ subject: 'message/copy', reason: 'decided' }]],
] as const)('of edited copies, those whose original %s', async (_, status, recovered, skipped) => {
  const original = await failing({ controlId: 'C1' });
  const held = await exchange.messages.get(original.id);
  await exchange.messages.create({
    ...held!,
    id: 'copy',
    receivedAt: '2026-03-30T09:00:00.000Z',
    correctionOf: held!.id,
  });
  if (status === 'normalised') await exchange.messages.update(original.id, { status });
  const done = await recoverFailedPage(exchange, { ...everything, limit: 1 }, action);
  expect(done).toMatchObject({ recovered, skipped });
  expect(await statusOf(original)).toBe(status === 'failed' ? 'corrected' : 'normalised');
});

test('failed messages come first, then those that took effect, page by page', async () => {
  await receive({ controlId: 'C1' });
  for (const n of [2, 3, 4]) await failing({ controlId: `C${n}`, at: `2026033011000${n}` });
  const stages = {
    failed: (request: FailedRequest) => tryFailedPage(exchange, request),
    normalised: (request: Parameters<typeof replayPage>[1]) => replayPage(exchange, request),
  };
  const statuses = ['normalised', 'failed'] as const;
  const pages: unknown[] = [];
  let continuation: StagePlace | undefined;
  do {
    const from = continuation === undefined ? {} : { continuation };
    const page = await replayInStages({ selection, limit: 2, statuses, ...from }, stages);
    pages.push([page.messages, 'recovered' in page]);
    ({ continuation } = page);
  } while (continuation !== undefined);
  expect(pages).toEqual([
    [2, true],
    [1, true],
    [1, false],
  ]);
  const elsewhere = {
    selection,
    limit: 2,
    statuses: ['normalised'],
    continuation: { status: 'failed' },
  } as const;
  await expect(replayInStages(elsewhere, stages)).rejects.toMatchObject({ code: 'HDE_SEARCH_PARAMETER' });
});
