import { describe, expect, test } from '@jest/globals';
import type { Observation } from 'fhir/r4.js';
import type { Conversion } from '../../../../src/core/mapping/types.js';
import { convertText, hl7, PID, recordsOf, resourceOf, segment } from '../support.js';

const obx = (fields: Record<number, string>) =>
  segment('OBX', { 1: '1', 2: 'NM', 3: 'X', 11: 'F', ...fields });
const result = (...segments: string[]): Conversion =>
  convertText(hl7('ORU^R01', PID, segment('OBR', { 3: 'F1', 4: 'T', 25: 'F' }), ...segments));
const observation = (fields: Record<number, string>) =>
  resourceOf<Observation>(result(obx(fields)), 'Observation');

describe('a result of several values', () => {
  test('has every number as a component, and no value that would hide the others', () => {
    const { component, ...rest } = observation({ 5: '60~120', 6: '/min' });
    expect(rest).not.toHaveProperty('valueQuantity');
    expect(component?.map(({ valueQuantity }) => valueQuantity?.value)).toEqual([60, 120]);
    expect(component?.[1]?.valueQuantity?.unit).toBe('/min');
  });

  test('has every code as a component', () => {
    const { component } = observation({ 2: 'CWE', 5: 'A^One^L~B^Two^L' });
    expect(component?.map(({ valueCodeableConcept }) => valueCodeableConcept?.coding?.[0]?.code)).toEqual([
      'A',
      'B',
    ]);
  });

  test('keeps what is no number as text, and says so', () => {
    const converted = result(obx({ 5: '60~haemolysed' }));
    const { component } = resourceOf<Observation>(converted, 'Observation');
    expect(component?.[1]?.valueString).toBe('haemolysed');
    expect(converted.issues.map(({ location }) => location)).toEqual(['OBX-5[2]']);
  });
});

describe('a value', () => {
  test('of two times is a period', () => {
    expect(observation({ 2: 'DR', 5: '20240101^20240105' }).valuePeriod).toEqual({
      start: '2024-01-01',
      end: '2024-01-05',
    });
  });

  test('of two numbers is a range', () => {
    expect(observation({ 2: 'NR', 5: '1^5', 6: 'g/L' }).valueRange).toMatchObject({
      low: { value: 1, unit: 'g/L' },
      high: { value: 5, unit: 'g/L' },
    });
  });

  test.each(['XPN', 'XAD', 'ID', 'MO', 'NA'])('of type %s is kept as text without complaint', (type) => {
    const converted = result(obx({ 2: type, 5: 'A^B' }));
    expect(resourceOf<Observation>(converted, 'Observation').valueString).toBe('A^B');
    expect(converted.issues).toEqual([]);
  });
});

describe('a unit', () => {
  test.each([
    ['kg/m^2', 'kg/m^2', 'kg/m2'],
    ['mL/min/1.73m^2', 'mL/min/1.73m^2', 'mL/min/{1.73_m2}'],
    ['10^3/mm^3', '10^3/mm^3', undefined],
    ['43^mg/hr', 'mg/hr', undefined],
  ])('sent as %s, its carets escaped or not, is %s', (sent, unit, code) => {
    const { valueQuantity } = observation({ 5: '55', 6: sent });
    expect([valueQuantity?.unit, valueQuantity?.code]).toEqual([unit, code]);
  });

  test('whose caret is not escaped stays whole beside a text, and in a range', () => {
    expect(observation({ 5: 'many', 6: 'kg/m^2' }).note).toEqual([{ text: 'Unit: kg/m^2' }]);
    const range = observation({ 5: '5', 6: '10^3/mm^3', 7: '4-11 10\\S\\3/mm\\S\\3' }).referenceRange?.[0];
    expect(range?.high).toMatchObject({ value: 11, unit: '10^3/mm^3' });
  });

  test.each([
    ['ml', 'mL'],
    ['mcg', 'ug'],
    ['g/dl', 'g/dL'],
    ['10*9/l', '10*9/L'],
    ['ml/hr', 'mL/h'],
    ['ng/ml', 'ng/mL'],
    ['mEq/L', 'meq/L'],
    ['K/uL', '10*3/uL'],
    ['lbs', '[lb_av]'],
  ])('%s as senders write it is %s in UCUM, beside their own words', (unit, code) => {
    expect(observation({ 2: 'NM', 5: '5', 6: unit }).valueQuantity).toEqual({
      value: 5,
      unit,
      system: 'http://unitsofmeasure.org',
      code,
    });
  });

  test.each(['MU/L', 'Ml', 'M', 'units'])('%s that is nearly a known one has no code', (unit) => {
    expect(observation({ 2: 'NM', 5: '5', 6: unit }).valueQuantity).toEqual({ value: 5, unit });
  });
});

describe('a reference range', () => {
  const limits = (text: string) => {
    const [range] = observation({ 5: '4', 6: 'mmol/L', 7: text }).referenceRange ?? [];
    return [range?.low?.value, range?.high?.value, range?.text];
  };

  test.each([
    ['3.5-5.0', 3.5, 5],
    ['(3.5 - 5.0)', 3.5, 5],
    ['3.5-5.0 mmol/L', 3.5, 5],
    ['<10', undefined, 10],
    ['>=5', 5, undefined],
  ])('of %s has these limits', (text, low, high) => {
    expect(limits(text)).toEqual([low, high, text]);
  });

  test.each(['1-5 years: 3-4', '<50 years 3-4', 'Male: 3-5', '10-5'])('of %s stays a text', (text) => {
    expect(limits(text)).toEqual([undefined, undefined, text]);
  });
});

describe('results that belong together', () => {
  const organism = (subId: string, value: string) =>
    segment('OBX', { 1: '1', 2: 'CWE', 3: 'ORG', 4: subId, 5: value, 11: 'F' });
  const child = (parent: string, code = 'SENS') => segment('OBR', { 3: 'F2', 4: code, 25: 'F', 26: parent });
  const sensitivity = segment('OBX', { 1: '1', 2: 'CWE', 3: 'AMOX', 5: 'R', 11: 'F' });

  test('are led back to their organism', () => {
    const converted = result(organism('1', 'ECOLI'), organism('2', 'STAPH'), child('ORG^2'), sensitivity);
    const [, staphylococcus, amoxicillin] = recordsOf(converted, 'Observation').map(
      ({ resource }) => resource as Observation,
    );
    expect(amoxicillin?.derivedFrom).toEqual([{ reference: `Observation/${staphylococcus?.id ?? ''}` }]);
  });

  test('are led to none where it is not clear which', () => {
    const converted = result(organism('', 'ECOLI'), organism('', 'STAPH'), child('ORG'), sensitivity);
    for (const { resource } of recordsOf(converted, 'Observation'))
      expect(resource).not.toHaveProperty('derivedFrom');
    expect(converted.issues.map(({ location }) => location)).toEqual(['OBR(2)-26[1]']);
  });

  test('are reported where a correction may be of another of its kind', () => {
    const converted = result(segment('OBX', { 2: 'CWE', 3: 'ORG', 5: 'ECOLI', 11: 'C' }));
    expect(converted.issues.map(({ location }) => location)).toEqual(['OBX-4']);
  });
});

test('a note says who entered it and when', () => {
  const converted = result(obx({ 5: '4' }), 'NTE|1||Repeated||C7654321^Strange^Stephen|202401051000');
  expect(resourceOf<Observation>(converted, 'Observation').note).toEqual([
    {
      text: 'Repeated',
      authorReference: expect.objectContaining({ display: 'Stephen Strange' }),
      time: '2024-01-05T10:00:00+00:00',
    },
  ]);
});
