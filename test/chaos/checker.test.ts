/** The checker finds nothing in a calm run, and every kind of damage in a damaged one. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { checkAll } from '../../chaos/checker/check-all.js';
import type { Evidence, Finding } from '../../chaos/checker/evidence.js';
import { expectOf, type Expected } from '../../chaos/expect/expected.js';
import { generateHospital } from '../../chaos/hospital/generate.js';
import type { Hospital } from '../../chaos/hospital/model.js';
import type { Json } from '../../chaos/json.js';
import { runInMemory } from './memory-run.js';

let hospital: Hospital;
let expected: Expected;
let calm: Evidence;

beforeAll(async () => {
  hospital = generateHospital('unit', { messages: 600, patients: 40 });
  expected = expectOf(hospital);
  calm = await runInMemory(hospital);
}, 120_000);

const kindsOf = (evidence: Evidence): Set<Finding['kind']> =>
  new Set(checkAll(hospital, expected, evidence).map(({ kind }) => kind));

/** The evidence with other documents in `records`. */
const withDocuments = (change: (documents: Json[]) => Json[]): Evidence => ({
  ...calm,
  documents: change([...calm.documents]),
});

/** The first index of a document that satisfies. */
const find = (satisfies: (document: Json) => boolean): number => {
  const index = calm.documents.findIndex(satisfies);
  if (index < 0) throw new Error('the hospital has no such document');
  return index;
};

test('a calm run has no findings', () => {
  expect(checkAll(hospital, expected, calm)).toEqual([]);
});

test('the hospital has every disorder that the checks are about', () => {
  const ways = new Set(hospital.lanes.flatMap(({ sends }) => sends.map(({ way }) => way)));
  expect(ways).toEqual(new Set(['once', 'twice', 'repeat', 'reuse']));
  const events = new Set(hospital.messages.map(({ event }) => event));
  for (const event of ['A01', 'A02', 'A03', 'A08', 'A28', 'A31', 'A40', 'R01', 'too-large'])
    expect(events).toContain(event);
  expect(expected.late.size).toBeGreaterThan(10);
  const profiles = hospital.messages.filter(({ facts }) => (facts?.panel?.results.length ?? 0) > 100);
  expect(profiles.length).toBeGreaterThan(0);
  expect(profiles.every(({ text }) => text.length > 262_144)).toBe(true);
  expect(hospital.people.some(({ eastMrn }) => eastMrn !== undefined)).toBe(true);
  expect(hospital.messages.some(({ time }) => time === Infinity)).toBe(true);
});

describe('damage', () => {
  test('a message whose receipt is gone is lost', () => {
    expect(kindsOf({ ...calm, receipts: calm.receipts.slice(1) })).toContain('lost');
  });

  test('a message that failed and should not have is lost', () => {
    const index = calm.receipts.findIndex(({ status }) => status === 'normalised');
    const receipts = calm.receipts.with(index, { ...calm.receipts[index], status: 'failed' });
    expect(kindsOf({ ...calm, receipts })).toContain('lost');
  });

  test('a message that never came to an end is lost', () => {
    const index = calm.receipts.findIndex(({ status }) => status === 'normalised');
    const receipts = calm.receipts.with(index, { ...calm.receipts[index], status: 'accepted' });
    expect(kindsOf({ ...calm, receipts })).toContain('lost');
  });

  test('a version that is gone is lost', () => {
    const index = find(({ kind }) => kind === 'version');
    expect(kindsOf(withDocuments((documents) => documents.toSpliced(index, 1)))).toContain('lost');
  });

  test('a second version by the same message is doubled', () => {
    const index = find(({ kind, versionId }) => kind === 'resource' && versionId === 2);
    const again = { ...calm.documents[index], versionId: 3, id: 'again' };
    expect(kindsOf(withDocuments((documents) => [...documents, again]))).toContain('doubled');
  });

  test('a receipt with the patient that tells less than happened is doubled', () => {
    const index = find(({ kind, changes }) => kind === 'receipt' && (changes as unknown[]).length > 1);
    const receipt = { ...calm.documents[index], changes: [] };
    const damaged = withDocuments((documents) => documents.with(index, receipt));
    expect(checkAll(hospital, expected, damaged)).toContainEqual({
      kind: 'doubled',
      what: expect.stringMatching(
        /tells of other effects: told and not there nothing, there and not told created \w+\/\S+ 1/,
      ),
    });
  });

  test('an effect that a receipt with the patient tells of, and another message has in its place, is lost', () => {
    const index = find(({ kind, versionId }) => kind === 'resource' && versionId === 2);
    const { source } = calm.documents[index]!;
    const other = find(
      (document) =>
        document['kind'] === 'receipt' &&
        document['partition'] === calm.documents[index]!['partition'] &&
        JSON.stringify(document['source']) !== JSON.stringify(source),
    );
    const taken = { ...calm.documents[index], source: calm.documents[other]!['source'] };
    expect(
      checkAll(
        hospital,
        expected,
        withDocuments((documents) => documents.with(index, taken)),
      ),
    ).toContainEqual({
      kind: 'lost',
      what: expect.stringMatching(/tells of other effects: told and not there updated \w+\/\S+ 2,/),
    });
  });

  test('versions in another order are reordered', () => {
    const name = ({ resourceType, fhirId }: Json) => `${String(resourceType)}/${String(fhirId)}`;
    const first = find(
      ({ kind, versionId, resourceType }) =>
        kind === 'version' && versionId === 1 && resourceType === 'Encounter',
    );
    const second = find(
      (document) =>
        name(document) === name(calm.documents[first]!) &&
        document['versionId'] === 2 &&
        document['kind'] !== 'late',
    );
    const swapped = withDocuments((documents) =>
      documents
        .with(first, { ...documents[first], source: documents[second]!['source'] })
        .with(second, { ...documents[second], source: documents[first]!['source'] }),
    );
    expect(kindsOf(swapped)).toContain('reordered');
  });

  test('a late statement that is missing is reordered', () => {
    const index = find(({ kind, resourceType }) => kind === 'late' && resourceType === 'Observation');
    expect(kindsOf(withDocuments((documents) => documents.toSpliced(index, 1)))).toContain('reordered');
  });

  test('an event that was not published is lost, one with another content unbalanced', () => {
    expect(kindsOf({ ...calm, events: calm.events.slice(1) })).toEqual(new Set(['lost']));
    const other = { ...calm.events[0], eventTime: '2026-01-01T00:00:00.000Z' };
    expect(kindsOf({ ...calm, events: [...calm.events, other] })).toEqual(new Set(['unbalanced']));
  });

  test('the same event twice is no damage', () => {
    expect(kindsOf({ ...calm, events: [...calm.events, calm.events[0]!] })).toEqual(new Set());
  });

  test('a record that says something else is wrong', () => {
    const [[id, resources]] = [...calm.records] as [[string, readonly Json[]]];
    const changed = resources.map((resource) =>
      resource['resourceType'] === 'Patient' ? { ...resource, birthDate: '1900-01-01' } : resource,
    );
    expect(kindsOf({ ...calm, records: new Map([...calm.records, [id, changed]]) })).toEqual(
      new Set(['wrong']),
    );
  });

  test('a missing person is lost', () => {
    const [id] = [...calm.records.keys()];
    expect(kindsOf({ ...calm, records: new Map([...calm.records].filter(([key]) => key !== id)) })).toContain(
      'lost',
    );
  });

  test('an account that counts something else, names a difference or is missing is unbalanced', () => {
    const account = calm.accounts.get('chaos-lab')!;
    const withAccount = (change: Partial<typeof account>): Evidence => ({
      ...calm,
      accounts: new Map(calm.accounts).set('chaos-lab', { ...account, ...change }),
    });
    const accounts = new Map(calm.accounts);
    accounts.delete('chaos-east');
    const damaged: Evidence[] = [
      withAccount({ archived: account.archived - 1 }),
      withAccount({ duplicates: account.duplicates + 1 }),
      withAccount({ counts: new Map(account.counts).set('accepted', 1) }),
      withAccount({ differences: [{ messageId: 'any', problem: 'not-stored' }] }),
      { ...calm, accounts },
    ];
    for (const evidence of damaged) expect(kindsOf(evidence)).toEqual(new Set(['unbalanced']));
  });

  test('other bytes under a used control id that were accepted are doubled', () => {
    expect(kindsOf({ ...calm, reusesAccepted: [1] })).toEqual(new Set(['doubled']));
  });
});
