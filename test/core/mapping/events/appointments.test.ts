/** SIU: appointments from booking to missing. */
import { describe, expect, test } from '@jest/globals';
import type { Appointment, ServiceRequest } from 'fhir/r4.js';
import {
  convertText,
  hl7,
  PATIENT_KEY,
  patientRecordId,
  PID,
  recordOf,
  resourceOf,
  segment,
} from '../support.js';

const sch = (fields: Record<number, string> = {}): string =>
  segment('SCH', { 1: 'P1', 2: 'F1', 11: '^^^20240110093000^20240110100000', ...fields });

const appointment = (event: string, ...segments: string[]): Appointment =>
  resourceOf<Appointment>(convertText(hl7(`SIU^${event}`, ...segments)), 'Appointment');

describe('an appointment', () => {
  test.each(['S12', 'S13', 'S14', 'S15', 'S16', 'S17', 'S26'])('is the same record in %s', (event) => {
    expect(appointment(event, sch(), PID).id).toBe(patientRecordId('Appointment', 'P1'));
  });

  test('is known by the filler number where the placer gives none', () => {
    expect(appointment('S12', sch({ 1: '' }), PID).id).toBe(patientRecordId('Appointment', 'F1'));
  });

  test.each([
    ['S12', '', 'booked'],
    ['S12', 'Waitlist', 'waitlist'],
    ['S14', 'Complete^^HL70278', 'fulfilled'],
    ['S14', 'Started', 'checked-in'],
    ['S14', 'Did Not Attend', 'noshow'],
    ['S14', 'No show', 'noshow'],
    ['S14', 'Confirmed', 'booked'],
    ['S14', 'Checked In', 'checked-in'],
    ['S14', 'Checked Out', 'fulfilled'],
    ['S14', 'Cancelled by Patient', 'cancelled'],
    ['S14', 'CNA', 'cancelled'],
    ['S14', '2^Cancelled^L', 'cancelled'],
    ['S14', 'Not attended', 'noshow'],
    ['S15', 'DNA', 'noshow'],
    // The event outranks a status that the sender did not change.
    ['S15', 'Booked', 'cancelled'],
    ['S15', 'Noshow', 'noshow'],
    ['S16', 'Discontinued', 'cancelled'],
    ['S14', 'Dc', 'cancelled'],
    ['S17', 'Booked', 'entered-in-error'],
    ['S26', '', 'noshow'],
  ])('of %s with SCH-25 %s is %s', (event, code, status) => {
    expect(appointment(event, sch({ 25: code }), PID).status).toBe(status);
  });

  test('with a status that nobody understands is not called booked, and is reported', () => {
    const conversion = convertText(hl7('SIU^S14', sch({ 25: 'XYZ' }), PID));
    expect(resourceOf<Appointment>(conversion, 'Appointment').status).toBe('pending');
    expect(conversion.issues).toContainEqual(
      expect.objectContaining({ code: 'HDE_HL7_DATA_TYPE', location: 'SCH-25[1]' }),
    );
  });

  test('has the status of its services only where all agree', () => {
    const service = (code: string) => segment('AIS', { 1: '1', 3: 'X', 10: code });
    expect(appointment('S14', sch(), PID, service('Complete'), service('Complete')).status).toBe('fulfilled');
    expect(appointment('S14', sch(), PID, service('Cancelled'), service('Booked')).status).toBe('booked');
  });

  test('keeps why it was cancelled', () => {
    const record = appointment('S15', sch({ 6: 'SICK^Clinician ill^L' }), PID);
    expect(record.cancelationReason?.coding?.[0]?.display).toBe('Clinician ill');
    expect(record.description).toBeUndefined();
  });
});

describe('the time of an appointment', () => {
  test('is that of SCH-11 in the zone of the feed', () => {
    expect(appointment('S12', sch(), PID)).toMatchObject({
      start: '2024-01-10T09:30:00+00:00',
      end: '2024-01-10T10:00:00+00:00',
    });
  });

  test('is that of TQ1 where SCH-11 is empty', () => {
    const tq1 = segment('TQ1', { 7: '202407101130', 8: '202407101145' });
    expect(appointment('S12', sch({ 11: '' }), tq1, PID)).toMatchObject({
      start: '2024-07-10T11:30:00+01:00',
      end: '2024-07-10T11:45:00+01:00',
    });
  });

  test('is that of TQ1 where an older one is left in SCH-11', () => {
    const tq1 = segment('TQ1', { 7: '202401111130', 8: '202401111145' });
    expect(appointment('S13', sch(), tq1, PID).start).toBe('2024-01-11T11:30:00+00:00');
  });

  test('runs from the first resource to the last, with offset and duration', () => {
    const service = segment('AIS', { 1: '1', 3: 'X', 4: '202401100900', 7: '1', 8: 'h' });
    const person = segment('AIP', { 1: '1', 3: 'D1^Ode^Ann', 6: '202401101030', 9: '15', 10: 'min' });
    expect(appointment('S12', sch({ 11: '' }), PID, 'RGS|1', service, 'RGS|2', person)).toMatchObject({
      start: '2024-01-10T09:00:00+00:00',
      end: '2024-01-10T10:45:00+00:00',
    });
  });

  test('ends after the duration of SCH-9, which is in minutes whatever its unit', () => {
    expect(appointment('S12', sch({ 9: '2', 10: 'hr', 11: '^^^202401100900' }), PID)).toMatchObject({
      start: '2024-01-10T09:00:00+00:00',
      end: '2024-01-10T11:00:00+00:00',
      minutesDuration: 120,
    });
  });

  test('that nobody states is said to be unknown', () => {
    const record = appointment('S12', sch({ 11: '^^^20240110' }), PID) as Appointment & { _start: object };
    expect(record.start).toBeUndefined();
    expect(record._start).toEqual({
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' },
      ],
    });
    expect(record.requestedPeriod).toEqual([{ start: '2024-01-10' }]);
  });
});

describe('who and what takes part', () => {
  const booked = (): Appointment =>
    appointment(
      'S12',
      sch({ 12: 'D9^Clerk^Cleo', 20: 'D8^Entry^Ed' }),
      'NTE|1||Please fast',
      PID,
      'RGS|1',
      'AIS|1||ECHO^Echocardiogram^L',
      'AIG|1||M1^Scanner^L|EQ^Equipment^L',
      'AIL|1||W1^R2',
      'NTE|1||Second floor',
      segment('AIP', {
        1: '1',
        3: 'C1234567^Ode^Ann',
        4: 'CON^Consultant^L',
        6: '202401100930',
        9: '10',
        12: 'Tentative',
      }),
      'RGS|2',
      'AIP|2|D|C7654321^Gone^Guy',
    );

  test('are the patient, staff, places and equipment, each with a status', () => {
    const { participant } = booked();
    expect(participant[0]).toEqual({ actor: { reference: `Patient/${PATIENT_KEY}` }, status: 'accepted' });
    expect(participant.map(({ actor }) => actor?.display)).toEqual([
      undefined,
      'Cleo Clerk',
      'Ed Entry',
      'Ann Ode',
      'R2, W1',
      'Scanner',
    ]);
    expect(participant.every(({ status }) => status.length > 0)).toBe(true);
  });

  test('have role, answer and period', () => {
    expect(booked().participant[3]).toMatchObject({
      type: [{ coding: [{ code: 'CON' }] }],
      status: 'tentative',
      period: { start: '2024-01-10T09:30:00+00:00', end: '2024-01-10T09:40:00+00:00' },
    });
  });

  test('do not include a resource that was taken off', () => {
    expect(JSON.stringify(booked())).not.toContain('Guy');
  });

  test('come with the service and all notes', () => {
    const record = booked();
    expect(record.serviceType?.[0]?.coding?.[0]?.display).toBe('Echocardiogram');
    expect(record.comment).toBe('Please fast\nSecond floor');
  });
});

test('refers to its orders by number', () => {
  const record = appointment('S12', sch({ 26: 'O1', 27: 'O2' }), PID);
  expect(record.basedOn?.map(({ identifier }) => identifier?.value)).toEqual(['O1', 'O2']);
});

test('refers to an order by the system in which the order itself is numbered', () => {
  const number = 'O1^EPIC^1.2.3^ISO';
  const [order] = appointment('S12', sch({ 26: number }), PID).basedOn ?? [];
  const ordered = convertText(hl7('ORM^O01', PID, `ORC|NW|${number}`, `OBR|1|${number}||ECHO`));
  const { identifier } = resourceOf<ServiceRequest>(ordered, 'ServiceRequest');
  expect(order?.identifier).toEqual(identifier?.[0]);
});

test('keeps how patient and clinician meet, as UK Core has it', () => {
  const record = appointment('S12', sch({ 8: 'VIDEO' }), PID);
  expect(record.extension).toEqual([
    {
      url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeliveryChannel',
      valueCodeableConcept: {
        coding: [
          {
            system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-DeliveryChannel',
            code: 'Video',
            display: 'Video',
          },
        ],
      },
    },
  ]);
});

test('has the specialty of the visit', () => {
  const record = appointment('S12', sch(), PID, segment('PV1', { 2: 'O', 10: '320', 19: 'V1' }));
  expect(record.specialty?.[0]?.coding?.[0]?.code).toBe('320');
});

test('an appointment without a patient is refused', () => {
  expect(() => convertText(hl7('SIU^S23', sch()))).toThrow(
    expect.objectContaining({ code: 'HDE_HL7_NO_PATIENT' }),
  );
});

test('an appointment message only creates the patient where there is none', () => {
  expect(recordOf(convertText(hl7('SIU^S12', sch(), PID)), 'Patient').mode).toBe('create');
});
