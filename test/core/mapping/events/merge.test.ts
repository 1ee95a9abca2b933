import { describe, expect, test } from '@jest/globals';
import type { Observation, Patient } from 'fhir/r4.js';
import { ExchangeError } from '../../../../src/core/errors.js';
import { parseHl7v2 } from '../../../../src/core/formats/hl7v2/parse.js';
import { requireMappable } from '../../../../src/core/mapping/convert.js';
import {
  convertText,
  feed,
  hl7,
  PATIENT_KEY,
  PID,
  PRIOR_KEY,
  RECEIVED_AT,
  recordsOf,
  SECOND_KEY,
  SECOND_PRIOR_KEY,
} from '../support.js';

const MRG = 'MRG|B99^^^RXX^MR';
const failure = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    if (error instanceof ExchangeError) return { code: error.code, location: error.location };
    throw error;
  }
  return undefined;
};

describe('ADT^A40, a merge', () => {
  test.each(['A18', 'A30', 'A34', 'A36', 'A39', 'A40'])(
    'of event %s links both patients and moves nothing',
    (event) => {
      const conversion = convertText(hl7(`ADT^${event}`, PID, MRG, 'PV1|1|I|||||||||||||||||V001'));
      const [survivor, retired, ...others] = recordsOf(conversion, 'Patient');
      expect(others).toEqual([]);
      expect(survivor).toMatchObject({
        partition: PATIENT_KEY,
        mode: 'merge',
        resource: {
          id: PATIENT_KEY,
          active: true,
          link: [
            {
              other: {
                reference: `Patient/${PRIOR_KEY}`,
                identifier: { system: 'https://rxx.nhs.uk/id/mrn', value: 'B99' },
              },
              type: 'replaces',
            },
          ],
        },
      });
      expect(retired).toMatchObject({ partition: PRIOR_KEY, mode: 'link', removed: [] });
      expect(retired?.resource).toEqual({
        resourceType: 'Patient',
        id: PRIOR_KEY,
        meta: { profile: ['https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient'] },
        identifier: [
          {
            type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] },
            system: 'https://rxx.nhs.uk/id/mrn',
            value: 'B99',
            assigner: { display: 'RXX' },
          },
        ],
        active: false,
        link: [{ other: { reference: `Patient/${PATIENT_KEY}` }, type: 'replaced-by' }],
      });
      expect(recordsOf(conversion, 'Encounter')).toEqual([]);
      expect(conversion.ledger.filter(({ fate }) => fate === 'unmapped')).toEqual([]);
    },
  );

  test('of a patient with themselves links nobody', () => {
    const conversion = convertText(hl7('ADT^A40', PID, MRG), { priorKey: PATIENT_KEY });
    const patients = recordsOf(conversion, 'Patient');
    expect(patients).toHaveLength(1);
    expect(patients[0]?.resource).not.toHaveProperty('link');
  });

  test('needs to say who is merged', () => {
    const expected = { code: 'HDE_HL7_NO_MERGE_SOURCE', location: 'MRG-1' };
    expect(failure(() => convertText(hl7('ADT^A40', PID)))).toEqual(expected);
    expect(failure(() => convertText(hl7('ADT^A40', PID, 'MRG|""')))).toEqual(expected);
  });

  test('of several patients in one message retires each for the one before it', () => {
    const text = hl7('ADT^A40', PID, MRG, 'PID|2||C7^^^RXX^MR', 'MRG|D8^^^RXX^MR');
    const links = recordsOf(convertText(text), 'Patient').map(({ resource }) => [
      resource.id,
      (resource as Patient).link?.map(({ type, other }) => `${type} ${other.reference ?? ''}`),
    ]);
    expect(links).toEqual([
      [PATIENT_KEY, [`replaces Patient/${PRIOR_KEY}`]],
      [PRIOR_KEY, [`replaced-by Patient/${PATIENT_KEY}`]],
      [SECOND_KEY, [`replaces Patient/${SECOND_PRIOR_KEY}`]],
      [SECOND_PRIOR_KEY, [`replaced-by Patient/${SECOND_KEY}`]],
    ]);
  });

  test('in another event changes nothing', () => {
    const conversion = convertText(hl7('ADT^A08', PID, MRG));
    expect(recordsOf(conversion, 'Patient')).toHaveLength(1);
    expect(conversion.ledger).toContainEqual({ source: 'MRG-1[1]', fate: 'unmapped' });
  });
});

describe('a message that cannot be converted', () => {
  test.each([
    ['QRY^A19', [PID], 'HDE_HL7_TYPE_UNSUPPORTED', 'MSH-9'],
    ['', [PID], 'HDE_HL7_TYPE_UNSUPPORTED', 'MSH-9'],
    ['ADT^A01', [], 'HDE_HL7_NO_PATIENT', 'PID-3'],
    ['ADT^A01', ['PID|1||^^^RXX^MR||Khan'], 'HDE_HL7_NO_PATIENT', 'PID-3'],
    ['ADT^A01', ['PID|1||9990000019^^^NHS^NH||Khan'], 'HDE_HL7_NO_PATIENT', 'PID-3'],
    ['ORU^R01', [PID, 'OBR|1||F1|T', 'PID|2||^^^RXX^MR'], 'HDE_HL7_NO_PATIENT', 'PID(2)-3'],
  ])('%s with %j is refused with its place', (type, segments, code, location) => {
    const text = hl7(type, ...segments);
    expect(failure(() => convertText(text))).toEqual({ code, location });
    expect(
      failure(() => {
        requireMappable(parseHl7v2(text), feed);
      }),
    ).toEqual({ code, location });
  });

  test('of the answer to a query is refused', () => {
    expect(failure(() => convertText(hl7('ADT^A19', PID)))).toEqual({
      code: 'HDE_HL7_TYPE_UNSUPPORTED',
      location: 'MSH-9',
    });
  });

  test('is known before anybody is: a merge needs MRG-1, and other messages pass', () => {
    const check = (text: string) =>
      failure(() => {
        requireMappable(parseHl7v2(text), feed);
      });
    expect(check(hl7('ADT^A40', PID))).toEqual({ code: 'HDE_HL7_NO_MERGE_SOURCE', location: 'MRG-1' });
    expect(check(hl7('ADT^A40', PID, MRG))).toBeUndefined();
    expect(check(hl7('ADT^A99', PID))).toBeUndefined();
    expect(check(hl7('ORU^R01', PID))).toBeUndefined();
  });

  test('of two patients keeps what is said of each apart', () => {
    const text = hl7(
      'ORU^R01',
      PID,
      'OBR|1||F1|T',
      'OBX|1|NM|NA||140',
      'PID|2||C7^^^RXX^MR',
      'OBR|1||F1|T',
      'OBX|1|NM|NA||99',
    );
    const partitions = recordsOf(convertText(text), 'Observation').map(({ partition, resource }) => [
      partition,
      (resource as Observation).valueQuantity?.value,
      (resource as Observation).subject?.reference,
    ]);
    expect(partitions).toEqual([
      [PATIENT_KEY, 140, `Patient/${PATIENT_KEY}`],
      [SECOND_KEY, 99, `Patient/${SECOND_KEY}`],
    ]);
  });

  test('is told from one of a type nobody knows, which is mapped by its segments', () => {
    expect(recordsOf(convertText(hl7('ZZZ^Z01', PID)), 'Patient')).toHaveLength(1);
  });

  test('without any time happened when it was received', () => {
    const text = hl7('ADT^A01', PID)
      .replace(/2024010509000?0?\|\|/, '||')
      .replace('|20240105085900', '|');
    const { eventTime, latestEventTime, issues } = convertText(text);
    expect([eventTime, latestEventTime]).toEqual([RECEIVED_AT, RECEIVED_AT]);
    expect(issues).toMatchObject([{ code: 'HDE_HL7_REQUIRED', severity: 'warning', location: 'MSH-7' }]);
  });

  test('is not refused for naming its patient twice', () => {
    expect(convertText(hl7('ADT^A01', PID, PID)).records[0]?.resource.id).toBe(PATIENT_KEY);
  });
});

describe('the time of the event', () => {
  const time = (evn: string, msh = '20240105090000'): { time: string; issues: string[] } => {
    const text = hl7('ADT^A01', PID).replace('EVN|A01|20240105085900', evn).replace('20240105090000', msh);
    const { eventTime, issues } = convertText(text);
    return { time: eventTime, issues: issues.map(({ location }) => location ?? '') };
  };

  test.each([
    ['EVN-2', 'EVN|A01|20240705085900.5||||20240704', '2024-07-05T07:59:00.500Z', []],
    ['EVN-6', 'EVN|A01|||||20240704', '2024-07-03T23:00:00.000Z', []],
    ['MSH-7', 'EVN|A01', '2024-01-05T09:00:00.000Z', []],
    ['MSH-7 where EVN-2 is no time', 'EVN|A01|soon', '2024-01-05T09:00:00.000Z', ['EVN-2']],
  ])('is %s', (_source, evn, expected, issues) => {
    expect(time(evn)).toEqual({ time: expected, issues });
  });

  test.each([
    ['20260302120030', '2026-03-02T12:00:30.000Z', '2026-03-02T12:00:30.999Z'],
    ['20260302120030.5', '2026-03-02T12:00:30.500Z', '2026-03-02T12:00:30.599Z'],
    ['20260302120030.123', '2026-03-02T12:00:30.123Z', '2026-03-02T12:00:30.123Z'],
    ['202607021200', '2026-07-02T11:00:00.000Z', '2026-07-02T11:00:59.999Z'],
    ['20261025013000', '2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.999Z'],
    ['20261025', '2026-10-24T23:00:00.000Z', '2026-10-25T23:59:59.999Z'],
  ])('%s lies between %s and %s', (text, earliest, latest) => {
    const { eventTime, latestEventTime } = convertText(hl7('ADT^A01', PID).replace('20240105085900', text));
    expect({ eventTime, latestEventTime }).toEqual({ eventTime: earliest, latestEventTime: latest });
  });
});
