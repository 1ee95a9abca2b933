import { expect, test } from '@jest/globals';
import { audited, type AuditedAccess } from '../../../src/app/audit/audited.js';
import { ExchangeError } from '../../../src/core/errors.js';
import type { AuditEntry } from '../../../src/core/governance/audit/entry.js';
import { canonicalEntry } from '../../../src/core/governance/audit/entry.js';

const clock = { now: () => new Date('2026-11-26T10:00:00.000Z') };
const access = (changes: Partial<AuditedAccess> = {}): AuditedAccess => ({
  ...{ interaction: 'read', reason: 'role-reader', request: 'r1', subject: 'ward-app', isChange: false },
  concerned: (error) =>
    Promise.resolve({ records: error === undefined ? ['Patient/p1'] : [], patients: ['p1'] }),
  ...changes,
});

function record(isAway = false) {
  const entries: AuditEntry[] = [];
  const away = new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE');
  const trail = {
    record: (entry: AuditEntry) => {
      entries.push(entry);
      return isAway ? Promise.reject(away) : Promise.resolve();
    },
  };
  return { entries, deps: { trail, clock } };
}

test('an access is recorded with what was answered', async () => {
  const { entries, deps } = record();
  expect(await audited(deps, access(), () => Promise.resolve('answer'))).toBe('answer');
  expect(entries).toMatchObject([
    {
      at: '2026-11-26T10:00:00.000Z',
      outcome: 'done',
      reason: 'role-reader',
      records: ['Patient/p1'],
      patients: ['p1'],
    },
  ]);
  expect(Object.keys(entries[0]!)).toEqual(Object.keys(entries[0]!).sort());
  expect(canonicalEntry(entries[0]!)).not.toContain('undefined');
});

test('a refusal and a failure are recorded with their reason, and answered as they were', async () => {
  const { entries, deps } = record();
  const refusal = new ExchangeError('HDE_RESOURCE_NOT_FOUND');
  await expect(audited(deps, access(), () => Promise.reject(refusal))).rejects.toBe(refusal);
  await expect(audited(deps, access(), () => Promise.reject(new Error('bug')))).rejects.toMatchObject({
    code: 'HDE_INTERNAL',
  });
  expect(entries.map(({ outcome, reason }) => [outcome, reason])).toEqual([
    ['refused', 'HDE_RESOURCE_NOT_FOUND'],
    ['failed', 'HDE_INTERNAL'],
  ]);
});

test('a change is recorded before it is made, and not made when it cannot be recorded', async () => {
  const { entries, deps } = record();
  await audited(deps, access({ isChange: true }), () => {
    expect(entries.map(({ outcome }) => outcome)).toEqual(['begun']);
    return Promise.resolve();
  });
  expect(entries.map(({ outcome }) => outcome)).toEqual(['begun', 'done']);
  let isMade = false;
  const change = () => {
    isMade = true;
    return Promise.resolve();
  };
  await expect(audited(record(true).deps, access({ isChange: true }), change)).rejects.toMatchObject({
    code: 'HDE_DEPENDENCY_UNAVAILABLE',
  });
  expect(isMade).toBe(false);
});

test('nothing that was read is answered when it cannot be recorded', async () => {
  await expect(audited(record(true).deps, access(), () => Promise.resolve('secret'))).rejects.toMatchObject({
    code: 'HDE_DEPENDENCY_UNAVAILABLE',
  });
});

test('an access to more records than an entry names has several entries, and loses none', async () => {
  const { entries, deps } = record();
  const records = Array.from({ length: 4500 }, (_, n) => `Observation/o${n}`);
  const concerned = () => Promise.resolve({ records, patients: ['p1', 'p2'] });
  await audited(deps, access({ concerned }), () => Promise.resolve());
  expect(entries.flatMap((entry) => entry.records)).toEqual(records);
  expect(entries.flatMap((entry) => entry.patients)).toEqual(['p1', 'p2']);
  expect(entries.every((entry) => entry.records.length <= 2000)).toBe(true);
});
