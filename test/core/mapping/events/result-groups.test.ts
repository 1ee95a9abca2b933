/** Which results belong together, to which order, and what of them does not stand. All people are synthetic. */
import { describe, expect, test } from '@jest/globals';
import type { DiagnosticReport, DocumentReference, Observation, ServiceRequest, Specimen } from 'fhir/r4.js';
import type { Conversion } from '../../../../src/core/mapping/types.js';
import { convertText, hl7, PID, recordsOf, resourceOf, segment } from '../support.js';

const obx = (fields: Record<number, string>) => segment('OBX', { 1: '1', 2: 'CWE', 11: 'F', ...fields });
const observations = (conversion: Conversion): Observation[] =>
  recordsOf(conversion, 'Observation').map(({ resource }) => resource as Observation);
const result = (...segments: string[]) => convertText(hl7('ORU^R01', PID, ...segments));
const culture = segment('OBR', { 2: 'P1', 3: 'F1', 4: 'BC', 25: 'F' });

const SUB_ID = 'http://hl7.org/fhir/StructureDefinition/observation-v2-subid';

describe('the sub-id (OBX-4)', () => {
  const groupOf = (subId: string) =>
    observations(result(culture, obx({ 3: 'CIP', 4: subId, 5: 'R' })))[0]?.extension;

  test('tells which sensitivities are of which organism', () => {
    expect(groupOf('1')).toEqual([
      { url: SUB_ID, extension: [{ url: 'original-sub-identifier', valueString: '1' }] },
    ]);
    expect(groupOf('')).toBeUndefined();
  });

  test('has parts since version 2.8.2', () => {
    expect(groupOf('^2^1.5^a')).toEqual([
      {
        url: SUB_ID,
        extension: [
          { url: 'group', valueDecimal: 2 },
          { url: 'sequence', valueDecimal: 1.5 },
          { url: 'identifier', valueString: 'a' },
        ],
      },
    ]);
  });
});

describe('sensitivities of a parent order (OBR-29)', () => {
  const organism = obx({ 3: 'ORG', 4: '1', 5: 'ECOLI' });
  const urine = segment('OBR', { 2: 'P2', 3: 'F2', 4: 'UC', 25: 'F' });
  const child = (parent: string) => segment('OBR', { 3: 'F9', 4: 'SENS', 25: 'F', 26: 'ORG^1', 29: parent });
  const sensitivity = obx({ 3: 'AMOX', 5: 'R' });
  const derived = (...segments: string[]) => {
    const converted = result(...segments);
    const all = observations(converted);
    const parent = all.find(({ code }) => code.coding?.[0]?.code === 'AMOX')?.derivedFrom?.[0]?.reference;
    return {
      parent: all.findIndex(({ id }) => parent === `Observation/${id ?? ''}`),
      issues: converted.issues.map(({ location }) => location),
    };
  };

  test.each(['P2', '^F2', 'P2&LAB^F2&LAB'])('are led to the organism of the order %s', (parent) => {
    expect(derived(culture, organism, urine, organism, child(parent), sensitivity)).toEqual({
      parent: 1,
      issues: [],
    });
  });

  test('are led to no organism of another order', () => {
    expect(derived(culture, organism, child('P7^F7'), sensitivity)).toEqual({
      parent: -1,
      issues: ['OBR(2)-26[1]'],
    });
  });
});

test('sensitivities of a patient are led to no organism of another patient', () => {
  const child = segment('OBR', { 3: 'F9', 4: 'SENS', 25: 'F', 26: 'ORG^1' });
  const other = 'PID|2||9990000042^^^NHS^NH||Khan^Omar||19800229|M';
  const organism = obx({ 3: 'ORG', 4: '1', 5: 'ECOLI' });
  const converted = result(culture, organism, other, child, obx({ 3: 'AMOX', 5: 'R' }));
  for (const { derivedFrom } of observations(converted)) expect(derivedFrom).toBeUndefined();
});

describe('a document under a report', () => {
  const file = (status: string, data: string, fields: Record<number, string> = {}) =>
    obx({ 2: 'ED', 3: 'PDF', 5: `^application^pdf^Base64^${data}`, 11: status, ...fields });
  const link = (status: string) => obx({ 2: 'RP', 3: 'PDF', 5: '//pacs/1.pdf^^application^pdf', 11: status });

  test('that was posted as wrong, or deleted, is shown nowhere', () => {
    const converted = result(culture, file('W', 'V1JPTkc='), link('D'), file('C', 'UklHSFQ='));
    expect(resourceOf<DiagnosticReport>(converted, 'DiagnosticReport').presentedForm).toEqual([
      { contentType: 'application/pdf', data: 'UklHSFQ=' },
    ]);
    expect(observations(converted)).toEqual([]);
    expect(converted.ledger.filter(({ fate }) => fate === 'unmapped')).toEqual([]);
  });

  test('is left out the same where it stands under a specimen or a document', () => {
    const specimen = result(culture, 'SPM|1|S1', file('W', 'V1JPTkc='), file('F', 'UklHSFQ='));
    expect(resourceOf<DiagnosticReport>(specimen, 'DiagnosticReport').presentedForm).toHaveLength(1);
    const letter = convertText(
      hl7('MDM^T02', PID, 'TXA|1|CL|AP|||||||||D1', file('W', 'V1JPTkc='), file('F', 'UklHSFQ=')),
    );
    expect(
      resourceOf<DocumentReference>(letter, 'DocumentReference').content.map(({ attachment }) => attachment),
    ).toEqual([{ contentType: 'application/pdf', data: 'UklHSFQ=' }]);
  });
});

test('a result that is final without its value says that the value was sent before', () => {
  const of = (value: string) =>
    observations(result(culture, obx({ 2: 'NM', 3: 'K', 5: value, 6: 'mmol/L', 11: 'U' })))[0];
  const original = {
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/alternate-codes',
        valueCodeableConcept: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0085', code: 'U' }],
        },
      },
    ],
  };
  expect(of('')).toMatchObject({ status: 'final', _status: original });
  expect(of('4.1')).not.toHaveProperty('_status');
});

test('an order control that goes before its order is of that order, in messages of a laboratory, too', () => {
  const order = (service: string) => segment('OBR', { 4: service, 25: 'F' });
  const value = obx({ 3: 'X', 5: 'Y' });
  const oul = (event: string, ...segments: string[]) =>
    recordsOf(convertText(hl7(`OUL^${event}`, PID, ...segments)), 'DiagnosticReport').map(({ resource }) =>
      (resource as DiagnosticReport).identifier?.map((identifier) => identifier.value),
    );
  const before = ['ORC|RE|P1|F1', order('GLU'), value, 'ORC|RE|P2|F2', order('HBA1C'), value];
  const numbers = [
    ['P1', 'F1'],
    ['P2', 'F2'],
  ];
  expect(oul('R21', ...before)).toEqual(numbers);
  const after = ['SPM|1|S1', order('GLU'), 'ORC|RE|P1|F1', value, order('HBA1C'), 'ORC|RE|P2|F2', value];
  expect(oul('R22', ...after)).toEqual(numbers);
  expect(oul('R22', ...after.slice(0, 5), value)).toEqual([['P1', 'F1'], undefined]);
});

test('each report of OUL has its own results, although ORC stands between order and result', () => {
  const order = (service: string) => segment('OBR', { 4: service, 25: 'F' });
  const value = (code: string) => obx({ 3: code, 5: 'Y' });
  const converted = convertText(
    hl7(
      'OUL^R22',
      PID,
      'SPM|1|S1',
      order('A'),
      'ORC|RE|P1',
      value('A1'),
      order('B'),
      'ORC|RE|P2',
      value('B1'),
    ),
  );
  const codes = new Map(
    observations(converted).map(({ id, code }) => [`Observation/${id ?? ''}`, code.coding?.[0]?.code]),
  );
  expect(
    recordsOf(converted, 'DiagnosticReport').map(({ resource }) =>
      (resource as DiagnosticReport).result?.map(({ reference = '' }) => codes.get(reference)),
    ),
  ).toEqual([['A1'], ['B1']]);
});

describe('specimens that come before what is asked of them', () => {
  const [blood, urine] = ['SPM|1|S1||BLD', 'SPM|2|S2||UR'];
  const order = (number: string) => segment('OBR', { 2: number, 4: 'X', 25: 'F' });
  /** The type of the specimen of each record, and the orders that specimens name. */
  const specimensOf = (conversion: Conversion, type: string) => {
    const specimens = recordsOf(conversion, 'Specimen').map(({ resource }) => resource as Specimen);
    expect(specimens.map(({ request }) => request)).toEqual(specimens.map(() => undefined));
    return recordsOf(conversion, type).map(({ resource }) => {
      const { specimen } = resource as ServiceRequest | Observation;
      const [only] = Array.isArray(specimen) ? specimen : [specimen];
      return specimens.find(({ id }) => only?.reference === `Specimen/${id ?? ''}`)?.type?.coding?.[0]?.code;
    });
  };

  test('are those of the orders behind them (OML^O33)', () => {
    const [first, second, third] = ['P1', 'P2', 'P3'].map((number) => `ORC|NW|${number}\r${order(number)}`);
    const text = hl7('OML^O33', PID, blood, first ?? '', second ?? '', urine, third ?? '');
    expect(specimensOf(convertText(text), 'ServiceRequest')).toEqual(['BLD', 'BLD', 'UR']);
  });

  test('are those of the results behind them, where a sender begins with one', () => {
    const value = obx({ 3: 'X', 5: 'Y' });
    expect(specimensOf(result(blood, order('P1'), value, urine, order('P2'), value), 'Observation')).toEqual([
      'BLD',
      'UR',
    ]);
  });

  test('are none of another patient', () => {
    const other = 'PID|2||9990000042^^^NHS^NH||Khan^Omar||19800229|M';
    const value = obx({ 3: 'X', 5: 'Y' });
    const text = result(blood, order('P1'), value, other, order('P2'), value);
    expect(specimensOf(text, 'Observation')).toEqual(['BLD', undefined]);
  });
});
