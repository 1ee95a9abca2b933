import { describe, expect, test } from '@jest/globals';
import type { Observation } from 'fhir/r4.js';
import { convertText, hl7, PID, recordOf } from '../support.js';

const UCUM = 'http://unitsofmeasure.org';

/** The observation of one OBX: type, value and the fields after it. */
function observed(type: string, value: string, units = '', range = '') {
  const conversion = convertText(
    hl7(
      'ORU^R01',
      PID,
      'OBR|1||F1|T^Test|||20240105',
      `OBX|1|${type}|C^Code||${value}|${units}|${range}||||F`,
    ),
  );
  const record = recordOf(conversion, 'Observation');
  return { observation: record.resource as unknown as Observation, record, conversion };
}

const valueOf = (type: string, value: string, units = ''): unknown =>
  Object.fromEntries(
    Object.entries(observed(type, value, units).observation).filter(([key]) => key.startsWith('value')),
  );

const precision = (valueInteger: number) => ({
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/quantity-precision', valueInteger }],
});

test('limits that stand in components of their own are those of the range', () => {
  const { observation } = observed('NM', '72', 'mg/dL', 'about 35 to 150 or so^35^150');
  expect(observation.referenceRange).toMatchObject([{ low: { value: 35 }, high: { value: 150 } }]);
});

test('a text keeps its unit in a note', () => {
  const { observation } = observed('ST', '>=32', 'ug/mL');
  expect(observation).toMatchObject({ valueString: '>=32', note: [{ text: 'Unit: ug/mL' }] });
});

describe('OBX-5', () => {
  test.each([
    ['NM', '7.1', 'mmol/L', { valueQuantity: { value: 7.1, unit: 'mmol/L', system: UCUM, code: 'mmol/L' } }],
    ['NM', '7.10', '', { valueQuantity: { value: 7.1, _value: precision(2) } }],
    ['NM', '<0.5', '', { valueQuantity: { value: 0.5, comparator: '<' } }],
    ['NM', '>=90', '', { valueQuantity: { value: 90, comparator: '>=' } }],
    ['NM', '140', '10^9/L', { valueQuantity: { value: 140, unit: '10^9/L', system: UCUM, code: '10*9/L' } }],
    [
      'NM',
      '140',
      'X10^9/L',
      { valueQuantity: { value: 140, unit: 'X10^9/L', system: UCUM, code: '10*9/L' } },
    ],
    [
      'NM',
      '140',
      '10\\S\\9/L',
      { valueQuantity: { value: 140, unit: '10^9/L', system: UCUM, code: '10*9/L' } },
    ],
    ['NM', '5', 'MU/L', { valueQuantity: { value: 5, unit: 'MU/L' } }],
    [
      'NM',
      '5',
      'x10^9 / L',
      { valueQuantity: { value: 5, unit: 'x10^9 / L', system: UCUM, code: '10*9/L' } },
    ],
    ['NM', '5', 'pieces', { valueQuantity: { value: 5, unit: 'pieces' } }],
    [
      'NM',
      '4.41',
      '10*6/uL^million per microliter^UCUM',
      { valueQuantity: { value: 4.41, unit: 'million per microliter', system: UCUM, code: '10*6/uL' } },
    ],
    ['SN', '^5', 'g/L', { valueQuantity: { value: 5, unit: 'g/L', system: UCUM, code: 'g/L' } }],
    ['SN', '>^5', '', { valueQuantity: { value: 5, comparator: '>' } }],
    ['SN', '=^5', '', { valueQuantity: { value: 5 } }],
    ['SN', '^1^:^128', '', { valueRatio: { numerator: { value: 1 }, denominator: { value: 128 } } }],
    [
      'SN',
      '<^1^/^128',
      '',
      { valueRatio: { numerator: { value: 1, comparator: '<' }, denominator: { value: 128 } } },
    ],
    [
      'SN',
      '^10^-^20',
      'mg/L',
      {
        valueRange: {
          low: { value: 10, unit: 'mg/L', system: UCUM, code: 'mg/L' },
          high: { value: 20, unit: 'mg/L', system: UCUM, code: 'mg/L' },
        },
      },
    ],
    ['SN', '^1^+', '', { valueString: '1 +' }],
    ['SN', '<>^5', '', { valueString: '<> 5' }],
    // A limit of a range has no comparator: without it the result would be another.
    ['SN', '>^1^-^2', 'g/L', { valueString: '> 1 - 2' }],
    ['SN', '<>^1^:^2', '', { valueString: '<> 1 : 2' }],
    ['ST', 'No growth', '', { valueString: 'No growth' }],
    ['TX', 'line one~line two', '', { valueString: 'line one\nline two' }],
    ['TX', '~line two', '', { valueString: 'line two' }],
    ['FT', 'one\\.br\\two', '', { valueString: 'one\ntwo' }],
    ['ST', 'A^B not escaped', '', { valueString: 'A^B not escaped' }],
    [
      'CE',
      '3092008^Staphylococcus aureus^SCT',
      '',
      {
        valueCodeableConcept: {
          coding: [{ system: 'http://snomed.info/sct', code: '3092008', display: 'Staphylococcus aureus' }],
        },
      },
    ],
    ['CWE', '^Left arm', '', { valueCodeableConcept: { text: 'Left arm' } }],
    ['DT', '20240105', '', { valueDateTime: '2024-01-05' }],
    ['TS', '202407051200', '', { valueDateTime: '2024-07-05T12:00:00+01:00' }],
    ['TM', '1205', '', { valueTime: '12:05:00' }],
    // A plain number is one, though the sender does not say so; a text with a unit keeps it in a note.
    ['', '5', '', { valueQuantity: { value: 5 } }],
    ['ST', '143', '', { valueString: '143' }],
    ['ST', '143', 'mmol/L', { valueQuantity: { value: 143, unit: 'mmol/L', system: UCUM, code: 'mmol/L' } }],
    ['ST', '>=32', 'ug/mL', { valueString: '>=32' }],
    ['CE', '^^99LAB', '', {}],
  ])('of type "%s" with "%s" and unit "%s"', (type, value, units, expected) => {
    expect(valueOf(type, value, units)).toEqual(expected);
  });

  test.each([
    ['NM', 'haemolysed'],
    ['NM', '0.12345678901234567890'],
    ['DT', '20240230'],
    ['TM', 'noon'],
    ['XX', 'something'],
  ])('of type %s keeps "%s" as text, and reports it', (type, value) => {
    const { observation, conversion } = observed(type, value);
    expect(observation.valueString).toBe(value);
    expect(conversion.issues.at(-1)).toEqual({
      code: 'HDE_HL7_DATA_TYPE',
      severity: 'warning',
      location: 'OBX-5[1]',
      detail: 'a value of the data type that OBX-2 names',
    });
    expect(conversion.ledger).toContainEqual({ source: 'OBX-5[1]', fate: 'mapped', rule: 'obx-5-other' });
  });

  test('of a range with a comparator says both in words, with the unit, and reports it', () => {
    const { observation, conversion } = observed('SN', '>^1^-^2', 'g/L');
    expect(observation).toMatchObject({ valueString: '> 1 - 2', note: [{ text: 'Unit: g/L' }] });
    expect(observation).not.toHaveProperty('valueRange');
    expect(conversion.issues).toEqual([
      expect.objectContaining({ code: 'HDE_HL7_DATA_TYPE', severity: 'warning', location: 'OBX-5[1].1' }),
    ]);
  });

  test('accounts for every repetition of a text', () => {
    const { conversion, record } = observed('TX', 'one~two');
    expect(conversion.ledger.filter(({ source }) => source.startsWith('OBX-5'))).toEqual([
      { source: 'OBX-5[1]', fate: 'mapped', rule: 'obx-5-text' },
      { source: 'OBX-5[2]', fate: 'mapped', rule: 'obx-5-text' },
    ]);
    expect(
      record.lineage
        .filter(({ element }) => element === 'Observation.valueString')
        .map(({ source }) => source),
    ).toEqual(['OBX-5[1]', 'OBX-5[2]']);
  });

  test('accounts for the unit', () => {
    const { conversion, record } = observed('NM', '7.1', 'mmol/L');
    expect(conversion.ledger).toContainEqual({ source: 'OBX-6[1]', fate: 'mapped', rule: 'obx-5-number' });
    expect(record.lineage).toContainEqual(
      expect.objectContaining({ element: 'Observation.valueQuantity.unit', source: 'OBX-6[1].1' }),
    );
  });
});

describe('OBX-7', () => {
  test.each([
    ['3.5-5.0', { low: { value: 3.5 }, high: { value: 5, _value: precision(1) }, text: '3.5-5.0' }],
    ['10 \u2013 50', { low: { value: 10 }, high: { value: 50 }, text: '10 \u2013 50' }],
    ['10 to 50', { low: { value: 10 }, high: { value: 50 }, text: '10 to 50' }],
    ['-2-2', { low: { value: -2 }, high: { value: 2 }, text: '-2-2' }],
    ['<5', { high: { value: 5 }, text: '<5' }],
    ['>= 90', { low: { value: 90 }, text: '>= 90' }],
    ['negative', { text: 'negative' }],
    ['1.2.3-4', { text: '1.2.3-4' }],
  ])('"%s" is the range %j', (range, expected) => {
    expect(observed('NM', '1', '', range).observation.referenceRange).toEqual([expected]);
  });

  test('has the unit of the result', () => {
    const [range] = observed('NM', '1', 'mmol/L', '3-5').observation.referenceRange ?? [];
    expect(range?.low).toEqual({ value: 3, unit: 'mmol/L', system: UCUM, code: 'mmol/L' });
  });
});
