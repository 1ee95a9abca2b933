/**
 * "No known allergies" beside an allergy, in whatever order they come, at the same moment, and under several numbers of
 * one person: the statement that there is none never stands.
 */
import { describe, expect, test } from '@jest/globals';
import type { AllergyIntolerance, Patient } from 'fhir/r4.js';
import { normaliseMessage, processMessage } from '../../src/app/normalise-message.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../support/exchange.js';
import { inEveryOrder, runWithin, type Race } from '../support/interleave.js';
import { aMessage, type MessageParts } from '../support/messages.js';

interface Said extends Pick<MessageParts, 'mrn' | 'more'> {
  readonly type?: string;
  readonly hour: number;
}

type Scene = Pick<Race<Said>, 'before' | 'both'>;

let count = 0;

function accept(exchange: MemoryExchange, { type = 'ADT^A08', hour, mrn = 'M1', more = [] }: Said) {
  count += 1;
  const at = `20260330${String(hour).padStart(2, '0')}0000`;
  return acceptBytes(exchange, aMessage({ type, controlId: `C${count}`, at, mrn, nhsNumber: '', more }));
}

async function send(exchange: MemoryExchange, ...said: readonly Said[]): Promise<string[][]> {
  const codes: string[][] = [];
  for (const each of said) {
    const { status, issues } = await normaliseMessage(exchange, await accept(exchange, each));
    expect(status).toBe('normalised');
    codes.push(issues.map(({ code }) => code));
  }
  return codes;
}

const known = (mrn: string, hour = 7): Said => ({ type: 'ADT^A28', mrn, hour });
const none = (mrn: string, hour: number): Said => ({ mrn, hour, more: ['AL1|1|DA|NKA'] });
const penicillin = (mrn: string, hour: number): Said => ({ mrn, hour, more: ['AL1|1|DA|PEN^Penicillin'] });
const merge = (survivor: string, retired: string, hour: number): Said => ({
  type: 'ADT^A40',
  mrn: survivor,
  hour,
  more: [`MRG|${retired}^^^RZZ^MR`],
});
const hidden = (mrn: string, hour: number): Said => ({ mrn, hour, more: ['ZU8|1|||2'] });
const many = (mrn: string, hour: number): Said => ({
  mrn,
  hour,
  more: Array.from({ length: 110 }, (_, index) => `AL1|${index + 1}|DA|D${index}^Drug ${index}`),
});

async function patientOf({ records }: MemoryExchange, mrn: string): Promise<Patient | undefined> {
  const token = `https://rzz.example.nhs.uk/Id/local-patient-id|${mrn}`;
  const { documents } = await records.findByIdentifier('Patient', token, { limit: 1 });
  return documents[0]?.resource as Patient | undefined;
}

async function allergiesOf(exchange: MemoryExchange, mrn: string) {
  const patient = await patientOf(exchange, mrn);
  const page = { limit: 200 };
  const { documents } = await exchange.records.listPartition(patient?.id ?? '', 'AllergyIntolerance', page);
  return documents;
}

/** Whether each statement about allergies of some numbers stands, by its words. */
async function statementsOf(exchange: MemoryExchange, ...mrns: readonly string[]): Promise<string[]> {
  const said: string[] = [];
  for (const mrn of mrns) {
    for (const { resource } of await allergiesOf(exchange, mrn)) {
      const { code, verificationStatus, clinicalStatus } = resource as AllergyIntolerance;
      const state = verificationStatus?.coding?.[0]?.code ?? clinicalStatus?.coding?.[0]?.code ?? '';
      said.push(`${mrn} ${code?.text ?? code?.coding?.[0]?.code ?? ''}: ${state}`);
    }
  }
  return said.sort();
}

describe.each([1, 2] as const)('of two messages at the same moment, in processes: %d', (processes) => {
  test.each<[string, Scene]>([
    ['about somebody new', { before: [], both: [none('M1', 9), penicillin('M1', 9)] }],
    ['about somebody known', { before: [known('M1')], both: [none('M1', 9), penicillin('M1', 9)] }],
    [
      'that say of the patient what is known',
      { before: [known('M1', 10)], both: [none('M1', 9), penicillin('M1', 8)] },
    ],
  ])('one refutes the other: %s', async (_case, race) => {
    await inEveryOrder({ ...race, accept, processes }, async (exchange) => {
      expect(await statementsOf(exchange, 'M1')).toEqual(['M1 NKA: refuted', 'M1 PEN: active']);
    });
  });

  test('one refutes the other although no batch holds it', async () => {
    const both = [many('M1', 9), none('M1', 9)] as const;
    const race: Race<Said> = { accept, before: [known('M1')], both, processes };
    for (let calls = 0, made = 1; calls <= made; calls++) {
      const [exchange, all] = await runWithin(race, 0, calls);
      made = all;
      const statements = await statementsOf(exchange, 'M1');
      expect(statements).toHaveLength(111);
      expect(statements).toContain('M1 NKA: refuted');
    }
  });

  test.each<[string, Scene]>([
    [
      'under two numbers of one person',
      {
        before: [known('M1'), known('M2'), merge('M1', 'M2', 8)],
        both: [none('M1', 9), penicillin('M2', 9)],
      },
    ],
    [
      'of which one makes them one person',
      {
        before: [known('M1'), known('M2'), none('M1', 8)],
        both: [merge('M1', 'M2', 9), penicillin('M2', 9)],
      },
    ],
    [
      'of which one makes somebody unknown one with them',
      { before: [known('M2'), penicillin('M2', 8)], both: [merge('M1', 'M2', 9), none('M1', 9)] },
    ],
  ])('one refutes the other: %s', async (_case, race) => {
    await inEveryOrder({ ...race, accept, processes }, async (exchange) => {
      expect(await statementsOf(exchange, 'M1', 'M2')).toEqual(['M1 NKA: refuted', 'M2 PEN: active']);
    });
  });

  test('who is linked and restricted is restricted under both numbers', async () => {
    const race: Race<Said> = {
      accept,
      before: [known('M1'), known('M2'), known('M3'), merge('M3', 'M1', 8)],
      both: [merge('M1', 'M2', 9), hidden('M2', 9)],
      processes,
    };
    await inEveryOrder(race, async (exchange) => {
      for (const mrn of ['M1', 'M2', 'M3'])
        expect((await patientOf(exchange, mrn))?.meta?.security).toMatchObject([{ code: 'R' }]);
    });
  });
});

describe('the allergies of numbers that become one person', () => {
  const refuted = ['M1 NKA: refuted', 'M2 PEN: active'];
  const [one, other, joined] = [none('M1', 8), penicillin('M2', 9), merge('M1', 'M2', 10)];

  test.each<[string, readonly Said[]]>([
    ['the merge comes last', [one, other, joined]],
    ['the merge comes first', [joined, one, other]],
    ['the statement comes last', [other, joined, one]],
    ['the merge comes between', [one, joined, other]],
  ])('are compared: %s', async (_case, messages) => {
    const exchange = createMemoryExchange();
    await send(exchange, ...messages);
    expect(await statementsOf(exchange, 'M1', 'M2')).toEqual(refuted);
  });

  test.each([
    ['retired', 'M2', 'M1'],
    ['surviving', 'M1', 'M2'],
  ])('are compared where the %s one has none', async (_case, survivor, retired) => {
    const exchange = createMemoryExchange();
    await send(exchange, one, other, merge(survivor, retired, 10));
    expect(await statementsOf(exchange, 'M1', 'M2')).toEqual(refuted);
  });

  test('are compared over a chain of merges', async () => {
    const exchange = createMemoryExchange();
    await send(exchange, one, known('M2'), penicillin('M3', 9), merge('M2', 'M3', 10), merge('M1', 'M2', 11));
    expect(await statementsOf(exchange, 'M1', 'M3')).toEqual(['M1 NKA: refuted', 'M3 PEN: active']);
  });

  test('tell the sender of a statement that there is none', async () => {
    const exchange = createMemoryExchange();
    const codes = await send(exchange, other, joined, none('M1', 11));
    expect(codes.at(-1)).toEqual(['HDE_HL7_REQUIRED']);
  });

  test('are told apart from those of others', async () => {
    const exchange = createMemoryExchange();
    await send(exchange, one, other);
    expect(await statementsOf(exchange, 'M1', 'M2')).toEqual(['M1 NKA: confirmed', 'M2 PEN: active']);
  });

  test('are the same after the merge is delivered again', async () => {
    const exchange = createMemoryExchange();
    await send(exchange, one, other);
    const envelope = await accept(exchange, joined);
    const first = await processMessage(exchange, envelope);
    const versions = await allergiesOf(exchange, 'M1');
    expect(await processMessage(exchange, envelope)).toEqual(first);
    expect(await allergiesOf(exchange, 'M1')).toEqual(versions);
  });
});

describe('a refuted statement says by which words it is refuted', () => {
  const whence = async (exchange: MemoryExchange) => {
    const [document] = await allergiesOf(exchange, 'M1');
    return document?.lineage.rows
      .filter(([element]) => /^(clinical|verification)Status$/.test(element))
      .map((row) => [row[0], row[3]]);
  };

  test('those of a merge', async () => {
    const exchange = createMemoryExchange();
    await send(exchange, none('M1', 8), penicillin('M2', 9), merge('M1', 'M2', 10));
    expect(await whence(exchange)).toEqual([
      ['clinicalStatus', expect.stringMatching(/^MRG-1/)],
      ['verificationStatus', expect.stringMatching(/^MRG-1/)],
    ]);
  });

  test('those of an allergy', async () => {
    const exchange = createMemoryExchange();
    await send(exchange, none('M1', 8), { ...penicillin('M1', 9), more: ['AL1|1|DA|PEN^Penicillin'] });
    const documents = await allergiesOf(exchange, 'M1');
    const statement = documents.find(({ resource }) =>
      JSON.stringify((resource as AllergyIntolerance).code).includes('NKA'),
    );
    const rows = statement?.lineage.rows.filter(([element]) => element === 'verificationStatus');
    expect(rows?.map((row) => row[3])).toEqual([expect.stringMatching(/^AL1-3/)]);
    expect(statement?.source.messageId).toBe(documents.find((each) => each !== statement)?.source.messageId);
  });

  test('its own, where it contradicts what is stored', async () => {
    const exchange = createMemoryExchange();
    await send(exchange, penicillin('M2', 8), merge('M1', 'M2', 9), none('M1', 10));
    expect(await whence(exchange)).toEqual([
      ['clinicalStatus', expect.stringMatching(/^AL1-3/)],
      ['verificationStatus', expect.stringMatching(/^AL1-3/)],
    ]);
  });
});
