import { expect, test } from '@jest/globals';
import type { DiagnosticReport } from 'fhir/r4.js';
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
