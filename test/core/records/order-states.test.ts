import { describe, expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import type { MappedRecord, OrderEvent } from '../../../src/core/mapping/types.js';
import {
  eventsAfter,
  isOver,
  stateAfter,
  stateIn,
  statementOf,
} from '../../../src/core/records/order-states.js';

const hour = (at: number): string => `2026-03-29T${String(at).padStart(2, '0')}:00:00.000Z`;

/** An event of the message of its hour. */
const event = (at: number, kind: OrderEvent['kind'], of?: string, status?: string): OrderEvent => ({
  ...(of === undefined ? {} : { of }),
  kind,
  ...(status === undefined ? {} : { status }),
  messageId: `m${at}`,
  at: hour(at),
});

const record = (resourceType: string, status: string, more: Partial<MappedRecord> = {}): MappedRecord => {
  const resource = { resourceType, id: 'p.1', status } as unknown as MappedRecord['resource'];
  return { partition: 'p', resource, mode: 'merge', removed: [], lineage: [], ...more };
};

describe('a state in the words of a type', () => {
  test.each([
    ['MedicationRequest', 'revoked', 'stopped'],
    ['MedicationRequest', 'cancelled', 'cancelled'],
    ['ServiceRequest', 'cancelled', 'revoked'],
    ['ServiceRequest', 'stopped', 'revoked'],
    ['ServiceRequest', 'active', 'active'],
  ])('of a %s calls %s %s', (type, status, expected) => {
    expect(stateIn(type, status)).toBe(expected);
  });

  test.each([
    ['revoked', true],
    ['cancelled', true],
    ['stopped', true],
    ['completed', true],
    ['entered-in-error', true],
    ['on-hold', false],
    ['active', false],
    [undefined, false],
  ])('%s is over: %s', (status, expected) => {
    expect(isOver(status)).toBe(expected);
  });
});

describe('what a message says of an order', () => {
  test.each<[string, MappedRecord, ReturnType<typeof statementOf>]>([
    ['its state', record('ServiceRequest', 'active'), { of: 'p.1', kind: 'stated', status: 'active' }],
    ['no state where nobody knows it', record('ServiceRequest', 'unknown'), { of: 'p.1', kind: 'stated' }],
    [
      'the state of its number alone',
      record('MedicationRequest', 'cancelled', { isState: true }),
      { kind: 'stated', status: 'cancelled' },
    ],
    [
      'nothing of a number without a state',
      record('ServiceRequest', 'unknown', { isState: true }),
      undefined,
    ],
    ['nothing where it only refers to it', record('ServiceRequest', 'active', { mode: 'link' }), undefined],
    ['nothing of what is no order', record('Observation', 'final'), undefined],
    [
      'by its results that it is completed',
      record('ServiceRequest', 'completed', { mode: 'create' }),
      { of: 'p.1', kind: 'completed', status: 'completed' },
    ],
    [
      'by the way that it is active',
      record('ServiceRequest', 'active', { mode: 'create' }),
      { of: 'p.1', kind: 'mentioned', status: 'active' },
    ],
  ])('is %s', (_, said, expected) => {
    expect(statementOf(said)).toEqual(expected);
  });

  test('names the rule that stated the state', () => {
    const lineage = [
      { resource: 'ServiceRequest/p.1', element: 'ServiceRequest.status', rule: 'order.status' },
    ];
    expect(statementOf(record('ServiceRequest', 'active', { lineage }))).toMatchObject({
      rule: 'order.status',
    });
  });
});

describe('the state of an order after all events', () => {
  const service: Resource = { resourceType: 'ServiceRequest', id: 'a' };
  const medicine: Resource = { resourceType: 'MedicationRequest', id: 'a' };

  test.each<[string, Resource, OrderEvent[], string | undefined]>([
    ['is not known where nobody said', service, [], undefined],
    [
      'is the one stated last',
      service,
      [event(8, 'stated', 'a', 'active'), event(9, 'stated', 'a', 'on-hold')],
      'on-hold',
    ],
    [
      'stays where a change states none',
      service,
      [event(8, 'stated', 'a', 'revoked'), event(9, 'stated', 'a')],
      'revoked',
    ],
    [
      'is completed by results',
      service,
      [event(8, 'stated', 'a', 'active'), event(9, 'completed', 'a', 'completed')],
      'completed',
    ],
    [
      'stays revoked whatever results come',
      service,
      [event(8, 'stated', 'a', 'revoked'), event(9, 'completed', 'a', 'completed')],
      'revoked',
    ],
    [
      'is not what is mentioned by the way once one is stated',
      service,
      [event(8, 'stated', 'a', 'on-hold'), event(9, 'mentioned', 'a', 'active')],
      'on-hold',
    ],
    [
      'ends with its number',
      service,
      [event(8, 'stated', 'a', 'active'), event(9, 'stated', undefined, 'stopped')],
      'revoked',
    ],
    [
      'is cancelled where the sender said so',
      medicine,
      [event(8, 'stated', undefined, 'cancelled')],
      'cancelled',
    ],
    [
      'is stopped where an order message revoked it',
      medicine,
      [event(8, 'stated', undefined, 'revoked')],
      'stopped',
    ],
    [
      'is stopped once another medicine took its place',
      medicine,
      [event(8, 'stated', 'a', 'active'), event(9, 'stated', 'b', 'active')],
      'stopped',
    ],
    [
      'goes on beside another medicine of the same message',
      medicine,
      [event(8, 'stated', 'a', 'active'), event(8, 'stated', 'b', 'active')],
      'active',
    ],
    [
      'goes on where another medicine ended',
      medicine,
      [event(8, 'stated', 'a', 'active'), event(9, 'stated', 'b', 'stopped')],
      'active',
    ],
    [
      'goes on beside another service of its number',
      service,
      [event(8, 'stated', 'a', 'active'), event(9, 'stated', 'b', 'active')],
      'active',
    ],
    [
      'is an error where it only stood for a number that something else has',
      service,
      [event(8, 'stated', undefined, 'revoked'), event(9, 'given-way')],
      'entered-in-error',
    ],
  ])('%s', (_, resource, events, expected) => {
    expect(stateAfter(events, resource)?.status).toBe(expected);
  });
});

describe('what is remembered of an order', () => {
  const numbered = (told: OrderEvent, known: readonly OrderEvent[]) =>
    eventsAfter(
      record('ServiceRequest', 'active', {
        number: { told: [{ of: told.of ?? '', kind: told.kind, status: told.status ?? '' }], known },
      }),
      undefined,
      { source: { messageId: told.messageId }, eventTime: told.at, latestEventTime: told.at },
    );

  test('is in the order of the events, however late a message arrives', () => {
    const known = [event(8, 'stated', 'a', 'active'), event(10, 'stated', 'a', 'revoked')];
    const after = numbered(event(9, 'stated', 'a', 'on-hold'), known);
    expect(after.map(({ status }) => status)).toEqual(['active', 'on-hold', 'revoked']);
  });

  test('is the same when a message arrives again', () => {
    const known = [event(8, 'stated', 'a', 'active'), event(10, 'stated', 'a', 'revoked')];
    expect(numbered(event(8, 'stated', 'a', 'active'), known)).toEqual(known);
  });

  test('is only the last of several completions', () => {
    const after = numbered(event(9, 'completed', 'a', 'completed'), [
      event(8, 'completed', 'a', 'completed'),
    ]);
    expect(after.map(({ messageId }) => messageId)).toEqual(['m9']);
  });
});
