import { describe, expect, test } from '@jest/globals';
import type { ChargeItem } from 'fhir/r4.js';
import type { Conversion } from '../../../../src/core/mapping/types.js';
import { convertText, hl7, patientRecordId, PID, recordsOf, resourceOf, segment } from '../support.js';

const all = <T>(conversion: Conversion, type: string): T[] =>
  recordsOf(conversion, type).map(({ resource }) => resource as unknown as T);

describe('DFT^P03, charges', () => {
  const ft1 = (fields: Record<number, string>) =>
    segment('FT1', { 1: '1', 4: '20240105', 7: 'X1^X-ray^L', ...fields });

  test('are items to be charged', () => {
    const conversion = convertText(hl7('DFT^P03', PID, ft1({ 2: 'T1', 6: 'CG', 10: '2' })));
    expect(resourceOf<ChargeItem>(conversion, 'ChargeItem')).toMatchObject({
      id: patientRecordId('ChargeItem', 'id T1'),
      status: 'billable',
      code: { coding: [{ code: 'X1' }] },
      occurrenceDateTime: '2024-01-05',
      quantity: { value: 2 },
    });
  });

  test('are named by the procedure where nothing else names them', () => {
    const conversion = convertText(
      hl7('DFT^P03', PID, segment('FT1', { 4: '20240105', 6: 'CG', 25: 'X2^Scan^L' })),
    );
    expect(resourceOf<ChargeItem>(conversion, 'ChargeItem').code.coding?.[0]?.code).toBe('X2');
  });

  test('are not made of payments', () => {
    expect(all(convertText(hl7('DFT^P03', PID, ft1({ 6: 'PY' }))), 'ChargeItem')).toEqual([]);
  });
});
