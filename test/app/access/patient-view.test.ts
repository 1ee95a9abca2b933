/** Who looked, as the patient and those who act for them are told. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { createMemoryAuditStore } from '../../../src/adapters/memory/audit-store.js';
import { createMemoryGovernanceStore } from '../../../src/adapters/memory/governance-store.js';
import { viewAccesses, type ViewDependencies, type Viewer } from '../../../src/app/access/patient-view.js';
import { auditTrail, type AuditTrail } from '../../../src/app/audit/audit-trail.js';
import type { AuditEntry } from '../../../src/core/governance/audit/entry.js';
import { parseAccessPolicy } from '../../../src/platform/access-policy.js';
import policy from '../../../samples/access/policy.json' with { type: 'json' };

const ada = 'a'.repeat(26);
const ben = 'b'.repeat(26);
const own = (letter: string, of = ada) => `${of}.${letter.repeat(26)}`;

const governance = createMemoryGovernanceStore();
let deps: ViewDependencies;
let trail: AuditTrail;
let hidden: ReadonlySet<string>;
let looked: string[];

beforeEach(() => {
  hidden = new Set();
  looked = [];
  const audit = createMemoryAuditStore();
  trail = auditTrail({ audit, clock: { now: () => new Date('2026-06-15T12:00:00Z') }, shard: '00' });
  deps = {
    audit,
    governance,
    policy: parseAccessPolicy(JSON.stringify(policy)),
    maySee: (type, id) => {
      looked.push(`${type}/${id}`);
      return Promise.resolve(!hidden.has(`${type}/${id}`));
    },
  };
});

let minute = 0;
const add = (others: Partial<AuditEntry>) =>
  trail.record({
    at: new Date(Date.UTC(2026, 5, 15, 12, minute++)).toISOString(),
    ...{ interaction: 'read', outcome: 'done', patients: [ada], records: [], request: 'r1' },
    ...{ subject: 'nurse-1', organisation: 'RZZ', purpose: 'TREAT', reason: 'own-organisation' },
    ...{ onBehalfOf: 'somebody', trace: 'trace' },
    ...others,
  });

const patient: Viewer = { subject: 'person-1', reader: 'patient', patients: [ada] };
const proxy: Viewer = { ...patient, subject: 'parent-1', reader: 'proxy' };

async function textsFor(viewer: Viewer, limit = 100): Promise<string[]> {
  const texts: string[] = [];
  let continuation: string | undefined;
  do {
    const page = await viewAccesses(deps, viewer, { limit, continuation });
    texts.push(...page.views.map(({ text }) => text));
    continuation = page.continuation;
  } while (continuation !== undefined);
  return texts;
}

const readAllergies = 'Somebody at Example Acute Trust read your allergies, to care for you.';

describe('the patient sees', () => {
  test('what was done, the newest first, page by page, and nothing of others or that was refused', async () => {
    await add({ records: [`AllergyIntolerance/${own('c')}`] });
    await add({ records: [`Observation/${own('d')}`], interaction: 'update' });
    await add({ outcome: 'refused', records: [`Observation/${own('d')}`] });
    await add({ outcome: 'begun' });
    await add({ patients: [ben], records: [`Observation/${own('d', ben)}`] });
    const texts = [
      'Somebody at Example Acute Trust changed your test results, to care for you.',
      readAllergies,
    ];
    expect(await textsFor(patient)).toEqual(texts);
    expect(await textsFor(patient, 1)).toEqual(texts);
  });

  test('kinds of their own records only, of an answer that named several people', async () => {
    const of = [`AllergyIntolerance/${own('c')}`, `Procedure/${own('d', ben)}`, 'Goal/made-by-a-client'];
    await add({ patients: [ada, ben], records: of });
    expect(await textsFor(patient)).toEqual([readAllergies]);
    const [view] = (await viewAccesses(deps, patient, { limit: 1 })).views;
    expect(JSON.stringify(view)).not.toContain(ben);
  });

  test('no names of staff, no traces, and no kind of record that is held back from them', async () => {
    await add({ records: [`DiagnosticReport/${own('c')}`, `AllergyIntolerance/${own('d')}`] });
    await add({ records: [`DiagnosticReport/${own('c')}`] });
    hidden = new Set([`DiagnosticReport/${own('c')}`]);
    expect(await textsFor(patient)).toEqual([
      'Somebody at Example Acute Trust read your record, to care for you.',
      readAllergies,
    ]);
    const page = await viewAccesses(deps, patient, { limit: 10 });
    expect(JSON.stringify(page)).not.toMatch(/nurse-1|trace|somebody"|DiagnosticReport/);
  });

  test('why the glass was broken', async () => {
    const glass = {
      ...{ id: 'g1', patient: ada, subject: 'nurse-1', organisation: 'RZZ', openedAt: 0, review: undefined },
      reason: 'unconscious on arrival',
    };
    await governance.saveGlass(glass);
    await add({ interaction: 'break-glass', records: ['glass/g1'], purpose: 'BTG', reason: 'break-glass' });
    expect((await textsFor(patient))[0]).toMatch(/^Somebody at Example .*“unconscious on arrival”$/);
    expect(await textsFor(proxy)).toEqual([]);
  });

  test('looks at a few records of a kind, each once', async () => {
    const records = Array.from({ length: 26 }, (_, i) => `Observation/${own(String.fromCharCode(97 + i))}`);
    await add({ records });
    await add({ records });
    await textsFor(patient);
    expect(looked).toHaveLength(5);
  });
});

describe('who acts for the patient', () => {
  test('sees only accesses to what they may see themselves', async () => {
    await add({ records: [`AllergyIntolerance/${own('c')}`] });
    await add({ organisation: 'RYY', records: [`Condition/${own('d')}`] });
    await add({ organisation: 'RYY', interaction: 'search-type' });
    hidden = new Set([`Condition/${own('d')}`]);
    expect(await textsFor(proxy)).toEqual([
      'Somebody at Example Acute Trust read their allergies, to care for the patient.',
    ]);
  });
});
