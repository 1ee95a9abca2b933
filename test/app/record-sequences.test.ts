/** What is stored after several messages about one thing: what nobody stated or took back must not change. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { AllergyIntolerance, Appointment, Encounter, MedicationRequest, Resource } from 'fhir/r4.js';
import { normaliseMessage } from '../../src/app/normalise-message.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../support/exchange.js';
import { aMessage } from '../support/messages.js';

let exchange: MemoryExchange;
let count: number;

beforeEach(() => {
  exchange = createMemoryExchange();
  count = 0;
});

/** Sends messages about one person, an hour apart. @returns the stored records of a type */
async function stored<T extends Resource>(
  type: T['resourceType'],
  ...messages: readonly [string, ...string[]][]
): Promise<T[]> {
  let partition = '';
  for (const [messageType, ...more] of messages) {
    count += 1;
    const at = `202603301${count}0000`;
    const bytes = aMessage({ type: messageType, controlId: `C${count}`, at, more });
    const { status, changes } = await normaliseMessage(exchange, await acceptBytes(exchange, bytes));
    expect(status).toBe('normalised');
    partition = changes[0]?.id.split('.')[0] ?? partition;
  }
  const { documents } = await exchange.records.listPartition(partition, type, { limit: 10 });
  return documents.map(({ resource }) => resource as unknown as T);
}

const visit = (place: string, changes: Record<number, string> = {}): string => {
  const fields = Object.assign(
    Array<string>(46).fill(''),
    { 0: 'PV1', 1: '1', 2: 'I', 3: place, 19: 'V1' },
    changes,
  );
  return fields.join('|');
};

describe('a visit', () => {
  test.each([
    ['cancelled', 'ADT^A11', {}],
    ['finished', 'ADT^A03', { 45: '20260330' }],
  ])('that is %s gets nobody back to bed by an update', async (status, event, changes) => {
    const [encounter] = await stored<Encounter>(
      'Encounter',
      ['ADT^A01', visit('W1')],
      [event, visit('W1', changes)],
      ['ADT^A08', visit('W2')],
    );
    expect(encounter?.status).toBe(status);
    expect(encounter?.location?.map((place) => place.status)).not.toContain('active');
  });

  test('whose class is deleted is still a valid record', async () => {
    const [encounter] = await stored<Encounter>(
      'Encounter',
      ['ADT^A01', visit('W1')],
      ['ADT^A08', visit('W1', { 2: '""' })],
    );
    expect(encounter?.class.code).toBe('UNK');
    expect(encounter?.status).toBe('in-progress');
  });
});

describe('a prescription', () => {
  const ordered: [string, ...string[]] = [
    'RDE^O11',
    'ORC|NW|RX1',
    'RXE|^BD|AMOX^Amoxicillin^L|500||mg',
    'RXR|PO',
  ];

  test.each([
    ['CA', 'cancelled'],
    ['DC', 'stopped'],
    ['HD', 'on-hold'],
  ])('is stopped by an order of its number that says no more: %s', async (control, status) => {
    const records = await stored<MedicationRequest>('MedicationRequest', ordered, [
      'RDE^O11',
      `ORC|${control}|RX1`,
    ]);
    expect(records).toMatchObject([{ status, medicationCodeableConcept: { coding: [{ code: 'AMOX' }] } }]);
    expect(records[0]?.dosageInstruction).toHaveLength(1);
  });

  test('of which only the end is known says that its medicine is not stated', async () => {
    const records = await stored<MedicationRequest>('MedicationRequest', ['RDE^O11', 'ORC|DC|RX1']);
    expect(records).toMatchObject([
      { status: 'stopped', intent: 'order', medicationCodeableConcept: { text: 'Not stated' } },
    ]);
  });
});

describe('an appointment', () => {
  const sch = (start: string, end = ''): string => `SCH|PA1|FA1|||||||||^^^${start}^${end}`;
  const booked: [string, ...string[]] = [
    'SIU^S12',
    sch('202604010900', '202604010930'),
    'RGS|1',
    'AIP|1||D1^Bell^Ada',
    'AIL|1||CLINIC',
  ];

  test('keeps who takes part when a change does not say', async () => {
    const [appointment] = await stored<Appointment>('Appointment', booked, ['SIU^S14', 'SCH|PA1|FA1']);
    expect(appointment?.participant).toHaveLength(3);
    expect(appointment?.start).toBeDefined();
  });

  test('that is cancelled stays so when a change states no status', async () => {
    const [appointment] = await stored<Appointment>(
      'Appointment',
      booked,
      ['SIU^S15', 'SCH|PA1|FA1'],
      ['SIU^S14', 'SCH|PA1|FA1'],
    );
    expect(appointment?.status).toBe('cancelled');
  });

  test('does not end before it starts when only its start is moved', async () => {
    const [appointment] = await stored<Appointment>('Appointment', booked, ['SIU^S14', sch('202604050900')]);
    expect(appointment?.start).toContain('2026-04-05');
    expect(appointment?.end).toBeUndefined();
  });
});

test('an allergy that is taken back stays so when a message says that nothing changed', async () => {
  const iam = (action: string) => `IAM|1|DA|PEN^Penicillin^L|||${action}`;
  const [allergy] = await stored<AllergyIntolerance>(
    'AllergyIntolerance',
    ['ADT^A60', iam('A')],
    ['ADT^A60', iam('D')],
    ['ADT^A60', iam('X')],
  );
  expect(allergy?.clinicalStatus?.coding?.[0]?.code).toBe('inactive');
});
