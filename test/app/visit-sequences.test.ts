/**
 * What is stored after visits have moved, patients were merged and documents replaced, in whatever order the messages
 * arrive: what was ended is never shown as running, and what runs is shown where it is.
 */
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Account, DocumentReference, Encounter, Observation, Patient, Resource } from 'fhir/r4.js';
import { normaliseMessage } from '../../src/app/normalise-message.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../support/exchange.js';
import { aMessage, type MessageParts } from '../support/messages.js';

let exchange: MemoryExchange;
let count: number;

beforeEach(() => {
  exchange = createMemoryExchange();
  count = 0;
});

interface Event extends Pick<MessageParts, 'mrn' | 'nhsNumber'> {
  readonly type: string;
  /** Hour of the event; messages arrive in the order in which they are sent. */
  readonly hour: number;
  readonly more?: readonly string[];
}

/** @returns the codes of the issues of each message */
async function send(...events: readonly Event[]): Promise<string[][]> {
  const codes: string[][] = [];
  for (const { type, hour, mrn = 'M1', nhsNumber = '', more = [] } of events) {
    count += 1;
    const at = `20260330${String(hour).padStart(2, '0')}0000`;
    const bytes = aMessage({ type, controlId: `C${count}`, at, mrn, nhsNumber, more });
    const { status, issues } = await normaliseMessage(exchange, await acceptBytes(exchange, bytes));
    expect(status).toBe('normalised');
    codes.push(issues.map(({ code }) => code));
  }
  return codes;
}

const local = 'https://rzz.example.nhs.uk/Id/local-patient-id';

async function patientOf(mrn: string): Promise<Patient | undefined> {
  const { documents } = await exchange.records.findByIdentifier('Patient', `${local}|${mrn}`, { limit: 10 });
  return documents[0]?.resource as Patient | undefined;
}

async function recordsOf<T extends Resource>(type: T['resourceType'], mrn: string): Promise<T[]> {
  const patient = await patientOf(mrn);
  const { documents } = await exchange.records.listPartition(patient?.id ?? '', type, { limit: 20 });
  return documents.map(({ resource }) => resource as unknown as T);
}

/** The visits of a patient by number: status and how many beds are active. */
async function visitsOf(mrn: string): Promise<Record<string, string>> {
  const visits = await recordsOf<Encounter>('Encounter', mrn);
  return Object.fromEntries(
    visits.map(({ identifier, status, location }) => {
      const number = identifier?.find(({ use }) => use !== 'old')?.value ?? '';
      const beds = location?.filter((place) => place.status === 'active').length ?? 0;
      return [number, `${status}, ${beds} beds`];
    }),
  );
}

const pv1 = (number: string, place = '', changes: Record<number, string> = {}): string => {
  const fields = Object.assign(
    Array<string>(46).fill(''),
    { 0: 'PV1', 1: '1', 2: 'I', 3: place, 19: number },
    changes,
  );
  return fields.join('|').replace(/\|+$/, '');
};
const mrg = (mrn: string, number = '', field = 5): string =>
  `MRG|${mrn}^^^RZZ^MR${'|'.repeat(field - 1)}${number}`;

const admitted: Event = { type: 'ADT^A01', hour: 8, more: [pv1('V1', 'W1')] };
const discharged: Event = { type: 'ADT^A03', hour: 9, more: [pv1('V1', 'W1', { 45: '20260330090000' })] };
const moved = (from: string, to: string, hour: number): Event => ({
  type: 'ADT^A45',
  hour,
  mrn: to,
  more: [mrg(from), pv1('V1')],
});
const known: Event = { type: 'ADT^A28', hour: 7, mrn: 'M2' };

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
      exchange = createMemoryExchange();
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
    exchange = createMemoryExchange();
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
        exchange = createMemoryExchange();
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
        exchange = createMemoryExchange();
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

describe('an account that gets another number', () => {
  const account = (type: string, hour: number, number: string, ...more: string[]): Uint8Array => {
    count += 1;
    const pid = `PID|1||M1^^^RZZ^MR||Okoro^Ada||19800102|F||||||||||${number}`;
    const at = `20260330${String(hour).padStart(2, '0')}0000`;
    const segments = [
      `MSH|^~\\&|RZZ_TIE|RZZ|HDE|HDE|${at}||${type}|A${count}|P|2.4`,
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
          exchange = createMemoryExchange();
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

describe('a document', () => {
  const document = (event: string, hour: number, number = 'D1', parent = ''): Event => ({
    type: `MDM^${event}`,
    hour,
    more: [
      `TXA|1|DS^Discharge summary|TX|2026033008||||||||${number}|${parent}||||AU||AV`,
      `OBX|1|TX|||version of ${hour}`,
    ],
  });
  const statuses = async () =>
    Object.fromEntries(
      (await recordsOf<DocumentReference>('DocumentReference', 'M1')).map(
        ({ masterIdentifier, status, docStatus }) => [
          masterIdentifier?.value ?? '',
          docStatus === 'entered-in-error' ? `${status}, cancelled` : status,
        ],
      ),
    );

  test.each(['T02', 'T03', 'T06', 'T08'])('that is cancelled stays so: %s', async (event) => {
    const original = document('T02', 8);
    const cancelled = document('T11', 10);
    for (const hour of [9, 10, 11]) {
      const edited = document(event, hour);
      for (const messages of [
        [original, cancelled, edited],
        [original, edited, cancelled],
        [cancelled, edited, original],
      ]) {
        exchange = createMemoryExchange();
        await send(...messages);
        expect(await statuses()).toEqual({ D1: 'entered-in-error, cancelled' });
      }
    }
  });

  test.each(['T09', 'T10'])(
    'that another replaces is superseded, in whatever order they come: %s',
    async (event) => {
      const original = document('T02', 8);
      const replacement = document(event, 10, 'D2', 'D1');
      const edited = document('T08', 11);
      for (const messages of [
        [original, replacement, edited],
        [replacement, original, edited],
        [original, edited, replacement],
      ]) {
        exchange = createMemoryExchange();
        await send(...messages);
        expect(await statuses()).toEqual({ D1: 'superseded', D2: 'current' });
        const documents = await recordsOf<DocumentReference>('DocumentReference', 'M1');
        const byNumber = new Map(documents.map((each) => [each.masterIdentifier?.value, each]));
        expect(byNumber.get('D2')?.relatesTo).toMatchObject([
          { code: 'replaces', target: { reference: `DocumentReference/${byNumber.get('D1')?.id ?? ''}` } },
        ]);
        expect(byNumber.get('D1')?.content[0]?.attachment.data).toBeDefined();
      }
    },
  );

  test('that was replaced and then cancelled is cancelled, and not the other way round', async () => {
    const replacement = document('T10', 10, 'D2', 'D1');
    const cancelled = document('T11', 9);
    for (const messages of [
      [replacement, cancelled],
      [cancelled, replacement],
    ]) {
      exchange = createMemoryExchange();
      await send(document('T02', 8), ...messages);
      expect(await statuses()).toEqual({ D1: 'entered-in-error, cancelled', D2: 'current' });
    }
  });

  test('that replaces another and does not say which is reported', async () => {
    expect(await send(document('T10', 10, 'D2'))).toEqual([['HDE_HL7_REQUIRED']]);
    expect(await statuses()).toEqual({ D2: 'current' });
  });

  test('of the number of the one that it replaces is valid', async () => {
    await send(document('T02', 8), document('T10', 10, 'D1', 'D1'));
    expect(await statuses()).toEqual({ D1: 'current' });
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
