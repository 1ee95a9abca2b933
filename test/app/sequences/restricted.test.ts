/** What an order restricts (ORC-28) is restricted in all that comes of it, whichever message says so, and when. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Observation, Resource } from 'fhir/r4.js';
import { begin, recordsOf, send, type Event } from './support.js';

beforeEach(begin);

/** An order control of a number, with ORC-28 where it restricts. */
const orc = (control: string, number: string, label = ''): string =>
  `ORC|${control}|${number}${'|'.repeat(26)}${label}`;

const detail = 'OBR|1|P1||FBC^Blood count^L';
const ordered = (hour: number, label: string): Event => ({
  type: 'ORM^O01',
  hour,
  more: [orc('NW', 'P1', label), detail],
});
const reported = (hour: number, status: string, results: readonly string[], label = ''): Event => ({
  type: 'ORU^R01',
  hour,
  more: [
    orc('RE', 'P1', label),
    `OBR|1|P1|F1|FBC^Blood count^L|||20260330${'|'.repeat(18)}${status}`,
    ...results.map((code) => `OBX|1|NM|${code}^${code}^L||120|g/L|||||F`),
  ],
});
const other: Event = {
  type: 'ORU^R01',
  hour: 8,
  more: [orc('RE', 'P2'), 'OBR|1|P2|F2|UE^Electrolytes^L', 'OBX|1|NM|NA^NA^L||140|mmol/L|||||F'],
};

/** The labels of each record of a type after messages, in the order of their arrival. */
async function labelsAfter(type: Resource['resourceType'], ...events: readonly Event[]): Promise<string[]> {
  await send(...events);
  return labelsOf(type);
}

const labelsOf = async (type: Resource['resourceType']): Promise<string[]> =>
  (await recordsOf(type, 'M1')).map(({ meta }) => (meta?.security ?? []).map(({ code }) => code).join(' '));

describe('an order restricts', () => {
  test('its reports and results, although their messages do not say so', async () => {
    const results = [reported(9, 'P', ['HB']), reported(10, 'F', ['WBC'])];
    expect(await labelsAfter('Observation', ordered(8, 'R'), ...results)).toEqual(['R', 'R']);
    expect(await labelsOf('DiagnosticReport')).toEqual(['R']);
  });

  test('them once where their messages say so, too', async () => {
    expect(await labelsAfter('Observation', ordered(8, 'R'), reported(9, 'F', ['HB'], 'R'))).toEqual(['R']);
  });

  test.each<[string, Event, number]>([
    ['by a change of it', { type: 'ORM^O01', hour: 10, more: [orc('XO', 'P1', 'R'), detail] }, 1],
    ['by its number alone', { type: 'ORM^O01', hour: 10, more: [orc('SC', 'P1', 'R')] }, 1],
    ['by further results', reported(10, 'F', ['WBC'], 'R'), 2],
    ['by the order itself, which is late', ordered(8, 'R'), 1],
  ])('what came before it was restricted %s', async (_, event, count) => {
    const results = await labelsAfter('Observation', reported(9, 'P', ['HB']), event);
    expect(results).toEqual(Array<string>(count).fill('R'));
    expect(await labelsOf('DiagnosticReport')).toEqual(['R']);
  });

  test('a result that is cancelled with its report at the same time, which stays what it was', async () => {
    await send(reported(9, 'F', ['HB']), reported(10, 'X', [], 'R'));
    const [result] = await recordsOf<Observation>('Observation', 'M1');
    expect(result).toMatchObject({ status: 'cancelled', valueQuantity: { value: 120 } });
    expect(result?.meta?.profile).toHaveLength(1);
    expect(await labelsOf('Observation')).toEqual(['R']);
  });

  test('no result of another order, before or after', async () => {
    expect(await labelsAfter('Observation', other, ordered(9, ''), ordered(10, 'R'))).toEqual(['']);
    expect(await labelsAfter('Observation', { ...other, hour: 11 })).toEqual(['']);
  });
});

describe('a prescription restricts', () => {
  const prescribed = (hour: number, label: string, medicine = 'AMOX^Amoxicillin^L'): Event => ({
    type: 'RDE^O11',
    hour,
    more: [orc('NW', 'RX1', label), `RXE|^BD|${medicine}|1`],
  });

  test.each([
    ['MedicationDispense', 'RDS^O13', 'RXD|1|AMOX^Amoxicillin^L|20260330|14'],
    ['MedicationAdministration', 'RAS^O17', 'RXA|0|1|20260330||AMOX^Amoxicillin^L|1'],
  ] as const)('what came of it: %s', async (type, message, segment) => {
    const came: Event = { type: message, hour: 9, more: [orc('RE', 'RX1'), segment] };
    expect(await labelsAfter(type, prescribed(8, 'R'), came)).toEqual(['R']);
    begin();
    expect(await labelsAfter(type, prescribed(8, ''), came, prescribed(10, 'R'))).toEqual(['R']);
    for (const hour of [8, 10]) {
      begin();
      expect(await labelsAfter(type, came, prescribed(hour, 'R'))).toEqual(['R']);
    }
  });

  test.each([
    ['alone', []],
    ['with the prescription', ['RXE|^BD|METH^Methadone^L|1']],
  ])('what is dispensed of a second medicine under its number, %s', async (_, more) => {
    const dispensed: Event = {
      type: 'RDS^O13',
      hour: 10,
      more: [orc('RE', 'RX1'), ...more, 'RXD|1|METH^Methadone^L|20260330|14'],
    };
    const both = [prescribed(8, ''), prescribed(9, 'R', 'METH^Methadone^L')];
    expect(await labelsAfter('MedicationDispense', ...both, dispensed)).toEqual(['R']);
    begin();
    expect(await labelsAfter('MedicationDispense', dispensed, ...both)).toEqual(['R']);
  });
});
