/** Numbers that change and people who are merged one after the other: one person, in whatever order all of it arrives. */
import { describe, expect, test } from '@jest/globals';
import type { Patient } from 'fhir/r4.js';
import { normaliseMessage } from '../../../src/app/normalise-message.js';
import { acceptBytes, createMemoryExchange } from '../../support/exchange.js';
import { aMessage, type MessageParts } from '../../support/messages.js';
import { permutations, subsets } from '../../support/orders.js';
import { peopleIn } from './people.js';

interface Event extends Pick<MessageParts, 'nhsNumber' | 'birthDate' | 'given'> {
  readonly type: string;
  readonly hour: number;
  readonly mrn: string;
  readonly more?: readonly string[];
}

const traffic = (mrn: string, hour: number, more: Partial<Event> = {}): Event => ({
  type: 'ADT^A08',
  hour,
  mrn,
  more: [`PV1|1|I|W1^^^RZZ||||||||||||||||V${hour}`],
  ...more,
});
const change = (event: string, from: string, to: string, hour: number): Event => ({
  type: `ADT^${event}`,
  hour,
  mrn: to,
  more: [`MRG|${from}^^^RZZ^MR`],
});

/** What became of messages in the order of their arrival. */
async function after(events: readonly Event[]) {
  const exchange = createMemoryExchange();
  const partitions = new Set<string>();
  const codes: string[] = [];
  for (const { hour, ...parts } of events) {
    const at = `20260330${String(hour).padStart(2, '0')}0000`;
    const bytes = aMessage({ controlId: `C${hour}`, at, nhsNumber: '', ...parts });
    const { status, changes, issues } = await normaliseMessage(exchange, await acceptBytes(exchange, bytes));
    expect(status).toBe('normalised');
    for (const { id } of changes) partitions.add(id.split('.')[0] ?? '');
    codes.push(...issues.map(({ code }) => code));
  }
  return { people: await peopleIn(exchange.records, partitions), codes };
}

const spoken = (events: readonly Event[]): string =>
  events.map(({ type, mrn, hour }) => `${type.slice(4)} ${mrn} ${hour}`).join(', ');

/** The numbers of a patient that are not former ones. */
const numbersOf = ({ identifier = [] }: Patient): (string | undefined)[] =>
  identifier.filter(({ use }) => use !== 'old').map(({ value }) => value);

describe('A becomes B and B becomes C: all are one person', () => {
  const before = [traffic('A', 1), traffic('B', 3), traffic('C', 5)];
  const later = [traffic('A', 6), traffic('B', 7), traffic('C', 5)];

  test.each<[string, string, Event[][]]>([
    ['A47', 'some messages before the changes', subsets(before)],
    ['A47', 'some under old numbers', subsets(later)],
    ['A40', 'some messages before the changes', subsets(before)],
    ['A40', 'some under old numbers', subsets(later)],
    ['A46', 'a message about each', [before]],
    ['A18', 'a message about each', [before]],
    ['A34', 'a message about each', [before]],
  ])('by %s, with %s, in every order', async (event, _, choices) => {
    const changes = [change(event, 'A', 'B', 2), change(event, 'B', 'C', 4)];
    for (const some of choices)
      for (const order of permutations([...changes, ...some])) {
        const { people, codes } = await after(order);
        const active = people.flat().filter(({ active: isActive }) => isActive === true);
        expect([spoken(order), people.length, active.length, codes]).toEqual([spoken(order), 1, 1, []]);
        expect([spoken(order), numbersOf(active[0]!).includes('C')]).toEqual([spoken(order), true]);
      }
  });
});

test('a chain of three changes makes one person of four who were met before, in any order', async () => {
  const known = ['A', 'B', 'C', 'D'].map((mrn, index) => traffic(mrn, 10 + index));
  const changes = [change('A47', 'A', 'B', 2), change('A47', 'B', 'C', 4), change('A47', 'C', 'D', 6)];
  for (const order of permutations(changes)) {
    const { people, codes } = await after([...known, ...order]);
    expect([spoken(order), people.map((each) => each.length), codes]).toEqual([spoken(order), [4], []]);
  }
});

describe('a change of number joins nobody', () => {
  const joins = async (former: Partial<Event>, current: Partial<Event>, event = 'A47') => {
    const events = [traffic('A', 1, former), traffic('B', 3, current), change(event, 'A', 'B', 2)];
    const { people, codes } = await after(events);
    return [people.length, codes];
  };
  const apart = [2, ['HDE_IDENTITY_CONFLICT']];

  test.each<[string, Partial<Event>, Partial<Event>]>([
    ['another birth date', { birthDate: '19600101' }, {}],
    ['no birth date', { birthDate: '' }, {}],
    ['no birth date under the new number', {}, { birthDate: '' }],
    ['another NHS number', { nhsNumber: '9990000018' }, { nhsNumber: '9990000026' }],
    ['another given name, as of twins', { given: 'Eve' }, {}],
  ])('whose records state %s', async (_, former, current) => {
    expect(await joins(former, current)).toEqual(apart);
  });

  test.each(['A43', 'A48', 'A49', 'A50', 'A51'])(
    'by %s, which changes no number of a person',
    async (event) => {
      expect(await joins({}, {}, event)).toEqual(apart);
    },
  );

  test('by a birth date of its own', async () => {
    const late = { ...change('A47', 'A', 'B', 2), birthDate: '19600101' };
    const { people } = await after([traffic('A', 1), traffic('B', 3), late]);
    expect(people.length).toBe(2);
  });
});

describe('an old number that the hospital has given to somebody else since', () => {
  test.each<[string, Partial<Event>]>([
    ['birth date', { birthDate: '19600101' }],
    ['NHS number', { nhsNumber: '9990000026' }],
  ])('makes nobody the person of the new one: another %s', async (_, other) => {
    const renumbered = { ...change('A47', 'A', 'B', 2), nhsNumber: '9990000018' };
    const reused = traffic('A', 6, other);
    for (const order of [
      [reused, renumbered, traffic('B', 3)],
      [reused, traffic('B', 3), renumbered],
    ]) {
      const { people, codes } = await after(order);
      expect([spoken(order), people.map((each) => each.map(numbersOf))]).toEqual([
        spoken(order),
        expect.arrayContaining([[expect.not.arrayContaining(['B'])], [expect.not.arrayContaining(['A'])]]),
      ]);
      expect([spoken(order), codes]).toEqual([spoken(order), ['HDE_IDENTITY_CONFLICT']]);
    }
  });

  test('is still theirs while nothing contradicts it, and where the change itself corrects the birth date', async () => {
    const corrected = { ...change('A47', 'A', 'B', 2), birthDate: '19600101' };
    expect((await after([traffic('A', 6), change('A47', 'A', 'B', 2), traffic('B', 3)])).people.length).toBe(
      1,
    );
    const { people, codes } = await after([
      traffic('A', 1),
      corrected,
      traffic('B', 3, { birthDate: '19600101' }),
    ]);
    expect([people.length, codes]).toEqual([1, ['HDE_BIRTH_DATE_DIFFERS']]);
  });
});

test('an old number that the hospital gives to somebody else makes nobody one person, in whatever order', async () => {
  const theirs = { birthDate: '19600101' };
  const changes = [change('A47', 'A', 'B', 2), change('A47', 'B', 'C', 4)];
  for (const reused of [traffic('A', 8, theirs), traffic('B', 8, theirs)])
    for (const order of permutations([...changes, traffic('A', 1), reused])) {
      const before = order.slice(0, order.indexOf(reused));
      const isKnownToBeOld = before.some(({ more = [] }) => more.includes(`MRG|${reused.mrn}^^^RZZ^MR`));
      if (!isKnownToBeOld) continue;
      const { people, codes } = await after(order);
      const own = people.find((each) => each.some(({ birthDate }) => birthDate === '1960-01-01'));
      // A change to a number that was given away in between may leave its person in two records, with an issue.
      expect([spoken(order), people.length > 1, own?.map(numbersOf)]).toEqual([
        spoken(order),
        true,
        [[reused.mrn]],
      ]);
      expect([spoken(order), codes]).toEqual([
        spoken(order),
        expect.arrayContaining(['HDE_IDENTITY_CONFLICT']),
      ]);
    }
});

test('a birth date that is corrected with the number makes nobody of a late message under the old one', async () => {
  const corrected = { birthDate: '19600101' };
  const late = traffic('A', 2);
  const order = [
    traffic('A', 1),
    { ...change('A47', 'A', 'B', 3), ...corrected },
    late,
    traffic('B', 4, corrected),
  ];
  expect((await after(order)).people.length).toBe(1);
});
