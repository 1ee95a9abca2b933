import { describe, expect, test } from '@jest/globals';
import {
  currentId,
  eventId,
  lateId,
  partitionOf,
  receiptId,
  replacedId,
} from '../../../src/core/records/ids.js';

describe('document ids', () => {
  test('name kind and owner of each document', () => {
    expect(currentId('Patient', 'abc')).toBe('Patient:abc');
    expect(replacedId('Patient', 'abc', 3)).toBe('Patient:abc:v3');
    expect(lateId('Encounter', 'abc.e1', 'm7')).toBe('Encounter:abc.e1:late:m7');
    expect(receiptId('m7')).toBe('receipt:m7');
    expect(eventId('m7')).toBe('event:m7');
  });

  test.each([
    ['abc', 'abc'],
    ['abc.e1', 'abc'],
    ['abc.e1.x', 'abc'],
    ['ab-c', 'ab-c'],
  ])('the partition of %s is %s', (fhirId, partition) => {
    expect(partitionOf(fhirId)).toBe(partition);
  });
});
