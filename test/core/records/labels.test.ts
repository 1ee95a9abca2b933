import { describe, expect, test } from '@jest/globals';
import type {
  AllergyIntolerance,
  Coding,
  DiagnosticReport,
  DocumentReference,
  Observation,
  Patient,
  Resource,
  ServiceRequest,
} from 'fhir/r4.js';
import { spreadLabels } from '../../../src/core/records/labels.js';
import { planCommit } from '../../../src/core/records/plan-commit.js';
import { labelledByOrders } from '../../../src/core/records/restricting-orders.js';
import { aContext, aRecord, carryOut } from '../../support/records.js';

const system = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const restricted: Coding = { system, code: 'R' };
const veryRestricted: Coding = { system, code: 'V' };
const notForPatient: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  code: 'NOPAT',
};
const meta = (...security: Coding[]) => (security.length === 0 ? {} : { meta: { security } });

const patient = (...security: Coding[]): Patient & { id: string } => ({
  resourceType: 'Patient',
  id: 'p',
  ...meta(...security),
});
const result = (value: string, ...security: Coding[]): Observation & { id: string } => ({
  resourceType: 'Observation',
  id: 'p.o',
  status: 'final',
  code: {},
  valueString: value,
  ...meta(...security),
});
const labelsOf = (resource: Resource | undefined) => resource?.meta?.security?.map(({ code }) => code);

describe('the label of a person whom a result mentions', () => {
  test('holds for the result, beside its own', () => {
    const records = [aRecord(patient(restricted), 'create'), aRecord(result('1', veryRestricted), 'replace')];
    expect(spreadLabels(records).map(({ resource }) => labelsOf(resource))).toEqual([['R'], ['V', 'R']]);
  });

  test('is not said twice', () => {
    const records = [aRecord(patient(restricted), 'create'), aRecord(result('1', restricted), 'replace')];
    expect(spreadLabels(records)[1]).toBe(records[1]);
  });

  test('holds for nobody else', () => {
    const other = { ...result('1'), id: 'q.o' };
    const records = [aRecord(patient(restricted), 'create'), aRecord(other, 'replace')];
    expect(labelsOf(spreadLabels(records)[1]?.resource)).toBeUndefined();
  });

  test('says where it comes from', () => {
    const lineage = [{ resource: 'Patient/p', element: 'Patient.meta.security[0].code', rule: 's-flag' }];
    const records = [{ ...aRecord(patient(restricted), 'create'), lineage }, aRecord(result('1'), 'replace')];
    expect(spreadLabels(records)[1]?.lineage).toContainEqual({
      resource: 'Observation/p.o',
      element: 'Observation.meta.security[0]',
      rule: 's-flag',
    });
  });

  test('is no matter of a message that describes the person', () => {
    const records = [aRecord(patient(restricted)), aRecord(result('1'), 'replace')];
    expect(spreadLabels(records)).toBe(records);
  });
});

describe('the label of a stored order', () => {
  const order: ServiceRequest & { id: string } = {
    ...{ resourceType: 'ServiceRequest', id: 'p.s', status: 'active', intent: 'order', subject: {} },
    ...meta(restricted),
  };
  const element = 'ServiceRequest.meta.security[0].code';
  const lineage = [{ resource: 'ServiceRequest/p.s', element, rule: 'order-orc-28' }];
  const said = [{ ...aRecord(order), lineage }];
  const ordered = [...carryOut(planCommit('p', said, new Map(), aContext(), true))];
  const stored = new Map(ordered.map(([id, { document }]) => [id, document]));
  const report: DiagnosticReport & { id: string } = {
    ...{ resourceType: 'DiagnosticReport', id: 'p.r', status: 'final', code: {} },
    basedOn: [{ reference: 'ServiceRequest/p.s' }],
    result: [{ reference: 'Observation/p.o' }],
  };
  const records = [aRecord(report, 'replace'), aRecord(result('1', veryRestricted), 'replace')];

  test('holds for its report and its results, beside their own', () => {
    const labelled = labelledByOrders(records, stored);
    expect(labelled.map(({ resource }) => labelsOf(resource))).toEqual([['R'], ['V', 'R']]);
    expect(labelled[1]?.lineage).toContainEqual({
      resource: 'Observation/p.o',
      element: 'Observation.meta.security[1]',
      rule: 'order-orc-28',
    });
  });

  test('holds beside that of another order of the same report', () => {
    const another = { ...order, id: 'p.s2', ...meta(notForPatient) };
    const both = new Map([
      ...stored,
      ...[...carryOut(planCommit('p', [aRecord(another)], new Map(), aContext(), true))].map(
        ([id, { document }]) => [id, document] as const,
      ),
    ]);
    const basedOn = [...(report.basedOn ?? []), { reference: 'ServiceRequest/p.s2' }];
    const reportOfBoth: typeof report = { ...report, basedOn };
    const ofBoth = [aRecord(reportOfBoth, 'replace'), aRecord(result('1'), 'replace')];
    const labelled = labelledByOrders(ofBoth, both);
    expect(labelled.map(({ resource }) => labelsOf(resource))).toEqual([
      ['R', 'NOPAT'],
      ['R', 'NOPAT'],
    ]);
  });

  test('is no matter of other reports', () => {
    const other = { ...report, basedOn: [{ reference: 'ServiceRequest/p.other' }] };
    const others = [aRecord(other, 'replace'), aRecord(result('1'), 'replace')];
    expect(labelledByOrders(others, stored)).toBe(others);
  });
});

describe('a stored label', () => {
  test('is set by a message that mentions the person in passing, and nothing else is', () => {
    const known: Patient & { id: string } = { ...patient(), gender: 'female' };
    const stored = carryOut(planCommit('p', [aRecord(known)], new Map(), aContext(), true));
    const mention: Patient & { id: string } = { ...patient(restricted), gender: 'male' };
    const context = aContext({ messageId: 'm2', eventTime: '2026-03-29T09:00:00.000Z' });
    const after = carryOut(planCommit('p', [aRecord(mention, 'create')], stored, context, true), stored);
    const document = after.get('Patient:p')?.document;
    expect(document?.resource).toMatchObject({ gender: 'female', meta: { security: [restricted] } });
    expect(document?.eventTime).toBe('2026-03-29T10:00:00.000Z');
  });

  test('of a result is set without a word about what is held back for it', () => {
    const at = (hour: number) =>
      aContext({ messageId: `m${hour}`, eventTime: `2026-03-29T${hour}:00:00.000Z` });
    const unfinished: Observation & { id: string } = { ...result('2'), status: 'preliminary' };
    const first = carryOut(planCommit('p', [aRecord(result('1'), 'replace')], new Map(), at(10), true));
    const stored = carryOut(planCommit('p', [aRecord(unfinished, 'replace')], first, at(11), true), first);
    const held = stored.get('Observation:p.o')?.document.deferred;
    const mention = { resourceType: 'Observation', id: 'p.o', ...meta(restricted) };
    const plan = planCommit('p', [aRecord(mention, 'create')], stored, at(12), true);
    const after = carryOut(plan, stored).get('Observation:p.o')?.document;
    expect(after?.resource).toMatchObject({ valueString: '1', meta: { security: [restricted] } });
    expect(held).toBeDefined();
    expect(after?.deferred).toEqual(held);
  });

  test('of a result stays when the result is stated anew without one', () => {
    const first = planCommit('p', [aRecord(result('1', restricted), 'replace')], new Map(), aContext(), true);
    const stored = carryOut(first);
    const context = aContext({ messageId: 'm2', eventTime: '2026-03-29T11:00:00.000Z' });
    const plan = planCommit('p', [aRecord(result('2'), 'replace')], stored, context, true);
    const after = carryOut(plan, stored).get('Observation:p.o')?.document.resource;
    expect(after).toMatchObject({ valueString: '2', meta: { security: [restricted] } });
  });

  test.each<[string, Coding[], Coding[], string[]]>([
    ['is joined by that of a later statement', [restricted], [notForPatient], ['NOPAT', 'R']],
    ['is not said twice', [restricted, notForPatient], [notForPatient, restricted], ['NOPAT', 'R']],
  ])('of a result, document or allergy %s', (_, first, then, expected) => {
    const letter = (...security: Coding[]): DocumentReference & { id: string } => ({
      ...{ resourceType: 'DocumentReference', id: 'p.d', status: 'current', content: [] },
      ...meta(...security),
    });
    const allergy = (...security: Coding[]): AllergyIntolerance & { id: string } => ({
      ...{ resourceType: 'AllergyIntolerance', id: 'p.a', patient: {} },
      ...meta(...security),
    });
    const said = (security: readonly Coding[]) => [
      aRecord(result('1', ...security), 'replace'),
      aRecord(letter(...security), 'replace'),
      aRecord(allergy(...security)),
    ];
    const stored = carryOut(planCommit('p', said(first), new Map(), aContext(), true));
    const context = aContext({ messageId: 'm2', eventTime: '2026-03-29T11:00:00.000Z' });
    const after = carryOut(planCommit('p', said(then), stored, context, true), stored);
    for (const key of ['Observation:p.o', 'DocumentReference:p.d', 'AllergyIntolerance:p.a'])
      expect(labelsOf(after.get(key)?.document.resource)).toEqual(expected);
  });

  test('is joined by another one, not replaced', () => {
    const stored = carryOut(planCommit('p', [aRecord(patient(restricted))], new Map(), aContext(), true));
    const plan = planCommit(
      'p',
      [aRecord(patient(veryRestricted))],
      stored,
      aContext({ messageId: 'm2' }),
      true,
    );
    expect(labelsOf(carryOut(plan, stored).get('Patient:p')?.document.resource)).toEqual(['V', 'R']);
  });
});
