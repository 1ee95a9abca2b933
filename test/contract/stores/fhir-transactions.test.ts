/** Transactions at the same moment, over the Cosmos DB endpoint with the real SDK. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle, Patient, Resource } from 'fhir/r4.js';
import { createTurns } from '../../../src/app/in-turn.js';
import { type Api, aPatient, send } from '../../app/fhir/arrange.js';
import { aMinimal } from '../../app/fhir/minimal.js';
import { type Entry, entry, sendBundle, statusesOf } from '../../app/fhir/transaction/bundles.js';
import { watched } from '../../support/watched.js';
import { openFhirApi } from './open-fhir-api.js';

let api: Api;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ api, close } = await openFhirApi());
}, 60_000);

afterAll(() => close(), 60_000);

const withNames = (id: string, ...names: string[]): Patient & { id: string } => ({
  ...aPatient(id),
  resourceType: 'Patient',
  name: names.map((text) => ({ text })),
});

const put = (body: Resource & { id: string }) =>
  send(api, { method: 'PUT', target: `${body.resourceType}/${body.id}`, body });

const namesOf = (resource: Resource | undefined): string[] =>
  ((resource as Patient | undefined)?.name ?? []).map(({ text = '' }) => text);

/** Adds a name to those that are there, whoever added them. */
const adding = (id: string, text: string): Entry =>
  entry('PATCH', `Patient/${id}`, {
    resource: {
      ...{ resourceType: 'Binary', contentType: 'application/json-patch+json' },
      data: Buffer.from(JSON.stringify([{ op: 'add', path: '/name/-', value: { text } }])).toString('base64'),
    } as Resource,
  });

test('200 transactions of one patient at the same moment take effect one after the other', async () => {
  await put(withNames('p1', 'first'));
  const observation = aMinimal('Observation/x', { subject: { reference: 'Patient/p1' } });
  const transact = (index: number): Promise<Bundle> =>
    sendBundle(api, 'transaction', [
      entry('POST', 'Observation', { resource: { ...observation, language: `x-${index}` } }),
      adding('p1', `n${index}`),
    ]);
  const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => transact(index)));
  const orders = answers.map((answer, index) => {
    const names = namesOf(answer.entry?.[1]?.resource);
    expect(names.at(-1)).toBe(`n${index}`);
    return names;
  });
  const last = namesOf((await api.records.readCurrent('Patient', 'p1'))?.resource);
  expect(last).toHaveLength(201);
  for (const names of orders) expect(names).toEqual(last.slice(0, names.length));
  expect(new Set(orders.map((names) => names.length)).size).toBe(200);
  const { documents } = await api.records.listPartition('p1', 'Observation', { limit: 500 });
  expect(new Set(documents.map(({ resource }) => resource.language)).size).toBe(200);
}, 240_000);

test('transactions of two patients, from processes of their own and in opposite order, are seen whole', async () => {
  await put(withNames('q1', 'first'));
  await put(withNames('q2', 'first'));
  const count = 20;
  const state = { busy: true };
  const halves: string[] = [];
  const look = async () => {
    while (state.busy) {
      const before = namesOf((await api.records.readCurrent('Patient', 'q1'))?.resource);
      const after = namesOf((await api.records.readCurrent('Patient', 'q2'))?.resource);
      if (before.some((name) => !after.includes(name))) halves.push(before.join(' '));
    }
  };
  const reader = look();
  const answers = await Promise.all(
    Array.from({ length: count }, (_, index) => {
      const order = index % 2 === 0 ? ['q1', 'q2'] : ['q2', 'q1'];
      const process = { ...api, inTurn: createTurns() };
      return sendBundle(
        process,
        'transaction',
        order.map((id) => adding(id, `n${index}`)),
      ).then(statusesOf, (error: unknown) => [(error as { code?: string }).code ?? String(error)]);
    }),
  );
  state.busy = false;
  await reader;
  expect(halves).toEqual([]);
  const names = await Promise.all(
    ['q1', 'q2'].map(async (id) => namesOf((await api.records.readCurrent('Patient', id))?.resource)),
  );
  expect(names[0]).toEqual(names[1]);
  const done = answers.filter((statuses) => statuses.join() === '200,200');
  expect(names[0]).toHaveLength(done.length + 1);
  // The others are told to come again.
  for (const statuses of answers) expect(['200,200', 'HDE_CONCURRENT_UPDATE']).toContain(statuses.join());
  expect(done.length).toBeGreaterThan(0);
}, 240_000);

test('a process that ends in the middle leaves all or nothing, and the next one goes on', async () => {
  const seen = new Set<string>();
  for (const call of [3, 6, 9, 12, 13, 14, 15, 16, 17, 18, 20]) {
    const [a, b] = [`r${call}a`, `r${call}b`];
    await put(withNames(a, 'first'));
    await put(withNames(b, 'first'));
    let calls = 0;
    const records = watched(api.records, () =>
      calls++ < call ? Promise.resolve() : Promise.reject(new Error('the process has ended')),
    );
    const dying = { ...api, records, inTurn: createTurns() };
    await sendBundle(dying, 'transaction', [adding(a, 'second'), adding(b, 'second')]).catch(() => undefined);
    const lookAt = async () =>
      (
        await Promise.all(
          [a, b].map(async (id) => namesOf((await api.records.readCurrent('Patient', id))?.resource)),
        )
      ).map((names) => names.join(' '));
    const [first, second] = await lookAt();
    expect(first).toBe(second);
    seen.add(first ?? '');
    await sendBundle(api, 'transaction', [adding(b, 'third'), adding(a, 'third')]);
    expect(await lookAt()).toEqual([`${first ?? ''} third`, `${first ?? ''} third`]);
  }
  expect([...seen].sort()).toEqual(['first', 'first second']);
}, 240_000);
