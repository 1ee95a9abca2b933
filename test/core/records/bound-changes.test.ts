import { Buffer } from 'node:buffer';
import { expect, test } from '@jest/globals';
import {
  boundChanges,
  mostChangesOfEvent,
  mostChangesOfReceipt,
} from '../../../src/core/records/bound-changes.js';
import type { RecordChange } from '../../../src/core/records/types.js';

const change = (id: string, resourceType = 'Observation'): RecordChange => ({
  ...{ resourceType, id, versionId: 1, change: 'created' },
});
const changesOf = (partition: string, count: number) =>
  Array.from({ length: count }, (_, n) => change(`${partition}.${n}`));

test('changes that can all be told are told, without a count', () => {
  expect(boundChanges(changesOf('a', 3), 3)).toEqual({ changes: changesOf('a', 3) });
});

test('of more the first are told, and how many there were', () => {
  expect(boundChanges(changesOf('a', 5), 3)).toEqual({ changes: changesOf('a', 3), changeCount: 5 });
});

test('whoever is concerned is told at least once, in the order of the changes', () => {
  const changes = [
    ...changesOf('a', 4),
    change('b', 'Patient'),
    ...changesOf('b', 2),
    change('c', 'Patient'),
  ];
  expect(boundChanges(changes, 4)).toEqual({
    changes: [change('a.0'), change('a.1'), change('b', 'Patient'), change('c', 'Patient')],
    changeCount: 8,
  });
});

test('the longest changes fit an event of 256 KB and a receipt of 2 MB', () => {
  const longest = (count: number) =>
    Array.from({ length: count }, () => ({
      ...change('x'.repeat(64), 'MedicinalProductContraindication'),
      versionId: 99_999,
    }));
  const sizeOf = (most: number) => {
    const { changes } = boundChanges(longest(20_000), most);
    return Buffer.byteLength(JSON.stringify(changes));
  };
  expect(sizeOf(mostChangesOfEvent)).toBeLessThan(128_000);
  expect(sizeOf(mostChangesOfReceipt)).toBeLessThan(1_200_000);
});
