import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Encounter, Observation, Patient } from 'fhir/r4.js';
import { planCommit } from '../../../src/core/records/plan-commit.js';
import { aContext, aRecord, carryOut } from '../../support/records.js';

const patient = (content: Partial<Patient> = {}): Patient & { id: string } => ({
  ...content,
  resourceType: 'Patient',
  id: 'p',
});
const smith = patient({ name: [{ family: 'Smith' }] });
const jones = patient({ name: [{ family: 'Jones' }] });
const stored = carryOut(planCommit('p', [aRecord(smith)], new Map(), aContext(), true));

describe('a record that is new', () => {
  const plan = planCommit('p', [aRecord(smith)], new Map(), aContext(), true);

  test('is created with version 1, together with the receipt and the event', () => {
    expect(plan.operations.map(({ kind, document }) => [kind, document.id])).toEqual([
      ['create', 'Patient:p'],
      ['create', 'receipt:m1'],
      ['create', 'event:m1'],
    ]);
    expect(plan.changes).toEqual([{ resourceType: 'Patient', id: 'p', versionId: 1, change: 'created' }]);
  });

  test('carries its version, time, index and lineage', () => {
    expect(plan.operations[0]?.document).toMatchObject({
      versionId: 1,
      lastUpdated: '2026-03-29T10:00:01.000Z',
      eventTime: '2026-03-29T10:00:00.000Z',
      index: { identifier: [] },
      resource: { ...smith, meta: { versionId: '1', lastUpdated: '2026-03-29T10:00:01.000Z' } },
      lineage: { messages: ['m1'], rows: [['name', 0, 'rule-name', 'PID-1', 1, 2]] },
    });
  });
});

describe('a record that is known', () => {
  test('is replaced only if it is unchanged since it was loaded, and its old version is kept', () => {
    const plan = planCommit('p', [aRecord(jones)], stored, aContext({ messageId: 'm2' }), true);
    expect(
      plan.operations.map((operation) => [
        operation.kind,
        operation.document.id,
        'etag' in operation ? operation.etag : undefined,
      ]),
    ).toEqual([
      ['create', 'Patient:p:v1', undefined],
      ['replace', 'Patient:p', '"1"'],
      ['create', 'receipt:m2', undefined],
      ['create', 'event:m2', undefined],
    ]);
    expect(plan.changes).toEqual([{ resourceType: 'Patient', id: 'p', versionId: 2, change: 'updated' }]);
  });

  test('gets no new version when the message says nothing new', () => {
    const plan = planCommit('p', [aRecord(smith)], stored, aContext({ messageId: 'm2' }), true);
    expect(plan.operations.map(({ document }) => document.id)).toEqual(['receipt:m2']);
    expect(plan.changes).toEqual([]);
  });

  test('remembers that the same was said later, so that a message between the two is stale', () => {
    const later = aContext({ messageId: 'm2', eventTime: '2026-03-29T12:00:00.000Z' });
    const after = carryOut(planCommit('p', [aRecord(smith)], stored, later, true), stored);
    const between = aContext({ messageId: 'm3', eventTime: '2026-03-29T11:00:00.000Z' });
    const plan = planCommit('p', [aRecord(jones)], after, between, true);
    expect(after.get('Patient:p')?.document.versionId).toBe(1);
    expect(plan.changes).toEqual([{ resourceType: 'Patient', id: 'p', versionId: 1, change: 'late' }]);
  });

  test('is not touched by a message that mentions it in passing', () => {
    const plan = planCommit('p', [aRecord(jones, 'create')], stored, aContext({ messageId: 'm2' }), false);
    expect(plan.operations).toEqual([]);
  });
});

describe('a stale message', () => {
  const stale = (feed?: string) =>
    aContext({
      messageId: 'm0',
      eventTime: '2026-03-29T09:00:00.000Z',
      ...(feed === undefined ? {} : { feed }),
    });

  test('never overwrites a newer fact of its feed, but is kept as evidence', () => {
    const plan = planCommit('p', [aRecord(jones)], stored, stale(), true);
    expect(plan.operations.map(({ document }) => document.id)).toEqual([
      'Patient:p:late:m0',
      'receipt:m0',
      'event:m0',
    ]);
  });

  test('of another feed adds what nobody has stated since and overwrites nothing', () => {
    const incoming = patient({ name: [{ family: 'Jones' }], gender: 'male' });
    const after = carryOut(planCommit('p', [aRecord(incoming)], stored, stale('lab'), true), stored);
    expect(after.get('Patient:p')?.document).toMatchObject({
      versionId: 2,
      eventTime: '2026-03-29T10:00:00.000Z',
      resource: { name: [{ family: 'Smith' }], gender: 'male' },
    });
  });
});

describe('a stale message of the same feed', () => {
  const encounter = (content: object) =>
    ({ resourceType: 'Encounter', id: 'p.e', class: { code: 'IMP' }, ...content }) as Encounter & {
      id: string;
    };
  const discharge = aContext({ messageId: 'm2', eventTime: '2026-03-29T18:00:00.000Z' });
  const admission = aContext({ messageId: 'm1', eventTime: '2026-03-29T08:00:00.000Z' });

  test('adds what nobody has stated since: the admission after the discharge', () => {
    const discharged = carryOut(
      planCommit(
        'p',
        [aRecord(encounter({ status: 'finished', period: { end: '18:00' } }))],
        new Map(),
        discharge,
        true,
      ),
    );
    const admitted = encounter({
      status: 'in-progress',
      period: { start: '08:00' },
      reasonCode: [{ text: 'fall' }],
    });
    const after = carryOut(planCommit('p', [aRecord(admitted)], discharged, admission, true), discharged);
    expect(after.get('Encounter:p.e')?.document.resource).toMatchObject({
      status: 'finished',
      period: { start: '08:00', end: '18:00' },
      reasonCode: [{ text: 'fall' }],
    });
  });

  test('does not bring back what was deleted since', () => {
    const known = carryOut(
      planCommit('p', [aRecord(patient({ gender: 'male', birthDate: '1980' }))], new Map(), admission, true),
    );
    const cleared = carryOut(
      planCommit('p', [aRecord(patient({}), 'merge', ['gender'])], known, discharge, true),
      known,
    );
    const stale = aContext({ messageId: 'm3', eventTime: '2026-03-29T12:00:00.000Z' });
    const after = carryOut(
      planCommit('p', [aRecord(patient({ gender: 'female' }))], cleared, stale, true),
      cleared,
    );
    expect(after.get('Patient:p')?.document.resource).not.toHaveProperty('gender');
  });
});

describe('a coarse event time', () => {
  test('is not stale while it may still be the newer one', () => {
    const fine = aContext({ eventTime: '2026-03-29T12:00:30.000Z' });
    const before = carryOut(planCommit('p', [aRecord(smith)], new Map(), fine, true));
    const coarse = {
      ...aContext({ messageId: 'm2', eventTime: '2026-03-29T12:00:00.000Z' }),
      latestEventTime: '2026-03-29T12:00:59.999Z',
    };
    const after = carryOut(planCommit('p', [aRecord(jones)], before, coarse, true), before);
    expect(after.get('Patient:p')?.document).toMatchObject({
      eventTime: '2026-03-29T12:00:30.000Z',
      resource: { name: [{ family: 'Jones' }] },
    });
  });
});

test('who is first met in passing is news to the message that has the authority, however old', () => {
  const lab = aContext({ messageId: 'm0', eventTime: '2026-03-29T12:00:00.000Z' });
  const met = carryOut(planCommit('p', [aRecord(smith, 'create')], new Map(), lab, true));
  const after = carryOut(planCommit('p', [aRecord(jones)], met, aContext(), true), met);
  expect(after.get('Patient:p')?.document.resource).toMatchObject({ name: [{ family: 'Jones' }] });
});

test('a final result does not become preliminary again at the same time', () => {
  const result = (status: string) =>
    ({ resourceType: 'Observation', id: 'p.o', status, code: {} }) as Observation & { id: string };
  const final = carryOut(planCommit('p', [aRecord(result('final'), 'replace')], new Map(), aContext(), true));
  const plan = planCommit(
    'p',
    [aRecord(result('preliminary'), 'replace')],
    final,
    aContext({ messageId: 'm2' }),
    true,
  );
  expect(plan.changes).toMatchObject([{ change: 'late' }]);
});

test('lineage follows each element to the message that stated it', () => {
  const incoming = patient({ gender: 'male' });
  const after = carryOut(
    planCommit('p', [aRecord(incoming)], stored, aContext({ messageId: 'm2' }), true),
    stored,
  );
  const { messages, rows } = after.get('Patient:p')!.document.lineage;
  expect(rows.map(([element, message]) => [element, messages[message]])).toEqual(
    expect.arrayContaining([
      ['gender', 'm2'],
      ['name', 'm1'],
    ]),
  );
});

test('the order in which messages of one feed arrive never lets an older family name stand', () => {
  const times = ['10', '11', '12', '13'];
  fc.assert(
    fc.property(fc.shuffledSubarray(times, { minLength: times.length }), (arrival) => {
      let state = new Map();
      for (const hour of arrival) {
        const context = aContext({ messageId: `m${hour}`, eventTime: `2026-03-29T${hour}:00:00.000Z` });
        const record = aRecord(patient({ name: [{ family: `Name${hour}` }] }));
        state = carryOut(planCommit('p', [record], state, context, true), state);
      }
      expect(state.get('Patient:p').document.resource.name).toEqual([{ family: 'Name13' }]);
    }),
  );
});

describe('a link between patients', () => {
  const replaced = patient({
    active: false,
    link: [{ type: 'replaced-by', other: { reference: 'Patient/q' } }],
  });
  const update = patient({ active: true, name: [{ family: 'Jones' }] });
  const linking = aContext({ messageId: 'merge', eventTime: '2026-03-29T12:00:00.000Z' });
  const older = aContext({ messageId: 'm2', eventTime: '2026-03-29T11:00:00.000Z' });
  const newer = aContext({ messageId: 'm3', eventTime: '2026-03-29T13:00:00.000Z' });

  test('makes no later message about the person stale', () => {
    const linked = carryOut(planCommit('p', [aRecord(replaced, 'link')], stored, linking, true), stored);
    const after = carryOut(planCommit('p', [aRecord(update)], linked, older, true), linked);
    expect(after.get('Patient:p')?.document.resource).toMatchObject({
      active: false,
      name: [{ family: 'Jones' }],
    });
  });

  test('is itself never stale', () => {
    const updated = carryOut(planCommit('p', [aRecord(update)], stored, newer, true), stored);
    const after = carryOut(planCommit('p', [aRecord(replaced, 'link')], updated, linking, true), updated);
    expect(after.get('Patient:p')?.document).toMatchObject({
      eventTime: '2026-03-29T13:00:00.000Z',
      resource: { active: false, link: [{ type: 'replaced-by' }], name: [{ family: 'Jones' }] },
    });
  });

  test('in a stale message holds, although the rest of it does not', () => {
    const updated = carryOut(planCommit('p', [aRecord(update)], stored, newer, true), stored);
    const merge = patient({
      name: [{ family: 'Old' }],
      link: [{ type: 'replaces', other: { reference: 'Patient/q' } }],
    });
    const plan = planCommit('p', [aRecord(merge)], updated, linking, true);
    expect(plan.operations.map(({ document }) => document.id)).toContain('Patient:p:late:merge');
    expect(carryOut(plan, updated).get('Patient:p')?.document.resource).toMatchObject({
      name: [{ family: 'Jones' }],
      link: [{ type: 'replaces' }],
    });
  });

  test('to a person nobody knows yet leaves their first demographics to whichever message brings them', () => {
    const linked = carryOut(planCommit('p', [aRecord(replaced, 'link')], new Map(), linking, true));
    const after = carryOut(planCommit('p', [aRecord(update)], linked, older, true), linked);
    expect(after.get('Patient:p')?.document.resource).toMatchObject({
      active: false,
      name: [{ family: 'Jones' }],
    });
  });
});
