import { describe, expect, test } from '@jest/globals';
import type { Purpose } from '../../../src/core/governance/access-vocabulary.js';
import { parseScopes } from '../../../src/core/governance/smart-scopes.js';
import { replacedVersion } from '../../../src/core/records/versions.js';
import type { ExportRequest } from '../../../src/app/export/begin-export.js';
import { advanceExport } from '../../../src/app/export/advance-export.js';
import { clinician, person, policy } from '../../core/governance/access-cases.js';
import { watched } from '../../support/watched.js';
import { aRecord, aWorld, client, restricted, store, type World } from './export-world.js';

const forPurpose = (purpose: Purpose): Partial<ExportRequest> => ({ asker: { principal: client, purpose } });

const exported = async (world: World, others: Partial<ExportRequest> = {}) => {
  const key = await world.begin(others);
  expect((await world.run(key)).outcome).toBe('done');
  return world.resultOf(key);
};

describe('an export gives', () => {
  test('what the policy permits, by type', async () => {
    const world = aWorld();
    await store(
      world,
      ...['Patient/p1', 'Patient/p2', 'Observation/p1.a', 'Organization/o1'].map((each) => aRecord(each)),
    );
    await store(world, aRecord('Observation/p1.b', { security: restricted }));
    await store(world, aRecord('Observation/p1.c', { feed: 'old-lab' }));
    expect(await exported(world)).toEqual({
      'Patient.1.ndjson': ['p1', 'p2'],
      'Observation.1.ndjson': ['p1.a'],
      'Organization.1.ndjson': ['o1'],
    });
  });

  test('nothing about a restricted patient, nor of another organisation without agreement', async () => {
    const world = aWorld({ ...policy, agreements: [] });
    await store(
      world,
      aRecord('Patient/p1'),
      aRecord('Patient/p2'),
      aRecord('Observation/p2.a', { feed: 'rdz-lab' }),
    );
    world.patients.set('p1', { labels: ['restricted'] });
    expect(await exported(world)).toEqual({ 'Patient.1.ndjson': ['p2'] });
  });

  test.each<[Purpose, string[]]>([
    ['direct-care', ['p1', 'p2', 'p3']],
    ['planning', ['p1']],
    ['research', ['p1']],
  ])('for %s of whom has opted out, or did not answer, what is right', async (purpose, expected) => {
    const world = aWorld();
    await store(world, ...['p1', 'p2', 'p3'].map((id) => aRecord(`Patient/${id}`)));
    world.patients.set('p2', { optOut: 'opted-out' });
    world.patients.set('p3', { optOut: undefined });
    expect(await exported(world, forPurpose(purpose))).toEqual({ 'Patient.1.ndjson': expected });
  });

  test('only types that are asked for, and what was stored since', async () => {
    const world = aWorld();
    const since = '2026-06-15T09:05:00.000Z';
    await store(
      world,
      aRecord('Patient/p1'),
      aRecord('Patient/p2', { at: '2026-06-15T09:00:00.000Z' }),
      aRecord('Observation/p1.a'),
    );
    expect(
      await exported(world, {
        parameters: [
          ['_type', 'Patient'],
          ['_since', since],
        ],
      }),
    ).toEqual({ 'Patient.1.ndjson': ['p1'] });
  });

  test('of patients nothing of the directory', async () => {
    const world = aWorld();
    await store(world, aRecord('Patient/p1'), aRecord('Organization/o1'));
    expect(await exported(world, { level: 'patient' })).toEqual({ 'Patient.1.ndjson': ['p1'] });
  });

  test('records as they were at its time', async () => {
    const world = aWorld();
    const later = '2026-06-15T12:00:05.000Z';
    const before = aRecord('Patient/p1', { text: 'before' });
    await store(
      world,
      replacedVersion(before),
      aRecord('Patient/p1', { version: 2, at: later, text: 'after' }),
    );
    await store(world, aRecord('Patient/p2', { at: later }));
    const restrictedSince = aRecord('Patient/p3', { version: 2, at: later, security: restricted });
    await store(world, replacedVersion(aRecord('Patient/p3')), restrictedSince);
    const key = await world.begin();
    await world.run(key);
    expect(await world.resultOf(key)).toEqual({ 'Patient.1.ndjson': ['p1'] });
    expect(await world.contentOf(key, 'Patient.1.ndjson')).toContain('before');
  });

  test('as much as there is, over pages and files', async () => {
    const world = aWorld();
    // Five of them fill a file of 8 MB.
    const large = 'x'.repeat(1_900_000);
    const ids = Array.from({ length: 7 }, (_, at) => `p1.${at}`);
    for (const id of ids)
      await store(
        world,
        aRecord(`Observation/${id}`, {
          text: large,
        }),
      );
    for (let at = 0; at < 250; at++)
      await store(world, aRecord(`Condition/p1.c${String(at).padStart(3, '0')}`));
    const result = await exported(world);
    expect(Object.keys(result)).toEqual([
      'Condition.1.ndjson',
      'Observation.1.ndjson',
      'Observation.2.ndjson',
    ]);
    expect(result['Condition.1.ndjson']).toHaveLength(250);
    expect([...(result['Observation.1.ndjson'] ?? []), ...(result['Observation.2.ndjson'] ?? [])]).toEqual(
      ids,
    );
  });

  test('what is in the audit trail, before anybody has it', async () => {
    const world = aWorld();
    await store(
      world,
      aRecord('Patient/p1'),
      aRecord('Organization/o1'),
      aRecord('Observation/p1.a', { feed: 'rdz-lab' }),
    );
    await exported(world);
    expect(world.entries).toMatchObject([
      { reason: 'own-organisation', records: ['Patient/p1/_history/1'], patients: ['p1'], purpose: 'TREAT' },
      { reason: 'sharing-agreement', records: ['Observation/p1.a/_history/1'], organisation: 'RBD' },
      { reason: 'directory', records: ['Organization/o1/_history/1'], patients: [], interaction: 'export' },
    ]);
    expect(new Set(world.entries.map(({ request }) => request))).toEqual(new Set(['job-1']));
  });
});

describe('an export is refused', () => {
  const principalWith = (others: Partial<typeof client>) => ({
    asker: { principal: { ...client, ...others }, purpose: 'direct-care' as const },
  });

  test.each<[string, Partial<ExportRequest>, string]>([
    ['to patients', { asker: { principal: person, purpose: 'patient-access' } }, 'HDE_FORBIDDEN'],
    ['without a purpose', { asker: { principal: client, purpose: undefined } }, 'HDE_FORBIDDEN'],
    ['without scopes', principalWith({ scopes: [] }), 'HDE_FORBIDDEN'],
    ['with scopes that do not search', principalWith({ scopes: parseScopes('system/*.r') }), 'HDE_FORBIDDEN'],
    ['to organisations that take part no more', principalWith({ organisation: 'OLD' }), 'HDE_FORBIDDEN'],
    [
      'of a type beyond the scopes',
      {
        ...principalWith({ scopes: parseScopes('system/Patient.rs') }),
        parameters: [['_type', 'Patient,Condition']],
      },
      'HDE_FORBIDDEN',
    ],
    ['at once', { prefer: undefined }, 'HDE_REQUEST_INVALID'],
  ])('%s', async (_, request, code) => {
    const world = aWorld();
    await expect(world.begin(request)).rejects.toMatchObject({ code });
    expect(world.queued).toEqual([]);
  });

  test('and without a list of types it holds those that the scopes name', async () => {
    const world = aWorld();
    await store(world, aRecord('Patient/p1'), aRecord('Observation/p1.a'));
    const asked = principalWith({ scopes: parseScopes('system/Patient.rs') });
    expect(await exported(world, asked)).toEqual({ 'Patient.1.ndjson': ['p1'] });
  });

  test('to staff who have no part in the care, record by record', async () => {
    const world = aWorld();
    await store(world, aRecord('Patient/p1'), aRecord('Patient/p2'));
    const relationship = { organisation: 'RBD', subject: undefined, start: undefined, end: undefined };
    world.patients.set('p2', { relationships: [relationship] });
    const asker = { principal: clinician, purpose: 'direct-care' } as const;
    expect(await exported(world, { asker })).toEqual({ 'Patient.1.ndjson': ['p2'] });
  });

  test('while as many as a client may have are under way', async () => {
    const world = aWorld();
    const first = await world.begin();
    await world.begin();
    await expect(world.begin()).rejects.toMatchObject({ code: 'HDE_EXPORT_LIMIT', retryAfterSeconds: 120 });
    await world.begin({ client: 'client-2' });
    await world.run(first);
    await world.begin();
  });
});

describe('an export goes on', () => {
  const thousand = async () => {
    const world = aWorld();
    for (let at = 0; at < 450; at++)
      await store(
        world,
        aRecord(`${at % 3 === 0 ? 'Condition' : 'Observation'}/p1.${String(at).padStart(3, '0')}`),
      );
    return world;
  };

  test('whenever its process ends, with the same result', async () => {
    const expected = await exported(await thousand());
    expect(Object.values(expected).flat()).toHaveLength(450);
    // Each attempt gets one step further before its process ends.
    for (let calls = 0; ; calls++) {
      const world = await thousand();
      const key = await world.begin();
      let left = calls;
      const die = () => {
        if (left-- <= 0) throw new Error('killed');
        return Promise.resolve();
      };
      const dying = {
        ...world.deps,
        judgeFor: world.deps.judgeFor,
        policy: world.deps.policy,
        records: watched(world.deps.records, die),
        files: {
          ...world.deps.files,
          stage: async (...given: Parameters<typeof world.deps.files.stage>) => {
            await world.deps.files.stage(...given);
            await die();
          },
          finish: async (...given: Parameters<typeof world.deps.files.finish>) => {
            await world.deps.files.finish(...given);
            await die();
          },
        },
      };
      const isKilled = await advanceExport(dying, key, 3_600_000).then(
        () => false,
        () => true,
      );
      expect((await world.run(key)).outcome).toBe(isKilled ? 'done' : 'ended');
      expect(await world.resultOf(key)).toEqual(expected);
      if (!isKilled) break;
    }
  });

  test('once, however many go on with it at a time', async () => {
    const world = await thousand();
    const key = await world.begin();
    const outcomes = await Promise.all([1, 2, 3].map(() => world.run(key)));
    expect(outcomes.filter(({ outcome }) => outcome === 'done')).toHaveLength(1);
    expect(Object.values(await world.resultOf(key)).flat()).toHaveLength(450);
  });

  test('a part at a time', async () => {
    const world = await thousand();
    const key = await world.begin();
    let parts = 1;
    while ((await advanceExport(world.deps, key, 0)).outcome === 'waiting') parts += 1;
    expect(parts).toBeGreaterThan(8);
    expect(Object.values(await world.resultOf(key)).flat()).toHaveLength(450);
  });

  test('by the policy as it is then', async () => {
    const world = await thousand();
    const key = await world.begin();
    for (let part = 0; part < 3; part++) await advanceExport(world.deps, key, 0);
    world.patients.set('p1', { labels: ['very-restricted'] });
    await world.run(key);
    expect(Object.values(await world.resultOf(key)).flat()).toHaveLength(0);
  });

  test('when it was forgotten, and fails when that does not help', async () => {
    const world = await thousand();
    const key = await world.begin();
    expect(world.queued).toEqual([{ key, notBefore: new Date('2026-06-15T12:00:10.000Z') }]);
    for (let hour = 12; hour < 22; hour++) {
      expect(await world.sweep()).toEqual({ resumed: 0, failed: 0, deleted: 0 });
      world.world.now = `2026-06-15T${hour}:10:00.001Z`;
      expect(await world.sweep()).toEqual({ resumed: 1, failed: 0, deleted: 0 });
      world.world.now = `2026-06-15T${hour}:20:00.000Z`;
    }
    world.world.now = '2026-06-15T22:30:00.001Z';
    expect(await world.sweep()).toMatchObject({ resumed: 0, failed: 1 });
    await expect(world.find(key)).rejects.toMatchObject({ code: 'HDE_INTERNAL' });
    expect(world.queued).toHaveLength(11);
  });
});

describe('an export that is done', () => {
  const done = async (others: Partial<ExportRequest> = {}) => {
    const world = aWorld();
    await store(world, aRecord('Patient/p1'));
    const key = await world.begin(others);
    await world.run(key);
    return { ...world, key };
  };

  test('is there for its client alone', async () => {
    const { find, key, contentOf } = await done();
    await expect(find({ ...key, client: 'client-2' })).rejects.toMatchObject({
      code: 'HDE_EXPORT_NOT_FOUND',
    });
    const other = contentOf({ ...key, client: 'client-2' }, 'Patient.1.ndjson');
    await expect(other).rejects.toMatchObject({ code: 'HDE_EXPORT_NOT_FOUND' });
  });

  test.each(['Patient.2.ndjson', '../other/Patient.1.ndjson', ''])('has no file %j', async (name) => {
    const { key, contentOf } = await done();
    await expect(contentOf(key, name)).rejects.toMatchObject({ code: 'HDE_EXPORT_NOT_FOUND' });
  });

  test('gives no file to whoever may not have its type today, or asks for another purpose', async () => {
    const { key, contentOf, world } = await done();
    const poorer = { ...client, scopes: parseScopes('system/Observation.rs') };
    await expect(contentOf(key, 'Patient.1.ndjson', poorer)).rejects.toMatchObject({ code: 'HDE_FORBIDDEN' });
    const planning = contentOf(key, 'Patient.1.ndjson', client, 'planning' as never);
    await expect(planning).rejects.toMatchObject({ code: 'HDE_FORBIDDEN' });
    world.policy = { ...policy, organisations: [] };
    await expect(contentOf(key, 'Patient.1.ndjson')).rejects.toMatchObject({ code: 'HDE_FORBIDDEN' });
  });

  test('is gone after its time, and then deleted with its files', async () => {
    const { key, world, find, sweep, deps } = await done();
    world.now = '2026-06-16T11:59:59.999Z';
    expect((await find(key)).status).toBe('done');
    world.now = '2026-06-16T12:00:00.000Z';
    await expect(find(key)).rejects.toMatchObject({ code: 'HDE_EXPORT_NOT_FOUND' });
    expect(await sweep()).toMatchObject({ deleted: 1 });
    expect(await deps.files.read(`${key.id}/Patient.1.ndjson`)).toBeUndefined();
    expect(await deps.exports.read(key)).toBeUndefined();
  });

  test('is cancelled with its files', async () => {
    const { key, cancel, find, deps } = await done();
    await cancel(key);
    expect(await deps.files.read(`${key.id}/Patient.1.ndjson`)).toBeUndefined();
    await expect(find(key)).rejects.toMatchObject({ code: 'HDE_EXPORT_NOT_FOUND' });
    await expect(cancel(key)).rejects.toMatchObject({ code: 'HDE_EXPORT_NOT_FOUND' });
    await expect(cancel({ ...key, client: 'client-2' })).rejects.toMatchObject({
      code: 'HDE_EXPORT_NOT_FOUND',
    });
  });
});

test('an export that is cancelled while somebody goes on with it stops, and what they wrote is deleted', async () => {
  const world = aWorld();
  await store(world, aRecord('Patient/p1'));
  const key = await world.begin();
  const meddling = {
    ...world.deps,
    judgeFor: world.deps.judgeFor,
    policy: world.deps.policy,
    files: {
      ...world.deps.files,
      finish: async (path: string, blocks: readonly string[]) => {
        await world.cancel(key);
        await world.deps.files.finish(path, blocks);
      },
    },
  };
  expect((await advanceExport(meddling, key, 3_600_000)).outcome).toBe('ended');
  await expect(world.find(key)).rejects.toMatchObject({ code: 'HDE_EXPORT_NOT_FOUND' });
  world.world.now = '2026-06-15T13:00:00.000Z';
  expect(await world.sweep()).toMatchObject({ deleted: 1 });
  expect(await world.deps.files.read(`${key.id}/Patient.1.ndjson`)).toBeUndefined();
});

test('an alert counts what is given of restricted records', async () => {
  const world = aWorld();
  await store(world, aRecord('Patient/p1', { security: restricted }), aRecord('Patient/p2'));
  const asker = { principal: { ...client, roles: ['B0010'] }, purpose: 'direct-care' } as const;
  const key = await world.begin({ asker });
  expect(await world.run(key)).toEqual({
    outcome: 'done',
    alerts: 1,
    subject: 'warehouse',
    organisation: client.organisation,
  });
});
