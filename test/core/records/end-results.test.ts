/** Results end with the report that is cancelled, whatever became of them in the meantime. */
import { expect, test } from '@jest/globals';
import type { DiagnosticReport, Observation } from 'fhir/r4.js';
import type { MappedRecord } from '../../../src/core/mapping/types.js';
import { withEnds } from '../../../src/core/records/end-results.js';
import { planCommit } from '../../../src/core/records/plan-commit.js';
import { aContext, aRecord, carryOut } from '../../support/records.js';

const result: Observation & { id: string } = {
  ...{ resourceType: 'Observation', id: 'p.hb', status: 'final', code: { text: 'HB' } },
  valueQuantity: { value: 120 },
};
const report = (
  status: DiagnosticReport['status'],
  ...results: string[]
): DiagnosticReport & { id: string } => ({
  ...{ resourceType: 'DiagnosticReport', id: 'p.r', status, code: { text: 'FBC' } },
  result: results.map((reference) => ({ reference })),
});
const LATER = { messageId: 'm2', eventTime: '2026-03-29T11:00:00.000Z' };

const cancellation: MappedRecord = {
  ...aRecord(report('cancelled'), 'replace'),
  lineage: [{ resource: 'DiagnosticReport/p.r', element: 'DiagnosticReport.status', rule: 'obr-25-status' }],
};

/** What is stored, and the records of a message that cancels the report. */
function cancelled(...results: string[]) {
  const said = [aRecord(result, 'replace'), aRecord(report('final', ...results), 'replace')];
  const stored = carryOut(planCommit('p', said, new Map(), aContext(), true));
  return { stored, records: withEnds([cancellation], (id) => stored.get(id)?.document) };
}

test('a result that ends with its report keeps what it said, and tells why it ended', () => {
  const { stored, records } = cancelled('Observation/p.hb');
  const after = carryOut(planCommit('p', records, stored, aContext(LATER), true), stored);
  const document = after.get('Observation:p.hb')?.document;
  expect(document?.resource).toMatchObject({ status: 'cancelled', valueQuantity: { value: 120 } });
  expect(document).toMatchObject({ versionId: 2, eventTime: LATER.eventTime });
  const { rows = [], messages = [] } = document?.lineage ?? {};
  const told = rows.filter(([element]) => element === 'status');
  expect(told.map(([, message, rule]) => [messages[message], rule])).toEqual([['m2', 'obr-25-status']]);
});

test('a result that is gone is not made anew by its end', () => {
  const { stored, records } = cancelled('Observation/p.hb');
  const without = new Map([...stored].filter(([id]) => id !== 'Observation:p.hb'));
  const { operations } = planCommit('p', records, without, aContext(LATER), false);
  expect(operations.map(({ document: { id } }) => id)).not.toContain('Observation:p.hb');
});

test('a report has no say in what is stored elsewhere, or is no result', () => {
  expect(cancelled('Observation/q.hb', 'DiagnosticReport/p.r2').records).toEqual([cancellation]);
});
