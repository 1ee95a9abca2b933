/**
 * What is stored of visits after they have moved or got another number, in whatever order the messages arrive: what was
 * ended is never shown as running, and what runs is shown where it is.
 */
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Encounter } from 'fhir/r4.js';
import { normaliseMessage } from '../../../src/app/normalise-message.js';
import { acceptBytes } from '../../support/exchange.js';
import { aMessage } from '../../support/messages.js';
import {
  admitted,
  begin,
  discharged,
  exchange,
  known,
  moved,
  mrg,
  patientOf,
  pv1,
  recordsOf,
  send,
  visitsOf,
  type Event,
} from './support.js';

beforeEach(begin);

describe('a visit that moves to another patient', () => {
  test('runs there, and was entered in error where it was', async () => {
    await send(admitted, known, moved('M1', 'M2', 10));
    expect(await visitsOf('M1')).toEqual({ V1: 'entered-in-error, 0 beds' });
    expect(await visitsOf('M2')).toEqual({ V1: 'in-progress, 1 beds' });
  });

  test('and back runs where it is now, in whatever order the moves arrive', async () => {
    const there = moved('M1', 'M2', 10);
    const back = moved('M2', 'M1', 12);
    for (const moves of [
      [there, back],
      [back, there],
    ]) {
      begin();
      await send(admitted, known, ...moves);
      expect(await visitsOf('M1')).toEqual({ V1: 'in-progress, 1 beds' });
      expect((await visitsOf('M2'))['V1']).toBe('entered-in-error, 0 beds');
    }
  });

  test('and back and there again runs at the other', async () => {
    await send(admitted, known, moved('M1', 'M2', 10), moved('M2', 'M1', 11), moved('M1', 'M2', 12));
    expect(await visitsOf('M1')).toEqual({ V1: 'entered-in-error, 0 beds' });
    expect(await visitsOf('M2')).toEqual({ V1: 'in-progress, 1 beds' });
  });

  test('ends where it was by a message that comes late', async () => {
    const update: Event = { type: 'ADT^A08', hour: 12, more: [pv1('V1', 'W2')] };
    const transfer: Event = { type: 'ADT^A02', hour: 13, mrn: 'M2', more: [pv1('V1', 'W3')] };
    await send(admitted, known, update, transfer, moved('M1', 'M2', 10));
    expect(await visitsOf('M1')).toEqual({ V1: 'entered-in-error, 0 beds' });
    expect(await visitsOf('M2')).toEqual({ V1: 'in-progress, 1 beds' });
  });

  test.each(['A01', 'A08', 'A02', 'A13'])(
    'is not revived by ordinary traffic at the former patient: %s',
    async (event) => {
      await send(admitted, known, moved('M1', 'M2', 10));
      const [codes] = await send({ type: `ADT^${event}`, hour: 12, more: [pv1('V1', 'W2')] });
      expect(codes).toContain('HDE_VISIT_MOVED');
      expect(await visitsOf('M1')).toEqual({ V1: 'entered-in-error, 0 beds' });
      expect(await visitsOf('M2')).toEqual({ V1: 'in-progress, 1 beds' });
    },
  );

  test('that is finished stays finished', async () => {
    await send(admitted, discharged, known, moved('M1', 'M2', 10));
    expect(await visitsOf('M2')).toEqual({ V1: 'finished, 0 beds' });
    const [visit] = await recordsOf<Encounter>('Encounter', 'M2');
    expect(visit?.period?.end).toBeDefined();
    await send(moved('M2', 'M1', 11));
    expect(await visitsOf('M1')).toEqual({ V1: 'finished, 0 beds' });
  });

  test('keeps its class, and takes none that nobody stated', async () => {
    const withoutClass = (from: string, to: string, hour: number): Event => ({
      ...moved(from, to, hour),
      more: [mrg(from), pv1('V1', '', { 2: '' })],
    });
    const classes = async (mrn: string) =>
      (await recordsOf<Encounter>('Encounter', mrn)).map((visit) => visit.class.code);
    await send(admitted, known, withoutClass('M1', 'M2', 10));
    expect(await classes('M2')).toEqual(['IMP']);
    begin();
    await send(admitted, known, withoutClass('M2', 'M1', 12));
    expect(await classes('M1')).toEqual(['IMP']);
  });

  test('that ends while it is at the other patient comes back ended', async () => {
    const end: Event = { ...discharged, hour: 11, mrn: 'M2' };
    await send(admitted, known, moved('M1', 'M2', 10), end, moved('M2', 'M1', 12));
    expect(await visitsOf('M1')).toEqual({ V1: 'finished, 0 beds' });
  });

  test('of which nothing else is known is not said to run', async () => {
    const [codes] = await send({
      ...moved('M1', 'M2', 10),
      more: [mrg('M1'), pv1('V1', 'W1', { 44: '20260301' })],
    });
    expect(codes).toContain('HDE_VISIT_MOVED');
    expect(await visitsOf('M2')).toMatchObject({ V1: expect.stringContaining('unknown') });
    // Its admission, which comes late, does not bring the former record to life.
    await send(admitted);
    expect(await visitsOf('M1')).toEqual({ V1: 'entered-in-error, 0 beds' });
  });

  test('stays as restricted as it was', async () => {
    const sensitive: Event = { ...admitted, more: [pv1('V1', 'W1', { 16: 'S' })] };
    await send(sensitive, known, moved('M1', 'M2', 10));
    const [visit] = await recordsOf<Encounter>('Encounter', 'M2');
    expect(visit?.meta?.security).toMatchObject([{ code: 'R' }]);
  });

  test('is the same after the message is delivered again', async () => {
    await send(admitted, known);
    const bytes = aMessage({
      type: 'ADT^A45',
      controlId: 'X1',
      at: '20260330100000',
      mrn: 'M2',
      nhsNumber: '',
      more: [mrg('M1'), pv1('V1')],
    });
    const envelope = await acceptBytes(exchange, bytes);
    const first = await normaliseMessage(exchange, envelope);
    expect(await normaliseMessage(exchange, envelope)).toEqual(first);
    // Sent again under another number it says nothing new.
    await send(moved('M1', 'M2', 10));
    expect(await visitsOf('M1')).toEqual({ V1: 'entered-in-error, 0 beds' });
    expect(await visitsOf('M2')).toEqual({ V1: 'in-progress, 1 beds' });
  });
});

test('a visit is at the patient to whom the latest move took it, in whatever order the messages arrive', async () => {
  const people = ['M1', 'M2', 'M3'];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.record({ who: fc.integer({ min: 0, max: 2 }), hour: fc.integer({ min: 9, max: 16 }) }), {
        maxLength: 3,
      }),
      fc.infiniteStream(fc.nat()),
      async (steps, traffic, order) => {
        let holder = 0;
        const moves = steps.map((step, index) => {
          const from = holder;
          holder = (holder + step) % 3;
          return moved(people[from] ?? '', people[holder] ?? '', 10 + index);
        });
        const updates = traffic.map(({ who, hour }): Event => ({
          type: 'ADT^A08',
          hour,
          mrn: people[who] ?? '',
          more: [pv1('V1', `W${hour}`)],
        }));
        const arrival = [admitted, ...moves, ...updates]
          .map((event) => ({ event, rank: order.next().value ?? 0 }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ event }) => event);
        begin();
        await send(...arrival);
        for (const [index, mrn] of people.entries()) {
          const state = (await patientOf(mrn)) === undefined ? undefined : (await visitsOf(mrn))['V1'];
          const wasThere = index === 0 || moves.some((move) => move.mrn === mrn);
          if (index === holder) expect(state).toMatch(/^in-progress|^unknown/);
          else if (wasThere) expect(state).toBe('entered-in-error, 0 beds');
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('a visit that ends anywhere on its way has ended wherever it goes', async () => {
  const people = ['M1', 'M2', 'M3'];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 1, maxLength: 5 }),
      fc.nat({ max: 5 }),
      async (steps, end) => {
        begin();
        await send(admitted);
        let holder = 0;
        for (const [index, step] of steps.entries()) {
          const mrn = people[holder] ?? '';
          if (index === end) await send({ ...discharged, hour: 10 + 2 * index, mrn });
          const from = holder;
          holder = (holder + step) % 3;
          await send(moved(people[from] ?? '', people[holder] ?? '', 11 + 2 * index));
        }
        const state = (await visitsOf(people[holder] ?? ''))['V1'];
        expect(state).toBe(end < steps.length ? 'finished, 0 beds' : 'in-progress, 1 beds');
      },
    ),
    { numRuns: 100 },
  );
});

describe('a visit that gets another number', () => {
  const renumbered = (event: string, from: string, to: string, hour: number): Event => ({
    type: `ADT^${event}`,
    hour,
    more: [mrg('M1', from), pv1(to)],
  });

  test.each(['A42', 'A50', 'A51'])('by %s goes on under it in the same state', async (event) => {
    await send(admitted, renumbered(event, 'V1', 'V2', 10));
    expect(await visitsOf('M1')).toEqual({ V1: 'finished, 0 beds', V2: 'in-progress, 1 beds' });
  });

  test.each(['A01', 'A08', 'A02'])('is not revived under the former one by %s', async (event) => {
    await send(admitted, renumbered('A50', 'V1', 'V2', 10), {
      type: `ADT^${event}`,
      hour: 11,
      more: [pv1('V1', 'W2')],
    });
    expect(await visitsOf('M1')).toEqual({ V1: 'finished, 0 beds', V2: 'in-progress, 1 beds' });
  });

  test('and the old one again goes on under that', async () => {
    await send(admitted, renumbered('A50', 'V1', 'V2', 10), renumbered('A50', 'V2', 'V1', 11));
    expect(await visitsOf('M1')).toEqual({ V1: 'in-progress, 1 beds', V2: 'finished, 0 beds' });
    const visits = await recordsOf<Encounter>('Encounter', 'M1');
    const partOf = visits.map(({ identifier, partOf: whole }) => [
      identifier?.[0]?.value,
      whole !== undefined,
    ]);
    expect(Object.fromEntries(partOf)).toEqual({ V1: false, V2: true });
  });

  test('late is renumbered all the same', async () => {
    const update: Event = { type: 'ADT^A08', hour: 12, more: [pv1('V1', 'W2')] };
    await send(admitted, update, renumbered('A50', 'V1', 'V2', 10));
    expect(await visitsOf('M1')).toEqual({ V1: 'finished, 0 beds', V2: 'in-progress, 1 beds' });
  });

  test('after it was cancelled stays cancelled', async () => {
    const cancelled: Event = { type: 'ADT^A11', hour: 9, more: [pv1('V1', 'W1')] };
    await send(admitted, cancelled, renumbered('A50', 'V1', 'V2', 10));
    expect(await visitsOf('M1')).toEqual({ V1: 'finished, 0 beds', V2: 'cancelled, 0 beds' });
  });
});

describe('the beds of a visit', () => {
  test.each([
    ['finished', 'ADT^A01', { 45: '20260330' }],
    ['finished', 'ADT^A03', { 45: '20260330' }],
    ['cancelled', 'ADT^A11', {}],
    ['entered-in-error', 'ADT^A23', {}],
    ['finished', 'ADT^A08', { 45: '20260330' }],
    ['planned', 'ADT^A05', {}],
  ])('that is created %s are not active (%s)', async (status, type, changes) => {
    await send({ type, hour: 8, more: [pv1('V1', 'W1', { 11: 'THEATRE', ...changes })] });
    expect(await visitsOf('M1')).toEqual({ V1: `${status}, 0 beds` });
  });

  test('that runs are the assigned and the temporary one', async () => {
    await send({ ...admitted, more: [pv1('V1', 'W1', { 11: 'THEATRE' })] });
    expect(await visitsOf('M1')).toEqual({ V1: 'in-progress, 2 beds' });
  });

  test('that is planned stay planned in an update', async () => {
    await send(
      { type: 'ADT^A05', hour: 8, more: [pv1('V1', 'W1')] },
      { type: 'ADT^A08', hour: 9, more: [pv1('V1', 'W2')] },
    );
    expect(await visitsOf('M1')).toEqual({ V1: 'planned, 0 beds' });
  });
});

describe('messages about a visit without any number', () => {
  test.each(['A08', 'A02', 'A03', 'A31'])('make none, and say so: %s', async (event) => {
    const message = (hour: number): Event => ({ type: `ADT^${event}`, hour, more: [pv1('', 'W1')] });
    const codes = await send(message(9), message(10));
    expect(codes).toEqual([['HDE_HL7_REQUIRED'], ['HDE_HL7_REQUIRED']]);
    expect(await visitsOf('M1')).toEqual({});
  });

  test('say so even where they tell nothing but its class', async () => {
    expect(await send({ type: 'ADT^A03', hour: 9, more: [pv1('')] })).toEqual([['HDE_HL7_REQUIRED']]);
    expect(await send({ type: 'ADT^A31', hour: 9, more: [pv1('')] })).toEqual([[]]);
  });

  test('that begin one make a record of it', async () => {
    await send({ type: 'ADT^A01', hour: 8, more: [pv1('', 'W1')] });
    expect(await visitsOf('M1')).toEqual({ '': 'in-progress, 1 beds' });
  });

  test('account for its fields', async () => {
    const bytes = aMessage({ type: 'ADT^A08', more: [pv1('', 'W1')] });
    const { unmapped } = await normaliseMessage(exchange, await acceptBytes(exchange, bytes));
    expect(unmapped).toEqual(['PV1-2[1]', 'PV1-3[1]']);
  });
});
