/** ROL and PRT: who takes part in a visit, who is the general practitioner, who else looks after the patient. */
import { describe, expect, test } from '@jest/globals';
import type { CareTeam, Encounter, Patient, PractitionerRole } from 'fhir/r4.js';
import { sharedId } from '../../../../src/core/identity/tokens.js';
import {
  convertText,
  hl7,
  PATIENT_KEY,
  patientRecordId,
  PID,
  recordOf,
  recordsOf,
  resourceOf,
  segment,
} from '../support.js';

const PV1 = 'PV1|1|I|||||||||||||||||V001';
const doctor = `Practitioner/${sharedId('Practitioner', 'https://fhir.hl7.org.uk/Id/gmc-number', '1234567')}`;
const XCN = 'C1234567^Patel^Ravi^^^Mr';
const rol = (fields: Readonly<Record<number, string>>): string =>
  segment('ROL', { 1: '', 2: 'AD', 3: 'CP^^HL70443', 4: XCN, ...fields });
const prt = (fields: Readonly<Record<number, string>>): string =>
  segment('PRT', { 2: 'AD', 4: 'CP^^HL70912', 5: XCN, ...fields });
const CONSULTANT = {
  coding: [
    {
      system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
      code: 'CON',
      display: 'consultant',
    },
  ],
  text: 'CP',
};

const unmappedOf = ({ ledger }: ReturnType<typeof convertText>) =>
  ledger.filter(({ fate }) => fate === 'unmapped').map(({ source }) => source);

describe('a role in a visit', () => {
  test.each([
    ['ROL', rol({ 5: '20240105', 6: '20240106' })],
    ['PRT', prt({ 11: '20240105', 12: '20240106' })],
  ])('by %s is a participant for its time', (_segment, role) => {
    const conversion = convertText(hl7('ADT^A01', PID, PV1, role));
    expect(resourceOf<Encounter>(conversion, 'Encounter').participant).toEqual([
      {
        type: [CONSULTANT],
        period: { start: '2024-01-05', end: '2024-01-06' },
        individual: { reference: doctor, display: 'Mr Ravi Patel' },
      },
    ]);
    expect(recordsOf(conversion, 'CareTeam')).toEqual([]);
    expect(unmappedOf(conversion)).toEqual([]);
  });

  test('at an organisation and place is that of a PractitionerRole', () => {
    const role = rol({ 9: '300^Medicine^L', 12: '01134960009^WPN^PH', 13: 'WARD7', 14: 'LEEDS^^RXX' });
    const conversion = convertText(hl7('ADT^A01', PID, PV1, role));
    const { resource, mode } = recordOf(conversion, 'PractitionerRole');
    expect(mode).toBe('create');
    expect(resource as PractitionerRole).toMatchObject({
      practitioner: { reference: doctor },
      organization: { display: 'LEEDS' },
      code: [CONSULTANT],
      specialty: [{ coding: [{ code: '300', display: 'Medicine' }] }],
      location: [{ display: 'WARD7' }],
      telecom: [{ system: 'phone', value: '01134960009', use: 'work' }],
    });
    expect(resourceOf<Encounter>(conversion, 'Encounter').participant).toMatchObject([
      { individual: { reference: `PractitionerRole/${resource.id}`, display: 'Mr Ravi Patel' } },
    ]);
    expect(unmappedOf(conversion)).toEqual([]);
  });

  test('that is deleted goes, and one that has ended keeps its end', () => {
    const deleted = recordOf(convertText(hl7('ADT^A08', PID, PV1, rol({ 2: 'DE' }))), 'Encounter');
    expect(deleted.resource).not.toHaveProperty('participant');
    expect(deleted.removed).toEqual([`participant[individual.reference=${doctor}]`]);
    const ended = recordOf(
      convertText(hl7('ADT^A08', PID, PV1, rol({ 2: 'DE', 6: '20240106' }))),
      'Encounter',
    );
    expect((ended.resource as unknown as Encounter).participant).toMatchObject([
      { period: { end: '2024-01-06' } },
    ]);
  });

  test('of someone without a number is shown by name', () => {
    const conversion = convertText(hl7('ADT^A01', PID, PV1, rol({ 4: '^Jones^Ann', 14: 'LEEDS^^RXX' })));
    expect(resourceOf<Encounter>(conversion, 'Encounter').participant).toEqual([
      { type: [CONSULTANT], individual: { display: 'Ann Jones' } },
    ]);
  });

  test('of a code that nobody knows keeps the code', () => {
    const conversion = convertText(hl7('ADT^A01', PID, PV1, rol({ 3: 'KEYW^Key worker^L' })));
    expect(resourceOf<Encounter>(conversion, 'Encounter').participant).toMatchObject([
      { type: [{ coding: [{ system: 'https://rxx.nhs.uk/id/code', code: 'KEYW', display: 'Key worker' }] }] },
    ]);
  });
});

describe('a role of a patient', () => {
  test.each([
    ['ROL', rol({ 3: 'PP^^HL70443', 4: 'G5612908^Jones^Ann' })],
    ['PRT', prt({ 4: 'PP^^HL70912', 5: 'G5612908^Jones^Ann' })],
  ])('as their general practitioner (%s) is with the patient', (_segment, role) => {
    const conversion = convertText(hl7('ADT^A28', PID, role));
    const { generalPractitioner } = resourceOf<Patient>(conversion, 'Patient');
    expect(generalPractitioner).toEqual([
      {
        reference: `Practitioner/${sharedId('Practitioner', 'https://fhir.hl7.org.uk/Id/gmp-number', 'G5612908')}`,
        display: 'Ann Jones',
        type: 'Practitioner',
      },
    ]);
    expect(recordsOf(conversion, 'CareTeam')).toEqual([]);
    expect(unmappedOf(conversion)).toEqual([]);
  });

  test('that PD1 states already is not stated twice', () => {
    const role = rol({ 3: 'PP', 4: 'G5612908^Jones^Ann' });
    const conversion = convertText(hl7('ADT^A28', PID, 'PD1||||G5612908^Jones^Ann', role));
    expect(resourceOf<Patient>(conversion, 'Patient').generalPractitioner).toHaveLength(1);
  });

  test('that is deleted is taken from the patient', () => {
    const conversion = convertText(hl7('ADT^A31', PID, rol({ 2: 'DE', 3: 'PP' })));
    expect(recordOf(conversion, 'Patient').removed).toEqual([`generalPractitioner[reference=${doctor}]`]);
  });

  test('other than that is a care team', () => {
    const role = rol({
      1: 'R1',
      5: '20240105',
      8: 'CARE^Long-term care^L',
      12: '01134960009',
      14: 'LEEDS^^RXX',
    });
    const conversion = convertText(hl7('ADT^A31', PID, role));
    const { resource, partition, mode } = recordOf(conversion, 'CareTeam');
    expect([resource.id, partition, mode]).toEqual([
      patientRecordId('CareTeam', 'id R1'),
      PATIENT_KEY,
      'merge',
    ]);
    expect(resource as CareTeam).toMatchObject({
      identifier: [{ system: 'https://rxx.nhs.uk/id/staff', value: 'R1' }],
      status: 'active',
      subject: { reference: `Patient/${PATIENT_KEY}` },
      participant: [
        {
          role: [CONSULTANT],
          member: { reference: doctor, display: 'Mr Ravi Patel' },
          onBehalfOf: { display: 'LEEDS' },
          period: { start: '2024-01-05' },
        },
      ],
      reasonCode: [{ coding: [{ code: 'CARE' }] }],
      telecom: [{ system: 'phone', value: '01134960009', use: 'work' }],
    });
    expect(unmappedOf(conversion)).toEqual([]);
  });

  test('of an organisation is a care team of it', () => {
    const role = prt({ 5: '', 8: 'District nurses^^RXX' });
    const { participant } = resourceOf<CareTeam>(convertText(hl7('ADT^A31', PID, role)), 'CareTeam');
    expect(participant).toMatchObject([{ role: [CONSULTANT], member: { display: 'District nurses' } }]);
  });

  test('that has ended is a care team that is not active, and the same record', () => {
    const idAndStatus = (action: string) => {
      const { id, status } = resourceOf<CareTeam>(
        convertText(hl7('ADT^A31', PID, rol({ 2: action }))),
        'CareTeam',
      );
      return [id, status];
    };
    const id = idAndStatus('AD')[0];
    expect([idAndStatus('AD'), idAndStatus('DE')]).toEqual([
      [id, 'active'],
      [id, 'inactive'],
    ]);
  });
});
