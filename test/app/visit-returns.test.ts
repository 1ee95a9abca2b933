/**
 * A visit that moves to another patient or number and back, and is ended where it no longer is: the end holds in
 * whatever order the messages arrive.
 */
import { describe, expect, test } from '@jest/globals';
import type { Encounter } from 'fhir/r4.js';
import { normaliseMessage } from '../../src/app/normalise-message.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../support/exchange.js';
import { aMessage } from '../support/messages.js';

interface Event {
  readonly type: string;
  /** Hour of the event. */
  readonly hour: number;
  readonly mrn?: string;
  readonly more: readonly string[];
}

/** A new exchange, to which the events are sent in the order given. */
async function exchangeAfter(events: readonly Event[]): Promise<MemoryExchange> {
  const exchange = createMemoryExchange();
  for (const [index, { type, hour, mrn = 'M1', more }] of events.entries()) {
    const at = `20260330${String(hour).padStart(2, '0')}0000`;
    const bytes = aMessage({ type, controlId: `C${index}`, at, mrn, nhsNumber: '', more });
    const { status } = await normaliseMessage(exchange, await acceptBytes(exchange, bytes));
    expect(status).toBe('normalised');
  }
  return exchange;
}

/** The visits of a patient by number: status and how many beds are active. */
async function visitsOf(exchange: MemoryExchange, mrn: string): Promise<Record<string, string>> {
  const identifier = `https://rzz.example.nhs.uk/Id/local-patient-id|${mrn}`;
  const patients = await exchange.records.findByIdentifier('Patient', identifier, { limit: 10 });
  const partition = patients.documents[0]?.resource.id ?? '';
  const { documents } = await exchange.records.listPartition(partition, 'Encounter', { limit: 20 });
  return Object.fromEntries(
    documents.map(({ resource }) => {
      const { identifier: numbers, status, location = [] } = resource as unknown as Encounter;
      const number = numbers?.find(({ use }) => use !== 'old')?.value ?? '';
      const beds = location.filter((place) => place.status === 'active').length;
      return [number, `${status}, ${beds} beds`];
    }),
  );
}

const pv1 = (number: string, place = '', end = ''): string => {
  const fields = Object.assign(Array<string>(46).fill(''), {
    0: 'PV1',
    1: '1',
    2: 'I',
    3: place,
    19: number,
    45: end,
  });
  return fields.join('|').replace(/\|+$/, '');
};

const admission = (hour: number): Event => ({ type: 'ADT^A01', hour, more: [pv1('V1', 'W1')] });
const discharge = (hour: number, mrn = 'M1', number = 'V1'): Event => ({
  type: 'ADT^A03',
  hour,
  mrn,
  more: [pv1(number, 'W1', `20260330${String(hour).padStart(2, '0')}0000`)],
});
const move = (from: string, to: string, hour: number): Event => ({
  type: 'ADT^A45',
  hour,
  mrn: to,
  more: [`MRG|${from}^^^RZZ^MR`, pv1('V1')],
});
const renumber = (from: string, to: string, hour: number): Event => ({
  type: 'ADT^A50',
  hour,
  more: [`MRG|M1^^^RZZ^MR||||${from}`, pv1(to)],
});

/** All orders of arrival. */
const ordersOf = <T>(items: readonly T[]): T[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((item, index) => ordersOf(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));

const spoken = (events: readonly Event[]): string =>
  events.map(({ type, hour, mrn = 'M1' }) => `${type.slice(4)} ${mrn} ${hour}`).join(', ');

const cases = (events: readonly Event[]) => ordersOf(events).map((order) => [spoken(order), order] as const);

describe('a visit that moved to another patient and back', () => {
  describe('has ended where it is now, when it was ended at the former patient', () => {
    test.each(cases([admission(8), move('M1', 'M2', 9), discharge(10), move('M2', 'M1', 11)]))(
      '%s',
      async (_order, events) => {
        const exchange = await exchangeAfter(events);
        expect(await visitsOf(exchange, 'M1')).toEqual({ V1: 'finished, 0 beds' });
        expect(await visitsOf(exchange, 'M2')).toEqual({ V1: 'entered-in-error, 0 beds' });
      },
    );
  });

  describe('has ended where it is now, when it was ended at the other patient', () => {
    test.each(cases([admission(8), move('M1', 'M2', 9), discharge(10, 'M2'), move('M2', 'M1', 11)]))(
      '%s',
      async (_order, events) => {
        const exchange = await exchangeAfter(events);
        expect(await visitsOf(exchange, 'M1')).toEqual({ V1: 'finished, 0 beds' });
        expect(await visitsOf(exchange, 'M2')).toEqual({ V1: 'entered-in-error, 0 beds' });
      },
    );
  });
});

test('an update at the former patient does not undo the end at the other one', async () => {
  const update: Event = { type: 'ADT^A08', hour: 12, more: [pv1('V1', 'W2')] };
  const there = move('M1', 'M2', 9);
  const rest = [discharge(10, 'M2'), move('M2', 'M1', 13)];
  for (const events of [
    [admission(8), update, there, ...rest],
    [admission(8), there, update, ...rest],
  ])
    expect(await visitsOf(await exchangeAfter(events), 'M1')).toEqual({ V1: 'finished, 0 beds' });
});

test('a visit whose end was taken back after it moved runs when it is back', async () => {
  const runs: Event = { type: 'ADT^A13', hour: 11, mrn: 'M2', more: [pv1('V1', 'W1')] };
  const exchange = await exchangeAfter([
    ...[admission(8), move('M1', 'M2', 9), discharge(10), runs],
    move('M2', 'M1', 12),
  ]);
  expect((await visitsOf(exchange, 'M1'))['V1']).toMatch(/^in-progress/);
});

describe('a visit that moved on from patient to patient', () => {
  describe('has ended where it is now, when it was ended on its way', () => {
    test.each(cases([admission(8), move('M1', 'M2', 9), discharge(10, 'M2'), move('M2', 'M3', 11)]))(
      '%s',
      async (_order, events) => {
        const exchange = await exchangeAfter(events);
        expect(await visitsOf(exchange, 'M3')).toEqual({ V1: 'finished, 0 beds' });
        expect(await visitsOf(exchange, 'M2')).toEqual({ V1: 'entered-in-error, 0 beds' });
      },
    );
  });

  describe('runs where it is now, in a bed', () => {
    test.each(cases([admission(8), move('M1', 'M2', 9), move('M2', 'M3', 11), move('M3', 'M4', 12)]))(
      '%s',
      async (_order, events) => {
        const exchange = await exchangeAfter(events);
        expect(await visitsOf(exchange, 'M4')).toEqual({ V1: 'in-progress, 1 beds' });
        expect(await visitsOf(exchange, 'M3')).toEqual({ V1: 'entered-in-error, 0 beds' });
      },
    );
  });
});

describe('a visit that got another number and the former one again', () => {
  describe('has ended under it, when it was ended under the other number', () => {
    test.each(
      cases([admission(8), renumber('V1', 'V2', 9), discharge(10, 'M1', 'V2'), renumber('V2', 'V1', 11)]),
    )('%s', async (_order, events) => {
      const exchange = await exchangeAfter(events);
      expect(await visitsOf(exchange, 'M1')).toEqual({ V1: 'finished, 0 beds', V2: 'finished, 0 beds' });
    });
  });

  describe('has ended under it, when it was ended under that number while it had the other', () => {
    test.each(cases([admission(8), renumber('V1', 'V2', 9), discharge(10), renumber('V2', 'V1', 11)]))(
      '%s',
      async (_order, events) => {
        const exchange = await exchangeAfter(events);
        expect(await visitsOf(exchange, 'M1')).toEqual({ V1: 'finished, 0 beds', V2: 'finished, 0 beds' });
      },
    );
  });
});
