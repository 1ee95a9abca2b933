/** What an order restricts is restricted in what comes of it, also where both are processed at the same moment. */
import { describe, expect, jest, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { normaliseMessage } from '../../src/app/normalise-message.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../support/exchange.js';
import { inEveryOrder, type Race } from '../support/interleave.js';
import { aMessage } from '../support/messages.js';
import { watched } from '../support/watched.js';

/** The same messages are processed in dozens of ways. */
jest.setTimeout(180_000);

let count = 0;

interface Said {
  readonly type: string;
  readonly hour: number;
  readonly more: readonly string[];
}

function accept(exchange: MemoryExchange, { type, hour, more }: Said) {
  count += 1;
  const at = `202603300${hour}0000`;
  return acceptBytes(exchange, aMessage({ type, controlId: `C${count}`, at, more }));
}

/** An order control of a number, with ORC-28 where it restricts. */
const orc = (control: string, number: string, label = ''): string =>
  `ORC|${control}|${number}${'|'.repeat(26)}${label}`;

const ordered = (control: string, label: string): Said => ({
  type: 'ORM^O01',
  hour: 8,
  more: [orc(control, 'P1', label), 'OBR|1|P1||FBC^Blood count^L'],
});
const reported = (results: number): Said => ({
  type: 'ORU^R01',
  hour: 9,
  more: [
    orc('RE', 'P1'),
    `OBR|1|P1|F1|FBC^Blood count^L|||20260330${'|'.repeat(18)}P`,
    ...Array.from({ length: results }, (_, i) => `OBX|${i + 1}|NM|T${i}^Test^L||${i}|g/L|||||P`),
  ],
});
const prescribed = (label: string): Said => ({
  type: 'RDE^O11',
  hour: 8,
  more: [orc('NW', 'RX1', label), 'RXE|^BD|METH^Methadone^L|1'],
});
const dispensed: Said = {
  type: 'RDS^O13',
  hour: 9,
  more: [orc('RE', 'RX1'), 'RXD|1|METH^Methadone^L|20260330|14'],
};
const known: Said = { type: 'ADT^A28', hour: 7, more: [] };

/** How many records of some types have which labels. */
async function labelsIn(
  { records }: MemoryExchange,
  types: readonly Resource['resourceType'][],
): Promise<Record<string, number>> {
  const token = { limit: 1 };
  const found = await records.findByIdentifier('Patient', '|M1', token);
  const partition = found.documents[0]?.partition ?? '';
  const { documents } = await records.listPartition(partition, undefined, { limit: 1000 });
  const labels: Record<string, number> = {};
  for (const { resource } of documents) {
    if (!types.includes(resource.resourceType)) continue;
    const label = (resource.meta?.security ?? []).map(({ code }) => code).join(' ');
    labels[label] = (labels[label] ?? 0) + 1;
  }
  return labels;
}

describe.each([1, 2] as const)('of two messages at the same moment, in processes: %d', (processes) => {
  test.each<[string, readonly Said[], readonly [Said, Said], number]>([
    ['its results', [ordered('NW', '')], [ordered('XO', 'R'), reported(1)], 2],
    ['its results, when it is new', [known], [ordered('NW', 'R'), reported(1)], 2],
    ['what is dispensed', [prescribed('')], [prescribed('R'), dispensed], 1],
    ['what is dispensed, when it is new', [known], [prescribed('R'), dispensed], 1],
    ['what is dispensed to somebody new', [], [prescribed('R'), dispensed], 1],
  ])('one restricts %s', async (_, before, both, expected) => {
    const race: Race<Said> = { accept, before, both, processes };
    await inEveryOrder(race, async (exchange) => {
      const types = ['DiagnosticReport', 'Observation', 'MedicationDispense'] as const;
      expect(await labelsIn(exchange, types)).toEqual({ R: expected });
    });
  });
});

describe('a message that no batch holds', () => {
  /** Has a large message processed, and another one before each of its calls of the store. */
  async function within(
    before: readonly Said[],
    large: Said,
    other: Said,
  ): Promise<Record<string, number>[]> {
    const seen: Record<string, number>[] = [];
    for (let at = 0, isReached = true; isReached; at++) {
      const exchange = createMemoryExchange();
      for (const each of before) await normaliseMessage(exchange, await accept(exchange, each));
      const [first, second] = [await accept(exchange, large), await accept(exchange, other)];
      let calls = 0;
      const meeting = watched(exchange.records, async () => {
        if (calls++ === at) await normaliseMessage(exchange, second);
      });
      await normaliseMessage({ ...exchange, records: meeting }, first);
      isReached = calls > at;
      if (isReached) seen.push(await labelsIn(exchange, ['DiagnosticReport', 'Observation']));
    }
    return seen;
  }

  test('of results is restricted by an order that is restricted meanwhile', async () => {
    const seen = await within([ordered('NW', '')], reported(105), ordered('XO', 'R'));
    expect(seen.length).toBeGreaterThan(15);
    expect(new Set(seen.map((each) => JSON.stringify(each)))).toEqual(new Set(['{"R":106}']));
  });

  test('of an order restricts results that come meanwhile', async () => {
    const more: Said = {
      ...reported(1),
      more: reported(1).more.map((line) => line.replace('T0^Test', 'MORE^More')),
    };
    const seen = await within([ordered('NW', ''), reported(105)], ordered('XO', 'R'), more);
    expect(seen.length).toBeGreaterThan(15);
    expect(new Set(seen.map((each) => JSON.stringify(each)))).toEqual(new Set(['{"R":107}']));
  });
});
