/** REF: who refers a patient to whom. */
import { describe, expect, test } from '@jest/globals';
import type { Practitioner, PractitionerRole, ServiceRequest } from 'fhir/r4.js';
import {
  convertText,
  feed,
  hl7,
  PATIENT_KEY,
  patientRecordId,
  PID,
  recordsOf,
  resourceOf,
  segment,
} from '../support.js';

const rf1 = (fields: Record<number, string> = {}): string =>
  segment('RF1', {
    1: 'P',
    2: 'S',
    3: 'MED^Medical',
    6: 'R1',
    7: '20240106',
    8: '20240401',
    9: '20240105',
    ...fields,
  });
const REFERRER = segment('PRD', {
  1: 'RP',
  2: 'Ode^Ann^^^Dr',
  7: 'G1234567^GMP',
  10: 'High Street Surgery^^A81001',
});
const REFERRED = segment('PRD', { 1: 'RT', 2: 'Specht^Sam' });

const referral = (event: string, ...segments: string[]): ServiceRequest =>
  resourceOf<ServiceRequest>(convertText(hl7(`REF^${event}`, ...segments)), 'ServiceRequest');

describe('a referral', () => {
  test('is a request for service about the patient', () => {
    expect(referral('I12', rf1({ 10: 'O^Opinion' }), REFERRER, REFERRED, PID)).toMatchObject({
      id: patientRecordId('ServiceRequest', 'referral R1'),
      status: 'active',
      intent: 'order',
      priority: 'stat',
      subject: { reference: `Patient/${PATIENT_KEY}` },
      authoredOn: '2024-01-05',
      occurrencePeriod: { start: '2024-01-06', end: '2024-04-01' },
      performer: [{ display: 'Sam Specht' }],
      reasonCode: [{ coding: [{ code: 'O', display: 'Opinion' }] }],
    });
  });

  test('comes from the person in their role at the organisation', () => {
    const conversion = convertText(hl7('REF^I12', rf1(), REFERRER, PID));
    const role = resourceOf<PractitionerRole>(conversion, 'PractitionerRole');
    expect(resourceOf<ServiceRequest>(conversion, 'ServiceRequest').requester).toEqual({
      reference: `PractitionerRole/${role.id ?? ''}`,
      display: 'Dr Ann Ode',
    });
    expect(role.organization?.display).toBe('High Street Surgery');
    expect(resourceOf<Practitioner>(conversion, 'Practitioner').identifier).toEqual([
      { system: 'https://fhir.hl7.org.uk/Id/gmp-number', value: 'G1234567' },
    ]);
  });

  test.each([
    ['I12', 'R', 'revoked'],
    ['I13', 'A', 'active'],
    ['I14', 'A', 'revoked'],
    ['I12', 'ZZ', 'unknown'],
    ['I12', '', 'active'],
    ['I13', '', undefined],
  ])('of %s with RF1-1 %s is %s', (event, code, status) => {
    expect(referral(event, rf1({ 1: code }), PID).status).toBe(status);
  });

  test('names the diagnoses of the message as its reasons', () => {
    const conversion = convertText(hl7('REF^I12', rf1(), PID, 'DG1|1||K80^Gallstones^I10|||F'));
    const [diagnosis] = recordsOf(conversion, 'Condition');
    expect(resourceOf<ServiceRequest>(conversion, 'ServiceRequest').reasonReference).toEqual([
      { reference: `Condition/${diagnosis?.resource.id ?? ''}` },
    ]);
  });

  test('is known by a number that stands where its authority should', () => {
    const { id, identifier } = referral('I12', rf1({ 6: '^^REF001' }), PID);
    expect(id).toBe(patientRecordId('ServiceRequest', 'referral REF001'));
    expect(identifier).toMatchObject([{ system: feed.localSystems.order, value: 'REF001' }]);
  });

  test.each(['^^1.2.826.0.1', '^^REF^ISO', '^LAB^REF'])(
    'is not known by an authority alone: %s',
    (number) => {
      const { id, identifier } = referral('I12', rf1({ 6: number }), PID);
      expect(id).toBe(referral('I12', rf1({ 6: '' }), PID).id);
      expect(identifier).toBeUndefined();
    },
  );

  test('without number and date is reported', () => {
    const conversion = convertText(hl7('REF^I12', 'RF1|P', PID));
    expect(recordsOf(conversion, 'ServiceRequest')).toEqual([]);
    expect(conversion.issues).toContainEqual(expect.objectContaining({ location: 'RF1-6' }));
  });
});
