/** Reads that meet a large message at the very moment at which it becomes visible. */
import { expect, test } from '@jest/globals';
import { readVisible, type RecordRow } from '../../../src/adapters/cosmos/staged-reads.js';
import type { CurrentDocument, ReceiptDocument } from '../../../src/core/records/types.js';

const at = '2026-11-25T09:00:00.000Z';
const source = { messageId: 'm1', feed: 'pas', pack: { name: 'hl7v2-uk', version: '1.0.0' } };

const aCurrent = (fhirId: string, versionId: number): CurrentDocument => ({
  ...{ id: `Observation:${fhirId}`, kind: 'resource', partition: 'p', resourceType: 'Observation', fhirId },
  ...{ versionId, lastUpdated: at, eventTime: at, source, index: { identifier: [] } },
  resource: { resourceType: 'Observation', id: fhirId },
  lineage: { messages: [], rows: [] },
});
const aStaged = (fhirId: string, stage: number): RecordRow => ({
  ...{ id: `Observation:${fhirId}`, kind: 'staged', partition: 'p', resourceType: 'Observation', fhirId },
  ...{ messageId: 'm1', stage, lastUpdated: at, index: { identifier: [] } },
  current: aCurrent(fhirId, 1),
  next: aCurrent(fhirId, 2),
});
const aReceipt = (stage: number): ReceiptDocument => ({
  ...{ id: 'receipt:m1', kind: 'receipt', partition: 'p', source, eventTime: at, lastUpdated: at },
  ...{ changes: [], stage },
});

const versionsOf = async (reads: (readonly RecordRow[])[], receipts: (ReceiptDocument | undefined)[]) => {
  const rows = await readVisible(
    () => Promise.resolve(reads.shift() ?? []),
    () => Promise.resolve(receipts.shift()),
  );
  return rows.map(({ visible }) => visible?.versionId);
};

test('rows are read again when the message became visible after some of them were not staged yet', async () => {
  const half = [aStaged('p.a', 1), aCurrent('p.b', 1)];
  const whole = [aStaged('p.a', 1), aStaged('p.b', 1)];
  expect(await versionsOf([half, whole], [aReceipt(1)])).toEqual([2, 2]);
});

test('rows of which some are unfolded are seen as the message states them', async () => {
  const unfolding = [aCurrent('p.a', 2), aStaged('p.b', 1)];
  expect(await versionsOf([unfolding, unfolding], [aReceipt(1)])).toEqual([2, 2]);
});

test('rows of a message that is not visible are seen as they were, without reading again', async () => {
  expect(await versionsOf([[aStaged('p.a', 1), aCurrent('p.b', 1)]], [undefined])).toEqual([1, 1]);
});

test('what an earlier attempt has left is not seen when another one has made the message visible', async () => {
  expect(await versionsOf([[aStaged('p.a', 1)]], [aReceipt(2)])).toEqual([1]);
});
