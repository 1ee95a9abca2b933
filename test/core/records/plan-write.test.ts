import { describe, expect, test } from '@jest/globals';
import {
  planDeletion,
  planEventOfWrites,
  planWrite,
  type Identified,
  type WritePlan,
} from '../../../src/core/records/plan-write.js';
import type { CurrentDocument, LatestDocument, Stored } from '../../../src/core/records/types.js';

const context = (minute: number) => ({
  client: 'app-7',
  requestId: `r${minute}`,
  now: `2026-03-30T09:0${minute}:00.000Z`,
});

const aPatient = (fields: object = {}): Identified => ({ resourceType: 'Patient', id: 'p', ...fields });

const stored = <T extends LatestDocument>(document: T): Stored<T> => ({ document, etag: '"e"' });

/** The documents that a plan writes, by id. */
const written = (plan: WritePlan, minute: number): Record<string, string> =>
  Object.fromEntries(
    [...plan.operations, ...planEventOfWrites('p', [plan], context(minute))].map(({ kind, document }) => [
      document.id,
      kind,
    ]),
  );

const first = (resource = aPatient({ gender: 'male' })) =>
  planWrite('p', { resource }, undefined, context(1)).document as CurrentDocument;

describe('a write', () => {
  test('of what is new makes a first version and an event', () => {
    const plan = planWrite('p', { resource: aPatient() }, undefined, context(1));
    expect(written(plan, 1)).toEqual({ 'Patient:p': 'create', 'event:r1:Patient:p:v1': 'create' });
    expect(plan.outcome).toBe('created');
  });

  test('takes no label away: what is written again has those that it had, beside its own', () => {
    const system = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
    const security = [{ system, code: 'R' }];
    const restricted = planWrite('p', { resource: aPatient({ meta: { security } }) }, undefined, context(1));
    const deletion = planDeletion(stored(restricted.document as CurrentDocument), context(2)).document;
    const again = (meta: object) =>
      planWrite('p', { resource: aPatient(meta) }, stored(deletion), context(3));
    expect(again({}).document).toMatchObject({ resource: { meta: { security } } });
    const more = { system, code: 'V' };
    expect(again({ meta: { security: [more] } }).document).toMatchObject({
      resource: { meta: { security: [more, ...security] } },
    });
  });

  test('of what is there keeps the version before', () => {
    const plan = planWrite('p', { resource: aPatient() }, stored(first()), context(2));
    expect(written(plan, 2)).toEqual({
      'Patient:p:v1': 'create',
      'Patient:p': 'replace',
      'event:r2:Patient:p:v2': 'create',
    });
    expect(plan.outcome).toBe('updated');
  });

  test('takes the versions and times of the client for none of its own', () => {
    const resource = aPatient({
      meta: { versionId: '99', lastUpdated: '1999-01-01T00:00:00Z', source: 'urn:x' },
    });
    expect((first(resource).resource as Identified).meta).toEqual({
      versionId: '1',
      lastUpdated: context(1).now,
      source: 'urn:x',
    });
  });

  test('that changes nothing makes no version and no event, but counts as said now', () => {
    const before = first();
    const plan = planWrite('p', { resource: aPatient({ gender: 'male' }) }, stored(before), context(2));
    expect(written(plan, 2)).toEqual({ 'Patient:p': 'replace' });
    expect(plan.operations[0]?.document).toEqual({
      ...before,
      eventTime: context(2).now,
      writtenAt: context(2).now,
    });
    expect([plan.outcome, plan.document]).toEqual(['unchanged', before]);
  });

  test('of a number in another precision is a change', () => {
    const statement = { resource: aPatient(), decimals: { '/x': '1.50' } };
    const before = planWrite('p', statement, undefined, context(1)).document as CurrentDocument;
    expect(planWrite('p', statement, stored(before), context(2)).outcome).toBe('unchanged');
    const rounded = { ...statement, decimals: { '/x': '1.5' } };
    expect(planWrite('p', rounded, stored(before), context(2)).outcome).toBe('updated');
  });

  test('remembers what it left out as deleted, until somebody states it', () => {
    const without = planWrite('p', { resource: aPatient() }, stored(first()), context(2))
      .document as CurrentDocument;
    expect(without.cleared).toEqual({ gender: context(2).now });
    const again = planWrite('p', { resource: aPatient({ gender: 'male' }) }, stored(without), context(3));
    expect((again.document as CurrentDocument).cleared).toBeUndefined();
  });

  test('of an order is one of the events from which its status follows', () => {
    const order = { resourceType: 'ServiceRequest', id: 'p.o', status: 'revoked' } as unknown as Identified;
    const { events } = planWrite('p', { resource: order }, undefined, context(1)).document as CurrentDocument;
    expect(events).toEqual([
      { of: 'p.o', kind: 'stated', status: 'revoked', messageId: 'r1', at: context(1).now },
    ]);
  });

  test('keeps what is remembered of the record, without results that were held back', () => {
    const standing = { since: context(0).now, isRetired: true };
    const deferred = { eventTime: context(0).now, resource: aPatient(), lineage: { messages: [], rows: [] } };
    const before = { ...first(), standing, deferred };
    const { document } = planWrite('p', { resource: aPatient() }, stored(before), context(2));
    expect(document).toMatchObject({ standing });
    expect(document).not.toHaveProperty('deferred');
  });
});

describe('a deletion', () => {
  test('keeps the last version, and goes on counting', () => {
    const plan = planDeletion(stored(first()), context(2));
    expect(written(plan, 2)).toEqual({
      'Patient:p:v1': 'create',
      'Patient:p': 'replace',
      'event:r2:Patient:p:v2': 'create',
    });
    expect(plan.document).toMatchObject({ kind: 'deleted', versionId: 2, source: { client: 'app-7' } });
    expect(JSON.stringify(plan.document)).not.toContain('male');
  });

  test('is kept as a version when the record is written again', () => {
    const deletion = planDeletion(stored(first()), context(2)).document;
    const plan = planWrite('p', { resource: aPatient() }, stored(deletion), context(3));
    expect(written(plan, 3)).toEqual({
      'Patient:p:v2': 'create',
      'Patient:p': 'replace',
      'event:r3:Patient:p:v3': 'create',
    });
    expect(plan.outcome).toBe('created');
  });
});

describe('the event of writes', () => {
  const created = (id: string) =>
    planWrite('p', { resource: { resourceType: 'Basic', id } }, undefined, context(1));

  test('that took effect together is one', () => {
    const [event, ...others] = planEventOfWrites('p', [created('p.a'), created('p.b')], context(1));
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      kind: 'create',
      document: { id: 'event:r1', partition: 'p', changes: [{ id: 'p.a' }, { id: 'p.b' }] },
    });
  });

  test('tells nothing of what did not change', () => {
    const unchanged = { ...created('p.a'), outcome: 'unchanged' } as const;
    expect(planEventOfWrites('p', [unchanged], context(1))).toEqual([]);
  });
});
