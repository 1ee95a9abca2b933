/** People whose number changes (A46, A47): which of their numbers hold is the same in whatever order messages arrive. */
import { describe, expect, test } from '@jest/globals';
import type { Patient } from 'fhir/r4.js';
import { normaliseMessage } from '../../src/app/normalise-message.js';
import type { CurrentDocument } from '../../src/core/records/types.js';
import { acceptBytes, createMemoryExchange } from '../support/exchange.js';
import { aMessage } from '../support/messages.js';
import { permutations } from '../support/orders.js';
import { peopleIn } from './merges/people.js';

interface Event {
  readonly type: string;
  /** Hour of the event. */
  readonly hour: number;
  readonly mrn: string;
  /** Where it is not that of the history. */
  readonly nhsNumber?: string;
  readonly more: readonly string[];
}

const update = (mrn: string, hour: number, type = 'ADT^A08'): Event => ({ type, hour, mrn, more: [] });
const renumber = (from: string, to: string, hour: number, event = 'A47'): Event => ({
  type: `ADT^${event}`,
  hour,
  mrn: to,
  more: [`MRG|${from}^^^RZZ^MR`],
});

/** A person's numbers as they stand but for one, each with the field that stated it. */
function numbersOf({ resource, lineage }: CurrentDocument, known: string): string[] {
  const { identifier = [] } = resource as Patient;
  return identifier.flatMap(({ value = '', use = 'held' }, index) => {
    const row = lineage.rows.find(([element]) => element === `identifier[${index}].value`);
    return value === known ? [] : [`${value} ${use} by ${row?.[3] ?? ''}`];
  });
}

/**
 * Everybody's numbers, how many people they are, and the codes of issues after the messages in this order.
 *
 * @param known NHS number of everybody; not told again
 */
async function numbersAfter(
  events: readonly Event[],
  known: string,
): Promise<{ numbers: string[]; people: number; codes: Set<string> }> {
  const exchange = createMemoryExchange();
  const partitions = new Set<string>();
  const codes = new Set<string>();
  for (const { type, hour, mrn, nhsNumber = known, more } of events) {
    const at = `20260330${String(hour).padStart(2, '0')}0000`;
    const bytes = aMessage({ type, controlId: `C${hour}`, at, mrn, nhsNumber, more });
    const { status, changes, issues } = await normaliseMessage(exchange, await acceptBytes(exchange, bytes));
    expect(status).toBe('normalised');
    for (const { id } of changes) partitions.add(id.split('.')[0] ?? '');
    for (const { code } of issues) codes.add(code);
  }
  const numbers: string[] = [];
  for (const partition of partitions) {
    const { documents } = await exchange.records.listPartition(partition, 'Patient', { limit: 10 });
    for (const document of documents) numbers.push(numbersOf(document, known).sort().join(', '));
  }
  const { length: people } = await peopleIn(exchange.records, partitions);
  return { numbers: numbers.filter((each) => each !== '').sort(), people, codes };
}

const spoken = (events: readonly Event[]): string =>
  events.map(({ type, hour, mrn }) => `${type.slice(4)} ${mrn} ${hour}`).join(', ');

const held = (number: string): string => `${number} held by PID-3[1].1`;
const old = (number: string): string => `${number} old by MRG-1[1].1`;

describe.each<[string, Event[], string[]]>([
  ['nobody who was known before', [renumber('B', 'A', 9), update('B', 10)], [held('A'), held('B')]],
  [
    'somebody, with updates under both numbers',
    [renumber('B', 'A', 9), update('B', 10), update('A', 11)],
    [held('A'), held('B')],
  ],
  [
    'somebody who was known under the former one',
    [update('B', 8), renumber('B', 'A', 9), update('A', 10)],
    [held('A'), old('B')],
  ],
  [
    'somebody, with updates before and after',
    [update('B', 8), renumber('B', 'A', 9), update('A', 10), update('B', 11)],
    [held('A'), held('B')],
  ],
  [
    'somebody twice',
    [update('C', 7), renumber('C', 'B', 8), renumber('B', 'A', 9), update('A', 10)],
    [held('A'), old('B'), old('C')],
  ],
  [
    'somebody and back',
    [update('B', 7), renumber('B', 'A', 8), renumber('A', 'B', 9)],
    [old('A'), held('B')],
  ],
  [
    'somebody by A46',
    [renumber('B', 'A', 9, 'A46'), update('B', 10), update('A', 11)],
    [held('A'), held('B')],
  ],
  [
    'somebody whom a result names',
    [renumber('B', 'A', 9), update('B', 10, 'ORU^R01')],
    [held('A'), old('B')],
  ],
])('a change of number of %s', (_, events, expected) => {
  const orders = permutations(events);

  test.each(orders.map((order) => [spoken(order), order] as const))(
    'and an NHS number ends in one state: %s',
    async (__, order) => {
      expect((await numbersAfter(order, '9990000018')).numbers).toEqual([expected.join(', ')]);
    },
  );

  test('and no NHS number does, in one record or in several that are linked', async () => {
    for (const order of orders) {
      const { numbers, people, codes } = await numbersAfter(order, '');
      expect([spoken(order), people, codes]).toEqual([spoken(order), 1, new Set()]);
      if (numbers.length === 1)
        expect([spoken(order), numbers]).toEqual([spoken(order), [expected.join(', ')]]);
    }
  });
});

test('of two NHS numbers of a person the one that was stated last holds, in whatever order they arrive', async () => {
  const events: Event[] = [
    { ...update('A', 9), nhsNumber: '9990000018' },
    { ...update('A', 10), nhsNumber: '9990000026' },
    update('A', 11),
  ];
  for (const order of permutations(events))
    expect([spoken(order), (await numbersAfter(order, '')).numbers]).toEqual([
      spoken(order),
      ['9990000026 held by PID-3[2].1, A held by PID-3[1].1'],
    ]);
});

test.each<[string, Partial<Event>, string[]]>([
  [
    'two NHS numbers',
    { nhsNumber: '9990000018^^^NHS^NH~9990000026' },
    ['9990000018 held by PID-3[2].1', '9990000026 held by PID-3[3].1', held('A')],
  ],
  [
    'a number of two types',
    { mrn: 'A^^^RZZ^MR~B^^^RZZ^PI~B' },
    [held('A'), 'B held by PID-3[2].1', 'B held by PID-3[3].1'],
  ],
])('a message that states %s loses neither, in whatever order', async (_, stated, expected) => {
  const events = [{ ...update('A', 8), ...stated }, { ...update('A', 9), ...stated }, update('A', 10)];
  for (const order of permutations(events))
    expect([spoken(order), (await numbersAfter(order, '')).numbers]).toEqual([
      spoken(order),
      [expected.join(', ')],
    ]);
});
