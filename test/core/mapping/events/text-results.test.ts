/** Reports whose text comes line by line. */
import { describe, expect, test } from '@jest/globals';
import type { DiagnosticReport, Observation } from 'fhir/r4.js';
import { convertText, hl7, PID, recordsOf } from '../support.js';

const OBR = 'OBR|1||F1|HIST^Histology|||20240105080000||||||||||||||||||F';
const line = (setId: number, text: string, changes: Record<number, string> = {}) => {
  const fields = ['OBX', String(setId), 'TX', 'HISTR^Report', '', text, '', '', '', '', '', 'F'];
  for (const [field, value] of Object.entries(changes)) fields[Number(field)] = value;
  return fields.join('|');
};
const convertLines = (...lines: string[]) => convertText(hl7('ORU^R01', PID, OBR, ...lines));
const textsOf = (...lines: string[]) =>
  recordsOf(convertLines(...lines), 'Observation').map(
    ({ resource }) => (resource as Observation).valueString,
  );

describe('lines of one text', () => {
  test('are one result, with its paragraphs', () => {
    expect(
      textsOf(line(1, 'MACROSCOPY'), line(2, 'A skin ellipse.'), line(3, ''), line(4, 'No malignancy.')),
    ).toEqual(['MACROSCOPY\nA skin ellipse.\n\nNo malignancy.']);
  });

  test('meet the same record in a correction with fewer lines', () => {
    const ids = (...lines: string[]) =>
      recordsOf(convertLines(...lines), 'Observation').map(({ resource }) => resource.id);
    const final = ids(line(1, 'No malignancy.'), line(2, 'Dr A.'));
    expect(final).toHaveLength(1);
    expect(ids(line(1, 'Melanoma.', { 11: 'C' }))).toEqual(final);
  });

  test('are listed once in the report', () => {
    const { resource } = recordsOf(convertLines(line(1, 'A'), line(2, 'B')), 'DiagnosticReport')[0]!;
    expect((resource as DiagnosticReport).result).toHaveLength(1);
  });

  test('are accounted for one by one', () => {
    const text = hl7('ORU^R01', PID, OBR, line(1, 'First line'), line(2, 'Second line'));
    const { records, ledger } = convertText(text);
    const { lineage } = records.find(({ resource }) => resource.resourceType === 'Observation')!;
    const spans = lineage
      .filter(({ element }) => element === 'Observation.valueString')
      .map(({ start, end }) => text.slice(start, end));
    expect(spans).toEqual(['First line', 'Second line']);
    const second = ledger.filter(({ source }) => source.startsWith('OBX(2)'));
    expect(second.map(({ source, fate }) => `${source} ${fate}`)).toEqual([
      'OBX(2)-1[1] ignored',
      'OBX(2)-2[1] ignored',
      'OBX(2)-3[1] mapped',
      'OBX(2)-5[1] mapped',
      'OBX(2)-11[1] mapped',
    ]);
  });
});

describe('lines that differ in more than their text', () => {
  test.each([
    ['code', line(2, 'B', { 3: 'OTHER^Other' })],
    ['sub-id', line(2, 'B', { 4: '2' })],
    ['status', line(2, 'B', { 11: 'P' })],
    ['flag', line(2, 'B', { 8: 'A' })],
    ['time', line(2, 'B', { 14: '20240105' })],
    ['type', line(2, 'B', { 2: 'ST' })],
  ])('are results of their own: %s', (_difference, second) => {
    expect(textsOf(line(1, 'A'), second)).toEqual(['A', 'B']);
  });

  test('such as by a note, keep it', () => {
    const conversion = convertLines(line(1, 'A'), line(2, 'B'), 'NTE|1||Seen twice', line(3, 'C'));
    const observations = recordsOf(conversion, 'Observation').map(({ resource }) => resource as Observation);
    expect(observations.map(({ valueString, note }) => [valueString, note?.[0]?.text])).toEqual([
      ['A', undefined],
      ['B', 'Seen twice'],
      ['C', undefined],
    ]);
  });

  test('such as results of short texts, stay apart', () => {
    expect(textsOf(line(1, 'E. coli', { 2: 'ST' }), line(2, 'S. aureus', { 2: 'ST' }))).toEqual([
      'E. coli',
      'S. aureus',
    ]);
  });
});
