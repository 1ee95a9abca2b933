/** What absence means: nothing in a delta feed, deletion in the snapshot events of a feed. */
import { describe, expect, test } from '@jest/globals';
import { convertText, feed, hl7, recordOf, segment } from '../support.js';

const PID = segment('PID', { 3: '9990000018^^^NHS^NH', 5: 'Khan^Amira', 8: 'F' });
const PV1 = segment('PV1', { 2: 'I', 19: 'V1', 44: '20240105' });
const removedBy = (event: string, snapshotEvents?: string[], pid = PID) => {
  const conversion = convertText(hl7(`ADT^${event}`, pid, PV1), {
    feed: snapshotEvents === undefined ? feed : { ...feed, snapshotEvents },
  });
  return {
    patient: recordOf(conversion, 'Patient').removed,
    encounter: recordOf(conversion, 'Encounter').removed,
  };
};

describe('a field that is absent', () => {
  test('says nothing in a delta feed, nor in another event of a snapshot feed', () => {
    expect(removedBy('A08')).toEqual({ patient: [], encounter: [] });
    expect(removedBy('A08', ['A31'])).toEqual({ patient: [], encounter: [] });
  });

  test('deletes what it stands for in a snapshot', () => {
    const { patient, encounter } = removedBy('A08', ['A08', 'A31']);
    expect(patient).toEqual(expect.arrayContaining(['birthDate', 'maritalStatus', 'address']));
    expect(encounter).toEqual(expect.arrayContaining(['period.end', 'hospitalization.admitSource']));
  });

  test('deletes nothing that the message states', () => {
    const { patient, encounter } = removedBy('A08', ['A08']);
    expect(patient).not.toContain('gender');
    expect(encounter).not.toContain('period.start');
  });

  test('never shortens a list that several messages fill, nor takes what a record needs', () => {
    const { patient, encounter } = removedBy('A08', ['A08']);
    for (const path of ['identifier', 'name', 'telecom', 'generalPractitioner', 'link'])
      expect(patient).not.toContain(path);
    for (const path of ['class', 'status', 'participant', 'location', 'subject'])
      expect(encounter).not.toContain(path);
  });

  test('is asked for once even where "" asks for it too', () => {
    const pid = segment('PID', { 3: '9990000018^^^NHS^NH', 7: '""' });
    const { patient } = removedBy('A08', ['A08'], pid);
    expect(patient.filter((path) => path === 'birthDate')).toHaveLength(1);
  });
});
