/** What a replay writes, and that it never writes over what came meanwhile. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Patient } from 'fhir/r4.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import type { VersionDocument } from '../../../src/core/records/types.js';
import { normaliseMessage } from '../../../src/app/normalise-message.js';
import { applyReplay } from '../../../src/app/replay/apply-replay.js';
import type { RebuildDependencies } from '../../../src/app/replay/rebuild-circle.js';
import { replayPage } from '../../../src/app/replay/replay-page.js';
import { createPackRegistry } from '../../../src/core/mapping/engine/pack-registry.js';
import { hl7v2Base } from '../../../src/core/mapping/packs/hl7v2-base/pack.js';
import { hl7v2Uk } from '../../../src/core/mapping/packs/hl7v2-uk/pack.js';
import { identities } from '../../../src/core/mapping/transforms/identities.js';
import { transforms } from '../../../src/core/mapping/transforms/transforms.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../../support/exchange.js';
import { sampleFeed } from '../../support/feeds.js';
import { aMessage, type MessageParts } from '../../support/messages.js';

type Replayable = MemoryExchange & RebuildDependencies;

/** Reads sexes in another way. */
const other = {
  name: 'other',
  version: '2.0.0',
  extends: 'hl7v2-uk',
  tables: { AdministrativeSex: { F: 'other' } },
};
const packs = createPackRegistry([hl7v2Base, hl7v2Uk, other], { transforms, identities });
const everything = { selection: { feeds: [sampleFeed.id] }, limit: 50 };
const withOther = { ...everything, pack: 'other' };

let exchange: Replayable;
let key: string;

async function receive(parts: MessageParts): Promise<string> {
  const envelope = await acceptBytes(exchange, aMessage(parts));
  const { status, changes } = await normaliseMessage(exchange, envelope);
  expect(status).toBe('normalised');
  return changes[0]?.id ?? '';
}

/** An exchange whose process ends after so many writes. */
function dyingAfter(writes: number): Replayable {
  let done = 0;
  const dies =
    <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      done++ < writes ? write(...args) : Promise.reject(new Error('killed'));
  const { messages, records } = exchange;
  return {
    ...exchange,
    messages: { ...messages, update: dies((...args) => messages.update(...args)) },
    records: { ...records, commit: dies((...args) => records.commit(...args)) },
  };
}

const patient = async () => (await exchange.records.readCurrent('Patient', key))?.resource as Patient;

async function begin(): Promise<void> {
  exchange = { ...createMemoryExchange(), packs, createScratch: createMemoryRecordStore };
  key = await receive({ controlId: 'C1' });
  await receive({ controlId: 'C2', at: '20260330110000', type: 'ADT^A31', family: 'Adebayo' });
}

beforeEach(begin);

describe('a replay with another pack', () => {
  test('replaces what differs as a new version, keeps the old one and tells consumers', async () => {
    const { changes, kept, differences } = await applyReplay(exchange, withOther, 'run 1');
    expect(differences).toEqual([
      {
        subject: `Patient/${key}`,
        records: [
          {
            resourceType: 'Patient',
            id: key,
            difference: 'changed',
            elements: [{ name: 'gender', difference: 'changed' }],
          },
        ],
      },
    ]);
    expect(changes).toEqual([{ resourceType: 'Patient', id: key, versionId: 3, change: 'updated' }]);
    expect(kept).toEqual([]);
    expect(await patient()).toMatchObject({
      gender: 'other',
      name: [{ family: 'Adebayo' }],
      meta: { versionId: '3' },
    });
    const before = (await exchange.records.readVersion('Patient', key, 2)) as VersionDocument | undefined;
    expect(before?.resource).toMatchObject({ gender: 'female', name: [{ family: 'Adebayo' }] });
  });

  test('tells of what it has changed also where it fails after that', async () => {
    const newer = await receive({ controlId: 'C3', at: '20260330120000', mrn: 'M9', nhsNumber: '' });
    const { receipts } = await exchange.messages.search(everything.selection, { limit: 1, order: 'newest' });
    const update: typeof exchange.messages.update = (id, ...change) =>
      id === receipts[0]?.id ? exchange.messages.update(id, ...change) : Promise.reject(new Error('away'));
    const failing = { ...exchange, messages: { ...exchange.messages, update } };
    const told: unknown[] = [];
    const run = applyReplay(failing, withOther, 'run 1', (changes) => told.push(...changes));
    await expect(run).rejects.toThrow('away');
    expect(told).toEqual([{ resourceType: 'Patient', id: newer, versionId: 2, change: 'updated' }]);
  });

  test('changes nothing when it is done again', async () => {
    await applyReplay(exchange, withOther, 'run 1');
    const again = await applyReplay(exchange, withOther, 'run 1');
    expect(again).toMatchObject({ changes: [], differences: [] });
    expect((await patient()).meta?.versionId).toBe('3');
  });

  test('is what the next replay of other messages starts from', async () => {
    await applyReplay(exchange, withOther, 'run 1');
    await receive({ controlId: 'C3', at: '20260330120000', type: 'ADT^A31', family: 'Adeyemi' });
    const [latest] = (await exchange.messages.search(everything.selection, { limit: 1, order: 'newest' }))
      .receipts;
    const selection = { ...everything.selection, from: latest?.receivedAt ?? '' };
    const page = await replayPage(exchange, { selection, limit: 10 });
    expect(page).toMatchObject({ messages: 1, patients: 1, differences: [], skipped: [] });
  });

  test('is not taken back by the next replay of other messages, whenever it dies', async () => {
    for (let writes = 0, died = true; died; writes++) {
      await begin();
      died = await applyReplay(dyingAfter(writes), withOther, 'run 1').then(
        () => false,
        () => true,
      );
      const { gender: before } = await patient();
      const more = ['OBR|1||F1|PANEL|||20260330090000', 'OBX|1|NM|T1^Test||1||||||F'];
      await receive({ controlId: 'R1', type: 'ORU^R01', more });
      const selection = { ...everything.selection, messageType: 'ORU^R01' };
      await applyReplay(exchange, { selection, limit: 10 }, 'run 2');
      const { gender: after } = await patient();
      expect([writes, after]).toEqual([
        writes,
        before === 'other' ? 'other' : expect.stringMatching(/^(female|other)$/),
      ]);
    }
  });

  test('tells consumers again of what is replaced again under the name of the same run', async () => {
    await applyReplay(exchange, withOther, 'run 1');
    await receive({ controlId: 'C3', at: '20260330120000', type: 'ADT^A31', family: 'Adebayo' });
    const { changes } = await applyReplay(exchange, withOther, 'run 1');
    expect(changes).toEqual([{ resourceType: 'Patient', id: key, versionId: 5, change: 'updated' }]);
  });

  test('reads only the messages that are selected anew', async () => {
    const selection = { ...everything.selection, messageType: 'ADT^A31' };
    const page = await replayPage(exchange, { ...withOther, selection });
    expect(page).toMatchObject({ messages: 1, patients: 1 });
    expect(page.differences).toHaveLength(1);
  });
});

describe('whoever changes meanwhile', () => {
  const meanwhile = () =>
    receive({ controlId: 'C9', at: '20260330130000', type: 'ADT^A31', family: 'Newest' });

  /** The exchange, in which a message takes effect before the first call of a step. */
  const interruptedAt = (step: 'listPartition' | 'load') => {
    let isFirst = true;
    const records = {
      ...exchange.records,
      [step]: async (...parameters: never[]) => {
        if (isFirst) {
          isFirst = false;
          await meanwhile();
        }
        return (exchange.records[step] as (...all: never[]) => Promise<unknown>)(...parameters);
      },
    };
    return { ...exchange, records };
  };

  test('before anything is compared is looked at once more', async () => {
    await applyReplay(interruptedAt('listPartition'), withOther, 'run 1');
    expect(await patient()).toMatchObject({ gender: 'other', name: [{ family: 'Newest' }] });
  });

  test('after that is not overwritten', async () => {
    await expect(applyReplay(interruptedAt('load'), withOther, 'run 1')).rejects.toMatchObject({
      code: 'HDE_CONCURRENT_UPDATE',
    });
    expect(await patient()).toMatchObject({ gender: 'female', name: [{ family: 'Newest' }] });
    await applyReplay(exchange, withOther, 'run 1');
    expect(await patient()).toMatchObject({ gender: 'other', name: [{ family: 'Newest' }] });
  });
});

test('replaces large records too, in batches that the store takes, and names what no batch holds', async () => {
  const amended = { ...other, name: 'amended', tables: { ObservationStatus: { F: 'amended' } } };
  const both = createPackRegistry([hl7v2Base, hl7v2Uk, amended], { transforms, identities });
  const results = [...Array.from({ length: 30 }, () => 60_000), 1_100_000].map(
    (size, at) => `OBX|${at + 1}|TX|T${at}^Test ${at}||${'x'.repeat(size)}||||||F`,
  );
  const more = ['OBR|1||F1|PANEL|||20260330090000', ...results];
  await receive({ controlId: 'R1', type: 'ORU^R01', more });
  const run = { selection: { feeds: [sampleFeed.id], messageType: 'ORU^R01' }, limit: 5, pack: 'amended' };
  const { changes, skipped } = await applyReplay({ ...exchange, packs: both }, run, 'run 1');
  expect(changes.filter(({ resourceType }) => resourceType === 'Observation')).toHaveLength(30);
  expect(skipped).toEqual([{ subject: expect.stringMatching(/^Observation\//), reason: 'too-large' }]);
});

test('a message that changed nothing may change something when it is read anew', async () => {
  const parts = { at: '20260330110000', type: 'ADT^A08', family: 'Adebayo' };
  await normaliseMessage(exchange, await acceptBytes(exchange, aMessage({ ...parts, controlId: 'C3' })));
  const envelope = await acceptBytes(exchange, aMessage({ ...parts, controlId: 'C4' }));
  expect((await normaliseMessage(exchange, envelope)).changes).toEqual([]);
  const selection = { feeds: [sampleFeed.id], from: envelope.receivedAt };
  await applyReplay(exchange, { selection, limit: 10, pack: 'other' }, 'run 1');
  expect(await patient()).toMatchObject({ gender: 'other' });
});

describe('whoever cannot be replayed', () => {
  test('is left as they are and named when a message is no longer archived', async () => {
    const get: MemoryExchange['archive']['get'] = () => Promise.resolve(undefined);
    const replay = { ...exchange, archive: { ...exchange.archive, get } };
    const page = await applyReplay(replay, withOther, 'run 1');
    expect(page).toMatchObject({
      changes: [],
      skipped: [{ subject: `Patient/${key}`, reason: 'incomplete' }],
    });
  });

  test('keeps what is stored when one of their messages would fail', async () => {
    const broken = createPackRegistry(
      [
        hl7v2Base,
        hl7v2Uk,
        { name: 'broken', version: '1.0.0', extends: 'hl7v2-uk', messages: { ADT: { refused: true } } },
      ],
      { transforms, identities },
    );
    const page = await applyReplay(
      { ...exchange, packs: broken },
      { ...everything, pack: 'broken' },
      'run 1',
    );
    expect(page.failures.map(({ errorCode }) => errorCode)).toEqual([
      'HDE_HL7_TYPE_UNSUPPORTED',
      'HDE_HL7_TYPE_UNSUPPORTED',
    ]);
    expect(page.changes).toEqual([]);
    expect(await patient()).toMatchObject({ gender: 'female' });
  });

  test('is not looked for by a pack that is not there', async () => {
    await expect(replayPage(exchange, { ...everything, pack: 'nothing' })).rejects.toThrow('nothing');
  });
});
