import { describe, expect, test } from '@jest/globals';
import { servedTypes, sharedTypes } from '../../../../src/core/fhir/interactions.js';
import type { AuditEntry } from '../../../../src/core/governance/audit/entry.js';
import { inPlainWords, type PlainWordsContext } from '../../../../src/core/governance/audit/plain-words.js';

const entry = (others: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ at: '2026-06-15T12:00:00.000Z', interaction: 'read', outcome: 'done', patients: ['p1'] },
  ...{ records: [], request: 'r1', subject: 'nurse-1', organisation: 'RZZ', purpose: 'TREAT' },
  reason: 'own-organisation',
  ...others,
});

const names: Readonly<Record<string, string>> = { RZZ: 'Example Acute Trust' };
const context = (others: Partial<PlainWordsContext> = {}): PlainWordsContext => ({
  ...{ reader: 'patient', isOwn: false, types: [], glassReason: undefined },
  organisationOf: (ods) => names[ods],
  ...others,
});

describe('patients read', () => {
  test.each<[string, Partial<AuditEntry>, Partial<PlainWordsContext>]>([
    [
      'Somebody at Example Acute Trust read your allergies and test results, to care for you.',
      {},
      { types: ['Observation', 'AllergyIntolerance', 'Observation'] },
    ],
    ['Somebody at Example Acute Trust read your record, to arrange your care.', { purpose: 'HOPERAT' }, {}],
    ['Somebody at Example Acute Trust read your record, for research.', { purpose: 'HRESCH' }, {}],
    [
      'Somebody at Example Acute Trust changed your personal details, to care for you.',
      { interaction: 'update' },
      { types: ['Patient'] },
    ],
    [
      'Somebody at an organisation that takes part no more read your record, to plan health services.',
      { organisation: 'RQQ', purpose: 'HMGT' },
      {},
    ],
    [
      'Somebody whose organisation is not known read your record.',
      { organisation: undefined, purpose: undefined },
      {},
    ],
    [
      'Somebody at Example Acute Trust opened your record in an emergency, without having a part in your care. They said why: “unconscious, allergies wanted”',
      { interaction: 'break-glass', reason: 'break-glass', purpose: 'BTG' },
      { glassReason: 'unconscious, allergies wanted' },
    ],
    [
      'Somebody at Example Acute Trust read your allergies, in an emergency, without having a part in your care.',
      { reason: 'break-glass' },
      { types: ['AllergyIntolerance'] },
    ],
    [
      'A system of Example Acute Trust sent news of your visits.',
      { interaction: 'message', subject: 'feed:rzz-tie', purpose: undefined, reason: 'role-sender' },
      { types: ['Encounter'] },
    ],
    ['You read your prescriptions.', { purpose: 'PATRQT' }, { isOwn: true, types: ['MedicationRequest'] }],
    [
      'Somebody who acts for you read your prescriptions.',
      { purpose: 'PATRQT', reason: 'own-record', onBehalfOf: 'nhs-login:1' },
      { types: ['MedicationRequest'] },
    ],
    [
      'Somebody who acts for you read your record.',
      { reason: 'proxy-record', organisation: undefined, purpose: 'PATRQT' },
      {},
    ],
    [
      'Somebody who runs this service worked on messages for your record.',
      { interaction: 'triage-show', purpose: 'HSYSADMIN', reason: 'role-operator' },
      {},
    ],
    [
      'Somebody who watches over this service noted who cares for you.',
      { interaction: 'relationship-register', purpose: 'HCOMPL', reason: 'role-privacy-officer' },
      {},
    ],
  ])('%s', (text, fields, others) => {
    expect(inPlainWords(entry(fields), context(others))).toBe(text);
  });
});

test('who acts for a patient is not told of broken glass', () => {
  const read = inPlainWords(
    entry({ reason: 'break-glass' }),
    context({ reader: 'proxy', types: ['Observation'] }),
  );
  expect(read).toBe('Somebody at Example Acute Trust read their test results.');
});

test.each(servedTypes.map(({ type }) => type).filter((type) => !sharedTypes.has(type)))(
  '%s has a word of its own',
  (type) => {
    const text = inPlainWords(entry(), context({ types: [type] }));
    expect(text).not.toContain('your record');
    expect(text).not.toContain(type);
  },
);
