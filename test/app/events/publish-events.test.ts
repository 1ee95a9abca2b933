/** Each consumer is told of what it may read, and of nothing else. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Consumer } from '../../../src/core/governance/access-policy.js';
import type { PatientFacts } from '../../../src/core/governance/access-request.js';
import { ExchangeError } from '../../../src/core/errors.js';
import { requestOfConsumer } from '../../../src/core/governance/consumer-request.js';
import { decide } from '../../../src/core/governance/decide.js';
import { parseScopes } from '../../../src/core/governance/smart-scopes.js';
import { replacedVersion } from '../../../src/core/records/versions.js';
import { currentId, lateId, replacedId } from '../../../src/core/records/ids.js';
import type {
  CurrentDocument,
  EventDocument,
  RecordChange,
  RecordDocument,
} from '../../../src/core/records/types.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { noon, patients } from '../../core/governance/access-cases.js';
import { factsOf } from '../../support/judge.js';
import { publishing } from '../../support/publishing.js';
import { watched } from '../../support/watched.js';
import { aRecord, anEvent, changeOf, consumer, storeOf, withConsumers } from './event-world.js';

const restricted = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }];
const sensitive = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'SEX' }];

const told = async (
  documents: readonly RecordDocument[],
  event: EventDocument,
  consumers: readonly Consumer[] = [consumer('portal')],
  known: ReadonlyMap<string, Partial<PatientFacts>> = new Map(),
) => {
  const world = publishing(await storeOf(...documents), withConsumers(...consumers), known);
  const outcome = await world.publish([event]);
  return { ...world, outcome };
};

describe('among changed documents', () => {
  const patient = aRecord('Patient', 'p1');
  const event = anEvent([changeOf(patient)]);

  test('only outbox entries are published, as they were written', async () => {
    const world = publishing(await storeOf(patient), withConsumers(consumer('portal')));
    const other = { ...event, id: 'event:m2', lastUpdated: '2026-06-15T12:00:01.000Z' };
    const outcome = await world.publish([{ ...event, _etag: 'x', _ts: 1 }, patient, other, null]);
    // The lag is that of the oldest event.
    expect(outcome).toEqual({ count: 2, lagMs: 2500, alerts: [] });
    expect(world.published).toEqual([
      { consumer: 'portal', event },
      { consumer: 'portal', event: other },
    ]);
    expect(await world.publish([null])).toEqual({ count: 0, alerts: [] });
  });

  test('of many patients are looked up together, and not too many at once', async () => {
    const people = Array.from({ length: 25 }, (_, n) => aRecord('Patient', `p${n}`));
    const store = await storeOf(...people);
    let [now, most] = [0, 0];
    const load: RecordStore['load'] = async (...asked) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now -= 1;
      return store.load(...asked);
    };
    const world = publishing({ ...store, load }, withConsumers(consumer('portal')));
    await world.publish(
      people.map((person) => anEvent([changeOf(person)], { id: person.id, partition: person.partition })),
    );
    expect(world.published).toHaveLength(25);
    expect(most).toBe(10);
  });

  test('nothing is published where the policy names no consumer', async () => {
    expect((await told([patient], event, [])).published).toEqual([]);
  });

  test('each consumer is in the audit trail with what it was told', async () => {
    const { entries } = await told([patient], event, [
      consumer('portal'),
      consumer('other', { organisation: 'RDZ' }),
    ]);
    expect(entries).toEqual([
      expect.objectContaining({
        ...{
          subject: 'portal',
          organisation: 'RBD',
          interaction: 'event',
          outcome: 'done',
          purpose: 'TREAT',
        },
        ...{ reason: 'own-organisation', patients: ['p1'], records: ['Patient/p1/_history/1'] },
      }),
    ]);
  });
});

describe('what a consumer may not read is left out', () => {
  const patient = aRecord('Patient', 'p1');
  const [plain, held] = [aRecord('Observation', 'p1.a'), aRecord('Condition', 'p1.b', 1, {}, sensitive)];

  test('and nothing says that there was more', async () => {
    const event = anEvent([changeOf(plain), changeOf(held)]);
    const { published } = await told([patient, plain, held], event);
    expect(published).toEqual([{ consumer: 'portal', event: anEvent([changeOf(plain)]) }]);
  });

  test.each<[string, readonly Consumer[], ReadonlyMap<string, Partial<PatientFacts>>]>([
    ['of a restricted patient', [consumer('c')], new Map([['p1', { labels: ['restricted'] as const }]])],
    ['of another organisation', [consumer('c', { organisation: 'RDZ' })], new Map()],
    ['of other types', [consumer('c', { scopes: parseScopes('system/Patient.r') })], new Map()],
    [
      'of who has opted out, for planning',
      [consumer('c', { purpose: 'planning' })],
      new Map([['p1', { optOut: 'opted-out' as const }]]),
    ],
    [
      'for planning, without an answer',
      [consumer('c', { purpose: 'planning' })],
      new Map([['p1', { optOut: undefined }]]),
    ],
  ])('%s there is no event', async (_, consumers, known) => {
    const { published, entries } = await told([patient, plain], anEvent([changeOf(plain)]), consumers, known);
    expect([published, entries]).toEqual([[], []]);
  });

  test('but told to whoever is cleared for it, with an alert', async () => {
    const known = new Map([['p1', { labels: ['restricted'] as const }]]);
    const cleared = [consumer('portal'), consumer('safeguarding', { roles: ['B0010'] })];
    const { published, outcome } = await told([patient, plain], anEvent([changeOf(plain)]), cleared, known);
    expect(published.map((each) => each.consumer)).toEqual(['safeguarding']);
    const { organisation } = consumer('safeguarding');
    expect(outcome.alerts).toEqual([{ consumer: { id: 'safeguarding', organisation }, count: 1 }]);
  });

  test('where nothing is stored of it, nor will be', async () => {
    const event = anEvent([changeOf(plain)], { lastUpdated: '2026-06-15T11:50:00.000Z' });
    const { published } = await told([], event);
    expect(published).toEqual([]);
  });
});

describe('a record counts as all that it was and is', () => {
  const patient = aRecord('Patient', 'p1');

  test('restricted since: the earlier change is not told', async () => {
    const before = aRecord('Observation', 'p1.a');
    const after = aRecord('Observation', 'p1.a', 2, {}, restricted);
    const { published } = await told([patient, replacedVersion(before), after], anEvent([changeOf(before)]));
    expect(published).toEqual([]);
  });

  test('no longer restricted: the change that says so is told, an earlier one is not', async () => {
    const before = aRecord('Observation', 'p1.a', 1, {}, restricted);
    const after = aRecord('Observation', 'p1.a', 2);
    const stored = [patient, replacedVersion(before), after];
    expect((await told(stored, anEvent([changeOf(after)]))).published).toHaveLength(1);
    expect((await told(stored, anEvent([changeOf(before)]))).published).toEqual([]);
  });

  test.each([
    [undefined, 1],
    [restricted, 0],
  ])('deleted: by what stood before (%j)', async (security, count) => {
    const before = aRecord('Observation', 'p1.a', 1, {}, security);
    const { resource: _, lineage: __, index: ___, ...rest } = before;
    const deleted = { ...rest, kind: 'deleted', versionId: 2 } as const;
    const change: RecordChange = { resourceType: 'Observation', id: 'p1.a', versionId: 2, change: 'deleted' };
    const { published } = await told([patient, replacedVersion(before), deleted], anEvent([change]));
    expect(published).toHaveLength(count);
  });

  test.each([
    ['what was stated', restricted, undefined, 0],
    ['what stands', undefined, restricted, 0],
    ['both', undefined, undefined, 1],
  ])('late: by %s', async (_, statedLabels, standingLabels, count) => {
    const standing = aRecord('Observation', 'p1.a', 3, {}, standingLabels);
    const stated = aRecord('Observation', 'p1.a', 3, {}, statedLabels);
    const { index: __, ...rest } = stated;
    const late = { ...rest, kind: 'late', id: lateId('Observation', 'p1.a', 'm1') } as const;
    const { published } = await told([patient, standing, late], anEvent([changeOf(standing, 'late')]));
    expect(published).toHaveLength(count);
  });

  test.each([
    [undefined, 1],
    [restricted, 0],
  ])('staged: by what it may become (%j)', async (security, count) => {
    const current = aRecord('Observation', 'p1.a');
    const next = aRecord('Observation', 'p1.a', 2, {}, security);
    const { index, partition, resourceType, fhirId, lastUpdated } = current;
    const staged = {
      ...{
        kind: 'staged' as const,
        id: currentId(resourceType, fhirId),
        index,
        partition,
        resourceType,
        fhirId,
      },
      ...{ lastUpdated, messageId: 'm1', stage: 1, current, next },
    };
    const { published } = await told([patient, staged], anEvent([changeOf(next)]));
    expect(published).toHaveLength(count);
  });

  test('where a replica is behind, it is asked again', async () => {
    const after = aRecord('Observation', 'p1.a', 2);
    const store = await storeOf(patient, after);
    const behind = aRecord('Observation', 'p1.a');
    let asked = 0;
    const records: RecordStore = {
      ...store,
      load: (partition, ids) =>
        asked++ < 2
          ? Promise.resolve(new Map([[behind.id, { document: behind, etag: '1' }]]))
          : store.load(partition, ids),
    };
    const world = publishing(records, withConsumers(consumer('portal')));
    await world.publish([anEvent([changeOf(after)])]);
    expect(world.published).toHaveLength(1);
  });

  test('where a replica stays behind, nothing of the batch counts as published', async () => {
    const store = await storeOf(patient, aRecord('Observation', 'p1.a'));
    const world = publishing(store, withConsumers(consumer('portal')));
    const ahead = anEvent([changeOf(aRecord('Observation', 'p1.a', 2))], { id: 'event:m2' });
    await expect(world.publish([anEvent([changeOf(patient)]), ahead])).rejects.toThrow(ExchangeError);
    expect(world.published).toEqual([]);
  });
});

test('records of one partition are read at once, whatever number of events tells of them', async () => {
  const patient = aRecord('Patient', 'p1');
  const many = Array.from({ length: 60 }, (_, at) => aRecord('Observation', `p1.${at}`));
  const store = await storeOf(patient, ...many);
  const calls: string[] = [];
  const records = watched(store, (name) => {
    calls.push(name);
    return Promise.resolve();
  });
  const world = publishing(records, withConsumers(consumer('one'), consumer('two')));
  await world.publish(many.map((each, at) => anEvent([changeOf(each)], { id: `event:m${at}` })));
  expect(world.published).toHaveLength(120);
  expect(calls).toEqual(['load']);
});

test.each([
  [undefined, 2],
  [restricted, 0],
])('what is deleted with its patient counts as the patient did (%j)', async (security, count) => {
  const deletionOf = ({ resource: _, lineage: __, index: ___, ...rest }: CurrentDocument) =>
    ({ ...rest, kind: 'deleted', versionId: 2 }) as const;
  const before = [aRecord('Patient', 'p1', 1, {}, security), aRecord('Observation', 'p1.a')];
  const stored = [...before.map(replacedVersion), ...before.map(deletionOf)];
  const changes = before.map((each) => ({ ...changeOf(each, 'deleted'), versionId: 2 }));
  const { published } = await told(stored, anEvent(changes));
  expect(published.flatMap((each) => each.event.changes)).toHaveLength(count);
});

describe('what lives elsewhere than its event', () => {
  test('is told of without the patient with whom the event lies, where nothing is told of them', async () => {
    const hidden = aRecord('Patient', 'p1', 1, {}, restricted);
    const other = aRecord('Patient', 'p2');
    const { published } = await told([hidden, other], anEvent([changeOf(hidden), changeOf(other)]));
    expect(published.map((each) => each.event)).toEqual([anEvent([changeOf(other)], { partition: 'p2' })]);
  });

  test('is found by its id, or by whoever knows the place', async () => {
    const elsewhere = aRecord('Patient', 'p2');
    const chosen = { ...aRecord('Observation', 'chosen'), partition: 'p2' };
    const store = await storeOf(elsewhere, chosen);
    const records: RecordStore = {
      ...store,
      readLatest: (type, id) => store.readLatest(type, id, id === 'chosen' ? 'p2' : undefined),
    };
    const world = publishing(records, withConsumers(consumer('portal')));
    await world.publish([anEvent([changeOf(elsewhere), changeOf(chosen)])]);
    expect(world.published[0]?.event.changes).toHaveLength(2);
  });
});

describe('an event that lists some of its changes', () => {
  const many = Array.from({ length: 600 }, (_, at) =>
    aRecord(
      'Observation',
      `p1.${String(at).padStart(3, '0')}`,
      1,
      {},
      at % 300 === 7 ? sensitive : undefined,
    ),
  );
  const listed = many.slice(0, 5).map((each) => changeOf(each));
  const event = anEvent(listed, { changeCount: 600 });

  test('stays as it is for whoever may know of all', async () => {
    const cleared = [consumer('safeguarding', { roles: ['B0010'] })];
    expect((await told(many, event, cleared)).published).toEqual([{ consumer: 'safeguarding', event }]);
  });

  test('counts for others only what they may know of', async () => {
    const { published } = await told(many, event);
    expect(published[0]?.event.changeCount).toBe(598);
    expect(published[0]?.event.changes).toHaveLength(500);
    expect(published[0]?.event.changes.slice(0, 5)).toEqual(listed);
  });

  test('is told of as a whole where a replica has no more than what is listed', async () => {
    const store = await storeOf(...many);
    const reached = new Set<string>();
    const records: RecordStore = {
      ...store,
      listPartition: (partition, ...asked) =>
        reached.has(partition)
          ? store.listPartition(partition, ...asked)
          : Promise.resolve({ documents: [] }),
      catchUp: (partition) => {
        reached.add(partition);
        return Promise.resolve();
      },
    };
    const world = publishing(records, withConsumers(consumer('portal')));
    await world.publish([event]);
    expect(world.published[0]?.event.changeCount).toBe(598);
  });

  test('is sent where only what it does not list may be known', async () => {
    const others = many.map((each, at) =>
      at < 5 ? aRecord('Observation', each.fhirId, 1, {}, sensitive) : each,
    );
    expect((await told(others, event)).published[0]?.event.changeCount).toBe(593);
  });
});

/** `HDE_POLICY_CASES=100000` is the long form. */
const randomCases = Number(process.env['HDE_POLICY_CASES'] ?? 300);

test(
  `a consumer is told of a record exactly where the policy lets it, in ${randomCases} random cases`,
  async () => {
    const securities = [undefined, restricted, sensitive] as const;
    const worlds = fc.record({
      patient: patients,
      records: fc.array(
        fc.record({
          type: fc.constantFrom('Observation', 'Condition', 'Patient'),
          feed: fc.constantFrom('rbd-pas', 'rdz-lab', 'old-lab', 'unknown'),
          security: fc.constantFrom(...securities),
        }),
        { minLength: 1, maxLength: 6 },
      ),
      consumers: fc.array(
        fc.record({
          organisation: fc.constantFrom('RBD', 'RDZ', 'OLD'),
          purpose: fc.constantFrom('direct-care', 'care-administration', 'planning', 'research'),
          scopes: fc.constantFrom(...['system/*.r', 'system/Observation.r', 'system/*.s'].map(parseScopes)),
          roles: fc.subarray(['B0010', 'ANALYST']),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(worlds, async ({ patient, records, consumers: drawn }) => {
        const consumers = drawn.map((each, at): Consumer => ({ ...each, id: `consumer-${at}` }));
        const agreed = withConsumers(...consumers);
        const documents = records.map(({ type, feed, security }, at) => {
          const id = type === 'Patient' ? patient.id : `${patient.id}.${at}`;
          const made = aRecord(type, id, 1, {}, security && [...security]);
          return { ...made, source: { ...made.source, feed } };
        });
        const distinct = [...new Map(documents.map((each) => [each.id, each])).values()];
        const event = anEvent(
          distinct.map((each) => changeOf(each)),
          { partition: patient.id },
        );
        const world = publishing(await storeOf(...distinct), agreed, new Map([[patient.id, patient]]));
        await world.publish([event]);
        for (const one of consumers) {
          const expected = distinct.filter((document) => {
            const request = requestOfConsumer(one, agreed, noon + 2500);
            const record = factsOf(document, patient);
            return decide({ ...request, record }, agreed).outcome === 'permit';
          });
          const changes = world.published
            .filter((each) => each.consumer === one.id)
            .map((each) => each.event.changes);
          expect(changes).toEqual(expected.length === 0 ? [] : [expected.map((each) => changeOf(each))]);
        }
      }),
      { numRuns: randomCases },
    );
  },
  30_000 + randomCases * 20,
);

test('ids of replaced versions are those that are looked for', () => {
  expect(replacedVersion(aRecord('Observation', 'p1.a')).id).toBe(replacedId('Observation', 'p1.a', 1));
});
