import { describe, expect, test } from '@jest/globals';
import type { Patient } from 'fhir/r4.js';
import { convert } from '../../../src/core/converter/convert.js';
import { ExchangeError } from '../../../src/core/errors.js';

const message = (time: string, type: string, ...segments: string[]): string =>
  [`MSH|^~\\&|PAS|RXX|HDE|RXX|${time}||${type}|M${time}|P|2.4`, `EVN||${time}`, ...segments, ''].join('\r');
const pid = (name: string, rest = ''): string => `PID|1||9990000018^^^NHS^NH||${name}||19800229|F${rest}`;

const first = message('20240105090000', 'ADT^A28', pid('Khan^Amira', '|||12 Mill Lane^^Leeds'));
const second = message('20240106090000', 'ADT^A31', pid('Shah^Amira'));
const other = message('20240106100000', 'ADT^A28', 'PID|1||9990000026^^^NHS^NH||Jones^Evan');
const batch = (...messages: string[]): string =>
  ['FHS|^~\\&\r', 'BHS|^~\\&\r', ...messages, `BTS|${String(messages.length)}\r`, 'FTS|1\r'].join('');

const convertText = (text: string) => convert(text, { format: 'hl7v2' });
const patients = (text: string) =>
  (convertText(text).bundle.entry ?? [])
    .map(({ resource }) => resource)
    .filter((resource): resource is Patient => resource?.resourceType === 'Patient');

describe('a file of messages', () => {
  test('becomes one collection in the order in which records are first stated', () => {
    const names = patients(batch(first, other, second)).map(({ name }) => name?.[0]?.family);
    expect(names).toEqual(['Shah', 'Jones']);
  });

  test('holds what a store would hold after it: later statements win, absent elements stay', () => {
    const [patient] = patients(batch(first, second));
    expect(patient?.name?.[0]?.family).toBe('Shah');
    expect(patient?.address?.[0]?.city).toBe('Leeds');
    expect(patient?.meta).toEqual({
      profile: ['https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient'],
    });
  });

  test('lets no older event overwrite a newer one, whatever the order of the file', () => {
    const [patient] = patients(batch(second, first));
    expect(patient?.name?.[0]?.family).toBe('Shah');
  });

  test('names the message in each place of lineage and ledger', () => {
    const { lineage, ledger } = convertText(batch(first, second));
    const from = (element: string) => lineage.find((entry) => entry.element === element)?.source;
    expect(from('Patient.name[0].family')).toBe('message 2: PID-5[1].1.1');
    expect(from('Patient.address[0].city')).toMatch(/^message 1: PID-11\[1\]/);
    expect(ledger.map(({ source }) => source)).toContain('message 2: PID-5[1]');
  });

  test('gives the spans within the message that a place names', () => {
    const { lineage } = convertText(batch(first, second));
    const { start, end } = lineage.find(({ element }) => element === 'Patient.name[0].family') ?? {};
    expect(second.slice(start, end)).toBe('Shah');
  });

  test('reports a message that is refused and converts the others', () => {
    const { bundle, issues } = convertText(batch(first, message('20240106090000', 'ACK'), other));
    expect(bundle.entry?.filter(({ resource }) => resource?.resourceType === 'Patient')).toHaveLength(2);
    expect(issues).toContainEqual({
      code: 'HDE_HL7_TYPE_UNSUPPORTED',
      severity: 'error',
      location: 'message 2: MSH-9',
    });
  });

  test('is refused when no message of it can be converted', () => {
    expect(() => convertText(batch(message('20240106090000', 'ACK')))).toThrow(ExchangeError);
  });

  test('that was cut short is reported', () => {
    const cut = batch(first, other).replace(other, '');
    expect(convertText(cut).issues).toContainEqual(
      expect.objectContaining({ location: 'BTS-1', severity: 'error' }),
    );
    expect(convertText(batch(first, other)).issues).toEqual([]);
  });

  test('may come without any header, or as MLLP blocks', () => {
    expect(patients(first + other)).toHaveLength(2);
    expect(patients(`\x0b${first}\x1c\r\x0b${other}\x1c\r`)).toHaveLength(2);
  });

  test('gives the same bytes from text and bytes, each time', () => {
    const text = batch(first, second, other);
    const bytes = JSON.stringify(convert(new TextEncoder().encode(text), { format: 'hl7v2' }));
    expect(bytes).toBe(JSON.stringify(convertText(text)));
  });
});

describe('a batch of one message', () => {
  test('is converted as that message alone', () => {
    expect(convertText(`FHS|^~\\&\r${first}FTS|1\r`).bundle).toEqual(convertText(first).bundle);
  });
});

describe('whoever calls without types', () => {
  test.each([
    ['another format', first, { format: 'cda' }, 'format'],
    ['no text', null, { format: 'hl7v2' }, 'input'],
  ])('is told about %s', (_case, input, options, location) => {
    expect(() => convert(input!, options as { format: 'hl7v2' })).toThrow(
      expect.objectContaining({ code: 'HDE_CONTENT_TYPE', location }),
    );
  });

  test('may give options that mean nothing here', () => {
    const options = { format: 'hl7v2' as const, filename: 'a.hl7' };
    expect(convert(first, options)).toEqual(convertText(first));
  });
});

test('a patient without an identifier is converted, and reported as an error', () => {
  const { bundle, issues } = convertText(message('20240105090000', 'ADT^A28', 'PID|1||||Khan^Amira'));
  expect(bundle.entry?.[0]?.resource?.resourceType).toBe('Patient');
  expect(issues).toContainEqual({ code: 'HDE_HL7_NO_PATIENT', severity: 'error', location: 'PID-3' });
});
