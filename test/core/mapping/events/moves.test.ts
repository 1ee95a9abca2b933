/** Visits and accounts that get another number or go to another patient. */
import { describe, expect, test } from '@jest/globals';
import type { Account, Encounter, Patient } from 'fhir/r4.js';
import { recordId } from '../../../../src/core/identity/tokens.js';
import {
  convertText,
  hl7,
  PATIENT_KEY,
  patientRecordId,
  PID,
  PRIOR_KEY,
  recordsOf,
  segment,
  type ConvertOptions,
} from '../support.js';

const visit = (fields: Readonly<Record<number, string>>): string =>
  segment('PV1', { 1: '1', 2: 'I', ...fields });
const mrg = (fields: Readonly<Record<number, string>>): string =>
  segment('MRG', { 1: 'B99^^^RXX^MR', ...fields });

const numbers = ({ identifier }: Pick<Encounter, 'identifier'>) =>
  identifier?.map(({ value, use }) => (use === undefined ? value : `${value ?? ''} (${use})`));

function visits(event: string, segments: readonly string[], options: ConvertOptions = {}) {
  const conversion = convertText(hl7(`ADT^${event}`, PID, ...segments), options);
  const encounters = recordsOf(conversion, 'Encounter').map(({ resource, partition, mode }) => {
    const { id, status, subject, partOf, ...rest } = resource as unknown as Encounter;
    return {
      id,
      partition,
      mode,
      status,
      numbers: numbers(rest),
      subject: subject?.reference,
      partOf: partOf?.reference,
    };
  });
  return { encounters, conversion };
}

const SAME = { priorKey: PATIENT_KEY };
const NEW = patientRecordId('Encounter', 'V2');
const OLD = patientRecordId('Encounter', 'V1');
const patient = (key: string): string => `Patient/${key}`;

describe('a visit under another number', () => {
  test.each(['A06', 'A07', 'A42', 'A50', 'A51'])(
    'by event %s keeps the former number, and the record of it leads on',
    (event) => {
      const { encounters, conversion } = visits(event, [mrg({ 5: 'V1' }), visit({ 19: 'V2' })], SAME);
      const status = event.startsWith('A0') ? 'in-progress' : undefined;
      expect(encounters).toEqual([
        {
          id: OLD,
          partition: PATIENT_KEY,
          mode: 'link',
          status: 'finished',
          numbers: ['V1'],
          subject: patient(PATIENT_KEY),
          partOf: `Encounter/${NEW}`,
        },
        {
          id: NEW,
          partition: PATIENT_KEY,
          mode: 'merge',
          status,
          numbers: ['V2', 'V1 (old)'],
          subject: patient(PATIENT_KEY),
          partOf: undefined,
        },
      ]);
      expect(conversion.issues).toEqual([]);
      expect(conversion.ledger.filter(({ fate }) => fate === 'unmapped')).toEqual([]);
    },
  );

  test('that is an alternate number only stays the same record', () => {
    const { encounters } = visits('A51', [mrg({ 6: 'X1' }), visit({ 19: 'V2', 50: 'X2' })], SAME);
    expect(encounters).toMatchObject([{ id: NEW, numbers: ['V2', 'X2', 'X1 (old)'] }]);
  });

  test('known by its alternate number only is known by it before, too', () => {
    const { encounters } = visits('A51', [mrg({ 6: 'V1' }), visit({ 50: 'V2' })], SAME);
    expect(encounters.map(({ id }) => id)).toEqual([OLD, NEW]);
  });

  test('that is the same number is one record', () => {
    const { encounters } = visits('A42', [mrg({ 5: 'V2' }), visit({ 19: 'V2' })], SAME);
    expect(encounters).toMatchObject([{ id: NEW, numbers: ['V2'] }]);
  });
});

describe('a visit that goes to another patient', () => {
  const atPrior = recordId(PRIOR_KEY, 'Encounter', 'pas', 'V2');

  test.each(['A44', 'A45'])('by event %s is entered in error where it was', (event) => {
    const { encounters, conversion } = visits(event, [mrg({}), visit({ 19: 'V2' })]);
    expect(encounters).toEqual([
      {
        id: atPrior,
        partition: PRIOR_KEY,
        mode: 'link',
        status: 'entered-in-error',
        numbers: undefined,
        subject: patient(PRIOR_KEY),
        partOf: undefined,
      },
      {
        id: NEW,
        partition: PATIENT_KEY,
        mode: 'merge',
        status: undefined,
        numbers: ['V2'],
        subject: patient(PATIENT_KEY),
        partOf: undefined,
      },
    ]);
    expect(conversion.issues).toMatchObject([
      { code: 'HDE_VISIT_MOVED', severity: 'warning', location: 'MRG-1' },
    ]);
  });

  test('names the former patient in passing and keeps them in use', () => {
    const { conversion } = visits('A45', [mrg({}), visit({ 19: 'V2' })]);
    const former = recordsOf(conversion, 'Patient').find(({ partition }) => partition === PRIOR_KEY);
    expect(former?.mode).toBe('create');
    expect((former?.resource as Patient).identifier).toMatchObject([{ value: 'B99' }]);
    expect(former?.resource).not.toHaveProperty('active');
    expect(former?.resource).not.toHaveProperty('link');
  });

  test('gets its number with it: each visit has an MRG of its own', () => {
    const { encounters } = visits('A45', [
      mrg({ 5: 'V1' }),
      visit({ 19: 'V2' }),
      'MRG|B99^^^RXX^MR||||V3',
      segment('PV1', { 1: '2', 2: 'I', 19: 'V4' }),
    ]);
    expect(encounters.map(({ id, status, numbers: known }) => [id, status, known])).toEqual([
      [recordId(PRIOR_KEY, 'Encounter', 'pas', 'V1'), 'entered-in-error', ['V1']],
      [NEW, undefined, ['V2', 'V1 (old)']],
      [recordId('secondpriorsecondpriorseco', 'Encounter', 'pas', 'V3'), 'entered-in-error', ['V3']],
      [patientRecordId('Encounter', 'V4'), undefined, ['V4', 'V3 (old)']],
    ]);
  });

  test('is taken from nobody where it is not told which visit it is', () => {
    const { encounters } = visits('A45', [mrg({ 5: 'V1' })]);
    expect(encounters).toEqual([]);
  });

  test('has no part in the visit of a patient who is the same', () => {
    const { encounters, conversion } = visits('A45', [mrg({ 5: 'V1' }), visit({ 19: 'V2' })], SAME);
    expect(encounters.map(({ id, status, partOf }) => [id, status, partOf])).toEqual([
      [OLD, 'finished', `Encounter/${NEW}`],
      [NEW, undefined, undefined],
    ]);
    expect(conversion.issues).toEqual([]);
  });
});

describe('an account', () => {
  const person = segment('PID', { 1: '1', 3: 'A12345^^^RXX^MR', 18: 'ACC2' });
  const accounts = (type: string, segments: readonly string[], options: ConvertOptions = {}) =>
    recordsOf(convertText(hl7(type, person, ...segments), options), 'Account').map(
      ({ resource, partition }) => {
        const { id, status, partOf, ...rest } = resource as unknown as Account;
        return { id, partition, status, numbers: numbers(rest), partOf: partOf?.reference };
      },
    );
  const current = patientRecordId('Account', 'ACC2');
  const known = { id: current, partition: PATIENT_KEY, partOf: undefined };

  test.each([
    ['BAR^P01', 'active'],
    ['BAR^P05', 'active'],
    ['BAR^P02', 'inactive'],
    ['BAR^P06', 'inactive'],
    ['DFT^P03', 'active'],
  ])('in %s is %s', (type, status) => {
    expect(accounts(type, [])).toEqual([{ ...known, status, numbers: ['ACC2'] }]);
  });

  test('is no matter of an admission', () => {
    expect(accounts('ADT^A01', [])).toEqual([]);
  });

  test.each(['A35', 'A36', 'A41', 'A49'])('by event %s keeps the former number', (event) => {
    expect(accounts(`ADT^${event}`, [mrg({ 3: 'ACC1' })], SAME)).toEqual([
      { ...known, status: 'active', numbers: ['ACC2', 'ACC1 (old)'] },
      {
        id: patientRecordId('Account', 'ACC1'),
        partition: PATIENT_KEY,
        status: 'inactive',
        numbers: ['ACC1'],
        partOf: `Account/${current}`,
      },
    ]);
  });

  test('that goes to another patient (A44) is entered in error where it was', () => {
    expect(accounts('ADT^A44', [mrg({ 3: 'ACC1' })])).toEqual([
      { ...known, status: 'active', numbers: ['ACC2', 'ACC1 (old)'] },
      {
        id: recordId(PRIOR_KEY, 'Account', 'pas', 'ACC1'),
        partition: PRIOR_KEY,
        status: 'entered-in-error',
        numbers: ['ACC1'],
        partOf: undefined,
      },
    ]);
  });
});
