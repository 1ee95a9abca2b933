import { describe, expect, test } from '@jest/globals';
import type { Issue } from '../../../src/core/errors.js';
import type { CommitEffect } from '../../../src/core/records/plan-commit.js';
import { mostChangesOfReceipt, mostIssuesOfReceipt } from '../../../src/core/records/bound-changes.js';
import { boundEffect, effectOf, joinEffects } from '../../../src/core/records/plan-receipt.js';
import type { RecordChange } from '../../../src/core/records/types.js';

const change = (n: number): RecordChange => ({
  resourceType: 'Observation',
  id: `p.${n}`,
  versionId: 1,
  change: 'created',
});
const issue: Issue = { code: 'HDE_HL7_REQUIRED', severity: 'warning' };
const effect = (changes: number, issues: number): CommitEffect => ({
  changes: Array.from({ length: changes }, (_, n) => change(n)),
  issues: Array.from({ length: issues }, () => issue),
});

describe('what a receipt keeps of an effect', () => {
  test('is all of it, without counts, while there is room', () => {
    expect(boundEffect(effect(3, 2))).toEqual(effect(3, 2));
    expect(Object.keys(boundEffect(effect(3, 2)))).toEqual(['changes', 'issues']);
  });

  test('says how many changes and issues there were when it is not', () => {
    const kept = boundEffect(effect(mostChangesOfReceipt + 7, mostIssuesOfReceipt + 3));
    expect(kept.changes).toHaveLength(mostChangesOfReceipt);
    expect(kept.issues).toHaveLength(mostIssuesOfReceipt);
    expect(kept).toMatchObject({
      changeCount: mostChangesOfReceipt + 7,
      issueCount: mostIssuesOfReceipt + 3,
    });
  });

  test('counts what was left off of its parts before, as on a delivery that finds a receipt', () => {
    const before = boundEffect(effect(mostChangesOfReceipt + 7, mostIssuesOfReceipt + 3));
    const found = effectOf({
      id: 'receipt:m',
      kind: 'receipt',
      partition: 'p',
      source: { messageId: 'm', feed: 'f', pack: { name: 'p', version: '1.0.0' } },
      eventTime: 't',
      lastUpdated: 't',
      ...before,
    });
    expect(boundEffect(joinEffects([found, effect(2, 1)]))).toMatchObject({
      changeCount: mostChangesOfReceipt + 9,
      issueCount: mostIssuesOfReceipt + 4,
    });
  });
});
