/** What is stored after accounts were renumbered and patients merged, in whatever order the messages arrive. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Account, Encounter, Observation } from 'fhir/r4.js';
import { normaliseMessage } from '../../../src/app/normalise-message.js';
import { acceptBytes } from '../../support/exchange.js';
import {
  admitted,
  begin,
  exchange,
  mrg,
  nextControlId,
  patientOf,
  pv1,
  recordsOf,
  send,
  timeOf,
  type Event,
} from './support.js';

beforeEach(begin);

describe('an account that gets another number', () => {
  const account = (type: string, hour: number, number: string, ...more: string[]): Uint8Array => {
    const pid = `PID|1||M1^^^RZZ^MR||Okoro^Ada||19800102|F||||||||||${number}`;
    const at = timeOf(hour);
    const segments = [
      `MSH|^~\\&|RZZ_TIE|RZZ|HDE|HDE|${at}||${type}|${nextControlId()}|P|2.4`,
      `EVN|${type.slice(4, 7)}|${at}`,
      pid,
      ...more,
    ];
    return new TextEncoder().encode(`${segments.join('\r')}\r`);
  };
  const accounts = async () =>
    Object.fromEntries(
      (await recordsOf<Account>('Account', 'M1')).map(({ identifier, status }) => [
        identifier?.find(({ use }) => use !== 'old')?.value ?? '',
        status,
      ]),
    );

  test('stays ended under the former one, and as it was under the new one', async () => {
    for (const bytes of [
      account('BAR^P01', 8, 'ACC1'),
      account('ADT^A49', 10, 'ACC2', mrg('M1', 'ACC1', 3)),
      account('BAR^P05', 11, 'ACC1'),
    ])
      await normaliseMessage(exchange, await acceptBytes(exchange, bytes));
    expect(await accounts()).toEqual({ ACC1: 'inactive', ACC2: 'active' });
  });

  test('does not become active by it', async () => {
    for (const bytes of [
      account('BAR^P01', 8, 'ACC1'),
      account('BAR^P06', 9, 'ACC1'),
      account('ADT^A49', 10, 'ACC2', mrg('M1', 'ACC1', 3)),
    ])
      await normaliseMessage(exchange, await acceptBytes(exchange, bytes));
    expect(await accounts()).toEqual({ ACC1: 'inactive', ACC2: 'inactive' });
  });
});

describe('patients who are merged', () => {
  const merged = (survivor: string, retired: string, hour: number): Event => ({
    type: 'ADT^A40',
    hour,
    mrn: survivor,
    more: [mrg(retired)],
  });
  const active = async (...mrns: string[]) => {
    const patients = await Promise.all(mrns.map(patientOf));
    return Object.fromEntries(patients.map((patient, index) => [mrns[index] ?? '', patient?.active]));
  };
  const loop = [merged('M1', 'M2', 10), merged('M3', 'M1', 11), merged('M2', 'M3', 12)] as const;
  const [first, second, third] = loop;

  test.each([
    ['in order', [first, second, third]],
    ['backwards', [third, second, first]],
    ['mixed', [second, third, first]],
  ])('in a loop leave the latest survivor active, and all linked: %s', async (_case, merges) => {
    await send(...merges);
    expect(await active('M1', 'M2', 'M3')).toEqual({ M1: false, M2: true, M3: false });
    const links = await Promise.all(
      ['M1', 'M2', 'M3'].map(async (mrn) => (await patientOf(mrn))?.link?.map(({ type }) => type).sort()),
    );
    expect(links).toEqual([
      ['replaced-by', 'replaces'],
      ['replaces', 'seealso'],
      ['replaced-by', 'replaces'],
    ]);
  });

  test('into somebody whom an earlier merge had retired, are reported', async () => {
    const codes = await send(merged('M1', 'M2', 10), merged('M2', 'M3', 11));
    expect(codes).toEqual([[], ['HDE_IDENTITY_CONFLICT']]);
    expect(await active('M1', 'M2', 'M3')).toEqual({ M1: true, M2: true, M3: false });
  });

  test('in a chain leave the last survivor, although the first merge comes late', async () => {
    await send(merged('M1', 'M2', 11), merged('M2', 'M3', 10));
    expect(await active('M1', 'M2', 'M3')).toEqual({ M1: true, M2: false, M3: false });
  });

  test('one way and then the other leave the latest survivor, whichever arrives first', async () => {
    await send(merged('M2', 'M1', 12), merged('M1', 'M2', 10));
    expect(await active('M1', 'M2')).toEqual({ M1: false, M2: true });
  });

  test('are active or not as the latest merge of each says, in whatever order the merges arrive', async () => {
    const people = ['M1', 'M2', 'M3'];
    const one = fc.nat({ max: 2 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ survivor: one, step: fc.integer({ min: 1, max: 2 }) }), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.infiniteStream(fc.nat()),
        async (merges, order) => {
          const expected: Record<string, boolean> = {};
          const events = merges.map(({ survivor, step }, index) => {
            const [stands = '', goes = ''] = [people[survivor], people[(survivor + step) % 3]];
            expected[stands] = true;
            expected[goes] = false;
            return { event: merged(stands, goes, 10 + index), rank: order.next().value ?? 0 };
          });
          events.sort((a, b) => a.rank - b.rank);
          begin();
          await send(...events.map(({ event }) => event));
          expect(await active(...Object.keys(expected))).toEqual(expected);
        },
      ),
      { numRuns: 100 },
    );
  });

  const hidden: Event = { type: 'ADT^A31', hour: 8, more: ['ZU8|1|||2'] };
  const restricted = async (mrn: string) => (await patientOf(mrn))?.meta?.security?.map(({ code }) => code);

  test('are both restricted if one of them is', async () => {
    await send({ ...hidden, mrn: 'M2' }, { type: 'ADT^A31', hour: 9 }, merged('M1', 'M2', 10));
    expect(await restricted('M1')).toEqual(['R']);
    expect(await restricted('M2')).toEqual(['R']);
  });

  test('are restricted when nobody knew the survivor before', async () => {
    await send({ ...hidden, mrn: 'M2' }, merged('M1', 'M2', 10), { type: 'ADT^A31', hour: 11 });
    expect(await restricted('M1')).toEqual(['R']);
  });

  test('are all restricted by what is said of one of them later', async () => {
    await send(merged('M1', 'M2', 10), merged('M3', 'M1', 11), { ...hidden, mrn: 'M2', hour: 12 });
    expect(await restricted('M1')).toEqual(['R']);
    expect(await restricted('M3')).toEqual(['R']);
  });

  test('are not told by a wrong NHS number', async () => {
    await send({ ...merged('M1', 'M2', 10), more: ['MRG|9990000019^^^NHS^NH~M2^^^RZZ^MR'] });
    const [link] = (await patientOf('M1'))?.link ?? [];
    expect(link?.other.identifier).toMatchObject({ value: '9990000019' });
    expect(link?.other.identifier?.system).toBeUndefined();
  });
});

describe('a result or an order that says that its patient is restricted', () => {
  test.each(['ORU^R01', 'ORM^O01'])('restricts patient, visit and what it states: %s', async (type) => {
    await send(admitted, {
      type,
      hour: 10,
      more: [pv1('V1', '', { 16: 'S' }), 'ORC|NW|O1|F1', 'OBR|1|O1|F1|FBC', 'OBX|1|NM|HB||140|||||F'],
    });
    expect((await patientOf('M1'))?.meta?.security).toMatchObject([{ code: 'R' }]);
    const [visit] = await recordsOf<Encounter>('Encounter', 'M1');
    expect(visit).toMatchObject({ status: 'in-progress', meta: { security: [{ code: 'R' }] } });
    for (const observation of await recordsOf<Observation>('Observation', 'M1'))
      expect(observation.meta?.security).toMatchObject([{ code: 'R' }]);
  });
});
