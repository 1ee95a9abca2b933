/** Links, unlinks, changes of number and deletions of people, swaps of beds and the state of beds. */
import { describe, expect, test } from '@jest/globals';
import type { Encounter, Location, Patient } from 'fhir/r4.js';
import { sharedId } from '../../../../src/core/identity/tokens.js';
import { convertText, hl7, PATIENT_KEY, PID, PRIOR_KEY, recordsOf, SECOND_KEY, segment } from '../support.js';

const OTHER = 'PID|2||C7^^^RXX^MR||Rao^Dev';
const patients = (conversion: ReturnType<typeof convertText>) =>
  recordsOf(conversion, 'Patient').map(({ resource, removed }) => ({
    ...(resource as Patient),
    removed,
  }));

describe('two patients of one message', () => {
  test('are linked by A24, and both stand', () => {
    const [first, second] = patients(convertText(hl7('ADT^A24', PID, OTHER)));
    expect(first).toMatchObject({
      active: true,
      link: [{ other: { reference: `Patient/${SECOND_KEY}` }, type: 'seealso' }],
    });
    expect(second).toMatchObject({
      active: true,
      link: [{ other: { reference: `Patient/${PATIENT_KEY}` }, type: 'seealso' }],
    });
  });

  test('are parted by A37', () => {
    const conversion = convertText(hl7('ADT^A37', PID, OTHER));
    expect(patients(conversion).map(({ link, removed }) => [link, removed])).toEqual([
      [undefined, [`link[other.reference=Patient/${SECOND_KEY}]`]],
      [undefined, [`link[other.reference=Patient/${PATIENT_KEY}]`]],
    ]);
  });

  describe('of whom MRG-1 names one', () => {
    const MRG = 'MRG|C7^^^RXX^MR';
    const unmapped = ({ ledger }: ReturnType<typeof convertText>) =>
      ledger.filter(({ source, fate }) => source.startsWith('MRG') && fate === 'unmapped');

    test('are linked by A24, and both stand', () => {
      const conversion = convertText(hl7('ADT^A24', PID, MRG));
      const [own, other, ...more] = recordsOf(conversion, 'Patient');
      expect(more).toEqual([]);
      expect(own?.resource).toMatchObject({
        id: PATIENT_KEY,
        active: true,
        link: [
          { other: { reference: `Patient/${PRIOR_KEY}`, identifier: { value: 'C7' } }, type: 'seealso' },
        ],
      });
      expect(other).toMatchObject({ mode: 'link', partition: PRIOR_KEY });
      expect(other?.resource).toMatchObject({
        id: PRIOR_KEY,
        identifier: [{ value: 'C7' }],
        link: [{ other: { reference: `Patient/${PATIENT_KEY}` }, type: 'seealso' }],
      });
      expect(other?.resource).not.toHaveProperty('active');
      expect(unmapped(conversion)).toEqual([]);
    });

    test('are parted by A37', () => {
      const conversion = convertText(hl7('ADT^A37', PID, MRG));
      expect(patients(conversion).map(({ id, link, removed }) => [id, link, removed])).toEqual([
        [PATIENT_KEY, undefined, [`link[other.reference=Patient/${PRIOR_KEY}]`]],
        [PRIOR_KEY, undefined, [`link[other.reference=Patient/${PATIENT_KEY}]`]],
      ]);
      expect(unmapped(conversion)).toEqual([]);
    });

    test.each(['A24', 'A37'])('have nothing to link or part by %s where they are one', (event) => {
      const conversion = convertText(hl7(`ADT^${event}`, PID, MRG), { priorKey: PATIENT_KEY });
      expect(patients(conversion).map(({ link, removed }) => [link, removed])).toEqual([[undefined, []]]);
    });
  });

  test('have nothing to link where they are one', () => {
    const [only, ...others] = patients(convertText(hl7('ADT^A24', PID)));
    expect([only?.link, others]).toEqual([undefined, []]);
  });

  test('change beds by A17, each in their own visit', () => {
    const bed = (place: string, visit: string) => segment('PV1', { 1: '1', 2: 'I', 3: place, 19: visit });
    const conversion = convertText(
      hl7('ADT^A17', PID, bed('WARD7^^BED1', 'V1'), OTHER, bed('WARD7^^BED2', 'V2')),
    );
    const stated = recordsOf(conversion, 'Encounter').map(({ partition, resource }) => {
      const { status, location } = resource as unknown as Encounter;
      return [
        partition,
        status,
        location?.map((each) => `${each.location.display ?? ''} ${each.status ?? ''}`),
      ];
    });
    expect(stated).toEqual([
      [PATIENT_KEY, 'in-progress', ['BED1, WARD7 active']],
      [SECOND_KEY, 'in-progress', ['BED2, WARD7 active']],
    ]);
  });
});

describe('a change of number', () => {
  const identifiersOf = (event: string, mrg: string, contested: readonly string[] = []) => {
    const conversion = convertText(hl7(`ADT^${event}`, PID, mrg), { contested });
    const [patient, ...others] = patients(conversion);
    expect(others).toEqual([]);
    expect(patient).toMatchObject({ id: PATIENT_KEY, active: true });
    expect(patient).not.toHaveProperty('link');
    return patient?.identifier?.map(({ value, use }) => [value, use]);
  };
  const CURRENT = [
    ['9990000018', undefined],
    ['A12345', undefined],
  ];

  test.each(['A43', 'A46', 'A47', 'A48', 'A49', 'A50', 'A51'])(
    'by event %s keeps the former number of the same person',
    (event) => {
      expect(identifiersOf(event, 'MRG|B99^^^RXX^MR')).toEqual([...CURRENT, ['B99', 'old']]);
    },
  );

  test('keeps former numbers of other systems, and the former name', () => {
    const conversion = convertText(
      hl7('ADT^A47', PID, segment('MRG', { 1: 'B99^^^RXX^MR', 2: 'X1', 4: 'X2', 7: 'Kaur^Amira' })),
    );
    const [patient] = patients(conversion);
    expect(patient?.identifier?.filter(({ use }) => use === 'old').map(({ value }) => value)).toEqual([
      'B99',
      'X1',
      'X2',
    ]);
    expect(patient?.name?.at(-1)).toEqual({ family: 'Kaur', given: ['Amira'], use: 'old' });
  });

  test('gives nobody a number that belongs to somebody else', () => {
    expect(identifiersOf('A47', 'MRG|B99^^^RXX^MR', ['https://rxx.nhs.uk/id/mrn|B99'])).toEqual(CURRENT);
  });

  test('gives nobody a second NHS number, and states none twice', () => {
    expect(identifiersOf('A47', 'MRG|9990000026^^^NHS^NH~A12345^^^RXX^MR')).toEqual(CURRENT);
  });
});

describe('a deletion', () => {
  test('of a person (A29) keeps the record, out of use, and the visits', () => {
    const conversion = convertText(hl7('ADT^A29', PID, segment('PV1', { 1: '1', 2: 'I', 19: 'V1' })));
    expect(patients(conversion)).toMatchObject([{ id: PATIENT_KEY, active: false, removed: [] }]);
    expect(recordsOf(conversion, 'Encounter')).toEqual([]);
    expect(conversion.ledger.filter(({ fate }) => fate === 'unmapped')).toEqual([]);
  });

  test('of a visit (A23) leaves the person in use', () => {
    const conversion = convertText(hl7('ADT^A23', PID, segment('PV1', { 1: '1', 2: 'I', 19: 'V1' })));
    expect(patients(conversion)).toMatchObject([{ active: true }]);
  });
});

describe('the state of a bed, A20', () => {
  const bed = sharedId('Location', 'https://rxx.nhs.uk/id/location', 'RXX01///WARD7//BED3');
  const convertBed = (npu: string) => convertText(hl7('ADT^A20', npu));

  test('is that of the place which visits mention, and needs no patient', () => {
    const conversion = convertBed('NPU|WARD7^^BED3^RXX01|H');
    const [record, ward] = recordsOf(conversion, 'Location');
    expect(record).toMatchObject({ mode: 'merge', partition: bed });
    expect(record?.resource as Location).toEqual({
      resourceType: 'Location',
      id: bed,
      meta: { profile: ['https://fhir.hl7.org.uk/StructureDefinition/UKCore-Location'] },
      identifier: [{ system: 'https://rxx.nhs.uk/id/location', value: 'RXX01///WARD7//BED3' }],
      name: 'BED3, WARD7',
      mode: 'instance',
      physicalType: {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/location-physical-type',
            code: 'bd',
            display: 'Bed',
          },
        ],
      },
      partOf: { reference: `Location/${ward?.resource.id ?? ''}` },
      operationalStatus: {
        system: 'http://terminology.hl7.org/CodeSystem/v2-0116',
        code: 'H',
        display: 'Housekeeping',
      },
    });
    expect(conversion.issues).toEqual([]);
  });

  test('of no place is not recorded, and reported', () => {
    const conversion = convertBed('NPU||O');
    expect(conversion.records).toEqual([]);
    expect(conversion.issues).toMatchObject([{ code: 'HDE_HL7_REQUIRED', location: 'NPU-1' }]);
    expect(conversion.ledger).toContainEqual({ source: 'NPU-2[1]', fate: 'unmapped' });
  });
});
