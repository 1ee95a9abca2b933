/** Transactions of several patients, when something happens between any two steps of the store. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Bundle, Patient } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../../src/adapters/memory/record-store.js';
import { createTurns } from '../../../../src/app/in-turn.js';
import type { CommitOperation, RecordDocument } from '../../../../src/core/records/types.js';
import type { RecordStore } from '../../../../src/ports/record-store.js';
import { publishing } from '../../../support/publishing.js';
import { watched } from '../../../support/watched.js';
import { type Api, aPatient, send } from '../arrange.js';
import { aMinimal } from '../minimal.js';
import { entry, sendBundle, statusesOf } from './bundles.js';

/** Stands for a process that ends: no code of the exchange catches it. */
class Killed extends Error {}

/** Nobody waits: who meets a transaction that is not decided loses patience at once. */
beforeEach(() => {
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(((go: () => void) => setImmediate(go)) as never);
});
afterEach(() => {
  jest.restoreAllMocks();
});

async function anApi(): Promise<Api> {
  const api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
  for (const id of ['p', 'q']) await put(api, withName(id, 'before'));
  await put(api, aMinimal('Observation/p.gone', { subject: { reference: 'Patient/p' } }));
  return api;
}

const withName = (id: string, text: string) =>
  ({ ...aPatient(id), name: [{ text }] }) as Patient & { id: string };

const put = (api: Api, body: Patient | ReturnType<typeof aMinimal>) =>
  send(api, { method: 'PUT', target: `${body.resourceType}/${body.id ?? ''}`, body });

/** Changes two patients, makes a record about each and deletes one. */
const transact = (api: Api, text: string, order = ['p', 'q']): Promise<Bundle> =>
  sendBundle(api, 'transaction', [
    ...order.map((id) => entry('PUT', `Patient/${id}`, { resource: withName(id, text) })),
    ...order.map((id) =>
      entry('PUT', `Observation/${id}.new`, {
        resource: aMinimal(`Observation/${id}.new`, { subject: { reference: `Patient/${id}` } }),
      }),
    ),
    entry('DELETE', 'Observation/p.gone'),
  ]);

/** What a reader sees of both patients. */
async function look({ records }: Api): Promise<string> {
  const seen: string[] = [];
  for (const id of ['p', 'q']) {
    const { documents } = await records.listPartition(id, undefined, { limit: 100 });
    for (const { resourceType, fhirId, versionId, resource } of documents)
      seen.push(`${resourceType}/${fhirId} v${versionId} ${(resource as Patient).name?.[0]?.text ?? ''}`);
  }
  return seen.join('\n');
}

/** All that a process that committed wrote to the outbox and to decide. */
function recording(records: RecordStore): { records: RecordStore; written: RecordDocument[] } {
  const written: RecordDocument[] = [];
  const commit = async (partition: string, operations: readonly CommitOperation[]) => {
    const outcome = await records.commit(partition, operations);
    if (outcome === 'committed') written.push(...operations.map(({ document }) => document));
    return outcome;
  };
  return { records: { ...records, commit }, written };
}

/** A process to which a partition shows nothing that is staged there before it catches up with it. */
function behind(records: RecordStore): RecordStore {
  const reached = new Set<string>();
  return {
    ...records,
    listStaged: (partition, ...asked) =>
      reached.has(partition) ? records.listStaged(partition, ...asked) : Promise.resolve([]),
    catchUp: (partition) => {
      reached.add(partition);
      return Promise.resolve();
    },
  };
}

/** The calls of the store that the transaction makes when nothing disturbs it. */
async function callsOf(): Promise<number> {
  let calls = 0;
  const api = await anApi();
  const counted = watched(api.records, () => {
    calls += 1;
    return Promise.resolve();
  });
  await transact({ ...api, records: counted }, 'after');
  return calls;
}

async function seenWithout(): Promise<{ before: string; after: string }> {
  const api = await anApi();
  const before = await look(api);
  await transact(api, 'after');
  return { before, after: await look(api) };
}

/** Carries the transaction out until the process ends at a call of the store; a reader looks before each. */
async function killedAt(call: number) {
  const api = await anApi();
  const seen: string[] = [await look(api)];
  const { records, written } = recording(api.records);
  let calls = 0;
  const dying = watched(records, async () => {
    seen.push(await look(api));
    if (calls++ >= call) throw new Killed();
  });
  const ended = await transact({ ...api, records: dying, inTurn: createTurns() }, 'after').then(
    () => 'answered',
    (error: unknown) => (error instanceof Killed ? 'killed' : error),
  );
  seen.push(await look(api));
  return { api, seen, written, ended };
}

describe('a transaction of two patients', () => {
  test('is seen whole or not at all, wherever its process ends, and the next one goes on', async () => {
    const { before, after } = await seenWithout();
    expect(after).not.toBe(before);
    const calls = await callsOf();
    expect(calls).toBeGreaterThan(10);
    const outcomes = new Set<string>();
    for (let call = 0; call < calls; call++) {
      const { api, seen, ended } = await killedAt(call);
      const changes = seen.filter((each, index) => index > 0 && each !== seen[index - 1]);
      expect({ call, changes }).toEqual({ call, changes: changes.length === 0 ? [] : [after] });
      expect(['answered', 'killed']).toContain(ended);
      const isCommitted = seen.at(-1) === after;
      if (ended === 'answered') expect(isCommitted).toBe(true);
      outcomes.add(`${String(ended)} ${isCommitted ? 'whole' : 'nothing'}`);
      const next = { ...api, inTurn: createTurns() };
      await transact(next, 'later', ['q', 'p']);
      for (const id of ['p', 'q']) {
        const { versionId, resource } = (await api.records.readCurrent('Patient', id))!;
        expect({ call, versionId, name: (resource as Patient).name?.[0]?.text }).toEqual({
          ...{ call, versionId: isCommitted ? 3 : 2, name: 'later' },
        });
        for (let version = 1; version <= versionId; version++)
          expect((await api.records.readVersion('Patient', id, version))?.versionId).toBe(version);
      }
    }
    // Once it is decided nothing can fail it any more.
    expect([...outcomes].sort()).toEqual(['answered whole', 'killed nothing']);
  });

  test('is finished by who publishes its event, if its process ended', async () => {
    let left = 0;
    for (let call = 0; call < (await callsOf()); call++) {
      const { api, written } = await killedAt(call);
      const decision = written.find(({ kind }) => kind === 'decision');
      if (decision?.kind !== 'decision') continue;
      const staged = async () =>
        (await api.records.listStaged('p', decision.attempt, 10)).length +
        (await api.records.listStaged('q', decision.attempt, 10)).length;
      left += await staged();
      for (let times = 1; times <= 2; times++) await publishing(behind(api.records)).publish(written);
      expect(await staged()).toBe(0);
      const history = await api.records.listHistory('Patient', { limit: 10 });
      expect(history.map(({ fhirId, versionId }) => `${fhirId} ${versionId}`).sort()).toEqual([
        ...['p 1', 'p 2', 'q 1', 'q 2'],
      ]);
    }
    expect(left).toBeGreaterThan(0);
  });

  test('and a write of one of them, at any moment in its middle, both take effect', async () => {
    const calls = await callsOf();
    for (let call = 0; call < calls; call++) {
      const api = await anApi();
      let count = 0;
      const meddling = watched(api.records, async () => {
        if (count++ === call) await put({ ...api, inTurn: createTurns() }, withName('p', 'other'));
      });
      const answer = await transact({ ...api, records: meddling, inTurn: createTurns() }, 'after');
      expect(statusesOf(answer)[0]).toBe('200');
      const namesOf = async (id: string) =>
        (await api.records.listVersions('Patient', id, { limit: 10 })).map((each) =>
          'resource' in each ? (each.resource as Patient).name?.[0]?.text : '',
        );
      expect({ call, p: (await namesOf('p')).sort(), q: await namesOf('q') }).toEqual({
        ...{ call, p: ['after', 'before', 'other'], q: ['after', 'before'] },
      });
    }
  });

  test('leaves nothing when a part of it is refused after others were staged', async () => {
    const api = await anApi();
    const { records, written } = recording(api.records);
    let meddled = false;
    const meddling = watched(records, async (name) => {
      if (name !== 'commit' || meddled) return;
      meddled = true;
      await put({ ...api, inTurn: createTurns() }, withName('q', 'other'));
    });
    const ifMatch = { request: { ifMatch: 'W/"1"' } };
    const refusal = sendBundle({ ...api, records: meddling }, 'transaction', [
      entry('PUT', 'Patient/p', { resource: withName('p', 'after') }),
      entry('PUT', 'Patient/q', { resource: withName('q', 'after'), ...ifMatch }),
    ]);
    await expect(refusal).rejects.toMatchObject({
      ...{ code: 'HDE_PRECONDITION_FAILED', location: 'Bundle.entry[1]' },
    });
    const attempts = written.flatMap((each) => (each.kind === 'staged' ? [each.messageId] : []));
    expect(attempts.length).toBeGreaterThan(0);
    for (const attempt of attempts) expect(await api.records.listStaged('p', attempt, 10)).toEqual([]);
    expect(await api.records.readLatest('Patient', 'p')).toMatchObject({ versionId: 1 });
  });
});

describe('many transactions of the same patients in opposite order, in processes of their own', () => {
  test('all take effect, one after the other, and nobody sees half of one', async () => {
    const api = await anApi();
    const writers = { busy: true };
    const halves: string[] = [];
    const reader = (async () => {
      while (writers.busy) {
        // Read in this order, the second may be newer than the first, never older.
        const versions: number[] = [];
        for (const id of ['p', 'q']) versions.push((await api.records.readLatest('Patient', id))!.versionId);
        const [p = 0, q = 0] = versions;
        if (q < p) halves.push(versions.join(' '));
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const slow = watched(api.records, () => new Promise((resolve) => setImmediate(resolve)));
    const count = 12;
    const answers = await Promise.all(
      Array.from({ length: count }, (_, index) =>
        transact(
          { ...api, records: slow, inTurn: createTurns() },
          `t${index}`,
          index % 2 === 0 ? ['p', 'q'] : ['q', 'p'],
        ),
      ),
    );
    writers.busy = false;
    await reader;
    expect(halves).toEqual([]);
    for (const answer of answers) expect(statusesOf(answer)[0]).toBe('200');
    const names: string[][] = [];
    for (const id of ['p', 'q']) {
      const versions = await api.records.listVersions('Patient', id, { limit: 100 });
      expect(versions.map(({ versionId }) => versionId)).toEqual(
        Array.from({ length: count + 1 }, (_, index) => count + 1 - index),
      );
      names.push(
        versions.map((each) =>
          'resource' in each ? ((each.resource as Patient).name?.[0]?.text ?? '') : '',
        ),
      );
    }
    expect(names[0]).toEqual(names[1]);
  });
});
