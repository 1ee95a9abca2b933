/** PPR, PGL and PPP: problems, goals and pathways. */
import { describe, expect, test } from '@jest/globals';
import type { CarePlan, Condition, Goal } from 'fhir/r4.js';
import { completeRecord } from '../../../../src/core/mapping/complete-record.js';
import {
  after,
  convertText,
  hl7,
  patientRecordId,
  PID,
  recordOf,
  recordsOf,
  resourceOf,
  segment,
} from '../support.js';

const prb = (action: string, fields: Record<number, string> = {}): string =>
  segment('PRB', { 1: action, 2: '202401051200', 3: 'K80^Gallstones^I10', 4: 'P7', ...fields });

const problem = (...segments: string[]): Condition =>
  resourceOf<Condition>(convertText(hl7('PPR^PC1', PID, ...segments)), 'Condition');

describe('a problem', () => {
  test('is one of the problem list, known by its number', () => {
    expect(problem(prb('AD', { 16: '20200110' }))).toMatchObject({
      id: patientRecordId('Condition', 'PRB P7'),
      clinicalStatus: { coding: [{ code: 'active' }] },
      category: [{ coding: [{ code: 'problem-list-item' }] }],
      code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'K80' }] },
      onsetDateTime: '2020-01-10',
      recordedDate: '2024-01-05T12:00:00+00:00',
    });
  });

  test('that is deleted was entered in error and has no clinical status', () => {
    const record = recordOf(convertText(hl7('PPR^PC3', PID, prb('DE', { 14: 'active' }))), 'Condition');
    expect(record.resource).toMatchObject({
      id: patientRecordId('Condition', 'PRB P7'),
      verificationStatus: { coding: [{ code: 'entered-in-error' }] },
    });
    expect(record.resource).not.toHaveProperty('clinicalStatus');
    expect(record.removed).toContain('clinicalStatus');
  });

  test('that is stated again is no error any more', () => {
    const { removed } = recordOf(convertText(hl7('PPR^PC2', PID, prb('UP'))), 'Condition');
    expect(removed).toContain('verificationStatus.coding[code=entered-in-error]');
  });

  test('that an update says nothing new about keeps its stored status', () => {
    expect(problem(prb('UP')).clinicalStatus).toBeUndefined();
  });

  test('that an update says nothing new about is active where nothing else is stored', () => {
    const record = recordOf(convertText(hl7('PPR^PC2', PID, prb('UP'))), 'Condition');
    expect(completeRecord(record.resource)).toMatchObject({
      clinicalStatus: { coding: [{ code: 'active' }] },
    });
    expect(completeRecord({ ...record.resource, abatementDateTime: '2024' } as Condition)).toMatchObject({
      clinicalStatus: { coding: [{ code: 'resolved' }] },
    });
    const deleted = recordOf(convertText(hl7('PPR^PC2', PID, prb('DE'))), 'Condition').resource;
    expect(completeRecord(deleted)).toBe(deleted);
  });

  test.each([
    ['A', 'resolved'],
    ['RELAPSE', 'resolved'],
    ['I', 'inactive'],
    ['REMISSION', 'remission'],
  ])('that ended and has the status %s is %s', (status, code) => {
    const { clinicalStatus, abatementDateTime } = problem(prb('UP', { 9: '20240101', 14: status }));
    expect(clinicalStatus?.coding?.[0]?.code).toBe(code);
    expect(abatementDateTime).toBe('2024-01-01');
  });

  test('that is active and whose end is no time stays active', () => {
    const { clinicalStatus } = problem(prb('UP', { 9: 'soon', 14: 'A' }));
    expect(clinicalStatus?.coding?.[0]?.code).toBe('active');
  });

  test('that is deleted has no end', () => {
    const record = recordOf(convertText(hl7('PPR^PC2', PID, prb('DE', { 9: '20240101' }))), 'Condition');
    expect(record.removed).toContain('abatementDateTime');
    expect(record.resource).not.toHaveProperty('abatementDateTime');
  });

  test.each([
    ['RULED OUT', 'refuted'],
    ['Excluded', 'refuted'],
    ['SUSPECTED', 'provisional'],
    ['C', 'confirmed'],
  ])('that is %s is %s', (sent, code) => {
    const { verificationStatus, note } = problem(prb('AD', { 13: sent }));
    expect(verificationStatus?.coding?.[0]?.code).toBe(code);
    expect(note).toBeUndefined();
  });

  test('has how sure somebody is in their words, where nobody knows the code', () => {
    expect(problem(prb('AD', { 13: 'X9^Excluded on MRI^L' })).note).toEqual([{ text: 'Excluded on MRI' }]);
  });

  test('is resolved when it ended', () => {
    expect(problem(prb('UP', { 9: '20240101' }))).toMatchObject({
      clinicalStatus: { coding: [{ code: 'resolved' }] },
      abatementDateTime: '2024-01-01',
    });
  });

  test('has who asserted and who recorded it, and how things depart from the plan', () => {
    const record = problem(
      prb('AD'),
      'ROL|1|AD|EP|D1^Clerk^Cleo',
      'ROL|2|AD|AT|D2^Ode^Ann',
      'VAR|1|20240106|||| Late',
    );
    expect(record.recorder?.display).toBe('Cleo Clerk');
    expect(record.asserter?.display).toBe('Ann Ode');
    expect(record.note).toEqual([{ time: '2024-01-06', text: 'Late' }]);
  });
});

const goalLine = segment('GOL', {
  1: 'AD',
  3: 'G1^Walk^L',
  4: 'G7',
  7: '20240101',
  8: '20240301',
  18: 'ACTIVE',
});

test('a goal belongs to the problem before it', () => {
  const conversion = convertText(hl7('PPR^PC1', PID, prb('AD'), goalLine, prb('AD', { 4: 'P8' })));
  expect(resourceOf<Goal>(conversion, 'Goal')).toMatchObject({
    lifecycleStatus: 'active',
    startDate: '2024-01-01',
    target: [{ dueDate: '2024-03-01' }],
    addresses: [{ reference: `Condition/${patientRecordId('Condition', 'PRB P7')}` }],
  });
});

test('in a goal message the problems follow their goal', () => {
  const conversion = convertText(hl7('PGL^PC6', PID, goalLine, prb('AD'), prb('AD', { 4: 'P8' })));
  expect(resourceOf<Goal>(conversion, 'Goal').addresses).toHaveLength(2);
  expect(recordsOf(conversion, 'Condition')).toHaveLength(2);
});

test('a goal with a status that nobody understands is only proposed', () => {
  const conversion = convertText(hl7('PGL^PC6', PID, goalLine.replace('ACTIVE', 'ZZ')));
  expect(resourceOf<Goal>(conversion, 'Goal').lifecycleStatus).toBe('proposed');
  expect(conversion.issues).toHaveLength(1);
});

test('a deleted goal was entered in error', () => {
  const conversion = convertText(hl7('PGL^PC8', PID, goalLine.replace('|AD|', '|DE|')));
  expect(resourceOf<Goal>(conversion, 'Goal').lifecycleStatus).toBe('entered-in-error');
});

test('a pathway is a care plan with its problems and goals', () => {
  const pth = segment('PTH', { 1: 'AD', 2: 'HIP^Hip replacement^L', 3: 'PW1', 4: '20240102', 5: 'active' });
  const conversion = convertText(hl7('PPP^PCB', PID, pth, prb('AD'), goalLine));
  expect(resourceOf<CarePlan>(conversion, 'CarePlan')).toMatchObject({
    status: 'active',
    intent: 'plan',
    title: 'Hip replacement',
    period: { start: '2024-01-02' },
    addresses: [{ reference: `Condition/${patientRecordId('Condition', 'PRB P7')}` }],
    goal: [{ reference: `Goal/${patientRecordId('Goal', 'GOL G7')}` }],
  });
});

test('an update without a state leaves a goal and a pathway in theirs', () => {
  const message = (action: string, state: string) =>
    convertText(
      hl7(
        'PPP^PCC',
        PID,
        segment('PTH', { 1: action, 2: 'HIP', 3: 'PW1', 5: state }),
        segment('GOL', { 1: action, 3: 'G1', 4: 'G7', 18: state }),
      ),
    );
  const [ended, update] = [message('UP', 'CANCELLED'), message('UP', '')];
  const known = (type: string) => after(recordOf(ended, type), recordOf(update, type));
  expect(known('CarePlan')).toMatchObject({ status: 'revoked' });
  expect(known('Goal')).toMatchObject({ lifecycleStatus: 'cancelled' });
  expect(completeRecord(recordOf(update, 'CarePlan').resource)).toMatchObject({ status: 'unknown' });
  expect(completeRecord(recordOf(update, 'Goal').resource)).toMatchObject({ lifecycleStatus: 'active' });
});

test('a problem without code or number is reported, not invented', () => {
  const conversion = convertText(hl7('PPR^PC1', PID, 'PRB|AD|20240105'));
  expect(recordsOf(conversion, 'Condition')).toEqual([]);
  expect(conversion.issues).toContainEqual(
    expect.objectContaining({ code: 'HDE_HL7_REQUIRED', location: 'PRB-3' }),
  );
});
