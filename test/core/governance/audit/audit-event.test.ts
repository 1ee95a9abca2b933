import { expect, test } from '@jest/globals';
import { checkResource } from '../../../../src/core/fhir/write/check-resource.js';
import { toAuditEvent } from '../../../../src/core/governance/audit/audit-event.js';
import { auditOutcomes, type AuditEntry } from '../../../../src/core/governance/audit/entry.js';
import { access } from './trail.js';

const place = { day: '2026-11-26', shard: '03' };
const eventOf = (changes: Partial<AuditEntry>) =>
  toAuditEvent(
    place,
    { sequence: 12, entry: { ...access(1), ...changes } },
    { name: 'Healthcare Data Exchange' },
  );

test('an entry is an AuditEvent: who did what, why, and whom it concerns', () => {
  const event = eventOf({
    interaction: 'vread',
    organisation: 'R0A',
    onBehalfOf: 'clinician-9',
    trace: 'a'.repeat(32),
  });
  expect(event).toMatchObject({
    id: '2026-11-26.03.12',
    type: { code: 'rest' },
    subtype: [{ code: 'vread' }],
    action: 'R',
    recorded: '2026-11-26T10:00:01.000Z',
    outcome: '0',
    purposeOfEvent: [{ coding: [{ code: 'TREAT' }] }],
    agent: [
      {
        who: { identifier: { value: 'clinician-1' } },
        requestor: true,
        policy: ['urn:hde:reason:role-reader'],
      },
      { who: { identifier: { value: 'clinician-9' } }, requestor: false },
      { who: { identifier: { value: 'R0A' } }, requestor: false },
    ],
  });
  expect(event.entity?.map(({ what }) => what?.reference ?? what?.identifier?.value)).toEqual([
    'Patient/p1',
    'Observation/p1.o1',
    'r1',
  ]);
});

test('every interaction and outcome makes a resource that R4 allows', () => {
  const interactions = [
    'read',
    'search-type',
    'search-compartment',
    'everything',
    'update',
    'delete',
    'triage-show',
  ];
  for (const interaction of interactions)
    for (const outcome of auditOutcomes)
      expect(checkResource(eventOf({ interaction, outcome, records: ['message/m1', 'Patient/p1'] }))).toEqual(
        [],
      );
});

test('a refusal says why, and names no policy that allowed it', () => {
  const event = eventOf({ outcome: 'refused', reason: 'HDE_FORBIDDEN' });
  expect(event).toMatchObject({ outcome: '4', outcomeDesc: 'HDE_FORBIDDEN' });
  expect(event.agent[0]).not.toHaveProperty('policy');
});
