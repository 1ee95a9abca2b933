/** By what a result is known again, and told from others. */
import { describe, expect, test } from '@jest/globals';
import type { DiagnosticReport, Observation } from 'fhir/r4.js';
import type { Conversion } from '../../../../src/core/mapping/types.js';
import { convertText, hl7, patientRecordId, PID, recordsOf, segment } from '../support.js';

const id = patientRecordId;
const obx = (fields: Record<number, string>) => segment('OBX', { 1: '1', 2: 'NM', 11: 'F', ...fields });
const observations = (conversion: Conversion): Observation[] =>
  recordsOf(conversion, 'Observation').map(({ resource }) => resource as Observation);

describe('the record of a result', () => {
  const ids = (...segments: string[]) =>
    observations(convertText(hl7('ORU^R01', PID, ...segments))).map((observation) => observation.id);
  const obr = (fields: Record<number, string>) => segment('OBR', { 1: '1', 4: 'U&E', ...fields });
  const sodium = (fields: Record<number, string> = {}) => obx({ 3: 'NA', 5: '140', ...fields });

  test('is the same when it is corrected', () => {
    const [first] = ids(obr({ 3: 'F1' }), sodium());
    const corrected = convertText(hl7('ORU^R01', PID, obr({ 3: 'F1' }), sodium({ 5: '141', 11: 'C' })));
    expect(observations(corrected)).toEqual([
      expect.objectContaining({ id: first, status: 'corrected', valueQuantity: { value: 141 } }),
    ]);
  });

  test.each([
    ['OBR-3', obr({ 2: 'P1', 3: 'F1' }), 'F1|U&E|NA|'],
    ['ORC-3', `ORC|RE|P1|F1\r${obr({ 2: 'P1' })}`, 'F1|U&E|NA|'],
    ['OBR-2', obr({ 2: 'P1' }), 'P1|U&E|NA|'],
    ['ORC-2', `ORC|RE|P1\r${obr({})}`, 'P1|U&E|NA|'],
    ['the time, for want of a number', obr({ 7: '20240105' }), 'at 20240105|U&E|NA|'],
    ['the message, for want of a time', obr({}), 'at MSG1|U&E|NA|'],
  ])('is told by %s', (_source, order, identity) => {
    expect(ids(order, sodium())).toEqual([id('Observation', identity)]);
  });

  test('is told from others by code, sub-id and place among equals', () => {
    expect(
      ids(obr({ 3: 'F1' }), sodium(), sodium({ 4: '1.1' }), sodium({ 4: '1.1' }), obx({ 3: 'K' })),
    ).toEqual([
      id('Observation', 'F1|U&E|NA|'),
      id('Observation', 'F1|U&E|NA|1.1|one of several'),
      id('Observation', 'F1|U&E|NA|1.1|one of several|#2'),
      id('Observation', 'F1|U&E|K|'),
    ]);
  });

  test('is told from that of another laboratory with the same number', () => {
    expect(ids(obr({ 3: '1001^LABA' }), sodium(), obr({ 3: '1001^LABB' }), sodium())).toEqual([
      id('Observation', '1001|LABA|||U&E|NA|'),
      id('Observation', '1001|LABB|||U&E|NA|'),
    ]);
  });

  test('is told from one whose code is of another system', () => {
    const [local, other, alternate] = ids(
      obr({ 3: 'F1' }),
      obx({ 3: '100^Sodium^LOCAL' }),
      obx({ 3: '100^Potassium^OTHER' }),
      obx({ 3: '^^^100^Potassium^OTHER' }),
    );
    expect(local).toBe(id('Observation', 'F1|U&E|100|LOCAL|'));
    expect(other).toBe(id('Observation', 'F1|U&E|100|OTHER||one of several'));
    expect(alternate).toBe(id('Observation', 'F1|U&E|100|OTHER||one of several|#2'));
  });

  const organism = (value: string, fields: Record<number, string> = {}) =>
    obx({ 2: 'CE', 3: 'ORG', 5: value, ...fields });

  test('is told from its like in one message by the value, where that is a code', () => {
    const both = ids(obr({ 3: 'F1' }), organism('112283007^E. coli^SCT'), organism('3092008^Staph^SCT'));
    expect(both).toEqual([
      id('Observation', 'F1|U&E|ORG||value 112283007|SCT'),
      id('Observation', 'F1|U&E|ORG||value 3092008|SCT'),
    ]);
    const reversed = ids(obr({ 3: 'F1' }), organism('3092008^Staph^SCT'), organism('112283007^E. coli^SCT'));
    expect(reversed).toEqual(both.toReversed());
    for (const value of ['112283007^E. coli^SCT', '3092008^Staph^SCT']) {
      const [alone] = ids(obr({ 3: 'F1' }), organism(value, { 11: 'C' }));
      expect(both).not.toContain(alone);
    }
  });

  test('is told from its like by the sub-id, whatever the other results', () => {
    const [first, second] = ids(obr({ 3: 'F1' }), organism('A', { 4: '1' }), organism('B', { 4: '2' }));
    expect(ids(obr({ 3: 'F1' }), organism('C', { 4: '2' }))).toEqual([second]);
    expect(first).not.toBe(second);
  });

  test('does not depend on the value that stands alone, as that may be corrected', () => {
    expect(ids(obr({ 3: 'F1' }), organism('A'))).toEqual(ids(obr({ 3: 'F1' }), organism('B', { 11: 'C' })));
  });

  test('is told from that of another order', () => {
    expect(ids(obr({ 3: 'F1' }), sodium(), obr({ 3: 'F2' }), sodium())).toEqual([
      id('Observation', 'F1|U&E|NA|'),
      id('Observation', 'F2|U&E|NA|'),
    ]);
  });

  test('belongs to its own report only', () => {
    const reports = recordsOf(
      convertText(
        hl7('ORU^R01', PID, obr({ 3: 'F1' }), sodium(), obr({ 3: 'F2', 4: 'LFT' }), obx({ 3: 'ALT' })),
      ),
      'DiagnosticReport',
    ).map(({ resource }) => (resource as DiagnosticReport).result);
    expect(reports).toEqual([
      [{ reference: `Observation/${id('Observation', 'F1|U&E|NA|')}` }],
      [{ reference: `Observation/${id('Observation', 'F2|LFT|ALT|')}` }],
    ]);
  });

  test('of a line of text without a code belongs to what was asked for', () => {
    const lines = convertText(
      hl7(
        'ORU^R01',
        PID,
        obr({ 3: 'F1' }),
        segment('OBX', { 2: 'TX' }),
        segment('OBX', { 2: 'TX', 5: 'No fracture', 11: 'F' }),
      ),
    );
    expect(observations(lines)).toEqual([
      expect.objectContaining({
        id: id('Observation', 'F1|U&E|U&E|'),
        code: { coding: [{ system: 'https://rxx.nhs.uk/id/code', code: 'U&E' }] },
        valueString: 'No fracture',
      }),
    ]);
  });

  test('is not made without any code, and that is reported', () => {
    const nameless = convertText(hl7('ORU^R01', PID, segment('OBX', { 2: 'NM', 5: '1' })));
    expect(observations(nameless)).toEqual([]);
    expect(nameless.issues).toEqual([
      {
        code: 'HDE_HL7_REQUIRED',
        severity: 'warning',
        location: 'OBX-3',
        detail: 'a code, without which the observation is not recorded',
      },
    ]);
  });
});
