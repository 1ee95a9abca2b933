/** When and how much: timings of several patterns, and the quantity and timing (TQ) of versions before 2.5. */
import { describe, expect, test } from '@jest/globals';
import type { Dosage, MedicationRequest, ServiceRequest } from 'fhir/r4.js';
import { convertText, hl7, PID, resourceOf, segment } from '../support.js';

const prescribed = (...segments: string[]) => {
  const conversion = convertText(hl7('RDE^O11', PID, 'ORC|NW|P1|F1', ...segments));
  const { dosageInstruction = [] } = resourceOf<MedicationRequest>(conversion, 'MedicationRequest');
  return { conversion, dosage: dosageInstruction[0] };
};

const older = (timing: string): Dosage | undefined =>
  prescribed(`RXE|${timing}|A^Amoxicillin^L|500||mg`).dosage;

describe('the timing of older versions', () => {
  test('says for how long', () => {
    expect(older('^TDS^D7')?.timing?.repeat).toMatchObject({
      frequency: 3,
      boundsDuration: { value: 7, unit: 'days', system: 'http://unitsofmeasure.org', code: 'd' },
    });
  });

  test('says for how long in words where start or end are the bounds, or nobody knows the unit', () => {
    expect(older('^TDS^W2^20240105')?.additionalInstruction).toEqual([{ text: 'For 2 weeks' }]);
    expect(older('^TDS^INDEF')?.additionalInstruction).toEqual([{ text: 'Duration: INDEF' }]);
  });

  test.each(['^Q6H^X4', '^Q6H^^^^^^^^^^4'])('says how many times, as %s', (timing) => {
    expect(older(timing)?.timing?.repeat?.count).toBe(4);
  });

  test('keeps the condition and the text', () => {
    expect(older('^QDS^^^^^for pain^with food')).toMatchObject({
      additionalInstruction: [{ text: 'for pain' }],
      text: 'with food',
    });
  });

  test('says at which times of the day', () => {
    expect(older('^BD&0800,2000')?.timing?.repeat?.timeOfDay).toEqual(['08:00:00', '20:00:00']);
    expect(older('^BD&breakfast')?.additionalInstruction).toEqual([{ text: 'At breakfast' }]);
  });
});

describe('a timing of several patterns', () => {
  test('is told in words: the first alone would be another frequency', () => {
    const { conversion, dosage } = prescribed('RXE||A^Aspirin^L|75||mg', 'TQ1|1||QAM~QHS');
    expect(dosage?.timing).toEqual({ code: { text: 'QAM; QHS' } });
    expect(conversion.ledger.filter(({ fate }) => fate === 'unmapped')).toEqual([]);
  });

  test('names each by its name, its code, its period or its event', () => {
    const { dosage } = prescribed('RXE||A^Aspirin^L|75||mg', 'TQ1|1||BD&twice daily~^^^^8^h~^^^^^^^HS');
    expect(dosage?.timing).toEqual({ code: { text: 'twice daily; every 8 h; HS' } });
  });
});

test('a rate that is no number is kept in words', () => {
  const { dosage } = prescribed(`RXE||M^Morphine^L|5||mg${'|'.repeat(18)}1-2|mL/hr`);
  expect(dosage).toMatchObject({
    additionalInstruction: [{ text: 'Rate: 1-2 mL/hr' }],
    doseAndRate: [{ doseQuantity: { value: 5, unit: 'mg' } }],
  });
});

test('a unit whose caret is not escaped stays whole', () => {
  expect(prescribed('RXE||C^Cisplatin^L|75||mg/m^2').dosage?.doseAndRate).toEqual([
    { doseQuantity: { value: 75, unit: 'mg/m^2' } },
  ]);
});

test('an order says how often and keeps the text of its timing (ORC-7)', () => {
  const text = hl7('ORM^O01', PID, 'ORC|NW|P1|||||1^Q6H^^20240106^^S^^nil by mouth', 'OBR|1|P1||XR^X-ray^L');
  expect(resourceOf<ServiceRequest>(convertText(text), 'ServiceRequest')).toMatchObject({
    priority: 'stat',
    occurrenceTiming: { code: { text: 'Q6H' }, repeat: { boundsPeriod: { start: '2024-01-06' } } },
    note: [{ text: 'nil by mouth' }],
  });
});

test('rate and daily total of a request are those of RXO-21 to RXO-23', () => {
  const rxo = segment('RXO', {
    1: 'H^Heparin^L',
    2: '5',
    4: 'mL',
    17: 'H1',
    21: '10',
    22: 'mL/h',
    23: '240^mL',
  });
  const conversion = convertText(hl7('OMP^O09', PID, 'ORC|NW|P1|F1', rxo));
  expect(resourceOf<MedicationRequest>(conversion, 'MedicationRequest').dosageInstruction).toMatchObject([
    {
      doseAndRate: [{ doseQuantity: { value: 5, unit: 'mL' }, rateQuantity: { value: 10, unit: 'mL/h' } }],
      maxDosePerPeriod: { numerator: { value: 240, unit: 'mL' }, denominator: { value: 1, code: 'd' } },
      additionalInstruction: [{ text: 'Give per 1 hours' }],
    },
  ]);
  expect(conversion.ledger.filter(({ fate }) => fate === 'unmapped')).toEqual([]);
});
