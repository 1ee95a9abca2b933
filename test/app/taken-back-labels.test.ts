/** Several fields restrict access by one label: each takes back (`""`) what it stated itself, and nothing else. */
import { describe, expect, test } from '@jest/globals';
import { normaliseMessage } from '../../src/app/normalise-message.js';
import { acceptBytes, createMemoryExchange } from '../support/exchange.js';
import { aMessage } from '../support/messages.js';

interface Said {
  readonly hour: number;
  readonly more: readonly string[];
}

const pd1 = (value: string): string => `PD1|${'|'.repeat(11)}${value}`;
const zu8 = (value: string): string => `ZU8|1|||${value}`;
const pv1 = (sensitivity: string): string => `PV1|1|I|${'|'.repeat(13)}${sensitivity}|||V1`;
const pv2 = (protection: string): string => `PV2|${'|'.repeat(21)}${protection}`;
const at = (hour: number, ...more: string[]): Said => ({ hour, more });

/** The codes of the labels of the one record of a type, after messages in the order of their arrival. */
async function labelsAfter(type: string, ...said: readonly Said[]): Promise<string[]> {
  const exchange = createMemoryExchange();
  for (const [index, { hour, more }] of said.entries()) {
    const time = `20260330${String(hour).padStart(2, '0')}0000`;
    const bytes = aMessage({ type: 'ADT^A08', controlId: `C${index}`, at: time, nhsNumber: '', more });
    await normaliseMessage(exchange, await acceptBytes(exchange, bytes));
  }
  const token = 'https://rzz.example.nhs.uk/Id/local-patient-id|M1';
  const { documents } = await exchange.records.findByIdentifier('Patient', token, { limit: 1 });
  const partition = documents[0]?.resource.id ?? '';
  const found = await exchange.records.listPartition(partition, type, { limit: 2 });
  return found.documents.flatMap(({ resource }) =>
    (resource.meta?.security ?? []).map(({ code = '' }) => code),
  );
}

describe('the label of a person', () => {
  test('goes when the field that stated it takes it back', async () => {
    expect(await labelsAfter('Patient', at(8, pd1('Y')))).toEqual(['R']);
    expect(await labelsAfter('Patient', at(8, pd1('Y')), at(9, pd1('""')))).toEqual([]);
    expect(await labelsAfter('Patient', at(8, zu8('2')), at(9, zu8('""')))).toEqual([]);
  });

  test('stays when another field takes back what it may have stated', async () => {
    expect(await labelsAfter('Patient', at(8, zu8('2')), at(9, pd1('""')))).toEqual(['R']);
    expect(await labelsAfter('Patient', at(8, pd1('Y')), at(9, zu8('""')))).toEqual(['R']);
  });

  test.each([
    ['one after the other', [at(8, pd1('Y')), at(9, zu8('2'))]],
    ['the other way round', [at(8, zu8('2')), at(9, pd1('Y'))]],
    ['in one message', [at(9, pd1('Y'), zu8('2'))]],
    ['the earlier one late', [at(9, pd1('Y')), at(8, zu8('2'))]],
  ])('that two fields state goes when both have taken it back: %s', async (_how, both) => {
    expect(await labelsAfter('Patient', ...both)).toEqual(['R']);
    expect(await labelsAfter('Patient', ...both, at(10, pd1('""')))).toEqual(['R']);
    expect(await labelsAfter('Patient', ...both, at(10, zu8('""')))).toEqual(['R']);
    expect(await labelsAfter('Patient', ...both, at(10, zu8('""')), at(11, pd1('""')))).toEqual([]);
  });

  test('that was taken back does not return by a message of the time before', async () => {
    expect(await labelsAfter('Patient', at(9, pd1('Y')), at(11, pd1('""')), at(10, pd1('Y')))).toEqual([]);
    expect(await labelsAfter('Patient', at(9, pd1('Y')), at(11, zu8('""')), at(10, zu8('2')))).toEqual(['R']);
  });

  test('returns when it is stated again', async () => {
    expect(await labelsAfter('Patient', at(9, pd1('Y')), at(10, pd1('""')), at(11, pd1('Y')))).toEqual(['R']);
  });
});

describe('the label of a visit', () => {
  test('stays when another field takes back what it may have stated', async () => {
    const sensitive = at(8, pv1('S'), pv2(''));
    expect(await labelsAfter('Encounter', sensitive)).toEqual(['R']);
    expect(await labelsAfter('Encounter', sensitive, at(9, pv1(''), pv2('""')))).toEqual(['R']);
    expect(await labelsAfter('Encounter', sensitive, at(9, pv1('""'), pv2('""')))).toEqual([]);
  });
});
