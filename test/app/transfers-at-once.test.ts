/**
 * Transfers where a visit was, at the very moment at which it moves or told after it: the patient is in the bed that was
 * stated last, and in one only.
 */
import { describe, expect, test } from '@jest/globals';
import type { Encounter } from 'fhir/r4.js';
import { createMemoryRecordStore } from '../../src/adapters/memory/record-store.js';
import { normaliseMessage, processMessage } from '../../src/app/normalise-message.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../support/exchange.js';
import { interleave } from '../support/interleave.js';
import { aMessage, type MessageParts } from '../support/messages.js';
import { createReplicas } from '../support/replicas.js';

type Event = Pick<MessageParts, 'type' | 'mrn' | 'more'> & { readonly hour: number };

let count = 0;

function accept(exchange: MemoryExchange, { hour, ...parts }: Event) {
  count += 1;
  const at = `20260330${String(hour).padStart(2, '0')}0000`;
  return acceptBytes(exchange, aMessage({ ...parts, controlId: `C${count}`, at, nhsNumber: '' }));
}

const pv1 = (number: string, ward = ''): string => `PV1|1|I|${ward}|${'|'.repeat(15)}${number}`;
const admission: Event = { type: 'ADT^A01', hour: 8, more: [pv1('V1', 'W1')] };
const transfer: Event = { type: 'ADT^A02', hour: 10, more: [pv1('V1', 'W2')] };
const move: Event = { type: 'ADT^A45', hour: 11, mrn: 'M2', more: ['MRG|M1^^^RZZ^MR', pv1('V1')] };
const renumber: Event = { type: 'ADT^A50', hour: 11, more: ['MRG|M1^^^RZZ^MR||||V1', pv1('V2')] };

/** The visits of a patient: status and the beds with their states. */
async function visitsOf({ records }: MemoryExchange, mrn: string): Promise<string[]> {
  const identifier = `https://rzz.example.nhs.uk/Id/local-patient-id|${mrn}`;
  const patients = await records.findByIdentifier('Patient', identifier, { limit: 1 });
  const partition = patients.documents[0]?.resource.id ?? '';
  const { documents } = await records.listPartition(partition, 'Encounter', { limit: 20 });
  return documents
    .map(({ resource }) => {
      const { status, location = [], identifier: numbers = [] } = resource as unknown as Encounter;
      // Where a visit never was, it matters only that nobody is there.
      const told = location.filter((place) => status !== 'entered-in-error' || place.status === 'active');
      const beds = told.map((place) => `${place.location.display ?? ''} ${place.status ?? ''}`);
      return [numbers[0]?.value, status, ...beds.sort()].join(', ');
    })
    .sort();
}

async function begin(records = createMemoryRecordStore()): Promise<MemoryExchange> {
  const exchange = { ...createMemoryExchange(), records };
  await normaliseMessage(exchange, await accept(exchange, admission));
  return exchange;
}

describe.each([
  ['to another patient', move, 'M2'],
  ['to another number', renumber, 'M1'],
])('a visit that moves %s', (_where, away, mrn) => {
  test.each([
    ['within the move', 1],
    ['within the transfer', 1],
    ['within the move', 2],
    ['within the transfer', 2],
  ])('is in the bed of a transfer at the same moment: %s, in processes: %d', async (which, processes) => {
    const one = which === 'within the transfer' ? 1 : 0;
    const inOrder = await begin();
    for (const event of [transfer, away]) await normaliseMessage(inOrder, await accept(inOrder, event));
    const expected = await visitsOf(inOrder, mrn);
    expect(expected.join()).toContain('W1 completed, W2 active');
    for (let calls = 0, made = Infinity; calls < made; calls++) {
      const replicas = createReplicas();
      const { records } = replicas;
      const exchange = await begin(records);
      const stores = processes === 1 ? [records, records] : [replicas.begin(), replicas.begin()];
      const envelopes = [await accept(exchange, away), await accept(exchange, transfer)] as const;
      made = 0;
      await interleave(exchange, envelopes, () => (made++ < calls ? one : 1 - one), stores);
      expect([calls, await visitsOf(exchange, mrn)]).toEqual([calls, expected]);
    }
  });

  test.each([
    ['a late transfer', [admission, away], transfer],
    ['the move', [admission, transfer], away],
  ])('is in the bed of the transfer, whenever the worker dies that processes %s', async (_, before, last) => {
    const inOrder = await begin();
    for (const event of [transfer, away]) await normaliseMessage(inOrder, await accept(inOrder, event));
    const expected = await visitsOf(inOrder, mrn);
    for (let writes = 0, died = true; died; writes++) {
      const exchange = createMemoryExchange();
      for (const event of before) await normaliseMessage(exchange, await accept(exchange, event));
      const envelope = await accept(exchange, last);
      let made = 0;
      const commit: MemoryExchange['records']['commit'] = (partition, operations) =>
        made++ < writes
          ? exchange.records.commit(partition, operations)
          : Promise.reject(new Error('killed'));
      died = await processMessage({ ...exchange, records: { ...exchange.records, commit } }, envelope).then(
        () => false,
        () => true,
      );
      await processMessage(exchange, envelope);
      expect([writes, await visitsOf(exchange, mrn)]).toEqual([writes, expected]);
    }
  });
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((others) => [item, ...others]),
  );
}

const transferAt = (hour: number, ward: string, mrn = 'M1', number = 'V1'): Event => ({
  type: 'ADT^A02',
  hour,
  mrn,
  more: [pv1(number, ward)],
});
const moveTo = (hour: number, from: string, to: string, ward = ''): Event => ({
  type: 'ADT^A45',
  hour,
  mrn: to,
  more: [`MRG|${from}^^^RZZ^MR`, pv1('V1', ward)],
});
const home: Event = { type: 'ADT^A03', hour: 13, mrn: 'M2', more: [pv1('V1')] };

describe.each<[string, Event[], string]>([
  ['transfers before and after', [admission, transfer, move, transferAt(12, 'W3', 'M2')], 'W3 active'],
  ['two transfers before', [admission, transferAt(9, 'W3'), transfer, move], 'W2 active'],
  ['a bed that the move states', [admission, transfer, moveTo(11, 'M1', 'M2', 'W3')], 'W3 active'],
  ['another move', [admission, transfer, move, moveTo(12, 'M2', 'M1')], ''],
  [
    'another move, and a transfer between',
    [admission, move, transferAt(12, 'W2', 'M2'), moveTo(13, 'M2', 'M1')],
    '',
  ],
  ['an end', [admission, transfer, move, home], 'W2 completed'],
])('a visit that moves, with %s', (_, events, bed) => {
  test('has its patient in the same bed in every order', async () => {
    const after = async (order: readonly Event[]) => {
      const exchange = createMemoryExchange();
      for (const event of order) await normaliseMessage(exchange, await accept(exchange, event));
      return [await visitsOf(exchange, 'M1'), await visitsOf(exchange, 'M2')];
    };
    const expected = await after(events);
    expect(JSON.stringify(expected)).toContain(bed === '' ? 'W2 active' : bed);
    for (const order of permutations(events)) {
      const spoken = order.map(({ type, hour }) => `${type} ${hour}`);
      expect([spoken, await after(order)]).toEqual([spoken, expected]);
    }
  });
});
