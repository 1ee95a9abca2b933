/** All that PV1 and PV2 say of a visit, in the NHS and elsewhere. */
import { describe, expect, test } from '@jest/globals';
import type { Encounter } from 'fhir/r4.js';
import { sharedId } from '../../../../src/core/identity/tokens.js';
import {
  convertText,
  feed,
  hl7,
  patientRecordId,
  PID,
  recordOf,
  recordsOf,
  resourceOf,
  segment,
} from '../support.js';

type Fields = Readonly<Record<number, string>>;

function stated(pv1: Fields, pv2: Fields = { 1: '' }, event = 'A01') {
  const text = hl7(
    `ADT^${event}`,
    PID,
    segment('PV1', { 1: '1', 2: 'I', 19: 'V001', ...pv1 }),
    segment('PV2', pv2),
  );
  const conversion = convertText(text);
  const unmapped = conversion.ledger.filter(({ fate }) => fate === 'unmapped').map(({ source }) => source);
  return {
    encounter: recordOf(conversion, 'Encounter').resource as unknown as Encounter,
    issues: conversion.issues,
    unmapped,
    conversion,
  };
}

const v2 = (table: string): string => `http://terminology.hl7.org/CodeSystem/v2-${table}`;
const uk = (name: string): string => `https://fhir.hl7.org.uk/CodeSystem/UKCore-${name}`;
const VISIT_SYSTEM = 'https://rxx.nhs.uk/id/visit';
const LOCAL = 'https://rxx.nhs.uk/id/code';

describe('a visit', () => {
  test('states all that its fields say, and leaves none of them out', () => {
    const { encounter, unmapped, issues } = stated(
      {
        4: 'E',
        5: 'PRE1',
        13: 'R',
        15: 'A2~B6',
        16: 'VIP',
        18: 'DAYCASE',
        20: '02^20240101',
        38: 'VEG^Vegetarian^L',
        52: 'C7654321^Obi^Ada',
        53: 'Hip replacement',
        54: 'EP1',
      },
      {
        8: '20240105',
        9: '20240109',
        11: '4',
        12: 'Knee < hip & pain',
        13: '^Ford^Kim',
        22: 'Y',
        25: '2',
        38: 'A',
      },
    );
    expect([issues, unmapped]).toEqual([[], []]);
    expect(encounter.hospitalization).toEqual({
      preAdmissionIdentifier: { system: VISIT_SYSTEM, value: 'PRE1' },
      reAdmission: { coding: [{ system: v2('0092'), code: 'R', display: 'Re-admission' }] },
      specialArrangement: [
        {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/encounter-special-arrangements',
              code: 'wheel',
              display: 'Wheelchair',
            },
          ],
          text: 'A2',
        },
        { coding: [{ system: v2('0009'), code: 'B6', display: 'Pregnant' }] },
      ],
      specialCourtesy: [
        {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/encounter-special-courtesy',
              code: 'VIP',
              display: 'very important person',
            },
          ],
        },
      ],
      dietPreference: [{ coding: [{ system: LOCAL, code: 'VEG', display: 'Vegetarian' }] }],
    });
    expect(encounter.type).toEqual([
      { coding: [{ system: v2('0007'), code: 'E', display: 'Emergency' }] },
      { coding: [{ system: LOCAL, code: 'DAYCASE' }] },
      { coding: [{ system: LOCAL, code: '02' }] },
    ]);
    expect(
      encounter.participant?.map(({ type, individual }) => [
        type?.[0]?.coding?.[0]?.code,
        individual?.display,
      ]),
    ).toEqual([
      ['PART', 'Ada Obi'],
      ['REF', 'Kim Ford'],
    ]);
    expect(encounter.episodeOfCare).toEqual([
      {
        type: 'EpisodeOfCare',
        identifier: { system: VISIT_SYSTEM, value: 'EP1' },
        display: 'Hip replacement',
      },
    ]);
    expect(encounter.priority).toEqual({
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/v3-ActPriority', code: 'UR', display: 'urgent' },
      ],
      text: '2',
    });
    expect(encounter.length).toEqual({
      value: 4,
      unit: 'days',
      system: 'http://unitsofmeasure.org',
      code: 'd',
    });
    expect(encounter.text).toEqual({
      status: 'additional',
      div: '<div xmlns="http://www.w3.org/1999/xhtml">Knee &lt; hip &amp; pain</div>',
    });
    expect(encounter.meta?.security).toEqual([
      {
        system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
        code: 'R',
        display: 'restricted',
      },
    ]);
    expect(encounter.extension).toEqual([
      {
        url: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedStartDate',
        valueDateTime: '2024-01-05',
      },
      {
        url: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedEndDate',
        valueDateTime: '2024-01-09',
      },
      {
        url: 'http://hl7.org/fhir/StructureDefinition/encounter-modeOfArrival',
        valueCoding: { system: v2('0430'), code: 'A', display: 'Ambulance' },
      },
    ]);
  });

  test('accounts for what is no part of the health record', () => {
    const { unmapped } = stated({ 21: 'P', 24: 'C', 40: 'O', 41: 'A', 46: '10', 51: 'V' });
    expect(unmapped).toEqual([]);
  });

  test('shows what has no place instead of dropping it', () => {
    expect(stated({ 12: 'Y' }, { 4: 'Bed needed' }).unmapped).toEqual(['PV1-12[1]', 'PV2-4[1]']);
  });

  test('of a length that is no number reports it', () => {
    const { encounter, issues, unmapped } = stated({}, { 11: 'four' });
    expect(encounter.length).toBeUndefined();
    expect(issues).toMatchObject([{ code: 'HDE_HL7_DATA_TYPE', location: 'PV2-11[1]' }]);
    expect(unmapped).toEqual(['PV2-11[1]']);
  });

  test('of an accident has it as its reason', () => {
    const text = hl7('ADT^A04', PID, 'PV1|1|E|||||||||||||||||V001', 'ACC|20240105|TRAF^Road traffic^L');
    const encounter = recordOf(convertText(text), 'Encounter').resource as unknown as Encounter;
    expect(encounter.reasonCode).toEqual([
      { coding: [{ system: LOCAL, code: 'TRAF', display: 'Road traffic' }] },
    ]);
  });

  test('begins and ends when the event occurred where it does not say itself', () => {
    const period = (event: string, pv1: Fields) =>
      (
        recordOf(
          convertText(
            hl7(`ADT^${event}`, PID, segment('PV1', { 1: '1', 2: 'I', 19: 'V001', ...pv1 })).replace(
              '20240105085900',
              '20240105085900||||20240105080000',
            ),
          ),
          'Encounter',
        ).resource as unknown as Encounter
      ).period;
    expect(period('A01', {})).toEqual({ start: '2024-01-05T08:00:00+00:00' });
    expect(period('A01', { 44: '20240104' })).toEqual({ start: '2024-01-04' });
    expect(period('A03', {})).toEqual({ end: '2024-01-05T08:00:00+00:00' });
    expect(period('A08', {})).toBeUndefined();
  });

  test('stated twice in a message is one visit', () => {
    const pv1 = 'PV1|1|I|WARD7||||||||||||||||V001';
    const conversion = convertText(hl7('ORU^R01', PID, pv1, 'OBR|1||F1|T', pv1, 'OBR|1||F2|T'));
    expect(recordsOf(conversion, 'Encounter').map(({ resource }) => resource.id)).toEqual([
      patientRecordId('Encounter', 'V001'),
    ]);
  });
});

describe('the places of a visit', () => {
  test('are stated once each, the present one first', () => {
    const { encounter } = stated({ 3: 'WARD7', 6: 'WARD7' });
    expect(encounter.location?.map(({ location, status }) => [location.display, status])).toEqual([
      ['WARD7', 'active'],
    ]);
  });

  test.each([
    ['A01', { 2: 'W' }, 'planned'],
    ['A08', { 2: 'P' }, 'planned'],
    ['A08', { 45: '20240107' }, 'completed'],
    ['A08', {}, 'active'],
  ])('after %s with %j are %s', (event, pv1, status) => {
    const { encounter } = stated({ 3: 'WARD7', ...pv1 }, undefined, event);
    expect(encounter.location).toMatchObject([{ status }]);
  });
});

describe('the provider of a visit', () => {
  const reference = (system: string, code: string) => ({
    reference: `Organization/${sharedId('Organization', system, code)}`,
  });

  test.each([
    ['a site', 'RXX01', reference('https://fhir.nhs.uk/Id/ods-site-code', 'RXX01')],
    ['the owner of the feed', '', reference('https://fhir.nhs.uk/Id/ods-organization-code', 'RXX')],
  ])('is %s', (_who, code, expected) => {
    expect(stated({ 39: code }).encounter.serviceProvider).toEqual(expected);
  });

  test('is a facility that has no ODS code, by its name', () => {
    expect(stated({ 39: 'South wing' }).encounter.serviceProvider?.display).toBe('South wing');
  });
});

test.each([
  ['1', [{ system: feed.localSystems.code, code: '1' }]],
  ['2', [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActPriority', code: 'UR', display: 'urgent' }]],
  [
    '1^Emergency^HL70217',
    [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0217', code: '1', display: 'Emergency' }],
  ],
])('the priority %s (PV2-25) is no emergency unless its table says so', (code, coding) => {
  const pv1 = segment('PV1', { 2: 'O', 19: 'V1' });
  const visit = resourceOf<Encounter>(
    convertText(hl7('ADT^A04', PID, pv1, segment('PV2', { 25: code }))),
    'Encounter',
  );
  expect(visit.priority?.coding).toEqual(coding);
});

describe('a discharge in the NHS', () => {
  const DISCHARGE_METHOD = 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DischargeMethod';
  const destination = {
    coding: [{ system: uk('DischargeDestinationEngland'), code: '19', display: 'Usual place of residence' }],
  };

  test('has its destination', () => {
    const { encounter } = stated({ 36: '19' }, undefined, 'A03');
    expect(encounter.hospitalization?.dischargeDisposition).toEqual(destination);
    expect(encounter.extension).toBeUndefined();
  });

  test('has its method, and the destination from the next field', () => {
    const { encounter } = stated({ 36: '1', 37: '19' }, undefined, 'A03');
    expect(encounter.extension).toEqual([
      {
        url: DISCHARGE_METHOD,
        valueCodeableConcept: {
          coding: [
            {
              system: uk('DischargeMethodEngland'),
              code: '1',
              display: 'Patient discharged on clinical advice or with clinical consent',
            },
          ],
        },
      },
    ]);
    expect(encounter.hospitalization?.dischargeDisposition).toEqual(destination);
  });

  test('keeps a code that is neither, and where the patient went', () => {
    const { encounter, unmapped } = stated({ 36: 'HOM', 37: 'NH1&Oak House&L' }, undefined, 'A03');
    expect(encounter.hospitalization).toEqual({
      dischargeDisposition: { coding: [{ system: LOCAL, code: 'HOM' }] },
      destination: {
        type: 'Location',
        identifier: { system: 'https://rxx.nhs.uk/id/location', value: 'NH1' },
        display: 'Oak House',
      },
    });
    expect(unmapped).toEqual([]);
  });
});

describe('the sensitivity of a patient', () => {
  test.each([
    ['S', 1],
    ['N', undefined],
    ['VIP', undefined],
  ])('%s restricts the visit: %s label', (code, labels) => {
    expect(stated({ 16: code }).encounter.meta?.security?.length).toBe(labels);
  });
});
