/** Several Patients who are one person: what is known of one of them counts for all, and nothing by one side's word alone. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { createMemoryGovernanceStore } from '../../../src/adapters/memory/governance-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import type { Asker } from '../../../src/app/access/request-access.js';
import type { AccessPolicy } from '../../../src/core/governance/access-policy.js';
import type { AccessPrincipal } from '../../../src/core/governance/access-request.js';
import { parseScopes } from '../../../src/core/governance/smart-scopes.js';
import { NHS_NUMBER_SYSTEM } from '../../../src/core/identity/nhs-number.js';
import { identifierToken } from '../../../src/core/identity/tokens.js';
import { replacedId } from '../../../src/core/records/ids.js';
import type { RecordDocument } from '../../../src/core/records/types.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { aClinician, anAccess, aSystem, onlyOwn, thePatient } from '../../support/access.js';
import { aResource, asCurrent, store } from '../fhir/arrange.js';

const now = Date.UTC(2026, 10, 26, 9);
const at = new Date(now).toISOString();
const registered = { by: 'operator', at, start: undefined, end: undefined };
const anyone = {
  from: 'RZZ',
  with: ['RYY'],
  types: ['*'],
  actions: ['r', 's'],
  start: 0,
  end: now + 1,
} as const;
const policy: AccessPolicy = {
  ...onlyOwn,
  agreements: [{ ...anyone, id: 'care', purposes: ['direct-care', 'research'] }],
};

type Links = Readonly<Record<string, string>>;
const aPatient = (id: string, links: Links, others: object = {}) =>
  asCurrent(
    aResource(`Patient/${id}`, {
      link: Object.entries(links).map(([other, type]) => ({
        type,
        other: { reference: `Patient/${other}` },
      })),
      ...others,
    }),
  );
const anObservation = (patient: string) =>
  asCurrent(aResource(`Observation/${patient}.o`, { subject: { reference: `Patient/${patient}` } }));

let records: RecordStore;
let governance: ReturnType<typeof createMemoryGovernanceStore>;

beforeEach(() => {
  records = createMemoryRecordStore();
  governance = createMemoryGovernanceStore();
});

/** Why somebody may, or may not, see an observation about a patient. */
async function reasonFor(patient: string, asker: Partial<Asker>): Promise<string | undefined> {
  const access = anAccess(records, { now, ...asker }, { governance, policy });
  const [decision] = await access.decide('read', [anObservation(patient)]);
  return decision?.reason;
}

const clinician = { principal: { ...aClinician, organisation: 'RYY' } };
const proxy: Partial<Asker> = {
  principal: { ...thePatient, subject: 'parent-1', ownRecord: undefined, scopes: parseScopes('user/*.rs') },
  purpose: 'patient-access',
};
const own = (ownRecord: string): Partial<Asker> => {
  const principal: AccessPrincipal = { ...thePatient, ownRecord };
  return { principal, purpose: 'patient-access' };
};
const research: Partial<Asker> = { principal: aSystem, purpose: 'research' };

const relate = (id: string) =>
  governance.saveRelationship(id, { ...registered, id: 'r1', organisation: 'RYY', subject: undefined });
const appoint = (id: string) => governance.saveProxy(id, { ...registered, id: 'p1', subject: 'parent-1' });
const breakGlass = (id: string) =>
  governance.saveGlass({
    ...{ id: 'g1', patient: id, reason: 'unconscious', openedAt: now, subject: aClinician.subject },
    ...{ organisation: 'RYY', review: undefined },
  });

/** Who is linked to whom: both sides say so, from the one who is asked about to the one about whom something is known. */
const persons: readonly [string, readonly (readonly [string, Links])[]][] = [
  [
    'a merge',
    [
      ['known', { asked: 'replaces' }],
      ['asked', { known: 'replaced-by' }],
    ],
  ],
  [
    'the same, from the other side',
    [
      ['known', { asked: 'replaced-by' }],
      ['asked', { known: 'replaces' }],
    ],
  ],
  [
    'a chain',
    [
      ['known', { middle: 'seealso' }],
      ['middle', { known: 'seealso', asked: 'replaces' }],
      ['asked', { middle: 'replaced-by' }],
    ],
  ],
];

describe.each(persons)('what is known of somebody by %s', (_, patients) => {
  beforeEach(() => store(records, ...patients.map(([id, links]) => aPatient(id, links))));

  test('counts: who cares for them, who acts for them, and who they are', async () => {
    expect(await reasonFor('asked', clinician)).toBe('no-relationship');
    await relate('known');
    expect(await reasonFor('asked', clinician)).toBe('sharing-agreement');
    expect(await reasonFor('asked', proxy)).toBe('not-own-record');
    await appoint('known');
    expect(await reasonFor('asked', proxy)).toBe('proxy-record');
    expect(await reasonFor('asked', own('known'))).toBe('own-record');
    expect(await reasonFor('asked', own('other'))).toBe('not-own-record');
  });

  test('counts: a glass that was broken', async () => {
    await breakGlass('known');
    expect(await reasonFor('asked', clinician)).toBe('break-glass');
    expect(await reasonFor('other', clinician)).toBe('no-relationship');
  });

  test('counts: an opt-out, while an answer about each record lets data be used', async () => {
    expect(await reasonFor('asked', research)).toBe('opted-out');
    await governance.saveOptOut('asked', { answer: 'may-be-used', at });
    expect(await reasonFor('asked', research)).toBe('own-organisation');
    await governance.saveOptOut('known', { answer: 'opted-out', at });
    expect(await reasonFor('asked', research)).toBe('opted-out');
  });
});

test('each number of a person needs an answer', async () => {
  const numbered = { identifier: [{ system: NHS_NUMBER_SYSTEM, value: '9990000018' }] };
  await store(records, aPatient('a', { b: 'seealso' }), aPatient('b', { a: 'seealso' }, numbered));
  await governance.saveOptOut('a', { answer: 'may-be-used', at });
  expect(await reasonFor('a', research)).toBe('opted-out');
  await governance.saveOptOut('b', { answer: 'may-be-used', at });
  expect(await reasonFor('a', research)).toBe('own-organisation');
});

test.each<[string, Links, Links]>([
  ['one who links their patient to somebody', { victim: 'seealso' }, {}],
  ['one whom somebody is linked to', {}, { mine: 'seealso' }],
])('%s opens neither record by the other', async (_, ofMine, ofVictim) => {
  await store(records, aPatient('mine', ofMine), aPatient('victim', ofVictim));
  for (const [known, asked] of [
    ['mine', 'victim'],
    ['victim', 'mine'],
  ] as const) {
    await relate(known);
    await appoint(known);
    await breakGlass(known);
    expect(await reasonFor(asked, own(known))).toBe('not-own-record');
    governance = createMemoryGovernanceStore();
    await relate(known);
    expect(await reasonFor(asked, clinician)).toBe('no-relationship');
  }
});

test('a practice counts by the record that stands, not by one that was replaced', async () => {
  const practice = (value: string) => ({
    generalPractitioner: [{ identifier: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value } }],
  });
  await store(
    records,
    aPatient('old', { new: 'replaced-by' }, practice('RYY')),
    aPatient('new', { old: 'replaces' }, practice('RXX')),
  );
  expect(await reasonFor('new', clinician)).toBe('no-relationship');
  expect(await reasonFor('old', clinician)).toBe('no-relationship');
  await store(records, aPatient('only', {}, practice('RYY')));
  expect(await reasonFor('only', clinician)).toBe('sharing-agreement');
});

test.each<[string, object, string]>([
  ['a feed stated it', {}, 'sharing-agreement'],
  [
    'a client of those who stated the patient did',
    { client: 'app-7', organisation: 'RZZ' },
    'sharing-agreement',
  ],
  ['a client of its own made it', { client: 'app-9', organisation: 'RYY' }, 'no-relationship'],
])('an Organization is a practice when %s', async (_, stated, expected) => {
  const named = { generalPractitioner: [{ reference: 'Organization/g' }] };
  const identifier = [{ system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: 'RYY' }];
  const organisation = asCurrent(aResource('Organization/g', { identifier }));
  await store(records, aPatient('a', {}, named), {
    ...organisation,
    source: { ...organisation.source, ...stated },
  });
  expect(await reasonFor('a', clinician)).toBe(expected);
});

test('of whoever is linked with too many nobody but those who treat them sees anything', async () => {
  const ids = Array.from({ length: 202 }, (_, number) => `p${number}`);
  await store(
    records,
    ...ids.map((id) => aPatient(id, Object.fromEntries(ids.map((other) => [other, 'seealso'])))),
  );
  await governance.saveOptOut('p0', { answer: 'may-be-used', at });
  expect(await reasonFor('p0', research)).toBe('opted-out');
  expect(await reasonFor('p0', { principal: aClinician })).toBe('restricted');
});

test('of the glasses that somebody broke for records of one person the latest counts', async () => {
  await store(records, aPatient('a', { b: 'seealso' }), aPatient('b', { a: 'seealso' }));
  const glass = {
    reason: 'unconscious',
    subject: aClinician.subject,
    organisation: 'RYY',
    review: undefined,
  };
  await governance.saveGlass({ ...glass, id: 'g1', patient: 'a', openedAt: now - 86_400_000 });
  expect(await reasonFor('a', clinician)).toBe('break-glass-not-in-force');
  await governance.saveGlass({ ...glass, id: 'g2', patient: 'b', openedAt: now });
  expect(await reasonFor('a', clinician)).toBe('break-glass');
});

test('a glass for one organisation stays open when the same person breaks another one for another', async () => {
  await store(records, aPatient('a', {}));
  await breakGlass('a');
  const later = { id: 'g2', patient: 'a', reason: 'unconscious', openedAt: now + 1, review: undefined };
  await governance.saveGlass({ ...later, subject: aClinician.subject, organisation: 'RXX' });
  expect(await reasonFor('a', clinician)).toBe('break-glass');
});

describe('a Patient who was deleted', () => {
  const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }];
  const aRestricted = (...patient: Parameters<typeof aPatient>) => {
    const stated = aPatient(...patient);
    return { ...stated, resource: { ...stated.resource, meta: { security } } };
  };
  const numbered = { identifier: [{ system: NHS_NUMBER_SYSTEM, value: '9990000018' }] };

  /** A Patient as it stood, and its deletion. */
  const aDeleted = (...patient: Parameters<typeof aPatient>): RecordDocument[] => {
    const { index: _index, ...stated } = aPatient(...patient);
    const { lineage: _lineage, resource: _resource, ...deletion } = stated;
    return [
      { ...stated, id: replacedId('Patient', stated.fhirId, 1), kind: 'version' },
      { ...deletion, kind: 'deleted', versionId: 2 },
    ];
  };

  test('is still held back by what holds back those whom they were linked to', async () => {
    await store(records, ...aDeleted('a', { b: 'seealso' }), aRestricted('b', { a: 'seealso' }));
    expect(await reasonFor('a', { principal: aSystem })).toBe('restricted');
  });

  test('leads on to those whom they were linked to, and opens none of them', async () => {
    const chain = [...aDeleted('b', { a: 'seealso', c: 'seealso' }), aRestricted('c', { b: 'seealso' })];
    await store(records, aPatient('a', { b: 'seealso' }), ...chain);
    expect(await reasonFor('a', { principal: aSystem })).toBe('restricted');
    expect(await reasonFor('a', own('c'))).toBe('not-own-record');
  });

  test('has opted out all the same', async () => {
    const numbers = [identifierToken('a secret of tests', NHS_NUMBER_SYSTEM, '9990000018')];
    await store(records, aPatient('a', { b: 'seealso' }), ...aDeleted('b', { a: 'seealso' }, numbered));
    await governance.saveOptOut('a', { answer: 'may-be-used', at });
    expect(await reasonFor('a', research)).toBe('own-organisation');
    await governance.saveOptOut('b', { answer: 'opted-out', at, numbers });
    expect(await reasonFor('a', research)).toBe('opted-out');
  });
});

test('an answer about somebody whom one side alone names lets nothing be used', async () => {
  await store(records, aPatient('mine', { other: 'seealso' }), aPatient('other', {}));
  await governance.saveOptOut('other', { answer: 'may-be-used', at });
  expect(await reasonFor('mine', research)).toBe('opted-out');
  await governance.saveOptOut('mine', { answer: 'may-be-used', at });
  expect(await reasonFor('mine', research)).toBe('own-organisation');
});
