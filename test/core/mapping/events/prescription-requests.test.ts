/** Prescriptions that the pharmacy encodes: what the request says more, and one dose only. */
import { describe, expect, test } from '@jest/globals';
import type { Condition, MedicationRequest } from 'fhir/r4.js';
import { convertText, hl7, PID, resourceOf } from '../support.js';

const request = (conversion: ReturnType<typeof convertText>): MedicationRequest =>
  resourceOf<MedicationRequest>(conversion, 'MedicationRequest');

describe('an encoded prescription', () => {
  const text = hl7(
    'RDE^O11',
    PID,
    'ORC|NW|R1',
    'RXO|1^Metformin^L|500||mg',
    'NTE|1||with food',
    'RXR|PO^Oral',
    'RXC|A|2^Salt^L|5|g',
    'RXE|^BD|1^Metformin^L|500||mg',
  );

  test('keeps the route, the notes and the components of the request', () => {
    const conversion = convertText(text);
    const { dosageInstruction, note, contained } = request(conversion);
    expect(dosageInstruction?.[0]?.route?.coding?.[0]?.code).toBe('PO');
    expect(note).toEqual([{ text: 'with food' }]);
    expect(JSON.stringify(contained)).toContain('Salt');
    expect(conversion.ledger.filter(({ fate }) => fate === 'unmapped')).toEqual([]);
  });

  test('takes its own route before that of the request', () => {
    const { dosageInstruction } = request(convertText(`${text}RXR|IV^Intravenous\r`));
    expect(dosageInstruction?.map(({ route }) => route?.coding?.[0]?.code)).toEqual(['IV']);
  });

  test('has one dose: the amount of its timing is an instruction beside it', () => {
    const { dosageInstruction } = request(
      convertText(hl7('RDE^O11', PID, 'ORC|NW|R1', 'RXE|1^BD|1^Metformin^L|500||mg', 'RXR|PO')),
    );
    expect(dosageInstruction).toHaveLength(1);
    expect(dosageInstruction?.[0]?.doseAndRate).toHaveLength(1);
    expect(dosageInstruction?.[0]?.additionalInstruction).toEqual([{ text: '1 per administration' }]);
  });
});

describe('an amount of the timing beside a dose', () => {
  const issuesOf = (...segments: string[]) =>
    convertText(hl7('RDE^O11', PID, 'ORC|NW|R1', ...segments)).issues;
  const rxe = (timing: string) => `RXE|${timing}|1^Metformin^L|500||mg`;

  test('is reported where it is another number of the same unit', () => {
    const expected = { code: 'HDE_HL7_DATA_TYPE', severity: 'warning' };
    expect(issuesOf(rxe('850&mg^BD'))).toEqual([expect.objectContaining(expected)]);
    expect(issuesOf(rxe(''), 'TQ1|1|850^mg|BD')).toEqual([expect.objectContaining(expected)]);
  });

  test.each(['500&mg^BD', '500.0&mg^BD', '1^BD', '1&tablet^BD'])('is no contradiction as %s', (timing) => {
    expect(issuesOf(rxe(timing))).toEqual([]);
  });
});

test('a problem is resolved by a date, not by a word in its place', () => {
  const status = (resolved: string) =>
    resourceOf<Condition>(
      convertText(hl7('PPR^PC1', PID, `PRB|AD|20250107|38341003^Hypertension^SCT|1|||20250101||${resolved}`)),
      'Condition',
    ).clinicalStatus?.coding?.[0]?.code;
  expect(status('20250105')).toBe('resolved');
  expect(status('20250100')).toBe('resolved');
  expect(status('TBC')).toBe('active');
  expect(status('')).toBe('active');
});
