/** Orders, prescriptions and results end the same, in whatever order their messages arrive. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CodeableConcept, DiagnosticReport, MedicationRequest, Resource } from 'fhir/r4.js';
import { normaliseMessage } from '../../src/app/normalise-message.js';
import type { CurrentDocument } from '../../src/core/records/types.js';
import { acceptBytes, createMemoryExchange } from '../support/exchange.js';
import { aMessage } from '../support/messages.js';

/** What is sent, at which hour. */
type Sent = readonly [hour: number, type: string, ...segments: string[]];

const TYPES = ['ServiceRequest', 'MedicationRequest', 'DiagnosticReport', 'Observation'] as const;

/** The current documents of a person after messages that arrive in this order. */
async function arrive(messages: readonly Sent[]): Promise<CurrentDocument[]> {
  const exchange = createMemoryExchange();
  let partition = '';
  for (const [hour, type, ...more] of messages) {
    const at = `20260329${String(hour).padStart(2, '0')}0000`;
    const bytes = aMessage({ type, controlId: `C${hour}`, at, more });
    const { changes, status } = await normaliseMessage(exchange, await acceptBytes(exchange, bytes));
    expect(status).toBe('normalised');
    partition = changes[0]?.id.split('.')[0] ?? partition;
  }
  const found: CurrentDocument[] = [];
  for (const type of TYPES)
    found.push(...(await exchange.records.listPartition(partition, type, { limit: 100 })).documents);
  return found;
}

interface Stated {
  readonly status: string;
  readonly code?: CodeableConcept;
}

const codeOf = (resource: Resource): string => {
  const { code } = resource as unknown as Stated;
  const { medicationCodeableConcept: medicine } = resource as MedicationRequest;
  const concept = code ?? medicine;
  return concept?.coding?.[0]?.code ?? concept?.text ?? '';
};

/** Nobody knows whether a service or a medicine stands behind it: it is kept as what the first message was about. */
const UNNAMED = /^(?:Not stated)?$/;
const ENDS: Readonly<Record<string, string>> = { stopped: 'revoked', cancelled: 'revoked' };

/** `ServiceRequest FBC active`; of reports and results also what they hold. */
function describeRecord({ resource }: CurrentDocument, documents: readonly CurrentDocument[]): string {
  const { status } = resource as unknown as Stated;
  if (UNNAMED.test(codeOf(resource))) return `a number ${ENDS[status] ?? status}`;
  const results = ((resource as DiagnosticReport).result ?? []).map(({ reference = '' }) =>
    codeOf(documents.find(({ fhirId }) => reference.endsWith(fhirId))!.resource),
  );
  const { valueQuantity } = resource as { valueQuantity?: { value: number } };
  // Which of several values a cancelled result keeps is no matter: it states none of them any more.
  const values = valueQuantity === undefined || status === 'cancelled' ? [] : [valueQuantity.value];
  const holds = [...results.sort(), ...values];
  return [resource.resourceType, codeOf(resource), status, ...holds].join(' ');
}

/** What clinicians see: a number of which nobody knew what it stands for gave way to what does. */
async function seen(messages: readonly Sent[]): Promise<string[]> {
  const documents = await arrive(messages);
  return documents
    .map((document) => describeRecord(document, documents))
    .filter((text) => text !== 'a number entered-in-error')
    .sort();
}

const order = (hour: number, control: string, code: string, number = 'P1'): Sent =>
  [...[hour, 'ORM^O01', `ORC|${control}|${number}`, `OBR|1|${number}||${code}^${code}^L`]] as unknown as Sent;
const alone = (hour: number, control: string, type = 'ORM^O01', number = 'P1'): Sent => [
  hour,
  type,
  `ORC|${control}|${number}`,
];
const prescribe = (hour: number, control: string, code: string, number = 'P1'): Sent => [
  hour,
  'RDE^O11',
  `ORC|${control}|${number}`,
  `RXE|^BD|${code.startsWith('^') ? code : `${code}^${code}^L`}|1||mg`,
];
/** @param lines `AMOX`: its code and name; `^Amoxicillin`, free text; `A^Amoxicillin`: both */
const prescribeLines = (hour: number, control: string, ...lines: string[]): Sent =>
  [
    hour,
    'RDE^O11',
    ...lines.flatMap((line) => {
      const [medicine = '', dose = '1'] = line.split(' x');
      const coded = medicine.startsWith('^') ? medicine : `${medicine}^L`;
      return [`ORC|${control}|P1`, `RXE|^BD|${coded}|${dose}||mg`];
    }),
  ] as unknown as Sent;
/** @param results `HB F`: code and state; the value is the hour */
const report = (
  hour: number,
  status: string,
  results: readonly string[],
  code = 'FBC',
  number = 'P1',
): Sent => [
  hour,
  'ORU^R01',
  `ORC|RE|${number}|F1`,
  `OBR|1|${number}|F1|${code}^${code}^L|||20260329${'|'.repeat(18)}${status}`,
  ...results.map((text) => {
    const [result = '', state = ''] = text.split(' ');
    return `OBX|1|NM|${result}^${result}^L||${hour}|g/L|||||${state}`;
  }),
];

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((others) => [item, ...others]),
  );
}

async function expectAlways(messages: readonly Sent[], expected: readonly string[]): Promise<void> {
  for (const arrival of permutations(messages)) {
    const hours = arrival.map(([hour]) => hour).join(' ');
    expect([hours, ...(await seen(arrival))]).toEqual([hours, ...[...expected].sort()]);
  }
}

describe('in whatever order they arrive', () => {
  test.each<[string, Sent[], string[]]>([
    [
      'a cancellation ends an order that is changed afterwards',
      [order(8, 'NW', 'FBC'), order(10, 'XO', 'FBC'), order(9, 'CA', 'FBC')],
      ['ServiceRequest FBC revoked'],
    ],
    [
      'the end of a prescription holds when it is changed afterwards',
      [prescribe(8, 'NW', 'AMOX'), prescribe(10, 'XO', 'AMOX'), prescribe(9, 'DC', 'AMOX')],
      ['MedicationRequest AMOX stopped'],
    ],
    [
      'an order that is placed again after its end is active',
      [order(8, 'NW', 'FBC'), order(9, 'CA', 'FBC'), order(10, 'NW', 'FBC')],
      ['ServiceRequest FBC active'],
    ],
    [
      'an order stays completed by its results',
      [order(8, 'NW', 'FBC'), report(10, 'F', ['HB F'])],
      ['DiagnosticReport FBC final HB', 'Observation HB final 10', 'ServiceRequest FBC completed'],
    ],
    [
      'the end of a number alone ends each order of it that was placed before',
      [order(8, 'NW', 'FBC'), alone(10, 'CA'), order(9, 'NW', 'UE')],
      ['ServiceRequest FBC revoked', 'ServiceRequest UE revoked'],
    ],
    [
      'an order is active that is placed after the end of its number',
      [order(8, 'NW', 'FBC'), alone(9, 'CA'), order(10, 'NW', 'UE')],
      ['ServiceRequest FBC revoked', 'ServiceRequest UE active'],
    ],
    [
      'the end of a number alone ends the medicine, which has its name',
      [prescribe(8, 'NW', 'AMOX'), alone(9, 'DC', 'RDE^O11')],
      ['MedicationRequest AMOX stopped'],
    ],
    [
      'the end of a number in an order message ends the medicine, and no order is left of it',
      [prescribe(8, 'NW', 'AMOX'), alone(9, 'CA')],
      ['MedicationRequest AMOX stopped'],
    ],
    [
      'the end of a number in a pharmacy message ends the order, and no medicine is left of it',
      [order(8, 'NW', 'FBC'), alone(9, 'DC', 'RDE^O11')],
      ['ServiceRequest FBC revoked'],
    ],
    [
      'a cancelled medicine is cancelled, whether or not the word came through an order of its number',
      [order(8, 'NW', 'FBC'), prescribe(9, 'NW', 'AMOX'), alone(10, 'CA', 'RDE^O11')],
      ['MedicationRequest AMOX cancelled', 'ServiceRequest FBC revoked'],
    ],
    [
      'results say what was ordered under a number that has ended',
      [alone(8, 'CA'), report(9, 'F', ['HB F'])],
      ['DiagnosticReport FBC final HB', 'Observation HB final 9', 'ServiceRequest FBC revoked'],
    ],
    [
      'the end of another medicine under a number hides none that is to be given',
      [prescribe(8, 'NW', 'AMOX'), prescribe(9, 'DC', 'WARF')],
      ['MedicationRequest AMOX active', 'MedicationRequest WARF stopped'],
    ],
    [
      'another medicine takes the place of the one before, which has ended',
      [prescribe(8, 'NW', 'AMOX'), prescribe(9, 'XO', 'WARF'), prescribe(10, 'DC', 'AMOX')],
      ['MedicationRequest AMOX stopped', 'MedicationRequest WARF active'],
    ],
    [
      'a medicine that ended is not active again because it is changed after another was prescribed',
      [
        prescribe(8, 'NW', 'AMOX'),
        prescribe(9, 'DC', 'AMOX'),
        prescribe(10, 'NW', 'WARF'),
        prescribe(11, 'XO', 'AMOX'),
      ],
      ['MedicationRequest AMOX stopped', 'MedicationRequest WARF active'],
    ],
    [
      'a report has the results of each of its messages',
      [report(8, 'P', ['HB F']), report(9, 'P', ['WBC F']), report(10, 'F', ['PLT F'])],
      [
        'DiagnosticReport FBC final HB PLT WBC',
        'Observation HB final 8',
        'Observation PLT final 10',
        'Observation WBC final 9',
        'ServiceRequest FBC completed',
      ],
    ],
    [
      'a final result and report win over preliminary ones of a later time',
      [report(8, 'F', ['HB F']), report(9, 'P', ['HB P'])],
      ['DiagnosticReport FBC final HB', 'Observation HB final 8', 'ServiceRequest FBC completed'],
    ],
    [
      'a correction of a later time wins over a final result',
      [report(8, 'F', ['HB F']), report(9, 'C', ['HB C']), report(10, 'P', ['HB P'])],
      ['DiagnosticReport FBC corrected HB', 'Observation HB corrected 9', 'ServiceRequest FBC completed'],
    ],
    [
      'a result that begins anew after a cancellation counts, whatever was final before',
      [report(8, 'F', ['HB F']), report(9, 'X', ['HB X']), report(10, 'P', ['HB P'])],
      [
        'DiagnosticReport FBC preliminary HB',
        'Observation HB preliminary 10',
        'ServiceRequest FBC completed',
      ],
    ],
    [
      'a report that is cancelled ends the results of the time before, also those it leaves out',
      [report(8, 'F', ['HB F', 'WBC F']), report(9, 'X', ['HB X']), report(10, 'F', ['HB F'])],
      [
        'DiagnosticReport FBC final HB WBC',
        'Observation HB final 10',
        'Observation WBC cancelled',
        'ServiceRequest FBC completed',
      ],
    ],
    [
      'a report that is cancelled without results ends none that begins after it',
      [report(8, 'F', ['HB F']), report(9, 'X', []), report(10, 'P', ['WBC P'])],
      [
        'DiagnosticReport FBC preliminary HB WBC',
        'Observation HB cancelled',
        'Observation WBC preliminary 10',
        'ServiceRequest FBC completed',
      ],
    ],
  ])('%s', async (_, messages, expected) => {
    await expectAlways(messages, expected);
  });
});

/** The medicines that messages, in this order, leave behind: `Aspirin active 1`, with the dose. */
async function medicines(messages: readonly Sent[]): Promise<string[]> {
  const documents = await arrive(messages);
  return documents.flatMap(({ resource }) => {
    if (resource.resourceType !== 'MedicationRequest') return [];
    const { medicationCodeableConcept: medicine, status, dosageInstruction } = resource as MedicationRequest;
    const [coding] = medicine?.coding ?? [];
    const name = medicine?.text ?? `${coding?.code ?? ''}=${coding?.display ?? ''}`;
    return [`${name} ${status} ${dosageInstruction?.[0]?.doseAndRate?.[0]?.doseQuantity?.value ?? ''}`];
  });
}

describe('medicines under one number, in whatever order they arrive', () => {
  test.each<[string, Sent[], string[]]>([
    [
      'that have no code are two where their names differ',
      [prescribeLines(8, 'NW', '^Aspirin 75mg'), prescribeLines(9, 'NW', '^Paracetamol 500mg')],
      ['Aspirin 75mg stopped 1', 'Paracetamol 500mg active 1'],
    ],
    [
      'are one where the name is the same, however it is written',
      [prescribeLines(8, 'NW', '^Aspirin 75mg'), prescribeLines(9, 'XO', '^ASPIRIN  75 mg x2')],
      ['ASPIRIN  75 mg active 2'],
    ],
    [
      'are one where the name comes with a code later, or before',
      [prescribeLines(8, 'NW', '^Aspirin 75mg'), prescribeLines(9, 'XO', 'A75^Aspirin 75mg x2')],
      ['A75=Aspirin 75mg active 2'],
    ],
    [
      'keep the code that a name had',
      [prescribeLines(8, 'NW', 'A75^Aspirin 75mg'), prescribeLines(9, 'XO', '^Aspirin 75mg x2')],
      ['A75=Aspirin 75mg active 2'],
    ],
    [
      'are two where one has another name and a code',
      [prescribeLines(8, 'NW', '^Aspirin 75mg'), prescribeLines(9, 'XO', 'P5^Paracetamol 500mg')],
      ['Aspirin 75mg stopped 1', 'P5=Paracetamol 500mg active 1'],
    ],
    [
      'that were stated together are both changed, whichever is named first',
      [
        prescribeLines(8, 'NW', '^Aspirin', '^Paracetamol'),
        prescribeLines(9, 'XO', 'P5^Paracetamol x2', '^Aspirin x3'),
      ],
      ['Aspirin active 3', 'P5=Paracetamol active 2'],
    ],
  ])('%s', async (_, messages, expected) => {
    for (const arrival of permutations(messages)) expect((await medicines(arrival)).sort()).toEqual(expected);
  });

  test('stay as many as were stated, also of one medicine in two doses beside another one', async () => {
    const first = prescribeLines(8, 'NW', 'ASP^Aspirin');
    const second = prescribeLines(9, 'XO', 'PRED^Prednisolone x5', 'PRED^Prednisolone x10');
    const again = prescribeLines(10, 'XO', 'PRED^Prednisolone x6', 'PRED^Prednisolone x11');
    expect((await medicines([first, second])).sort()).toEqual([
      'ASP=Aspirin stopped 1',
      'PRED=Prednisolone active 10',
      'PRED=Prednisolone active 5',
    ]);
    expect((await medicines([first, second, again])).sort()).toEqual([
      'ASP=Aspirin stopped 1',
      'PRED=Prednisolone active 11',
      'PRED=Prednisolone active 6',
    ]);
  });

  test('are one where the pharmacy encodes what was asked for in words', async () => {
    const asked: Sent = [8, 'OMP^O09', 'ORC|NW|P1', 'RXO|^Amoxicillin capsules|1||mg'];
    const encoded: Sent = [
      9,
      'RDE^O11',
      'ORC|XO|P1',
      'RXO|^Amoxicillin capsules|1||mg',
      'RXE|^BD|AMOX^Amoxicillin 250mg^L|2||mg',
    ];
    expect(await medicines([asked, encoded])).toEqual(['AMOX=Amoxicillin 250mg active 2']);
  });
});

describe('any messages about orders of one or two numbers', () => {
  const number = fc.constantFrom('P1', 'P1', 'P2');
  const services = fc.constantFrom('FBC', 'UE');
  const named = fc.constantFrom('AMOX', 'WARF', '^AMOX', '^DIGOXIN');
  const controls = fc.constantFrom('NW', 'XO', 'CA', 'HD', 'RL', 'DC', 'SC');
  const states = fc.constantFrom('P', 'F', 'C', 'X');
  const results = fc.uniqueArray(fc.constantFrom('HB', 'WBC'), { maxLength: 2 });
  type Make = (hour: number) => Sent;
  const message = fc.oneof(
    fc.tuple(controls, services, number).map(
      ([c, s, n]): Make =>
        (hour) =>
          order(hour, c, s, n),
    ),
    fc.tuple(controls, named, number).map(
      ([c, m, n]): Make =>
        (hour) =>
          prescribe(hour, c, m, n),
    ),
    fc.tuple(controls, fc.constantFrom('ORM^O01', 'RDE^O11'), number).map(
      ([c, type, n]): Make =>
        (hour) =>
          alone(hour, c, type, n),
    ),
    fc.tuple(states, results, services, number).map(
      ([s, r, c, n]): Make =>
        (hour) =>
          report(
            hour,
            s,
            r.map((each) => `${each} ${s}`),
            c,
            n,
          ),
    ),
  );
  const arrivals = fc
    .array(message, { minLength: 2, maxLength: 5 })
    .map((made) => made.map((make, index) => make(8 + index)))
    .chain((messages) =>
      fc.tuple(
        fc.constant(messages),
        fc.shuffledSubarray(messages, { minLength: messages.length, maxLength: messages.length }),
      ),
    );

  test('end the same as if they had arrived in order', async () => {
    await fc.assert(
      fc.asyncProperty(arrivals, async ([inOrder, arrival]) => {
        expect(await seen(arrival)).toEqual(await seen(inOrder));
      }),
      { numRuns: 100, seed: 2 },
    );
  });
});
