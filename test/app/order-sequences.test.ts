/** What is stored after several messages about one order or its results: no state goes back, no result gets lost. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type {
  AllergyIntolerance,
  DiagnosticReport,
  MedicationRequest,
  Observation,
  Resource,
  ServiceRequest,
} from 'fhir/r4.js';
import { normaliseMessage } from '../../src/app/normalise-message.js';
import type { Issue } from '../../src/core/errors.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../support/exchange.js';
import { aMessage } from '../support/messages.js';

let exchange: MemoryExchange;
let count: number;
let issues: Issue[];
let partition: string;

beforeEach(() => {
  exchange = createMemoryExchange();
  count = 0;
  issues = [];
  partition = '';
});

type Sent = [type: string, ...segments: string[]];

/** Sends messages about one person, an hour apart. @returns the stored records of a type */
async function stored<T extends Resource>(type: T['resourceType'], ...messages: Sent[]): Promise<T[]> {
  for (const [messageType, ...more] of messages) {
    count += 1;
    const at = `202603301${count}0000`;
    const bytes = aMessage({ type: messageType, controlId: `C${count}`, at, more });
    const normalised = await normaliseMessage(exchange, await acceptBytes(exchange, bytes));
    expect(normalised.status).toBe('normalised');
    issues = [...normalised.issues];
    partition = normalised.changes[0]?.id.split('.')[0] ?? partition;
  }
  const { documents } = await exchange.records.listPartition(partition, type, { limit: 10 });
  return documents.map(({ resource }) => resource as unknown as T);
}

const report = (status: string, ...results: string[]): Sent => [
  'ORU^R01',
  'ORC|RE|P1|F1',
  `OBR|1|P1|F1|FBC^Blood count^L|||20260330${Array(18).fill('|').join('')}${status}`,
  ...results,
];
const obx = (code: string, value: string, status: string, more = ''): string =>
  `OBX|1|NM|${code}^${code}^L||${value}|g/L|||||${status}${more}`;
const request: Sent = ['ORM^O01', 'ORC|NW|P1', 'OBR|1|P1||FBC^Blood count^L'];

/** `FBC active`, in the order of the codes. */
const codesOf = (orders: readonly (ServiceRequest | MedicationRequest)[]): string[] =>
  orders
    .map((order) => {
      const concept = 'code' in order ? order.code : (order as MedicationRequest).medicationCodeableConcept;
      return `${concept?.coding?.[0]?.code ?? ''} ${order.status}`;
    })
    .sort();

describe('an order', () => {
  test.each([
    ['CA', 'XO', 'revoked'],
    ['CA', 'XX', 'revoked'],
    ['HD', 'XO', 'on-hold'],
    ['CA', 'RL', 'active'],
  ])('that ended by ORC-1 %s is after %s %s', async (end, change, status) => {
    const detail = 'OBR|1|P1||FBC^Blood count^L';
    const after = [
      ['ORM^O01', `ORC|${end}|P1`, detail],
      ['ORM^O01', `ORC|${change}|P1`, detail],
    ] as Sent[];
    expect(await stored<ServiceRequest>('ServiceRequest', request, ...after)).toMatchObject([{ status }]);
  });

  test('is completed by its final results, and stays so', async () => {
    const results = [report('P', obx('HB', '120', 'P')), report('F', obx('HB', '120', 'F'))];
    const orders = await stored<ServiceRequest>('ServiceRequest', request, ...results);
    expect(orders).toMatchObject([{ status: 'completed', code: { coding: [{ code: 'FBC' }] } }]);
    expect(await stored('ServiceRequest', report('P', obx('HB', '120', 'P')))).toMatchObject([
      { status: 'completed' },
    ]);
  });

  test('that was revoked is not completed by results that come all the same', async () => {
    const cancelled: Sent = ['ORM^O01', 'ORC|CA|P1'];
    const orders = await stored('ServiceRequest', request, cancelled, report('F', obx('HB', '120', 'F')));
    expect(orders).toMatchObject([{ status: 'revoked' }]);
  });

  test('whose number comes back for something else is another order', async () => {
    const other: Sent = ['ORM^O01', 'ORC|NW|P1', 'OBR|1|P1||UE^Electrolytes^L'];
    const orders = await stored<ServiceRequest>('ServiceRequest', request, other, other);
    expect(codesOf(orders)).toEqual(['FBC active', 'UE active']);
    expect(issues).toEqual([]);
  });

  const both: Sent = [
    'ORM^O01',
    ...['ORC|NW|P1', 'OBR|1|P1||FBC^Blood count^L', 'ORC|NW|P1', 'OBR|2|P1||UE^Electrolytes^L'],
  ];
  const ends = (code: string): Sent => ['ORM^O01', 'ORC|CA|P1', `OBR|1|P1||${code}^${code}^L`];

  test.each([
    ['FBC', ['FBC revoked', 'UE active']],
    ['UE', ['FBC active', 'UE revoked']],
  ])('of two under one number ends alone (%s)', async (code, expected) => {
    expect(codesOf(await stored<ServiceRequest>('ServiceRequest', both, ends(code)))).toEqual(expected);
  });

  test('keeps its place whichever of two under one number comes first', async () => {
    const swapped: Sent = [
      'ORM^O01',
      ...['ORC|CA|P1', 'OBR|1|P1||UE^Electrolytes^L', 'ORC|XO|P1', 'OBR|2|P1||FBC^Blood count^L'],
    ];
    const orders = await stored<ServiceRequest>('ServiceRequest', both, swapped);
    expect(codesOf(orders)).toEqual(['FBC active', 'UE revoked']);
  });

  test('is what its results are based on, whichever comes first in their message', async () => {
    const resulted: Sent = [
      'ORU^R01',
      ...['OBR|1|P1|F2|UE^Electrolytes^L', obx('NA', '140', 'F')],
      ...['OBR|2|P1|F1|FBC^Blood count^L', obx('HB', '120', 'F')],
    ];
    const reports = await stored<DiagnosticReport>('DiagnosticReport', both, resulted);
    const orders = await stored<ServiceRequest>('ServiceRequest');
    for (const { code, basedOn } of reports) {
      const order = orders.find(({ id }) => basedOn?.[0]?.reference === `ServiceRequest/${id ?? ''}`);
      expect(order?.code?.coding?.[0]?.code).toBe(code.coding?.[0]?.code);
    }
    expect(reports).toHaveLength(2);
  });

  test('ends with all others of its number when the number alone is said to end', async () => {
    const orders = await stored<ServiceRequest>('ServiceRequest', both, ['ORM^O01', 'ORC|CA|P1']);
    expect(codesOf(orders)).toEqual(['FBC revoked', 'UE revoked']);
  });
});

describe('two prescriptions under one number', () => {
  const both: Sent = [
    'RDE^O11',
    ...['ORC|NW|RX1', 'RXE|^BD|AMOX^Amoxicillin^L|500||mg'],
    ...['ORC|NW|RX1', 'RXE|^OD|WARF^Warfarin^L|3||mg'],
  ];

  test.each([
    ['AMOX', ['AMOX stopped', 'WARF active']],
    ['WARF', ['AMOX active', 'WARF stopped']],
  ])('end alone (%s)', async (code, expected) => {
    const ends: Sent = ['RDE^O11', 'ORC|DC|RX1', `RXE|^BD|${code}^${code}^L|1||mg`];
    const records = await stored<MedicationRequest>('MedicationRequest', both, ends);
    expect(codesOf(records)).toEqual(expected);
  });

  test.each([['ORM^O01'], ['RDE^O11']])('end together by their number alone (%s)', async (type) => {
    const records = await stored<MedicationRequest>('MedicationRequest', both, [type, 'ORC|DC|RX1']);
    expect(codesOf(records).map((text) => text.split(' ')[1])).toEqual(['stopped', 'stopped']);
    expect(await stored('ServiceRequest')).toEqual([]);
  });

  test('are not ended by the end of a third one', async () => {
    const ends: Sent = ['RDE^O11', 'ORC|DC|RX1', 'RXE|^BD|DIGO^Digoxin^L|1||mg'];
    const records = await stored<MedicationRequest>('MedicationRequest', both, ends);
    expect(codesOf(records)).toEqual(['AMOX active', 'DIGO stopped', 'WARF active']);
  });
});

describe('no known allergies', () => {
  const none: Sent = ['ADT^A08', 'AL1|1|DA|NKDA^No known drug allergies'];
  const allergy = (type: string): Sent => ['ADT^A08', `AL1|1|${type}|PEN^Penicillin^L|SV`];
  const verified = (records: readonly AllergyIntolerance[]): string[] =>
    records
      .map(({ code, clinicalStatus, verificationStatus }) =>
        [code, clinicalStatus, verificationStatus].map((each) => each?.coding?.[0]?.code ?? '').join(' '),
      )
      .sort();

  test('are refuted by an allergy of their kind', async () => {
    const records = await stored<AllergyIntolerance>('AllergyIntolerance', none, allergy('DA'));
    expect(verified(records)).toEqual(['409137002 inactive refuted', 'PEN active ']);
  });

  test('are not refuted by an allergy of another kind', async () => {
    const records = await stored<AllergyIntolerance>('AllergyIntolerance', none, allergy('FA'));
    expect(verified(records)).toEqual(['409137002 active confirmed', 'PEN active ']);
  });

  test('do not stand beside an allergy that is stored, and are reported', async () => {
    const records = await stored<AllergyIntolerance>('AllergyIntolerance', allergy('DA'), none);
    expect(verified(records)).toEqual(['409137002 inactive refuted', 'PEN active ']);
    expect(issues).toMatchObject([{ location: 'AL1-3' }]);
  });
});

describe('a prescription', () => {
  const prescribed: Sent = ['RDE^O11', 'ORC|NW|RX1', 'RXE|^BD|AMOX^Amoxicillin^L|500||mg'];

  test('that was stopped is not active again because it is changed', async () => {
    const [, , medicine = ''] = prescribed;
    const records = await stored<MedicationRequest>(
      'MedicationRequest',
      prescribed,
      ['RDE^O11', 'ORC|DC|RX1', medicine],
      ['RDE^O11', 'ORC|XO|RX1', medicine],
    );
    expect(records).toMatchObject([{ status: 'stopped' }]);
  });

  test.each([
    ['CA', 'stopped'],
    ['DC', 'stopped'],
    ['HD', 'on-hold'],
  ])('ends when an order message says so of its number alone: %s', async (control, status) => {
    const ends: Sent = ['ORM^O01', `ORC|${control}|RX1`];
    expect(await stored('MedicationRequest', prescribed, ends)).toMatchObject([{ status }]);
    expect(await stored('ServiceRequest')).toEqual([]);
    expect(issues).toEqual([]);
  });

  test('that nobody knows is reported when it ends, and its end is kept', async () => {
    const orders = await stored<ServiceRequest>('ServiceRequest', ['ORM^O01', 'ORC|CA|RX9']);
    expect(orders).toMatchObject([{ status: 'revoked' }]);
    expect(issues).toMatchObject([{ location: 'ORC-2' }]);
  });

  test('whose number comes back with another medicine is reported', async () => {
    await stored('MedicationRequest', prescribed, ['RDE^O11', 'ORC|NW|RX1', 'RXE|^BD|WARF^Warfarin^L|1||mg']);
    expect(issues).toMatchObject([{ location: 'ORC-2' }]);
  });
});

describe('a report', () => {
  test('keeps the results that a later message leaves out', async () => {
    const [first] = await stored<DiagnosticReport>(
      'DiagnosticReport',
      report('P', obx('HB', '120', 'F')),
      report('F', obx('WBC', '7', 'F')),
    );
    expect(first?.result).toHaveLength(2);
    expect(first?.status).toBe('final');
  });

  test('names a result once that is stated twice', async () => {
    const results = report('F', obx('HB', '120', 'F'));
    const [first] = await stored<DiagnosticReport>('DiagnosticReport', results, results);
    expect(first?.result).toHaveLength(1);
  });

  test.each<[string, string[]]>([
    ['some of its results', [obx('HB', '120', 'F')]],
    ['no result', []],
  ])('that is cancelled cancels all of its results, also where its message names %s', async (_, named) => {
    const both = report('F', obx('HB', '120', 'F'), obx('WBC', '7', 'F'));
    const results = await stored<Observation>('Observation', both, report('X', ...named));
    const states = results.map(({ code, status, valueQuantity }) => [
      code.coding?.[0]?.code,
      `${status} ${valueQuantity?.value ?? ''}`,
    ]);
    expect(new Map(states as [string, string][])).toEqual(
      new Map([
        ['HB', 'cancelled 120'],
        ['WBC', 'cancelled 7'],
      ]),
    );
    expect(issues).toEqual([]);
    const [first] = await stored<DiagnosticReport>('DiagnosticReport');
    expect(first).toMatchObject({ status: 'cancelled', result: [{}, {}] });
  });

  test('that is cancelled shows no result that was posted as wrong', async () => {
    const wrong = [report('F', obx('HB', '120', 'F')), report('C', obx('HB', '120', 'W'))];
    const results = await stored<Observation>('Observation', ...wrong, report('X'));
    expect(results).toMatchObject([{ status: 'entered-in-error' }]);
  });

  test('that is cancelled cancels no result of another one', async () => {
    const other: Sent = ['ORU^R01', 'OBR|1|P2|F2|UE^Electrolytes^L', obx('NA', '140', 'F')];
    const results = await stored<Observation>(
      'Observation',
      other,
      report('F', obx('HB', '1', 'F')),
      report('X'),
    );
    const active = results.filter(({ status }) => status === 'final');
    expect(active).toMatchObject([{ code: { coding: [{ code: 'NA' }] } }]);
  });
});

describe('a result', () => {
  test('that is final stays so, and a later preliminary one is reported', async () => {
    const results = [report('F', obx('HB', '120', 'F')), report('P', obx('HB', '90', 'P'))];
    expect(await stored<Observation>('Observation', ...results)).toMatchObject([
      { status: 'final', valueQuantity: { value: 120 } },
    ]);
    expect(issues.map(({ location }) => location).sort()).toEqual(['OBR-25', 'OBX-11']);
  });

  test('that was cancelled may begin anew', async () => {
    const results = [report('X', obx('HB', '', 'X')), report('P', obx('HB', '90', 'P'))];
    expect(await stored<Observation>('Observation', ...results)).toMatchObject([{ status: 'preliminary' }]);
  });

  const timed = (value: string, time: string, status: string) =>
    `OBX|1|NM|GLU^Glucose^L||${value}|mmol/L|||||${status}|||${time}`;
  const valuesOf = (results: readonly Observation[]) =>
    results.map(({ valueQuantity }) => valueQuantity?.value).sort();

  test('of several of a code is never overwritten by a correction that does not say of which', async () => {
    const both = report('F', timed('5', '202603300800', 'F'), timed('9', '202603301000', 'F'));
    const correction = report('C', timed('8', '202603301000', 'C'));
    expect(valuesOf(await stored<Observation>('Observation', both, correction))).toEqual([5, 8, 9]);
    expect(issues.map(({ location }) => location)).toContain('OBX-4');
  });

  test('of several of a code is known by its time, in whichever order they are stated again', async () => {
    const both = report('F', timed('5', '202603300800', 'F'), timed('9', '202603301000', 'F'));
    const corrected = report('C', timed('8', '202603301000', 'C'), timed('5', '202603300800', 'F'));
    expect(valuesOf(await stored<Observation>('Observation', both, corrected))).toEqual([5, 8]);
    expect(issues).toEqual([]);
  });

  test('is known by the identifier that its sender gives it', async () => {
    const identified = (value: string, status: string, number: string) =>
      obx('GLU', value, status, `||||||||||${number}`);
    const both = report('F', identified('5', 'F', 'R1'), identified('9', 'F', 'R2'));
    const correction = report('C', identified('8', 'C', 'R2'));
    expect(valuesOf(await stored<Observation>('Observation', both, correction))).toEqual([5, 8]);
    expect(issues).toEqual([]);
  });

  test('that stands alone is corrected without a word', async () => {
    const results = [report('F', obx('GLU', '5', 'F')), report('C', obx('GLU', '6', 'C'))];
    expect(valuesOf(await stored<Observation>('Observation', ...results))).toEqual([6]);
    expect(issues).toEqual([]);
  });
});

describe('what is said of a number alone', () => {
  const shared: Sent = [
    'ORM^O01',
    ...['ORC|NW|P1|ACC1', 'OBR|1|P1|ACC1|FBC^Blood count^L'],
    ...['ORC|NW|P2|ACC1', 'OBR|2|P2|ACC1|UE^Electrolytes^L'],
  ];
  const placers = (order: ServiceRequest): (string | undefined)[] =>
    (order.identifier ?? []).map(({ value }) => value);

  test('ends the order of the placer, not others of the same filler, and changes no number', async () => {
    const ends: Sent = ['ORM^O01', 'ORC|CA|P1|ACC1'];
    const orders = await stored<ServiceRequest>('ServiceRequest', shared, ends);
    expect(codesOf(orders)).toEqual(['FBC revoked', 'UE active']);
    const other = orders.find(({ status }) => status === 'active');
    expect(placers(other!)).toEqual(['P2', 'ACC1']);
  });

  test('may be said of several in one message', async () => {
    const ends: Sent = ['ORM^O01', 'ORC|CA|P1|ACC1', 'ORC|CA|P2|ACC1'];
    const orders = await stored<ServiceRequest>('ServiceRequest', shared, ends);
    expect(codesOf(orders)).toEqual(['FBC revoked', 'UE revoked']);
  });

  test('is no end of a placer number that is equal to the filler number of another', async () => {
    const other: Sent = ['ORM^O01', 'ORC|NW|P7|100', 'OBR|1|P7|100|UE^Electrolytes^L'];
    const orders = await stored<ServiceRequest>('ServiceRequest', other, ['ORM^O01', 'ORC|CA|100']);
    expect(codesOf(orders)).toContain('UE active');
  });

  test.each(['SS', 'SR', 'DE', 'RE', 'CN', 'NA', 'OK', 'PR', 'UM'])(
    'changes no state by %s',
    async (control) => {
      const ended: Sent = ['ORM^O01', 'ORC|CA|P1'];
      const orders = await stored('ServiceRequest', request, ended, ['ORM^O01', `ORC|${control}|P1`]);
      expect(orders).toMatchObject([{ status: 'revoked' }]);
    },
  );

  test('restricts a prescription that it holds', async () => {
    const held: Sent = ['ORM^O01', `ORC|HD|RX1${'|'.repeat(26)}V`];
    const prescribed: Sent = ['RDE^O11', 'ORC|NW|RX1', 'RXE|^BD|AMOX^Amoxicillin^L|500||mg'];
    const [prescription] = await stored<MedicationRequest>('MedicationRequest', prescribed, held);
    expect(prescription).toMatchObject({ status: 'on-hold', meta: { security: [{ code: 'V' }] } });
  });

  test('adds its remark to those that were made', async () => {
    const remarked: Sent = [...request, 'NTE|1||Neutropenic sepsis'] as Sent;
    const [order] = await stored<ServiceRequest>('ServiceRequest', remarked, [
      'ORM^O01',
      'ORC|SC|P1',
      'NTE|1||Sample received',
    ]);
    expect(order?.note?.map(({ text }) => text).sort()).toEqual(['Neutropenic sepsis', 'Sample received']);
  });

  test('is reported when it ends a medicine in other words than it was ordered in', async () => {
    const prescribed: Sent = ['RDE^O11', 'ORC|NW|RX1', 'RXE|^BD|AMOX^Amoxicillin^L|500||mg'];
    const ends: Sent = ['RDE^O11', 'ORC|DC|RX1', 'RXE|^BD|323509004^Amoxicillin^DMD|500||mg'];
    await stored('MedicationRequest', prescribed, ends);
    expect(issues).toMatchObject([{ location: 'ORC-2' }]);
  });
});
