import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ExchangeError } from '../../../src/core/errors.js';
import { parseHl7v2 } from '../../../src/core/formats/hl7v2/parse.js';
import { convert } from '../../../src/core/converter/convert.js';
import type { Conversion } from '../../../src/core/mapping/types.js';
import { convertText, hl7, segment } from './support.js';

const PID = segment('PID', {
  1: '1',
  2: 'X9',
  3: '9990000018^^^NHS^NH~A12345^^^RXX^MR',
  5: 'O\\T\\Neil&van^Amira^Jane^^Mrs^^L',
  7: '19800229',
  8: 'F',
  11: '12 Mill Lane^Oldtown^Leeds^West Yorkshire^LS1 1AA^GBR^H',
  13: '01134960000^PRN^PH~^NET^Internet^a.khan@example.org',
  16: 'M',
  22: 'A',
  29: '""',
  30: 'N',
  32: 'NSTS01',
});
const PV1 = segment('PV1', {
  2: 'I',
  3: 'WARD7^BAY2^BED3^RXX01',
  7: 'C1234567^Patel^Ravi^^^Mr',
  19: 'V001^^^RXX',
  44: '20240105083000',
  45: '',
});
const OBX = segment('OBX', {
  1: '1',
  2: 'NM',
  3: '718-7^Haemoglobin^LN',
  5: '131',
  6: 'g/L',
  7: '115-165',
  8: 'H',
  11: 'F',
});
const messages = [
  hl7(
    'ADT^A01',
    PID,
    'PD1|||SURGERY^^A81001|G5612908^Jones^Ann',
    PV1,
    'PV2|||^Pain',
    'DG1|1||I21.9^MI^I10||20240105',
    'AL1|1|DA|P^Penicillin|SV|Rash',
  ),
  hl7('ADT^A40', PID, 'MRG|B99^^^RXX^MR'),
  hl7(
    'ORU^R01',
    PID,
    PV1,
    'ORC|RE|P1|F1',
    'OBR|1|P1|F1|FBC^Blood count|||20240105||||||||||||||||||HM|F',
    OBX,
    'NTE|1||Note',
    OBX,
  ),
];

/** Texts that break things: separators, escapes, nulls, dates of no calendar, names that objects inherit. */
const breakers = fc.constantFrom(
  '|',
  '^',
  '~',
  '&',
  '\\',
  '\r',
  '\\X00\\',
  '\\.br\\',
  '""',
  '20240230',
  '\u0000',
  '\ud800',
  '__proto__',
  'constructor',
  '9'.repeat(400),
  ' ',
  'OBX|1|SN|A||<^5',
  'MSH',
);

/** One of the messages with some of its text cut out or replaced. */
const mutated = fc
  .tuple(
    fc.constantFrom(...messages),
    fc.array(
      fc.tuple(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(30),
        fc.oneof(breakers, fc.string({ maxLength: 4 })),
      ),
      { maxLength: 6 },
    ),
  )
  .map(([message, changes]) =>
    changes.reduce((text, [place, length, insert]) => {
      const at = Math.floor(place * text.length);
      return text.slice(0, at) + insert + text.slice(at + length);
    }, message),
  );

/** The conversion, or nothing when the message is refused by name. */
function attempt(text: string): Conversion | undefined {
  try {
    return convertText(text);
  } catch (error) {
    if (error instanceof ExchangeError) return undefined;
    throw error;
  }
}

/** Every populated field repetition of a message, found by splitting its text. */
function populatedFields(text: string): string[] {
  const message = parseHl7v2(text);
  const { field, repetition, component, subcomponent } = message.delimiters;
  const isSeparator = (character: string) => [component, subcomponent, ' '].includes(character);
  const counts = new Map<string, number>();
  return message.segments.flatMap(({ name, span }) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const label = count === 1 ? name : `${name}(${String(count)})`;
    const parts = message.text.slice(span.start, span.end).split(field).slice(1);
    const fields = name === 'MSH' ? [field, ...parts] : parts;
    return fields.flatMap((content, index) => {
      // MSH-1 and MSH-2 are made of separators and have no repetitions.
      const isSyntax = name === 'MSH' && index < 2;
      const repetitions = isSyntax || repetition === '' ? [content] : content.split(repetition);
      return repetitions.flatMap((each, at) =>
        Array.from(each).every(isSeparator) ? [] : [`${label}-${String(index + 1)}[${String(at + 1)}]`],
      );
    });
  });
}

/** Paths of what FHIR JSON may not hold: null, empty texts, empty lists and empty objects. */
function emptyParts(value: unknown, path = ''): string[] {
  if (value === undefined) return [];
  if (value === null || value === '') return [path];
  if (typeof value !== 'object') return [];
  const entries = Object.entries(value);
  if (entries.length === 0) return [path];
  return entries.flatMap(([key, child]) => emptyParts(child, `${path}.${key}`));
}

describe('whatever a message holds', () => {
  test('conversion succeeds or refuses it by name', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        attempt(text);
      }),
      { numRuns: 2000 },
    );
  });

  test('every populated field is accounted for exactly once', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        const conversion = attempt(text);
        if (conversion === undefined) return;
        expect(conversion.ledger.map(({ source }) => source)).toEqual(populatedFields(text));
      }),
      { numRuns: 1000 },
    );
  });

  test('records hold nothing empty, and ids that FHIR allows', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        for (const { resource, partition } of attempt(text)?.records ?? []) {
          expect(emptyParts(resource)).toEqual([]);
          expect(resource.id).toMatch(/^[A-Za-z0-9.-]{1,64}$/);
          expect(resource.id.split('.')[0]).toBe(partition);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('lineage stays within the message', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        const length = attempt(text) === undefined ? 0 : parseHl7v2(text).text.length;
        for (const { lineage } of attempt(text)?.records ?? []) {
          for (const { source, start, end } of lineage) {
            if (source === undefined) continue;
            expect(start).toBeGreaterThanOrEqual(0);
            expect(end).toBeLessThanOrEqual(length);
            expect(start).toBeLessThan(end ?? 0);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('converting twice gives the same bytes', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        const bytes = () => {
          try {
            return JSON.stringify(convert(text, { format: 'hl7v2' }));
          } catch (error) {
            return (error as ExchangeError).code;
          }
        };
        expect(bytes()).toBe(bytes());
      }),
      { numRuns: 500 },
    );
  });
});

describe('the lineage of a message', () => {
  /** Elements that hold the text of the source, as against codes, dates and references that stand for it. */
  const COPIED =
    /\.(family|given\[\d+\]|prefix\[\d+\]|line\[\d+\]|city|district|country|display|text|unit|valueString)$/;

  /** The value at `name[0].given[1]` of a resource. */
  const valueAt = (resource: object, path: string): unknown =>
    path
      .split('.')
      .slice(1)
      .flatMap((step) => step.split(/[[\]]/).filter((part) => part !== ''))
      .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], resource);

  test.each(messages.map((text) => [text.slice(41, 48), text]))(
    '%s leads each copied value back to its text',
    (_type, text) => {
      const copied = convertText(text).records.flatMap(({ resource, lineage }) =>
        lineage
          .filter(({ element, source }) => COPIED.test(element) && source !== undefined)
          .map(({ element, start, end }) => [
            valueAt(resource, element),
            text.slice(start, end).replaceAll('\\T\\', '&'),
          ]),
      );
      expect(copied.length).toBeGreaterThan(9);
      for (const [value, source] of copied) if (value !== undefined) expect(value).toBe(source);
    },
  );

  test('names a rule for each element and a source for each that is not constant', () => {
    const [text = ''] = messages;
    const { records } = convertText(text);
    const constants = records.flatMap(({ lineage }) =>
      lineage.filter(({ source }) => source === undefined).map(({ element }) => element),
    );
    for (const { lineage } of records) for (const { rule } of lineage) expect(rule).toMatch(/^[a-z0-9-]+$/);
    expect(new Set(constants)).toEqual(
      new Set([
        'AllergyIntolerance.clinicalStatus',
        'AllergyIntolerance.patient',
        'Condition.category[0]',
        'Condition.encounter',
        'Condition.subject',
        'Encounter.diagnosis[0].condition.reference',
        'Encounter.serviceProvider',
        'Encounter.subject',
        'Organization.identifier[0].value',
        'Patient.active',
        'Patient.managingOrganization',
      ]),
    );
  });
});
