import { describe, expect, test } from '@jest/globals';
import { parseHl7v2 } from '../../../src/core/formats/hl7v2/parse.js';
import {
  claimingIdentifier,
  patientIdentifiers,
  sessionKeyIdentifier,
  type PatientIdentifier,
} from '../../../src/core/identity/patient-identifiers.js';
import { feed, hl7 } from '../mapping/support.js';

const NHS = 'https://fhir.nhs.uk/Id/nhs-number';
const MRN = 'https://rxx.nhs.uk/id/mrn';
const read = (...segments: string[]) => patientIdentifiers(parseHl7v2(hl7('ADT^A01', ...segments)), feed);

const nhs = (value: string, source: string, verified?: boolean): PatientIdentifier => ({
  system: NHS,
  value,
  kind: 'nhs',
  ...(verified === undefined ? {} : { verified }),
  source,
});
const local = (value: string, source: string, system = MRN): PatientIdentifier => ({
  system,
  value,
  kind: 'local',
  source,
});

describe('patient identifiers', () => {
  test('are read from PID-3 in the order of the message', () => {
    expect(read('PID|1||A1^^^RXX^MR~999 000 0018^^^NHS^NH||Khan||19800229').current).toEqual([
      local('A1', 'PID-3[1].1'),
      nhs('9990000018', 'PID-3[2].1'),
    ]);
  });

  test('are those of the message and the feed that are asked about, in whatever order', () => {
    const first = parseHl7v2(hl7('ADT^A01', 'PID|1||A1'));
    const second = parseHl7v2(hl7('ADT^A01', 'PID|1||B2'));
    const other = { ...feed, localSystems: { ...feed.localSystems, patient: 'https://other.nhs.uk/id/mrn' } };
    const values = [first, second, first].map((message) => patientIdentifiers(message, feed).current);
    expect(values.map(([identifier]) => identifier?.value)).toEqual(['A1', 'B2', 'A1']);
    const systems = [other, feed].map((each) => patientIdentifiers(first, each).current[0]?.system);
    expect(systems).toEqual(['https://other.nhs.uk/id/mrn', feed.localSystems.patient]);
  });

  test('are not repeated', () => {
    expect(read('PID|1||A1^^^RXX^MR~A1^^^RXX^PI').current).toEqual([local('A1', 'PID-3[1].1')]);
  });

  test('never hold an NHS number whose check digit is wrong', () => {
    const { current, issues } = read('PID|1||9990000019^^^NHS^NH~A1^^^RXX^MR');
    expect(current).toEqual([local('A1', 'PID-3[2].1')]);
    expect(issues).toEqual([
      {
        code: 'HDE_HL7_DATA_TYPE',
        severity: 'warning',
        location: 'PID-3[1].1',
        detail: 'an NHS number of ten digits with a valid check digit',
      },
    ]);
  });

  test.each(['AN', 'VN', 'CE'])('leave out %s, which numbers no person', (type) => {
    expect(read(`PID|1||7^^^RXX^${type}~A1^^^RXX^MR`).current).toEqual([local('A1', 'PID-3[2].1')]);
  });

  test.each([
    ['PID-2', 'PID|1|A1^^^RXX', 'PID-2[1].1'],
    ['PID-4', 'PID|1|||A1^^^RXX', 'PID-4[1].1'],
  ])('come from %s where PID-3 has none', (_field, pid, source) => {
    expect(read(pid).current).toEqual([local('A1', source)]);
  });

  test('do not come from PID-2 where PID-3 has one', () => {
    expect(read('PID|1|X9^^^RXX|A1^^^RXX').current).toEqual([local('A1', 'PID-3[1].1')]);
  });

  test.each([
    ['PID-2', 'PID|1|9990000018^^^NHS^NH|A1^^^RXX^MR', 'PID-2[1].1'],
    ['PID-4', 'PID|1||A1^^^RXX^MR|X9~999 000 0018^^^NHS', 'PID-4[2].1'],
  ])('take what is called an NHS number from %s where PID-3 has none', (_field, pid, source) => {
    expect(read(pid).current).toEqual([local('A1', 'PID-3[1].1'), nhs('9990000018', source)]);
  });

  test('take no NHS number from PID-2 where PID-3 has one, or where it is not called so', () => {
    const both = 'PID|1|9990000026^^^NHS^NH|A1^^^RXX^MR~9990000018^^^NHS^NH';
    expect(read(both).current).toEqual([local('A1', 'PID-3[1].1'), nhs('9990000018', 'PID-3[2].1')]);
    expect(read('PID|1|9990000018|A1^^^RXX^MR').current).toEqual([local('A1', 'PID-3[1].1')]);
  });

  test('take an NHS number from PID-19 where PID-3 has none', () => {
    const pid = `PID|1||A1^^^RXX^MR${'|'.repeat(16)}999 000 0018`;
    expect(read(pid).current).toEqual([local('A1', 'PID-3[1].1'), nhs('9990000018', 'PID-19[1].1')]);
  });

  test('ignore a PID-19 that is no NHS number', () => {
    const { current, issues } = read(`PID|1||A1^^^RXX^MR${'|'.repeat(16)}123-45-6789`);
    expect(current).toHaveLength(1);
    expect(issues).toEqual([]);
  });

  test.each([
    ['PID-32 NSTS01', `${'|'.repeat(29)}NSTS01`, [], true],
    ['PID-32 PDS04', `${'|'.repeat(29)}US~PDS04`, [], false],
    ['ZU1-27 01', '', [`ZU1${'|'.repeat(27)}01`], true],
    ['nothing', '', [], undefined],
  ])('carry whether the NHS number was traced, by %s', (_case, rest, more, verified) => {
    expect(read(`PID|1||9990000018^^^NHS^NH${rest}`, ...more).current).toEqual([
      nhs('9990000018', 'PID-3[1].1', verified),
    ]);
  });

  test('of a merge are those of MRG-1', () => {
    expect(read('PID|1||A1^^^RXX^MR', 'MRG|B2^^^RXX^MR~9990000026^^^NHS^NH').prior).toEqual([
      local('B2', 'MRG-1[1].1'),
      nhs('9990000026', 'MRG-1[2].1'),
    ]);
  });

  test('are none where the sender deletes or leaves out the field', () => {
    expect(read('PID|1||""').current).toEqual([]);
    expect(read().current).toEqual([]);
  });

  test.each([
    ['19800229', '1980-02-29'],
    ['19670106000000', '1967-01-06'],
    ['198002', undefined],
    ['19800230', undefined],
    ['', undefined],
  ])('come with the birth date %s as %s', (sent, birthDate) => {
    expect(read(`PID|1||A1^^^RXX^MR||Khan||${sent}`).birthDate).toBe(birthDate);
  });
});

describe('the choice of an identifier', () => {
  const both = [nhs('9990000018', 'PID-3[1].1'), local('A1', 'PID-3[2].1')];

  test('is the local one for the order of messages', () => {
    expect(sessionKeyIdentifier(both)?.value).toBe('A1');
    expect(sessionKeyIdentifier(both.slice(0, 1))?.value).toBe('9990000018');
    expect(sessionKeyIdentifier([])).toBeUndefined();
  });

  test('is the NHS number for a new patient key', () => {
    expect(claimingIdentifier([...both].reverse())?.value).toBe('9990000018');
    expect(claimingIdentifier(both.slice(1))?.value).toBe('A1');
    expect(claimingIdentifier([])).toBeUndefined();
  });
});
