/** Writes that are done, though the store says that another one came first, or says nothing. */
import { Buffer } from 'node:buffer';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Binary, Patient } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { createTurns } from '../../../src/app/in-turn.js';
import { ExchangeError } from '../../../src/core/errors.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { type Api, aPatient, type Asked, send } from './arrange.js';
import { aMinimal } from './minimal.js';
import { entry, sendBundle, statusesOf } from './transaction/bundles.js';

let api: Api;
const subject = { reference: 'Patient/p' };
const withName = (id: string, text: string) =>
  ({ ...aPatient(id), name: [{ text }] }) as Patient & { id: string };
const unavailable = () => new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE');

beforeEach(async () => {
  api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
  await send(api, { method: 'PUT', target: 'Patient/p', body: withName('p', 'a') });
  const body = aMinimal('Observation/o', { subject });
  await send(api, { method: 'PUT', target: 'Observation/o', body });
});

/** Does what it is asked to, and answers each batch that tells of a change as if it had not. */
const losing = (records: RecordStore, answer: () => 'conflict'): RecordStore => ({
  ...records,
  commit: async (partition, operations) => {
    const outcome = await records.commit(partition, operations);
    return operations.some(({ document }) => document.kind === 'event') ? answer() : outcome;
  },
});

const addName = [{ op: 'add', path: '/name/-', value: { text: 'b' } }];
const patchOf: Asked = {
  ...{ method: 'PATCH', target: 'Patient/p', body: addName },
  headers: { 'content-type': 'application/json-patch+json' },
};
const asBinary: Binary = {
  ...{ resourceType: 'Binary', contentType: 'application/json-patch+json' },
  data: Buffer.from(JSON.stringify(addName)).toString('base64'),
};
const patching = entry('PATCH', 'Patient/p', { resource: asBinary });
const anObservation = aMinimal('Observation/x', { subject });

const namesOf = async (): Promise<unknown> => {
  const resource = (await api.records.readCurrent('Patient', 'p'))?.resource as Patient | undefined;
  return resource?.name?.map(({ text }) => text);
};
const countOf = async (type: string): Promise<number> =>
  (await api.records.listPartition('p', type, { limit: 100 })).documents.length;

describe.each<[string, () => 'conflict']>([
  ['says that another one came first', () => 'conflict'],
  [
    'does not answer',
    () => {
      throw unavailable();
    },
  ],
])('where the store %s, and it is done,', (_, answer) => {
  const over = (): Api => ({ ...api, records: losing(api.records, answer) });

  test('a patch is applied once', async () => {
    expect(await send(over(), patchOf)).toMatchObject({ status: 200, headers: { etag: 'W/"2"' } });
    expect(await namesOf()).toEqual(['a', 'b']);
  });

  test('a create says that it has created', async () => {
    const asked = { method: 'POST', target: 'Observation', body: anObservation };
    expect((await send(over(), asked)).status).toBe(201);
    expect(await countOf('Observation')).toBe(2);
  });

  test.each([
    ['PUT', 'Patient/p', { 'if-match': 'W/"1"' }, withName('p', 'c'), 200],
    ['PUT', 'Patient/q', { 'if-none-match': '*' }, withName('q', 'c'), 201],
    ['DELETE', 'Observation/o', { 'if-match': 'W/"1"' }, undefined, 204],
  ])('%s %s %j is not refused', async (method, target, headers, body, status) => {
    const asked = { method, target, headers, ...(body === undefined ? {} : { body }) };
    expect((await send(over(), asked)).status).toBe(status);
  });

  test('a transaction that creates says that it has created', async () => {
    const creating = entry('POST', 'Observation', { resource: anObservation });
    const answered = await sendBundle(over(), 'transaction', [creating, patching]);
    expect(statusesOf(answered)).toEqual(['201', '200']);
    expect([await countOf('Observation'), await namesOf()]).toEqual([2, ['a', 'b']]);
  });

  test('a transaction with one change makes it once', async () => {
    const unchanged = entry('PUT', 'Observation/o', { resource: aMinimal('Observation/o', { subject }) });
    expect(statusesOf(await sendBundle(over(), 'transaction', [patching, unchanged]))).toEqual([
      '200',
      '200',
    ]);
    expect(await namesOf()).toEqual(['a', 'b']);
  });
});

test.each<[string, (second: Api) => Promise<unknown>]>([
  ['patch', (second) => send(second, patchOf)],
  ['transaction', (second) => sendBundle(second, 'transaction', [patching])],
])('a %s before which another write came is decided on again', async (_, write) => {
  let isFirst = true;
  const records: RecordStore = {
    ...api.records,
    commit: async (partition, operations) => {
      if (isFirst) {
        isFirst = false;
        const asked = { method: 'PUT', target: 'Patient/p', body: withName('p', 'other') };
        await send({ ...api, inTurn: createTurns() }, asked);
      }
      return api.records.commit(partition, operations);
    },
  };
  await write({ ...api, records });
  expect(await namesOf()).toEqual(['other', 'b']);
});

test('a write that is not done fails with what the store said', async () => {
  const records: RecordStore = { ...api.records, commit: () => Promise.reject(unavailable()) };
  const write = send({ ...api, records }, { method: 'PUT', target: 'Patient/p', body: withName('p', 'c') });
  await expect(write).rejects.toMatchObject({ code: 'HDE_DEPENDENCY_UNAVAILABLE' });
  expect(await namesOf()).toEqual(['a']);
});

test('of a write that nobody can look for the first error counts', async () => {
  let isAway = false;
  const records: RecordStore = {
    ...api.records,
    commit: () => {
      isAway = true;
      return Promise.reject(unavailable());
    },
    load: (...asked) => (isAway ? Promise.reject(new Error('load')) : api.records.load(...asked)),
  };
  const write = send({ ...api, records }, { method: 'PUT', target: 'Patient/p', body: withName('p', 'c') });
  await expect(write).rejects.toMatchObject({ code: 'HDE_DEPENDENCY_UNAVAILABLE' });
});
