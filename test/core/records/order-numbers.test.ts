import { describe, expect, test } from '@jest/globals';
import type { MappedRecord, OrderEvent } from '../../../src/core/mapping/types.js';
import { currentId } from '../../../src/core/records/ids.js';
import { idsNamed, idsToSettle, withNumbers } from '../../../src/core/records/order-numbers.js';
import type { CurrentDocument } from '../../../src/core/records/types.js';

const record = (type: string, id: string, more: Partial<MappedRecord> = {}): MappedRecord => {
  const resource = { resourceType: type, id, status: 'active' } as unknown as MappedRecord['resource'];
  return { partition: 'p', resource, mode: 'merge', removed: [], lineage: [], ...more };
};

const stated = (of: string | undefined, status: string): OrderEvent => ({
  ...(of === undefined ? {} : { of }),
  kind: 'stated',
  status,
  messageId: 'm1',
  at: '2026-03-29T08:00:00.000Z',
});

const stored = (type: string, id: string, events: readonly OrderEvent[]): CurrentDocument =>
  ({
    id: currentId(type, id),
    partition: 'p',
    resourceType: type,
    fhirId: id,
    resource: { resourceType: type, id },
    events,
  }) as unknown as CurrentDocument;

const byId = (...documents: CurrentDocument[]) => new Map(documents.map((each) => [each.id, each]));

describe('documents by which an order is known', () => {
  test.each<[string, MappedRecord, string[]]>([
    ['none where it has no number', record('ServiceRequest', 'a'), []],
    [
      'its own, its other id and the first of the other type',
      record('ServiceRequest', 'a', { twin: 'b', kin: 'c' }),
      ['ServiceRequest:a', 'ServiceRequest:b', 'MedicationRequest:c'],
    ],
    [
      'of a prescription, an order is the other type',
      record('MedicationRequest', 'a', { kin: 'c' }),
      ['MedicationRequest:a', 'ServiceRequest:c'],
    ],
  ])('are %s', (_, order, expected) => {
    expect(idsToSettle([order])).toEqual(expected);
  });

  test('are also those that stored ones name and that are not loaded yet', () => {
    const known = stored('MedicationRequest', 'a', [stated('a', 'active'), stated('b', 'active')]);
    expect(idsNamed(byId(known))).toEqual(['MedicationRequest:b']);
  });
});

describe('what is known of a number', () => {
  test('is not asked of records without one', () => {
    const records = [record('ServiceRequest', 'a')];
    expect(withNumbers(records, new Map())).toBe(records);
  });

  test('is told to a new order as far as it was said of the number alone', () => {
    const other = stored('ServiceRequest', 'b', [stated('b', 'active'), stated(undefined, 'revoked')]);
    const [told] = withNumbers([record('ServiceRequest', 'a', { twin: 'b', kin: 'c' })], byId(other));
    expect(told?.number).toEqual({
      told: [{ of: 'a', kind: 'stated', status: 'active' }],
      known: [stated(undefined, 'revoked')],
    });
  });

  test('is told to a new prescription with all that was said of the others', () => {
    const events = [stated('b', 'active'), stated(undefined, 'cancelled')];
    const other = stored('MedicationRequest', 'b', events);
    const [told] = withNumbers([record('MedicationRequest', 'a', { twin: 'b', kin: 'c' })], byId(other));
    expect(told?.number?.known).toEqual(events);
  });

  test('is remembered already by a stored order', () => {
    const own = stored('ServiceRequest', 'a', [stated('a', 'active'), stated(undefined, 'revoked')]);
    const [told] = withNumbers([record('ServiceRequest', 'a', { twin: 'b', kin: 'c' })], byId(own));
    expect(told?.number?.known).toEqual([]);
  });

  test('concerns the stored prescription whose place another medicine may take', () => {
    const other = stored('MedicationRequest', 'b', [stated('b', 'active')]);
    const records = withNumbers([record('MedicationRequest', 'a', { twin: 'b', kin: 'c' })], byId(other));
    expect(records.map(({ resource, mode }) => [resource.id, mode])).toEqual([
      ['a', 'merge'],
      ['b', 'link'],
    ]);
    expect(records[1]?.number?.told).toEqual([{ of: 'a', kind: 'stated', status: 'active' }]);
  });

  test.each<[string, OrderEvent[], string[]]>([
    ['gives way where nobody knew what the number stood for', [stated(undefined, 'revoked')], ['a', 'c']],
    ['stays where something was ordered', [stated('c', 'active')], ['a']],
    [
      'gives way once',
      [stated(undefined, 'revoked'), { kind: 'given-way', messageId: 'm2', at: '2026-03-29T09:00:00.000Z' }],
      ['a'],
    ],
  ])('the record of the other type %s', (_, events, expected) => {
    const kin = stored('ServiceRequest', 'c', events);
    const records = withNumbers([record('MedicationRequest', 'a', { twin: 'b', kin: 'c' })], byId(kin));
    expect(records.map(({ resource }) => resource.id)).toEqual(expected);
  });
});
