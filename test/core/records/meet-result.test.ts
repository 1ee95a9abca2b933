import { describe, expect, test } from '@jest/globals';
import type { DiagnosticReport, Observation } from 'fhir/r4.js';
import type { MappedRecord } from '../../../src/core/mapping/types.js';
import { meetResult } from '../../../src/core/records/meet-result.js';
import type { CurrentDocument } from '../../../src/core/records/types.js';

const report = (
  status: DiagnosticReport['status'],
  ...results: string[]
): DiagnosticReport & { id: string } => ({
  resourceType: 'DiagnosticReport',
  id: 'p.r',
  status,
  code: { text: 'FBC' },
  result: results.map((id) => ({ reference: `Observation/${id}` })),
});

test('a result that a report keeps from an earlier one is explained by the message that named it', () => {
  const stored = {
    eventTime: '2026-03-29T08:00:00.000Z',
    resource: report('preliminary', 'p.hb', 'p.wbc'),
    lineage: {
      messages: ['m8'],
      rows: [
        ['status', 0, 'report.status'],
        ['result[0].reference', 0, 'report.result'],
        ['result[1].reference', 0, 'report.result', 'OBX(2)-3', 4, 9],
      ],
    },
  } as unknown as CurrentDocument;
  const lineage = [
    { resource: 'DiagnosticReport/p.r', element: 'DiagnosticReport.status', rule: 'report.status' },
    {
      resource: 'DiagnosticReport/p.r',
      element: 'DiagnosticReport.result[0].reference',
      rule: 'report.result',
    },
  ];
  const record: MappedRecord = {
    partition: 'p',
    resource: report('final', 'p.hb'),
    mode: 'replace',
    removed: [],
    lineage,
  };
  const at = '2026-03-29T09:00:00.000Z';
  const context = { source: { messageId: 'm9' }, eventTime: at, latestEventTime: at };
  const { statement, isLate } = meetResult(record, stored, context);

  expect(isLate).toBe(false);
  expect(statement.resource).toEqual(report('final', 'p.hb', 'p.wbc'));
  expect(statement.lineage).toEqual({
    messages: ['m9', 'm8'],
    rows: [
      ['status', 0, 'report.status'],
      ['result[0].reference', 0, 'report.result'],
      ['result[1].reference', 1, 'report.result', 'OBX(2)-3', 4, 9],
    ],
  });
});

describe('a result that is final without its value (OBX-11 U)', () => {
  const EARLY = '2026-03-29T08:00:00.000Z';
  const LATE = '2026-03-29T09:00:00.000Z';
  const observed = (status: Observation['status'], fields: Partial<Observation> = {}) =>
    ({ resourceType: 'Observation', id: 'p.k', status, code: { text: 'K' }, ...fields }) as Observation & {
      id: string;
    };
  const released = observed('final', {
    _status: {
      extension: [
        {
          url: 'http://hl7.org/fhir/StructureDefinition/alternate-codes',
          valueCodeableConcept: {
            coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0085', code: 'U' }],
          },
        },
      ],
    },
  });
  const value = { valueQuantity: { value: 6.9, unit: 'mmol/L' }, note: [{ text: 'Repeated' }] };
  const meet = (incoming: Observation & { id: string }, at: string, held: Observation, since: string) => {
    const stored = {
      eventTime: since,
      resource: held,
      lineage: {
        messages: ['m1'],
        rows: [
          ['status', 0, 'status'],
          ['status.extension[0].valueCodeableConcept', 0, 'released'],
          ['valueQuantity.value', 0, 'value', 'OBX-5[1]', 4, 7],
        ],
      },
    } as unknown as CurrentDocument;
    const lineage = [
      { resource: 'Observation/p.k', element: 'Observation.status', rule: 'status' },
      { resource: 'Observation/p.k', element: 'Observation.valueQuantity.value', rule: 'value' },
    ];
    const record: MappedRecord = {
      partition: 'p',
      resource: incoming,
      mode: 'replace',
      removed: [],
      lineage: incoming === released ? lineage.slice(0, 1) : lineage,
    };
    return meetResult(record, stored, { source: { messageId: 'm2' }, eventTime: at, latestEventTime: at });
  };

  test('has the value that was sent before', () => {
    const { statement, isLate } = meet(released, LATE, observed('preliminary', value), EARLY);
    expect(isLate).toBe(false);
    expect(statement.resource).toEqual(observed('final', value));
    expect(statement.lineage).toEqual({
      messages: ['m2', 'm1'],
      rows: [
        ['status', 0, 'status'],
        ['valueQuantity.value', 1, 'value', 'OBX-5[1]', 4, 7],
      ],
    });
  });

  test('has it although its message came first', () => {
    const { statement, isLate } = meet(observed('preliminary', value), EARLY, released, LATE);
    expect(isLate).toBe(true);
    expect(statement.resource).toEqual(observed('final', value));
  });

  test('has no value that was sent later', () => {
    const { statement } = meet(observed('preliminary', value), LATE, released, EARLY);
    expect(statement.resource).toEqual(released);
  });

  test.each(['final', 'corrected', 'cancelled', 'entered-in-error'] as const)(
    'changes nothing of one that is %s',
    (status) => {
      const held = observed(status, value);
      const { statement, isLate } = meet(released, LATE, held, EARLY);
      expect(isLate).toBe(true);
      expect(statement.resource).toEqual(held);
    },
  );
});
